"""Messages that were left while nobody drove: found among the recordings, and taken care of."""

import logging
from collections.abc import Container, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from people.models import User
from telephony import wav
from telephony.models import EmergencyMessage
from telephony.nobody import REPORTS
from telephony.recordings import SHORTEST_S

log = logging.getLogger(__name__)


class TakenCareOfAlready(Refusal):
    text = _("Somebody has taken care of this message already.")


def find(*, live: Container[UUID], at: datetime) -> list[EmergencyMessage]:
    """Take in every recording that no row knows; those of `live` channels may still grow."""
    folder = settings.RECORDINGS / REPORTS
    files = {uuid: path for path in folder.glob("*.wav") if (uuid := _channel(path))}
    known = set(
        EmergencyMessage.objects.filter(channel__in=files).values_list("channel", flat=True)
    )
    new = (uuid for uuid in files if uuid not in known and uuid not in live)
    return _take_in({uuid: files[uuid] for uuid in new}.items(), at)


def ended(channel: UUID, *, at: datetime) -> list[EmergencyMessage]:
    """A call is over that heard the notice: take in what it left, if it did."""
    path = settings.RECORDINGS / REPORTS / f"{channel}.wav"
    return _take_in([(channel, path)], at) if path.exists() else []


@transaction.atomic(durable=True)
def taken_care_of(message_id: int, *, by: User, at: datetime) -> EmergencyMessage:
    """A member of staff listened and did what had to be done. Raises TakenCareOfAlready."""
    message = EmergencyMessage.objects.select_for_update(of=["self"]).get(pk=message_id)
    if message.state == EmergencyMessage.State.DONE:
        raise TakenCareOfAlready
    message.state, message.done_at, message.done_by = EmergencyMessage.State.DONE, at, by
    message.save(update_fields=["state", "done_at", "done_by"])
    return message


def _channel(path: Path) -> UUID | None:
    try:
        return UUID(path.stem)
    except ValueError:
        return None


@transaction.atomic(durable=True)
def _take_in(found: Iterable[tuple[UUID, Path]], at: datetime) -> list[EmergencyMessage]:
    messages = [message for uuid, path in found if (message := _message(uuid, path, at))]
    if messages:
        log.warning("%d emergency messages wait to be heard", len(messages))
    return EmergencyMessage.objects.bulk_create(messages, ignore_conflicts=True)


def _message(channel: UUID, path: Path, at: datetime) -> EmergencyMessage | None:
    try:
        recording = wav.read(path)
        # Where business time runs faster than life this is early; never late.
        left_at = min(at, datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except (OSError, wav.NotAudio) as error:
        log.warning("an emergency message can't be read: %s", error)
        return None
    if recording.seconds < SHORTEST_S:
        return None
    return EmergencyMessage(
        channel=channel,
        caller=recording.comment[:32],
        file=f"{REPORTS}/{path.name}",
        seconds=Decimal(f"{recording.seconds:.1f}"),
        left_at=left_at,
    )
