"""The prompt studio: recordings uploaded or rendered, listened to, approved by another, heard.

PostgreSQL keeps them; `laying.py` puts what callers hear where the switch finds it.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from people import approvals
from people.approvals import Approvable, approval
from people.errors import Refusal
from people.models import Approval, User
from telephony import laying, rewording, wording
from telephony.models import Recording, Rewording
from telephony.prompts import alaw, studio_sound

State = Recording.State
LARGEST = 30 * 1024 * 1024  # bytes: a minute at 96 kHz, twice


class NoSuchFile(Refusal):
    text = _("No prompt needs a file of that name.")


class NotUsable(Refusal):
    text = _("This is no 16-bit WAV recording of 0.2 to 60 seconds in which somebody speaks.")


class NotHeard(Refusal):
    text = _("Callers do not hear this recording.")


def needed() -> dict[str, list[str]]:
    """Every file that a prompt is made of, with the words it may say: first those heard now.

    Words that wait to be put into force are among them.
    """
    book = wording.prompts()
    found = {r.name: [r.text] for lang in book.languages for r in book.all_recordings(lang)}
    asked = Rewording.objects.filter(state__in=[*rewording.OPEN, Rewording.State.USED])
    for piece in (piece for row in asked for piece in rewording.pieces(row)):
        texts = found.setdefault(piece.name, [])
        if piece.text not in texts:
            texts.append(piece.text)
    return found


def upload(
    file: str, raw: bytes, *, reason: str, by: User, at: datetime, words: str = ""
) -> Recording:
    """Check, trim, level and convert a recording, and ask somebody else to approve it.

    `words` are those that callers hear now, unless it says others that wait. Raises NoSuchFile,
    NotUsable, and what `approvals.ask` raises.
    """
    texts = needed().get(file, [])
    if not texts or (words and words not in texts):
        raise NoSuchFile
    try:
        codes, _seconds = studio_sound.convert(raw)
    except studio_sound.NotUsable as why:
        raise NotUsable from why
    return propose(file, words or texts[0], codes, reason=reason, by=by, at=at)


@transaction.atomic
def propose(
    file: str,
    text: str,
    codes: bytes,
    *,
    reason: str,
    by: User,
    at: datetime,
    made_from: str = "",
    readings: Mapping[str, str] | None = None,
) -> Recording:
    """Keep A-law codes as a recording, and ask somebody else to approve it.

    `made_from` and `readings` are those of a rendered one. Raises what `approvals.ask` raises.
    """
    audio = alaw.riff(codes)
    recording = Recording.objects.create(
        file=file,
        text=text,
        audio=audio,
        seconds=round(len(codes) / alaw.RATE, 2),
        sha256=hashlib.sha256(audio).hexdigest(),
        origin=Recording.Origin.RENDERED if made_from else Recording.Origin.UPLOADED,
        made_from=made_from,
        readings=dict(readings or {}),
        made_at=at,
        made_by=by,
    )
    approvals.ask("recording", recording, by=by, reason=reason, at=at)
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
        same = Recording.objects.filter(file=recording.file, text=recording.text, state=State.USED)
        same.update(state=State.PAST, ended_at=at, ended_by=approval.decided_by)
        _decide(recording, State.USED, approval.decided_by, at)
        rewording.put_waiting_into_force([recording.file.partition("/")[0]], at=at)
        transaction.on_commit(laying.lay_out)

    def refused(self, approval: Approval, *, at: datetime) -> None:
        if recording := self.page(approval):
            _decide(recording, State.REFUSED, approval.decided_by, at)

    def withdrawn(self, approval: Approval, *, at: datetime) -> None:
        if recording := self.page(approval):
            _decide(recording, State.DROPPED, None, at)

    def page(self, approval: Approval) -> Recording | None:
        found = approvals.subject(approval)
        return found if isinstance(found, Recording) else None


def _decide(recording: Recording, state: str, by: User | None, at: datetime) -> None:
    recording.state, recording.decided_by, recording.decided_at = state, by, at
    recording.save(update_fields=["state", "decided_by", "decided_at"])


@transaction.atomic(durable=True)
def take_back(pk: int, *, by: User, at: datetime) -> Recording:
    """Callers hear again what ships. Raises NotHeard."""
    recording = Recording.objects.select_for_update(of=("self",)).get(pk=pk)
    if recording.state != State.USED:
        raise NotHeard
    recording.state, recording.ended_at, recording.ended_by = State.PAST, at, by
    recording.save(update_fields=["state", "ended_at", "ended_by"])
    transaction.on_commit(laying.lay_out)
    return recording
