"""The renderer's signal path, on signals whose answer is known."""

import numpy as np
import pytest

from telephony.prompts import alaw, sound

RATE = sound.RATE


def tone(hertz, seconds, level=0.3):
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE)).astype(
        np.float32
    )


def silence(seconds):
    return np.zeros(round(RATE * seconds), dtype=np.float32)


def rms_db(samples):
    return 10 * np.log10(np.mean(samples.astype(np.float64) ** 2))


@pytest.mark.parametrize(("hertz", "at_least"), [(300, -0.2), (1000, -0.1), (3400, -1.0)])
def test_the_band_of_a_telephone_passes(hertz, at_least):
    heard = sound.telephone(tone(hertz, 1))
    assert rms_db(heard[400:-400]) - rms_db(tone(hertz, 1)) > at_least
    assert len(heard) == alaw.RATE


@pytest.mark.parametrize("hertz", [4300, 5000, 7000, 11000])
def test_what_would_fold_back_is_gone(hertz):
    heard = sound.telephone(tone(hertz, 1))
    assert rms_db(heard[400:-400]) - rms_db(tone(hertz, 1)) < -60


def test_silence_around_speech_is_cut_off_and_the_edges_are_faded():
    spoken = sound.trim(np.concatenate([silence(0.5), tone(440, 0.3), silence(0.7)]))
    assert len(spoken) / RATE == pytest.approx(0.33, abs=0.011)
    assert abs(spoken[0]) < 1e-4
    assert abs(spoken[-1]) < 1e-4


def test_a_cut_moves_to_the_quiet_between_two_words():
    words = np.concatenate([tone(440, 0.3), silence(0.02), tone(600, 0.3)])
    first = sound.cut(words, 0, round(0.28 * RATE))
    second = sound.cut(words, round(0.28 * RATE), len(words))
    assert 0.3 <= len(first) / RATE <= 0.32
    assert len(first) + len(second) == len(words)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
def test_all_speech_comes_to_the_same_loudness(level):
    pause = [tone(440, 0.3, level), silence(0.4), tone(440, 0.3, level)]
    assert rms_db(sound.level(np.concatenate(pause))[: RATE // 4]) == pytest.approx(-20, abs=0.2)


def test_a_peak_is_never_raised_into_clipping():
    click = tone(440, 0.5, 0.01)
    click[2000] = 0.5
    assert np.abs(sound.level(click)).max() <= 10 ** (sound.PEAK_DB / 20) + 1e-6


def test_codes_come_back_as_the_samples_they_were():
    samples = np.linspace(-0.98, 0.98, 4001, dtype=np.float32)
    decoded = np.array([alaw.LINEAR[code] for code in sound.encode(samples)]) / 32767
    error = np.abs(decoded - samples)
    assert np.all(error <= np.maximum(np.abs(samples) / 31, 9 / 32767))


def test_each_code_is_its_own_nearest():
    values = np.array(alaw.LINEAR, dtype=np.float32) / 32767
    assert sound.encode(values) == bytes(range(256))


def test_louder_than_full_scale_is_held_at_full_scale():
    loudest = sound.encode(np.array([3.0, -3.0], dtype=np.float32))
    assert [alaw.LINEAR[code] for code in loudest] == [32256, -32256]


def test_pauses_are_silence_of_their_length():
    codes = sound.encode(tone(440, 0.003), before_s=0.16, after_s=0.3)
    assert codes[:1280] == bytes([alaw.SILENCE]) * 1280
    assert codes[-2400:] == bytes([alaw.SILENCE]) * 2400
