"""What pages ask of a call: asked as rows, leased by the worker, done in order, answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from people.models import User
from routing import news
from telephony.models import Call, Command

GOOD_FOR = timedelta(seconds=10)  # after that the wish is stale
CHANNEL = "telephony_commands"


class CallOver(Refusal):
    text = _("The call is over.")


@dataclass(frozen=True, slots=True)
class Wish:
    """A leased command."""

    id: int
    call_id: int
    channel: UUID
    verb: str
    argument: str
    expires_at: datetime


@transaction.atomic(durable=True)
def ask(call_id: int, verb: Command.Verb, *, argument: str = "", by: User, at: datetime) -> Command:
    """Ask the worker to do it: TRANSFER to a queue, TO_IVR on an errand. Raises CallOver."""
    call = Call.objects.get(pk=call_id)
    if call.ended_at:
        raise CallOver
    command = Command.objects.create(
        call=call,
        verb=verb,
        argument=argument,
        asked_by=by,
        asked_at=at,
        expires_at=at + GOOD_FOR,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])  # told on commit
    return command


@transaction.atomic(durable=True)
def lease(node: str, epoch: int) -> list[Wish]:
    """Take every open command of a node for this epoch, oldest first."""
    found = (
        Command.objects.select_for_update(of=["self"], skip_locked=True)
        .filter(call__node=node, done_at=None)
        .filter(Q(leased_epoch=None) | Q(leased_epoch__lt=epoch))
        .order_by("id")
        .annotate(channel=F("call__uuid"))
    )
    wishes = [
        Wish(row.id, row.call_id, row.channel, row.verb, row.argument, row.expires_at)
        for row in found
    ]
    Command.objects.filter(pk__in=[wish.id for wish in wishes]).update(leased_epoch=epoch)
    return wishes


@transaction.atomic(durable=True)
def answer(command_id: int, said: Command.Answer, *, at: datetime) -> None:
    """What became of it. Told once; what was not carried out is news to who asked."""
    told = Command.objects.filter(pk=command_id, done_at=None).update(done_at=at, answer=said)
    if told and said:
        news.desk_changed(Command.objects.values_list("asked_by", flat=True).get(pk=command_id))
