"""The committed audio, measured: it is there, it is A-law, it starts and ends where speech does."""

import hashlib
import math
from collections import Counter

import pytest

from telephony.prompts import alaw
from telephony.prompts.music import PIECES
from telephony.spoken import VOICED, load
from telephony.spoken.catalogue import SHIPPED_AUDIO, read_manifest

SHIPPED = load()
MANIFEST = read_manifest()
CODES = {name: alaw.read(SHIPPED_AUDIO / name) for name in MANIFEST}
NEEDED = {r.name: r for lang in VOICED for r in SHIPPED.recordings(lang)}
SPOKEN = {name: codes for name, codes in CODES.items() if NEEDED[name].fragment != "pause"}

MUSIC = frozenset(f"music/{name}.wav" for name in PIECES)
FULL_SCALE = 32768
FRAME = alaw.RATE // 100  # 10 ms


def rms_db(codes):
    """Loudness below full scale; by counting codes, since a file has no more than 256."""
    power = sum(alaw.LINEAR[code] ** 2 * n for code, n in Counter(codes).items()) / len(codes)
    return 10 * math.log10(max(power, 1) / FULL_SCALE**2)


def voiced_db(codes):
    """Loudness of what is voiced: the pauses between words say nothing about level."""
    frames = [rms_db(codes[i : i + FRAME]) for i in range(0, len(codes) - FRAME + 1, FRAME)]
    loud = [db for db in frames if db > max(frames) - 25]
    return 10 * math.log10(sum(10 ** (db / 10) for db in loud) / len(loud))


def silent_runs(codes):
    """Lengths in seconds of stretches more than 50 dB below full scale: first, longest, last."""
    quiet = [rms_db(codes[i : i + FRAME]) < -50 for i in range(0, len(codes) - FRAME + 1, FRAME)]
    runs = [0]
    for is_quiet in quiet:
        if is_quiet:
            runs[-1] += 1
        else:
            runs.append(0)
    return runs[0] / 100, max(runs[1:-1], default=0) / 100, runs[-1] / 100


def test_every_prompt_and_fragment_is_heard_in_every_language():
    assert {lang: SHIPPED.missing(lang) for lang in VOICED} == {"zh": set(), "en": set()}
    assert SHIPPED.offered == VOICED


def test_the_bank_itself_records_cantonese():
    assert SHIPPED.missing("yue") == {r.name for r in SHIPPED.recordings("yue")}


def test_nothing_is_shipped_that_nobody_says():
    there = {
        str(path.relative_to(SHIPPED_AUDIO).as_posix()) for path in SHIPPED_AUDIO.rglob("*.wav")
    }
    assert there - MUSIC == NEEDED.keys() == MANIFEST.keys()
    assert there >= MUSIC


@pytest.mark.parametrize("name", sorted(MUSIC))
def test_the_music_is_half_a_minute_softer_than_speech(name):
    """Until her place is told again; nobody should have to shout over it."""
    codes = alaw.read(SHIPPED_AUDIO / name)
    assert 25 <= len(codes) / alaw.RATE <= 30
    assert max(abs(alaw.LINEAR[code]) for code in set(codes)) < 0.8 * FULL_SCALE
    assert voiced_db(codes) < -22


def test_the_whole_is_small_enough_to_ship():
    assert sum(path.stat().st_size for path in SHIPPED_AUDIO.rglob("*")) <= 34 * 10**6


def test_the_manifest_tells_the_truth():
    for name, entry in MANIFEST.items():
        digest = hashlib.sha256((SHIPPED_AUDIO / name).read_bytes()).hexdigest()
        assert digest == entry.sha256, name
        assert len(CODES[name]) / alaw.RATE == pytest.approx(entry.duration_s, abs=0.001), name
        assert entry.text == NEEDED[name].text, name


def test_nothing_clips():
    for name, codes in CODES.items():
        assert max(abs(alaw.LINEAR[code]) for code in set(codes)) < 0.8 * FULL_SCALE, name


def test_all_is_equally_loud():
    levels = {name: voiced_db(codes) for name, codes in SPOKEN.items()}
    odd = {name: level for name, level in levels.items() if not -24 < level < -18}
    assert odd == {}
    middle = sum(levels.values()) / len(levels)
    spread = math.sqrt(sum((level - middle) ** 2 for level in levels.values()) / len(levels))
    assert spread < 1.0


def test_fragments_start_and_end_where_they_are_heard():
    edges = {name: silent_runs(codes) for name, codes in SPOKEN.items() if NEEDED[name].fragment}
    slow = {name for name in edges if NEEDED[name].fragment.startswith(("r.", "d."))}
    assert {n: e for n, e in edges.items() if e[0] > 0.1} == {}
    assert {n: e for n, e in edges.items() if n not in slow and e[2] > 0.08} == {}
    assert {n: e for n, e in edges.items() if n in slow and e[2] > 0.25} == {}


def test_no_prompt_falls_silent():
    odd = {}
    for name, codes in SPOKEN.items():
        first, longest, last = silent_runs(codes)
        if first > 0.35 or longest > 0.9 or last > 0.46:
            odd[name] = (first, longest, last)
    assert odd == {}


def test_each_lasts_as_long_as_its_words():
    """Mandarin runs at 2–8 syllables a second, English at 5–26 letters; a cut word would not.

    A soft f or s at the start counts as silence here, so a short word is given 60 ms.
    """
    odd = {}
    for name, codes in SPOKEN.items():
        needed = NEEDED[name]
        letters = sum(letter.isalnum() for letter in needed.text)
        first, _, last = silent_runs(codes)
        seconds = len(codes) / alaw.RATE - first - last
        slowest, fastest = (2, 8) if needed.lang == "zh" else (5, 26)
        if not letters / fastest - 0.06 <= seconds <= max(letters / slowest, 1.0):
            odd[name] = (needed.text, round(seconds, 2))
    assert odd == {}


def test_a_file_that_is_no_telephone_audio_is_refused(tmp_path):
    good = (SHIPPED_AUDIO / "zh" / "goodbye.wav").read_bytes()
    for bad in (b"", b"RIFF", good[:100], good.replace(b"\x06\0\x01\0", b"\x01\0\x01\0", 1)):
        path = tmp_path / "bad.wav"
        path.write_bytes(bad)
        with pytest.raises(ValueError, match="bad.wav"):
            alaw.read(path)


def test_a_file_is_read_as_it_was_written(tmp_path):
    for codes in (b"", b"\xd5", bytes(range(256)), bytes(range(255))):
        alaw.write(tmp_path / "a.wav", codes)
        assert alaw.read(tmp_path / "a.wav") == codes
        assert (tmp_path / "a.wav").stat().st_size % 2 == 0


def test_a_law_is_that_of_g_711():
    """Python's own decoder, as long as it has one, and corners of the recommendation's table."""
    assert (alaw.LINEAR[0xD5], alaw.LINEAR[0x55]) == (8, -8)
    assert (alaw.LINEAR[0xAA], alaw.LINEAR[0x2A]) == (32256, -32256)
    assert sorted(alaw.LINEAR) == sorted(-value for value in alaw.LINEAR)
    assert len(set(alaw.LINEAR)) == 256
