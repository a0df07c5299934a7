"""A recording from the studio to the caller's ear, and back."""

import io
import math
import struct
import wave
from datetime import timedelta
from itertools import pairwise
from threading import Event, Thread, current_thread

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from people import approvals
from people.models import Approval
from telephony import laying, studio, wording
from telephony.models import OwnPrompt, Recording
from telephony.phone import line
from telephony.prompts import alaw, studio_sound
from tests.cast import NOON


def tone(seconds=1.0, *, rate=48_000, channels=1, gain=0.05, quiet=0.3, hertz=440) -> bytes:
    """A WAV of a soft tone with silence at both ends."""
    frames = bytearray()
    for n in range(int((seconds + 2 * quiet) * rate)):
        sounds = quiet <= n / rate < quiet + seconds
        value = int(32767 * gain * math.sin(2 * math.pi * hertz * n / rate)) if sounds else 0
        frames += struct.pack("<h", value) * channels
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(frames))
    return out.getvalue()


# -- the sound ---------------------------------------------------------------------------------


def heard(codes: bytes) -> list[float]:
    return [alaw.LINEAR[code] / 32768 for code in codes]


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (48_000, 1)])
def test_a_soft_recording_is_trimmed_and_as_loud_as_all_others(rate, channels):
    codes, seconds = studio_sound.convert(tone(rate=rate, channels=channels))
    assert seconds == pytest.approx(1.0, abs=0.06)
    middle = heard(codes)[2000:6000]
    rms = 10 * math.log10(sum(s * s for s in middle) / len(middle))
    assert rms == pytest.approx(studio_sound.LEVEL_DB, abs=0.5)
    rises = sum(a < 0 <= b for a, b in pairwise(middle))
    assert rises * alaw.RATE / len(middle) == pytest.approx(440, rel=0.01)  # no faster, no slower


def test_what_a_telephone_cannot_carry_is_not_folded_into_what_it_can():
    samples, rate = studio_sound._mono(tone(hertz=6_000, gain=0.5))
    middle = studio_sound._at_8_khz(samples, rate)[4000:8000]
    assert max(map(abs, middle)) < 0.002  # at 8 kHz it would sound as 2 kHz


@pytest.mark.parametrize(
    "raw",
    [b"", b"RIFF", tone()[:30], tone(0.05, quiet=0), tone(gain=0), b"\0" * 5000],
    ids=["nothing", "no file", "cut off", "too short", "silent", "no sound file"],
)
def test_what_is_no_recording_is_refused(raw):
    with pytest.raises(studio_sound.NotUsable):
        studio_sound.convert(raw)


# -- who, and what callers hear ----------------------------------------------------------------

pytestmark = pytest.mark.django_db(transaction=True)
FILE = "zh/goodbye.wav"


def uploaded(lina, raw=b"") -> Recording:
    return studio.upload(FILE, raw or tone(), reason="新录", by=lina, at=NOON)


def approved(by, at=NOON) -> None:
    approvals.approve(Approval.objects.get(state="open").pk, by=by, at=at)


def file_of(key="goodbye") -> str:
    (file,) = wording.prompts().say("zh", key).files
    return file


def test_callers_hear_a_recording_once_another_has_approved_it(own, lina, zhang):
    recording = uploaded(lina)
    assert file_of() == FILE
    with pytest.raises(approvals.OwnRequest):
        approved(lina)
    assert file_of() == FILE
    approved(zhang)
    recording.refresh_from_db()
    assert (recording.state, recording.decided_by) == ("used", zhang)
    played = file_of()
    assert played.startswith(str(own))
    assert alaw.read(own / played.removeprefix(f"{own}/"))
    assert line.speech().parts([played])[0].text == recording.text
    studio.take_back(recording.pk, by=zhang, at=NOON)
    assert file_of() == FILE
    with pytest.raises(studio.NotHeard):
        studio.take_back(recording.pk, by=zhang, at=NOON)


def test_a_newer_recording_takes_the_place_of_the_older(own, lina, zhang):
    uploaded(lina)
    approved(zhang)
    first = file_of()
    uploaded(lina, tone(1.5))
    approved(zhang, NOON + timedelta(minutes=1))
    assert file_of() != first
    assert sorted(Recording.objects.values_list("state", flat=True)) == ["past", "used"]
    assert (own / first.removeprefix(f"{own}/")).exists()  # a call in progress still plays it


def test_postgresql_lets_nobody_approve_her_own(own, lina):
    recording = uploaded(lina)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recording.objects.filter(pk=recording.pk).update(state="used", decided_by=lina)


def test_what_is_refused_is_not_heard(own, lina, zhang):
    recording = uploaded(lina)
    approvals.refuse(Approval.objects.get().pk, by=zhang, at=NOON, note="有杂音")
    recording.refresh_from_db()
    assert (recording.state, file_of()) == ("refused", FILE)


def test_what_is_withdrawn_waits_no_more(own, lina, zhang):
    recording = uploaded(lina)
    approvals.withdraw(Approval.objects.get().pk, by=lina, at=NOON)
    recording.refresh_from_db()
    assert (recording.state, file_of()) == ("dropped", FILE)


def test_it_stays_written_who_took_what_back(own, lina, zhang):
    recording = uploaded(lina)
    approved(zhang)
    later = NOON + timedelta(days=3)
    studio.take_back(recording.pk, by=lina, at=later)
    recording.refresh_from_db()
    assert (recording.made_by, recording.decided_by) == (lina, zhang)
    assert (recording.ended_by, recording.ended_at) == (lina, later)
    with pytest.raises(DatabaseError, match="[Cc]annot update"), transaction.atomic():
        Recording.objects.filter(pk=recording.pk).update(origin="rendered", made_from="x")


def test_a_file_that_no_prompt_needs_is_refused(own, lina):
    for file in ("zh/nothing.wav", "../../etc/passwd", ""):
        with pytest.raises(studio.NoSuchFile):
            studio.upload(file, tone(), reason="新录", by=lina, at=NOON)
    with pytest.raises(studio.NotUsable):
        studio.upload(FILE, b"no sound", reason="新录", by=lina, at=NOON)
    assert not Recording.objects.exists()


def test_the_banks_own_words_are_said_once_they_are_recorded(own, lina, zhang):
    OwnPrompt.objects.create(key="menu.own.more", lang="zh", text="更多服务，请按 5。")
    laying.lay_out()
    assert not wording.words()["zh"]["menu.own.more"].is_recorded
    assert wording.prompts().offered  # no language waits for the bank's own words
    studio.upload("zh/menu.own.more.wav", tone(), reason="新录", by=lina, at=NOON)
    approved(zhang)
    assert wording.words()["zh"]["menu.own.more"].is_recorded
    assert wording.prompts().say("zh", "menu.own.more").text == "更多服务，请按 5。"


def test_own_words_never_stand_in_for_what_ships(db):
    with pytest.raises(ValidationError):
        OwnPrompt(key="menu.root.1", lang="zh", text="别的").full_clean()


@pytest.mark.parametrize("locked", [True, False])
def test_an_older_state_is_never_laid_out_over_a_newer_one(own, lina, zhang, monkeypatch, locked):
    """Who reads first writes first; with the lock off she writes last, what is past."""
    uploaded(lina)
    read, go_on = Event(), Event()
    by_language = laying._by_language

    def slowly(rows):
        found = by_language(rows)
        if current_thread() is slow:
            read.set()
            go_on.wait(0.5)  # the other waits for us, unless the lock is off
        return found

    def lay_out() -> None:
        try:
            laying.lay_out()
        finally:
            connection.close()

    monkeypatch.setattr(laying, "_by_language", slowly)
    if not locked:
        monkeypatch.setattr(laying, "_ALONE", "SELECT 1")
    slow = Thread(target=lay_out)
    OwnPrompt.objects.create(key="menu.own.a", lang="zh", text="好。")
    slow.start()
    read.wait(5)
    approved(zhang)  # and lays out
    go_on.set()
    slow.join()
    assert (file_of() != FILE) is locked
