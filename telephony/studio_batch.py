"""Many recordings at once: a zip of named WAV files, checked one by one, approved as one.

What is wrong by its name is said at once; the sound of the others is checked in the background
(`telephony.tasks.check_uploads`), each as a single upload is.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Container
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from people import approvals
from people.approvals import Approvable, approval
from people.errors import Refusal
from people.models import Approval, User
from telephony import laying, rewording, studio
from telephony.models import BatchFile, Recording, RecordingBatch
from telephony.prompts import alaw, studio_sound

MOST_FILES = 2_000
LARGEST = 300 * 1024 * 1024  # bytes, unpacked: all that a language needs at 24 kHz, thrice

State = RecordingBatch.State
Verdict = BatchFile.Verdict


class NoZip(Refusal):
    text = _("This is no zip file that can be read.")


class TooMuch(Refusal):
    text = _("A zip holds at most 2,000 files and 300 MB unpacked. Upload it in parts.")


class NothingIn(Refusal):
    text = _("There is no file in this zip.")


class StillChecked(Refusal):
    text = _("The recordings are still being checked. Nothing was asked.")


class NothingFits(Refusal):
    text = _("No recording of this zip can be used. Nothing was asked.")


class BatchClosed(Refusal):
    text = _("This zip was decided or dropped already. Nothing was changed.")


def receive(name: str, raw: IO[bytes], *, by: User, at: datetime) -> RecordingBatch:
    """Keep what is in a zip until it is checked. Raises NoZip, TooMuch, NothingIn, NotYours."""
    if not by.has_perm(UseBatch.ask):
        raise approvals.NotYours
    try:
        with zipfile.ZipFile(raw) as zipped:
            inside = [info for info in zipped.infolist() if _is_meant(info)]
            if len(inside) > MOST_FILES or sum(info.file_size for info in inside) > LARGEST:
                raise TooMuch
            if not inside:
                raise NothingIn
            return _keep(name, zipped, inside, by=by, at=at)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as bad:
        raise NoZip from bad  # broken, with a password, or packed in a way that zipfile can't


@transaction.atomic(durable=True)
def _keep(
    name: str,
    zipped: zipfile.ZipFile,
    inside: list[zipfile.ZipInfo],
    *,
    by: User,
    at: datetime,
) -> RecordingBatch:
    batch = RecordingBatch.objects.create(
        name=PurePosixPath(name).name[:120], made_at=at, made_by=by
    )
    needed, seen = studio.needed(), set[str]()
    for info in inside:
        file = _named(info.filename, needed)
        verdict = Verdict.UNKNOWN if not file else Verdict.TWICE if file in seen else ""
        seen.add(file)
        BatchFile.objects.create(
            batch=batch,
            path=info.filename[-200:],
            file=file,
            verdict=verdict or Verdict.TO_CHECK,
            raw=None if verdict else zipped.read(info),
        )
    return batch


def _is_meant(info: zipfile.ZipInfo) -> bool:
    """No folder, and nothing that an operating system put in beside."""
    path = PurePosixPath(info.filename.replace("\\", "/"))
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts or path.name == "Thumbs.db"
    return not (info.is_dir() or hidden)


def _named(path: str, needed: Container[str]) -> str:
    """The catalogue's name for a file of a zip, whatever folder the zip began with; else ""."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    ends = ("/".join(parts[-places:]) for places in (3, 2))
    return next((end for end in ends if end in needed), "")


def check(most: int) -> int:
    """Check at most so many recordings of whatever zip, the oldest first; how many there were."""
    for done in range(most):
        if not _check_next():
            return done
    return most


@transaction.atomic(durable=True)
def _check_next() -> bool:
    waiting = BatchFile.objects.select_for_update(of=("self",), skip_locked=True)
    found = waiting.filter(verdict=Verdict.TO_CHECK).select_related("batch").order_by("pk").first()
    if found is None:
        return False
    assert found.raw is not None
    raw, found.raw = bytes(found.raw), None
    words = studio.needed().get(found.file, [""])[0]  # those that callers hear now
    if not words:  # the prompt is gone meanwhile
        found.verdict = Verdict.UNKNOWN
    else:
        try:
            found.recording = _recording(found, words, *studio_sound.convert(raw))
            found.verdict = Verdict.FITS
        except studio_sound.NotUsable as why:
            found.verdict = Verdict(why.args[0])
    found.save(update_fields=["raw", "recording", "verdict"])
    return True


def _recording(found: BatchFile, words: str, codes: bytes, seconds: float) -> Recording:
    audio = alaw.riff(codes)
    return Recording.objects.create(
        file=found.file,
        text=words,
        audio=audio,
        seconds=round(seconds, 2),
        sha256=hashlib.sha256(audio).hexdigest(),
        made_at=found.batch.made_at,
        made_by=found.batch.made_by,
    )


@transaction.atomic(durable=True)
def ask(pk: int, *, reason: str, by: User, at: datetime) -> Approval:
    """Have somebody else approve what fits, as one.

    Raises BatchClosed, StillChecked, NothingFits, and what `approvals.ask` raises.
    """
    batch = _lock(pk)
    verdicts = set(batch.files.values_list("verdict", flat=True))
    if Verdict.TO_CHECK in verdicts:
        raise StillChecked
    if Verdict.FITS not in verdicts:
        raise NothingFits
    return approvals.ask("recording_batch", batch, by=by, reason=reason, at=at)


@transaction.atomic(durable=True)
def drop(pk: int) -> None:
    """It is not to be used; its recordings are heard by nobody. Raises BatchClosed."""
    batch = _lock(pk)
    batch.files.filter(verdict=Verdict.TO_CHECK).delete()
    _close(batch, State.DROPPED)
    _of(batch).update(state=Recording.State.DROPPED)


@approval("recording_batch", ask="telephony.add_recording", decide="telephony.change_recording")
class UseBatch(Approvable):
    """All recordings of a zip that fit are to be heard by callers."""

    title = _("Use a zip of studio recordings")

    def summary(self, approval: Approval) -> str:
        batch = self.page(approval)
        if batch is None:
            return ""
        count = batch.files.filter(verdict=Verdict.FITS).count()
        return ngettext("%(zip)s: %(count)s recording", "%(zip)s: %(count)s recordings", count) % {
            "zip": batch.name,
            "count": count,
        }

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        batch = _lock_of(approval)
        same = _of(batch).filter(file=OuterRef("file"), text=OuterRef("text"))
        replaced = Recording.objects.filter(Exists(same), state=Recording.State.USED)
        replaced.update(state=Recording.State.PAST, ended_at=at, ended_by=approval.decided_by)
        langs = {file.partition("/")[0] for file in _of(batch).values_list("file", flat=True)}
        _of(batch).update(state=Recording.State.USED, decided_by=approval.decided_by, decided_at=at)
        _close(batch, State.USED, approval.decided_by, at)
        rewording.put_waiting_into_force(langs, at=at)
        transaction.on_commit(laying.lay_out)

    def refused(self, approval: Approval, *, at: datetime) -> None:
        batch = _lock_of(approval)
        _of(batch).update(
            state=Recording.State.REFUSED, decided_by=approval.decided_by, decided_at=at
        )
        _close(batch, State.REFUSED, approval.decided_by, at)

    def page(self, approval: Approval) -> RecordingBatch | None:
        found = approvals.subject(approval)
        return found if isinstance(found, RecordingBatch) else None


def _of(batch: RecordingBatch) -> QuerySet[Recording]:
    waiting = Recording.objects.filter(state=Recording.State.WAITING)
    return waiting.filter(batch_file__batch=batch)


def _lock_of(approval: Approval) -> RecordingBatch:
    _colon, pk = approval.subject.rsplit(":", 1)
    return _lock(int(pk))


def _lock(pk: int) -> RecordingBatch:
    """Alone with it until the commit. Raises BatchClosed."""
    batch = RecordingBatch.objects.select_for_update().get(pk=pk)
    if batch.state != State.OPEN:
        raise BatchClosed
    return batch


def _close(
    batch: RecordingBatch, state: State, by: User | None = None, at: datetime | None = None
) -> None:
    batch.state, batch.decided_by, batch.decided_at = state, by, at
    batch.save(update_fields=["state", "decided_by", "decided_at"])
