"""A zip of recordings: each file named for what it is, all that fit approved as one."""

import io
import struct
import wave
import zipfile

import pytest
from django.db import IntegrityError, transaction

from people import approvals
from people.models import Approval
from telephony import languages, studio_batch, wording
from telephony.models import BatchFile, OfferedLanguage, Recording
from telephony.tasks import check_uploads
from tests.cast import NOON
from tests.telephony import cantonese

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own")]


def wav(seconds=0.3, *, gain=0.2, rate=8_000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        tone = (int(32767 * gain * (-1) ** (n // 8)) for n in range(int(seconds * rate)))
        file.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return out.getvalue()


def zipped_of(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, raw in files.items():
            made.writestr(name, raw)
    out.seek(0)
    return out


GOOD = wav()
FILES = {
    "yue/goodbye.wav": GOOD,
    "录音/yue/say/n.7.wav": GOOD,
    "录音/yue/goodbye.wav": GOOD,
    "yue/menu.root.9.wav": GOOD,
    "readme.txt": b"by the studio",
    "yue/menu.agent.wav": b"RIFF and nothing",
    "yue/menu.hint.wav": wav(0.05),
    "yue/menu.invalid.wav": wav(gain=0),
    "__MACOSX/yue/goodbye.wav": b"",
    "yue/.DS_Store": b"",
    "yue/": b"",
}


def received(lina, files=FILES):
    return studio_batch.receive("粤语 1.zip", zipped_of(files), by=lina, at=NOON)


def verdicts(batch) -> dict[str, str]:
    return dict(batch.files.values_list("path", "verdict"))


def decide(by, *, no=False) -> None:
    pk = Approval.objects.get(state="open").pk
    if no:
        approvals.refuse(pk, by=by, at=NOON, note="有杂音")
    else:
        approvals.approve(pk, by=by, at=NOON)


def test_each_file_is_named_for_what_it_is(lina):
    batch = received(lina)
    assert verdicts(batch) == {  # by their names, at once
        "yue/goodbye.wav": "to_check",
        "录音/yue/say/n.7.wav": "to_check",
        "录音/yue/goodbye.wav": "twice",
        "yue/menu.root.9.wav": "unknown",
        "readme.txt": "unknown",
        "yue/menu.agent.wav": "to_check",
        "yue/menu.hint.wav": "to_check",
        "yue/menu.invalid.wav": "to_check",
    }
    with pytest.raises(studio_batch.StillChecked):
        studio_batch.ask(batch.pk, reason="粤语", by=lina, at=NOON)
    assert check_uploads() == 5
    assert verdicts(batch) == {
        "yue/goodbye.wav": "fits",
        "录音/yue/say/n.7.wav": "fits",
        "录音/yue/goodbye.wav": "twice",
        "yue/menu.root.9.wav": "unknown",
        "readme.txt": "unknown",
        "yue/menu.agent.wav": "format",
        "yue/menu.hint.wav": "length",
        "yue/menu.invalid.wav": "silence",
    }
    assert not BatchFile.objects.exclude(raw=None).exists()  # nothing is kept twice
    assert check_uploads() == 0


def test_what_fits_is_approved_as_one_by_somebody_else(lina, zhang):
    batch = received(lina)
    check_uploads()
    studio_batch.ask(batch.pk, reason="粤语", by=lina, at=NOON)
    with pytest.raises(approvals.AlreadyAsked):
        studio_batch.ask(batch.pk, reason="粤语", by=lina, at=NOON)
    with pytest.raises(approvals.OwnRequest):
        decide(lina)
    assert "yue/goodbye.wav" in wording.prompts().missing("yue")
    decide(zhang)
    missing = wording.prompts().missing("yue")
    assert not {"yue/goodbye.wav", "yue/say/n.7.wav"} & missing
    assert "yue/menu.agent.wav" in missing
    batch.refresh_from_db()
    assert (batch.state, batch.decided_by) == ("used", zhang)
    with pytest.raises(studio_batch.BatchClosed):
        studio_batch.drop(batch.pk)


def test_a_later_zip_takes_the_place_of_what_was_heard(lina, zhang):
    for n in range(2):
        batch = received(lina, {"yue/goodbye.wav": wav(0.3 + n / 10)})
        check_uploads()
        studio_batch.ask(batch.pk, reason="粤语", by=lina, at=NOON)
        decide(zhang)
    assert sorted(Recording.objects.values_list("state", flat=True)) == ["past", "used"]
    assert wording.prompts().say("yue", "goodbye").duration_s == pytest.approx(0.4, abs=0.05)


def test_what_is_refused_or_dropped_is_heard_by_nobody(lina, zhang):
    refused, dropped = received(lina), received(lina)
    check_uploads()
    studio_batch.ask(refused.pk, reason="粤语", by=lina, at=NOON)
    decide(zhang, no=True)
    studio_batch.drop(dropped.pk)
    assert set(Recording.objects.values_list("state", flat=True)) == {"refused", "dropped"}
    assert "yue/goodbye.wav" in wording.prompts().missing("yue")


def test_a_zip_dropped_after_it_was_asked_for_cannot_be_approved(lina, zhang):
    batch = received(lina)
    check_uploads()
    studio_batch.ask(batch.pk, reason="粤语", by=lina, at=NOON)
    studio_batch.drop(batch.pk)
    with pytest.raises(studio_batch.BatchClosed):
        decide(zhang)
    assert "yue/goodbye.wav" in wording.prompts().missing("yue")


def test_a_zip_with_nothing_that_fits_asks_for_nothing(lina):
    batch = received(lina, {"readme.txt": b"by the studio"})
    with pytest.raises(studio_batch.NothingFits):
        studio_batch.ask(batch.pk, reason="粤语", by=lina, at=NOON)


def test_what_is_no_zip_is_refused(lina, zhang, monkeypatch):
    with pytest.raises(studio_batch.NoZip):
        studio_batch.receive("a.zip", io.BytesIO(b"PK and nothing"), by=lina, at=NOON)
    broken = zipped_of({"yue/goodbye.wav": GOOD}).getvalue().replace(GOOD[60:90], b"\0" * 30, 1)
    with pytest.raises(studio_batch.NoZip):
        studio_batch.receive("a.zip", io.BytesIO(broken), by=lina, at=NOON)
    with pytest.raises(studio_batch.NothingIn):
        received(lina, {"__MACOSX/a": b""})
    with pytest.raises(approvals.NotYours):
        received(zhang)
    monkeypatch.setattr(studio_batch, "LARGEST", len(GOOD))
    with pytest.raises(studio_batch.TooMuch):
        received(lina)
    assert not BatchFile.objects.exists()


def test_postgresql_lets_nobody_approve_her_own(lina):
    batch = received(lina)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(batch).objects.filter(pk=batch.pk).update(state="used", decided_by=lina)


def test_one_zip_of_all_there_is_and_cantonese_is_offered(lina, zhang):
    files = dict.fromkeys(cantonese.needed(), GOOD)
    assert len(files) > 700
    batch = received(lina, files)
    while check_uploads():
        pass
    assert set(verdicts(batch).values()) == {"fits"}
    studio_batch.ask(batch.pk, reason="粤语上线", by=lina, at=NOON)
    assert not OfferedLanguage.objects.filter(lang="yue").exists()
    decide(zhang)
    assert wording.prompts().offers("yue")
    assert languages.standing("yue").since is not None
    assert OfferedLanguage.objects.get(lang="yue").until is None
