"""The prompt studio: recordings uploaded, listened to, approved by another, heard by callers.

PostgreSQL keeps them. What callers hear is laid out as files in one folder of the bank's own
(`settings.OWN_PROMPTS`), where switch, worker and pages find it beside what ships.
"""

import hashlib
import json
import os
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from people import approvals
from people.approvals import Approvable, approval
from people.errors import Refusal
from people.models import Approval, User
from telephony import wording
from telephony.models import OwnPrompt, Recording
from telephony.prompts import alaw, studio_sound
from telephony.spoken.catalogue import OWN

State = Recording.State
LARGEST = 30 * 1024 * 1024  # bytes: a minute at 96 kHz, twice


class NoSuchFile(Refusal):
    text = _("No prompt needs a file of that name.")


class NotUsable(Refusal):
    text = _("This is no 16-bit WAV recording of 0.2 to 60 seconds in which somebody speaks.")


class NotHeard(Refusal):
    text = _("Callers do not hear this recording.")


def needed() -> dict[str, str]:
    """Every file that a prompt is made of, shipped or the bank's own: name to words."""
    book = wording.prompts()
    return {r.name: r.text for lang in book.languages for r in book.all_recordings(lang)}


def upload(file: str, raw: bytes, *, reason: str, by: User, at: datetime) -> Recording:
    """Check, trim, level and convert a recording, and ask somebody else to approve it.

    Raises NoSuchFile, NotUsable, and what `approvals.ask` raises.
    """
    words = needed().get(file)
    if words is None:
        raise NoSuchFile
    try:
        codes, seconds = studio_sound.convert(raw)
    except studio_sound.NotUsable as why:
        raise NotUsable from why
    audio = alaw.riff(codes)
    recording = Recording.objects.create(
        file=file,
        text=words,
        audio=audio,
        seconds=round(seconds, 2),
        sha256=hashlib.sha256(audio).hexdigest(),
        made_at=at,
        made_by=by,
    )
    try:
        approvals.ask("recording", recording, by=by, reason=reason, at=at)
    except Refusal:
        recording.delete()  # nobody will decide about it
        raise
    return recording


@approval("recording", ask="telephony.add_recording", decide="telephony.change_recording")
class UseRecording(Approvable):
    """A recording that callers are to hear."""

    title = _("Use a studio recording")

    def summary(self, approval: Approval) -> str:
        recording = self.page(approval)
        return f"{recording.file} “{recording.text}”" if recording else ""

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        recording = self.page(approval)
        assert recording  # it is never deleted
        Recording.objects.filter(file=recording.file, state=State.USED).update(state=State.PAST)
        _decide(recording, State.USED, approval.decided_by, at)
        transaction.on_commit(lay_out)

    def refused(self, approval: Approval, *, at: datetime) -> None:
        if recording := self.page(approval):
            _decide(recording, State.REFUSED, approval.decided_by, at)

    def page(self, approval: Approval) -> Recording | None:
        found = approvals.subject(approval)
        return found if isinstance(found, Recording) else None


def _decide(recording: Recording, state: str, by: User | None, at: datetime) -> None:
    recording.state, recording.decided_by, recording.decided_at = state, by, at
    recording.save(update_fields=["state", "decided_by", "decided_at"])


@transaction.atomic(durable=True)
def take_back(pk: int) -> None:
    """Callers hear again what ships. Raises NotHeard."""
    recording = Recording.objects.select_for_update().get(pk=pk)
    if recording.state != State.USED:
        raise NotHeard
    recording.state = State.PAST
    recording.save(update_fields=["state"])
    transaction.on_commit(lay_out)


def lay_out() -> None:
    """Write what callers hear to the bank's own folder; a file that is there is never changed.

    A call in progress keeps the files that it was told: what is heard no more stays there.
    """
    folder = settings.OWN_PROMPTS
    audio: dict[str, Any] = {}
    for recording in Recording.objects.filter(state=State.USED):
        stem = recording.file.removesuffix(".wav")
        name = f"{stem}.{recording.sha256[:12]}.wav"
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}.part")
            draft.write_bytes(bytes(recording.audio))
            draft.replace(path)
        audio[recording.file] = {
            "text": recording.text,
            "file": name,
            "duration_s": float(recording.seconds),
        }
    words: dict[str, dict[str, str]] = {}
    for prompt in OwnPrompt.objects.all():
        words.setdefault(prompt.lang, {})[prompt.key] = prompt.text
    if not (audio or words or (folder / OWN).exists()):
        return  # this bank has nothing of its own
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{OWN}.{os.getpid()}.part"
    draft.write_text(json.dumps({"words": words, "audio": audio}, ensure_ascii=False))
    draft.replace(folder / OWN)  # whoever reads it meanwhile has the old one, whole
