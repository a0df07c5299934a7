"""Messages that callers leave after a tone: room for them, where they lie, what is kept.

The switch writes the files and we read them: both must see settings.RECORDINGS.
"""

import hashlib
import logging
import shutil
from collections.abc import Container
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from telephony import wav
from telephony.models import Call, CallRecording

log = logging.getLogger(__name__)

MESSAGES = "messages"  # a folder below the recordings
SHORTEST_S = 1.0  # who ended it at the tone has said nothing
ROOM = 64 * 1024 * 1024  # bytes that must be free: no call in progress is to fill the disk


class NoRoom(Refusal):
    text = _("There is no room for a recording. Nothing was recorded.")
    prompt = "record.no_room"


def place(channel: UUID, number: int) -> str:
    """Where the switch is to write the `number`th take of a call. Raises NoRoom."""
    folder = settings.RECORDINGS / MESSAGES
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        log.exception("no folder for recordings")
        raise NoRoom from error
    if free < ROOM:
        log.error("no room for recordings: %d bytes are free", free)
        raise NoRoom
    return str(folder / f"{channel}-{number}.wav")


def seconds(path: str) -> float:
    """How long a take is; 0 where there is none that can be read."""
    try:
        return wav.read(settings.RECORDINGS / path).seconds
    except FileNotFoundError:
        return 0
    except (OSError, wav.NotAudio) as error:
        log.warning("a recording can't be read: %s", error)
        return 0


def discard(path: str) -> None:
    """A take that she wants to say anew."""
    (settings.RECORDINGS / path).unlink(missing_ok=True)


@transaction.atomic
def keep(call_id: int, path: str, *, at: datetime) -> CallRecording:
    """Put a message on record; the same file again gives the same row. Raises OSError.

    May be a part of the transaction of what it is kept for.
    """
    name = str((settings.RECORDINGS / path).relative_to(settings.RECORDINGS))
    if found := CallRecording.objects.filter(file=name).first():
        return found
    return CallRecording.objects.create(
        call_id=call_id,
        kind=CallRecording.Kind.MESSAGE,
        file=name,
        seconds=Decimal(f"{seconds(path):.1f}"),
        sha256=hashlib.sha256((settings.RECORDINGS / name).read_bytes()).hexdigest(),
        kept_at=at,
    )


def find(*, live: Container[UUID], at: datetime) -> list[CallRecording]:
    """Keep what a worker that was killed left unkept; takes of `live` channels may still grow."""
    folder = settings.RECORDINGS / MESSAGES
    takes = {f"{MESSAGES}/{path.name}": path for path in sorted(folder.glob("*-*.wav"))}
    known = set(CallRecording.objects.filter(file__in=takes).values_list("file", flat=True))
    kept = []
    for name, path in takes.items():
        channel = _channel(path.stem)
        if name in known or channel is None or channel in live or seconds(name) < SHORTEST_S:
            continue
        if call := Call.objects.filter(uuid=channel).first():
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            kept.append(keep(call.pk, name, at=min(at, written_at)))  # as of emergency messages
    return kept


def _channel(stem: str) -> UUID | None:
    try:
        return UUID(stem.rpartition("-")[0])
    except ValueError:
        return None
