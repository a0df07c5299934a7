"""What the settlement desk shows one clerk, read at once."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from banking import banks, families, timetables
from banking.admin.money import told
from banking.admin.parts import known_as, page_of, who
from banking.clearing import Route
from banking.models import SettlementOrder
from banking.models.clearing import System
from banking.models.customers import Vip
from banking.numbers import masked_name
from banking.settlement_desk import blind, duplicates, making, shift, steps, suspending, suspense
from banking.settlement_desk import queue as queues
from banking.settlement_desk.ageing import Band
from banking.settlement_desk.blind import CHECK, MAKE
from calendars.clock import bank_day
from desktop.receipts.finding import call_of
from desktop.settlement.verbs import needed
from people.models import User

ROWS = 60  # of the queue; who works the first of them never sees the last
BANKS = 9
State = SettlementOrder.State
WAITING = (State.TO_CLAIM, State.TO_CHECK)


@dataclass(frozen=True, slots=True)
class Row:
    """An order in the queue. `hides_amount`: by the rule of the blind re-key."""

    order: SettlementOrder
    is_hers: bool
    is_taken: bool
    repeats: bool
    is_vip: bool
    rekeyed: bool
    is_second: bool  # one has checked it already
    hides_amount: bool


@dataclass(frozen=True, slots=True)
class Way:
    """One of the systems that would take it; `route` is its next session."""

    system: str
    title: str
    route: Route


def queue(clerk: User, *, at: datetime) -> dict[str, Any]:
    """The left column: all that is on the desk, the most urgent first."""
    rule = steps.rule(bank_day(at))
    rows = queues.by_urgency(at=at).select_related("instruction__customer", "claimed_by")
    orders = list(rows[:ROWS])
    repeats = duplicates.of(orders)
    hidden = set(blind.hidden_from(clerk, at=at).values_list("pk", flat=True))
    return {
        "rows": [_row(order, clerk, rule, repeats, hidden, at=at) for order in orders],
        "to_make": queues.to_make(at=at).count(),
        "to_check": queues.by_urgency(at=at).filter(state=State.TO_CHECK).count(),
        "suspended": suspending.suspended().count(),
        "at": at,
    }


def _row(
    order: SettlementOrder,
    clerk: User,
    rule: Any,
    repeats: Mapping[int, list[SettlementOrder]],
    hidden: Container[int],
    *,
    at: datetime,
) -> Row:
    taken = bool(order.claimed_by_id and order.lease_until and at < order.lease_until)
    customer = order.instruction.customer
    return Row(
        order=order,
        is_hers=taken and order.claimed_by_id == clerk.pk,
        is_taken=taken,
        repeats=bool(repeats[order.pk]) and order.cleared_by_id is None,
        is_vip=customer is not None and customer.vip != Vip.ORDINARY,
        rekeyed=blind.needs_rekeying(order, rule),
        is_second=order.checker_id is not None,
        hides_amount=order.pk in hidden,
    )


def top(clerk: User, *, at: datetime) -> dict[str, Any]:
    """The first line: her day, and what must be gone by its end."""
    return {"pace": shift.pace(clerk, at=at), "clerk": clerk, **unsettled(at=at)}


def unsettled(*, at: datetime) -> dict[str, Any]:
    """By age, band by band: how many orders are set aside, and what money is under suspense."""
    found, day = suspense.unsettled(), bank_day(at)
    return {
        "unsettled": found,
        "is_carried": found.is_carried(day),
        "ages": [
            (Band(money.band).label, aside.count, money.count, money.total)
            for aside, money in zip(found.set_aside(day), found.money(day), strict=True)
        ],
    }


def work(
    order: SettlementOrder, clerk: User, *, at: datetime, sent: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The middle and the right: the order, what she may do with it, and all that is known of it.

    `sent` is what she keyed and was refused: what is no secret stands there again.
    """
    hers = queues.hers(clerk, at=at) == order
    making_it = hers and order.state == State.IN_HAND and clerk.has_perm(MAKE)
    checking_it = hers and order.state == State.TO_CHECK and clerk.has_perm(CHECK)
    rule = steps.rule(bank_day(at))
    rekeyed = blind.needs_rekeying(order, rule)
    code = (sent or {}).get("bank_code") or order.bank_code
    return {
        "order": order,
        "is_hers": hers,
        "may_take": order.state in WAITING and clerk.has_perm(needed("claim", order)),
        "makes": making_it,
        "checks": checking_it,
        "rekeyed": rekeyed,
        "hides_amount": blind.hides(clerk, order, at=at),
        "keyed_before": rekeyed and blind.keyed_before(order),
        "bank": banks.bank_of(order.bank_code),
        "postscript": (sent or {}).get("postscript", order.postscript or order.remark),
        "typed": (sent or {}).get("q", order.bank_code),
        "reasons": making.REASONS,
        "repeats": duplicates.of([order])[order.pk],
        **(look_up(order, code, picked=code, system=(sent or {}).get("system"), at=at)),
        **facts(order),
    }


def look_up(
    order: SettlementOrder, text: str, *, picked: str, system: str | None, at: datetime
) -> dict[str, Any]:
    """The banks that fit what was typed, and the ways to the one that is picked."""
    found = banks.look_up(text, most=BANKS)
    codes = [bank.code for bank in found]
    code = picked if picked in codes else (codes[0] if codes else "")
    ways = _ways(code, order, at=at) if code else []
    systems = [way.system for way in ways]
    wished = system if system in systems else order.system
    return {
        "found": found,
        "picked": code,
        "ways": ways,
        "way": wished if wished in systems else (systems[0] if systems else ""),
    }


def _ways(code: str, order: SettlementOrder, *, at: datetime) -> list[Way]:
    found = timetables.ways_to(code, order.amount, at=at)
    return [Way(way.system, str(System(way.system).label), way) for way in found]


def facts(order: SettlementOrder) -> dict[str, Any]:
    """The right column: call, instruction, journals, history."""
    instruction = order.instruction
    return {
        "customer": who(instruction.customer),
        "payer": known_as(instruction.payer) if instruction.payer else "—",
        "payee_name": masked_name(order.payee_name),
        "page": page_of(order),
        "call": call_of(instruction.call_ref),
        "journals": [told(journal) for journal in families.of_order(instruction)],
        "steps": order.steps.select_related("by"),
    }
