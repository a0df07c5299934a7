"""A call that a worker drives: its line, its record, its place in a queue, its conversation."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID

from django.conf import settings

from banking import core
from banking.models.customers import Language
from calendars import clock
from telephony import esl
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call, Caller
from telephony.ivr.walker import Walker
from telephony.models import Call as Row
from telephony.records import Position
from telephony.spoken.catalogue import Catalogue
from telephony.worker.file import RowFile
from telephony.worker.gateway import Gateway
from telephony.worker.line import SwitchLine
from telephony.worker.recorder import Batch, CallRecorder
from telephony.worker.waiting import Waiting


@dataclass
class Driven:
    """A call that this worker drives."""

    row: Row
    line: SwitchLine
    recorder: CallRecorder
    walker: Walker
    waiting: Waiting
    shaken: bool  # a worker, a connection was lost in the middle of it
    left: bool = False  # to the dialplan, or to who leads next
    task: "asyncio.Task[None] | None" = None

    def moved(self, batch: Batch) -> None:
        """She came to another menu or into a flow: a recovery is to know."""
        walker, who = self.walker, self.walker.call.who
        self.recorder.menu_node, self.recorder.flow = walker.position, walker.flow
        batch.positions[self.row.pk] = Position(
            language=who.language,
            language_chosen=who.language_chosen,
            menu_node=walker.position,
            hinted=who.hinted,
        )


def drive(
    row: Row,
    *,
    seq: int,
    shaken: bool,
    switch: esl.Client,
    gateway: Gateway,
    prompts: Catalogue,
    batch: Batch,
    end_leg: Callable[[UUID], None],
    wake: Callable[[], None],
    lift: Callable[[str], None],
) -> Driven:
    """Everything that one call needs. `seq` is the last step of its record so far."""
    who = Caller(
        number=row.dialled,
        caller=row.caller,
        is_test=row.is_test,
        # One that was withdrawn since is not spoken on: the prompts are the newest.
        language=row.language if prompts.offers(row.language) else Language.MANDARIN,
        language_chosen=row.language_chosen,
        customer_id=row.customer_id,
        card_id=row.card_id,
        card_tail=row.card_tail,
        verified_until=row.verified_until,
        pin_failures=row.pin_failures,
        hinted=row.hinted,
        is_closed=row.is_closed,
    )
    channel = str(row.uuid)
    recorder = CallRecorder(batch, row.pk, seq, menu_node=row.menu_node)
    line = SwitchLine(switch, channel, PurePosixPath(settings.SWITCH_PROMPTS), clock.now)
    waiting = Waiting(
        switch=switch,
        gateway=gateway,
        line=line,
        recorder=recorder,
        uuid=row.uuid,
        node=row.node,
        who=who,
        now=clock.now,
        end_leg=end_leg,
        wake=wake,
        lift=lift,
    )
    call = Call(
        id=row.pk,
        uuid=row.uuid,
        line=line,
        prompts=prompts,
        recorder=recorder,
        file=RowFile(gateway, row.pk, who, clock.now),
        queue=waiting,
        now=clock.now,
        run=gateway,
        who=who,
    )
    bank = Bank(core.default(), gateway, channel, clock.now, phone=row.caller)
    walker = Walker(call, bank, on_move=lambda: driven.moved(batch))
    driven = Driven(row, line, recorder, walker, waiting, shaken=shaken)
    return driven
