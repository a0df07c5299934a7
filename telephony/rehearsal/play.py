"""One saved call from the first ring to its end: what was heard, which journals were posted."""

import asyncio
from collections.abc import Awaitable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext_lazy as _

from banking import core
from banking.models import Journal, Posting
from people.errors import Refusal
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call, Caller
from telephony.ivr.menus import Tree
from telephony.ivr.walker import Walker
from telephony.models import Call as Row
from telephony.rehearsal import world
from telephony.rehearsal.script import Clock, EmptyQueue, LooseFile, Notes, ScriptedLine
from telephony.rehearsal.stage import Stage
from telephony.spoken.catalogue import Catalogue

LONGEST_S = 20.0  # of real time; a script has an end, a fault may not


class UnknownKeys(Refusal):
    text = _("%(keys)s stands for nothing that the caller of a saved call owns.")


class TooLong(Refusal):
    text = _("The saved call did not come to an end.")


@dataclass(frozen=True, slots=True)
class Script:
    """What she does: `keys` as `models.SavedCall` says; `greeting` are the prompts before all."""

    number: str
    greeting: tuple[str, ...]
    at: datetime
    keys: str
    is_closed: bool = False


def play(tree: Tree, script: Script, prompts: Catalogue) -> list[str]:
    """The outcome in lines, each one word for what it is and then what it was.

    `menu root`, `say identify.card`, `queue card`, `fault`, `end bank`, `unkeyed 1500#` for keys
    that nobody asked for, `journal transfer card -1500.50 payee +1500.50`. Nothing that it did
    remains. Raises UnknownKeys, TooLong.
    """
    with Stage() as stage:
        made = stage.do(world.make, at=script.at)
        walk = _walk(tree, script, _groups(script.keys, made.keys), prompts, stage)
        try:
            with ThreadPoolExecutor(1) as apart:  # whoever asks may run a loop of her own
                lines = apart.submit(asyncio.run, _in_time(walk)).result()
        except TimeoutError as late:
            raise TooLong from late
        return lines + stage.do(_journals, made)


async def _in_time(walk: Awaitable[list[str]]) -> list[str]:
    async with asyncio.timeout(LONGEST_S):
        return await walk


async def _walk(
    tree: Tree, script: Script, groups: list[str], prompts: Catalogue, stage: Stage
) -> list[str]:
    options = {e.prompt: node.slug for node in tree.nodes.values() for e in node.entries}
    clock, notes = Clock(script.at), Notes(options)
    who = Caller(number=script.number, caller="", is_test=True, is_closed=script.is_closed)
    line = ScriptedLine(groups, clock, prompts.seconds)
    uuid = uuid4()
    call = Call(
        id=await stage(_row, script, uuid),
        uuid=uuid,
        line=line,
        prompts=prompts,
        recorder=notes,
        file=LooseFile(who, clock),
        queue=EmptyQueue(stage, clock),
        now=clock.now,
        run=stage,
        who=who,
    )
    bank = Bank(core.default(), stage, str(uuid), clock.now)
    try:
        await Walker(call, bank, on_move=lambda: None).walk(tree, greeting=script.greeting)
    finally:
        line.leave_no_trace()
    unkeyed = [f"unkeyed {group}" for group in line.unkeyed]
    return [*notes.lines, f"end {'bank' if line.hung_up_by_bank else 'caller'}", *unkeyed]


def _row(script: Script, uuid: UUID) -> int:
    """The call itself, for what is written of it."""
    row = Row.objects.create(
        uuid=uuid, node="rehearsal", dialled=script.number, is_test=True, started_at=script.at
    )
    return row.pk


def _groups(keys: str, owned: Mapping[str, str]) -> list[str]:
    try:
        return [group.format_map(owned) for group in keys.split()]
    except (KeyError, ValueError, IndexError, AttributeError) as unknown:
        raise UnknownKeys(keys=keys) from unknown


def _journals(made: world.World) -> list[str]:
    hers = Posting.objects.filter(account__customer=made.customer_id, journal__gt=made.upto)
    found = Journal.objects.filter(pk__in=hers.values("journal")).order_by("pk")
    return [
        " ".join(["journal", journal.kind, *(_leg(leg, made) for leg in _legs(journal))])
        for journal in found.prefetch_related("postings__account")
    ]


def _legs(journal: Journal) -> list[Posting]:
    return sorted(journal.postings.all(), key=lambda leg: leg.amount)


def _leg(leg: Posting, made: world.World) -> str:
    account = leg.account
    inside = account.kind == account.Kind.INTERNAL
    name = account.number if inside else made.names.get(account.pk, account.kind)
    return f"{name} {leg.amount:+.2f}"
