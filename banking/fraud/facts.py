"""What the guard knows when it judges: for one order or for a month of them, by the same queries.

Nothing later than the order itself is looked at, but for the watch list, which is today's.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import LiteralString

from django.db.models import Min, OuterRef, QuerySet, Subquery

from banking import numbers, sql, vault
from banking.fraud.rules import Caller, Facts, Paid, Past
from banking.models import BoundNumber, Customer, ExternalPayee, Instruction, WatchEntry
from banking.models.orders import State
from banking.secret import Secret

CONFIRMED = [State.CONFIRMED, State.SCHEDULED, State.HELD, State.EXECUTED]
ACROSS = [Instruction.Kind.INTERBANK, Instruction.Kind.REMITTANCE]
MOST_PAST = 20_000  # orders looked back at in all; a month of a whole bank is rehearsed by parts

What = WatchEntry.What


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An order that is to be judged, or was."""

    customer_id: int
    amount: Decimal
    at: datetime
    payee_id: int | None = None  # an account of this bank that is somebody else's
    external_id: int | None = None  # a payee at another bank, registered as hers
    phone: str | None = None  # she calls from; "" withheld, None: no telephone


@dataclass(frozen=True, slots=True)
class _Payee:
    first_paid_at: datetime | None
    registered_on: date | None
    lookups: frozenset[tuple[str, bytes]]


def gather(orders: Sequence[Asked], *, reach: timedelta) -> list[Facts]:
    """What is known of each; `reach` is how far back the rules look."""
    customers = _customers({order.customer_id for order in orders})
    past = _past(orders, reach)
    payees = _payees(
        {(order.customer_id, order.payee_id) for order in orders if order.payee_id is not None}
    )
    externals = _externals({order.external_id for order in orders if order.external_id})
    phones = {
        order.phone: frozenset(_phone_lookups(order.phone)) for order in orders if order.phone
    }
    watched = _watched(
        {one for payee in (*payees.values(), *externals.values()) for one in payee.lookups}.union(
            *phones.values()
        )
    )
    found = []
    for order in orders:
        customer = customers[order.customer_id]
        payee = payees.get((order.customer_id, order.payee_id or 0)) or externals.get(
            order.external_id or 0
        )
        since = order.at - reach
        found.append(
            Facts(
                at=order.at,
                amount=order.amount,
                born_on=customer.born_on,
                payee=_paid(payee, order.at, watched) if payee else None,
                past=tuple(p for p in past[order.customer_id] if since < p.at < order.at),
                caller=_caller(order.phone, customer),
                caller_watched=not watched.isdisjoint(phones.get(order.phone or "", ())),
            )
        )
    return found


def _customers(ids: set[int]) -> dict[int, Customer]:
    """With `bound`, the number that was bound to each."""
    bound = BoundNumber.objects.filter(customer=OuterRef("pk"), ended_at=None).values("phone")[:1]
    rows: QuerySet[Customer] = Customer.objects.annotate(bound=Subquery(bound))
    return rows.in_bulk(ids)


def _past(orders: Iterable[Asked], reach: timedelta) -> dict[int, list[Past]]:
    """By customer, what she confirmed; the newest of all first."""
    found: dict[int, list[Past]] = defaultdict(list)
    if not reach:
        return found
    times = [order.at for order in orders]
    rows = Instruction.objects.filter(
        customer_id__in={order.customer_id for order in orders},
        counted=True,
        state__in=CONFIRMED,
        confirmed_at__gt=min(times) - reach,
        confirmed_at__lt=max(times),
    ).order_by("-confirmed_at")
    for customer_id, at, amount in rows.values_list("customer_id", "confirmed_at", "amount")[
        :MOST_PAST
    ]:
        assert at and amount and customer_id  # of whatever was confirmed
        found[customer_id].append(Past(at, amount))
    return found


# When she first paid each of them, since when it is registered, and how a list would name it.
_PAYEES: LiteralString = """
    SELECT asked.customer_id, asked.account_id,
        (SELECT min(executed_at) FROM banking_instruction
            WHERE customer_id = asked.customer_id AND payee_id = asked.account_id
            AND state = 'executed'),
        (SELECT min(registered_on) FROM banking_payee
            WHERE customer_id = asked.customer_id AND account_id = asked.account_id
            AND ended_on IS NULL),
        account.number, card.pan_lookup
    FROM unnest(%s::bigint[], %s::bigint[]) AS asked (customer_id, account_id)
    JOIN banking_account account ON account.id = asked.account_id
    LEFT JOIN banking_card card ON card.id = account.card_id
"""


def _payees(pairs: set[tuple[int, int]]) -> dict[tuple[int, int], _Payee]:
    if not pairs:
        return {}
    asked = sorted(pairs)
    rows = sql.rows(_PAYEES, [[one for one, _other in asked], [other for _one, other in asked]])
    found = {}
    for customer_id, account_id, first_paid_at, registered_on, number, pan_lookup in rows:
        lookups = {(What.ACCOUNT.value, one) for one in vault.lookups(Secret(number), "account")}
        if pan_lookup is not None:
            lookups.add((What.CARD.value, bytes(pan_lookup)))
        found[customer_id, account_id] = _Payee(first_paid_at, registered_on, frozenset(lookups))
    return found


def _externals(ids: set[int]) -> dict[int, _Payee]:
    """Payees at other banks; each is one customer's own."""
    if not ids:
        return {}
    paid = Instruction.objects.filter(
        kind__in=ACROSS, state=State.EXECUTED, details__payee__in=list(ids)
    )
    first = dict(paid.values_list("details__payee").annotate(Min("executed_at")))
    found = {}
    for row in ExternalPayee.objects.filter(pk__in=ids):
        number = vault.unseal(bytes(row.number_box), row.number_key_version, row.PURPOSE)
        lookups = {
            (what.value, one)
            for what in (What.ACCOUNT, What.CARD)
            for one in vault.lookups(number, what.value)
        }
        found[row.pk] = _Payee(first.get(row.pk), row.registered_on, frozenset(lookups))
    return found


def _paid(payee: _Payee, at: datetime, watched: set[tuple[str, bytes]]) -> Paid:
    return Paid(
        paid_before=payee.first_paid_at is not None and payee.first_paid_at < at,
        registered_on=payee.registered_on,
        watched=not watched.isdisjoint(payee.lookups),
    )


def _phone_lookups(phone: str) -> set[tuple[str, bytes]]:
    number = numbers.phone(phone)
    return {(What.PHONE.value, one) for one in vault.lookups(Secret(number), "phone")}


def _watched(lookups: set[tuple[str, bytes]]) -> set[tuple[str, bytes]]:
    """Those of them that are on the list."""
    if not lookups:
        return set()
    rows = WatchEntry.objects.filter(ended_at=None, lookup__in=[one for _what, one in lookups])
    return {(what, bytes(one)) for what, one in rows.values_list("what", "lookup")} & lookups


def _caller(phone: str | None, customer: Customer) -> Caller:
    if phone is None:
        return Caller.NONE
    number = numbers.phone(phone)
    if not number:
        return Caller.WITHHELD
    if number != customer.mobile:
        return Caller.STRANGE
    return Caller.BOUND if customer.bound == number else Caller.OWN  # type: ignore[attr-defined]
