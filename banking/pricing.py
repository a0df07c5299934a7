"""Which orders a published fee schedule priced, and what another would have asked for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from banking import families, fees
from banking.fees import Tier
from banking.models import FeeTier, Instruction, Posting, TransferRule
from banking.models.customers import Vip
from banking.models.ledger import Internal
from banking.models.orders import Channel, State
from calendars.clock import SHANGHAI, bank_day

ZERO = Decimal("0.00")
NEXT_DAY = timedelta(days=1)  # 次日 is debited when the day after begins


@dataclass(frozen=True, slots=True)
class Schedule:
    """All rows of one date in one place. `vip` is "" of the schedule for all."""

    kind: str
    channel: str  # that the price list names: an agent's orders are priced as by telephone
    vip: str
    valid_from: date

    @property
    def tiers(self) -> list[Tier]:
        rows = self._place().filter(valid_from=self.valid_from)
        return [Tier(row.above, row.flat, row.rate, row.cap) for row in rows.order_by("above")]

    def following(self) -> "Schedule | None":
        """The one that took its place."""
        later = self._place().filter(valid_from__gt=self.valid_from).order_by("valid_from")
        row = later.first()
        return replace(self, valid_from=row.valid_from) if row else None

    def stood(self) -> tuple[datetime, datetime | None]:
        """[from, to): from the first minute of its day to that of the next one in its place."""
        after = self.following()
        return _midnight(self.valid_from), _midnight(after.valid_from) if after else None

    def _place(self) -> QuerySet[FeeTier]:
        return FeeTier.objects.filter(kind=self.kind, channel=self.channel, vip=self.vip)

    def holds_for(self, vip: str, day: date) -> bool:
        """Whether a customer of that level paid by it on that day."""
        rows = FeeTier.objects.filter(
            kind=self.kind, channel=self.channel, vip__in=["", vip], valid_from__lte=day
        )
        newest = rows.order_by("-vip", "-valid_from").values_list("vip", "valid_from").first()
        return newest == (self.vip, self.valid_from)


@dataclass(frozen=True, slots=True)
class Priced:
    """An order and its fees in yuan. `charged` is what the ledger keeps of her fee today."""

    order: Instruction
    told: Decimal  # the fee that was read back
    right: Decimal
    charged: Decimal
    at_stake: Decimal  # to be given back; below zero: she paid too little


def priced(
    schedule: Schedule, right: Sequence[Tier], *, since: datetime, until: datetime
) -> list[Priced]:
    """Orders whose fee came from the schedule in [since, until), whatever became of them.

    An order is priced when it is read back; one that is due later, by the day on which it is due.
    It counts for its customer's level of today, unless that level's schedule gives another fee
    than she was told and this one gives hers: then her level has changed since.

    Source: the instructions, and of those that were executed the fee journals with what was given
    back of them. An order that was not executed, or whose whole fee was given back, has nothing
    at stake.
    """
    found = list(_orders(schedule, since, until))
    kept = _kept_fees(order.key for order in found if order.state == State.EXECUTED)
    return [_compared(order, right, kept.get(order.key, ZERO)) for order in found]


def _compared(order: Instruction, right: Sequence[Tier], charged: Decimal) -> Priced:
    assert order.amount is not None and order.fee is not None
    should_be = fees.fee(order.amount, right)
    given_back = bool(order.fee) and not charged
    is_done = order.state == State.EXECUTED and not given_back
    return Priced(order, order.fee, should_be, charged, charged - should_be if is_done else ZERO)


def _orders(schedule: Schedule, since: datetime, until: datetime) -> Iterator[Instruction]:
    channels = [one for one in Channel if one.priced_as == schedule.channel]
    at_once = Q(due_at=None, drafted_at__gte=since)
    later = Q(due_at__gte=since, due_at__lt=until)
    rows = (
        Instruction.objects.filter(
            at_once | later,
            kind=schedule.kind,
            channel__in=channels,
            digest__isnull=False,
            drafted_at__gte=since - _longest_wait(),
            drafted_at__lt=until,
        )
        .select_related("customer")
        .order_by("drafted_at")
    )
    tiers = schedule.tiers

    @cache
    def by_level(vip: str, day: date) -> tuple[bool, list[Tier]]:
        kind, channel = Instruction.Kind(schedule.kind), Channel(schedule.channel)
        return schedule.holds_for(vip, day), fees.schedule(kind, channel, day=day, vip=vip)

    for order in rows:
        assert order.customer and order.amount is not None
        # A bill costs every customer the same (banking/bills.py).
        level = Vip.ORDINARY if order.kind == Instruction.Kind.BILL else order.customer.vip
        is_hers, hers = by_level(level, bank_day(order.due_at or order.drafted_at))
        if order.fee == fees.fee(order.amount, tiers) and (
            is_hers or order.fee != fees.fee(order.amount, hers)
        ):
            yield order


def _longest_wait() -> timedelta:
    """Between a read-back and the debit that it was priced for."""
    ordinary = TransferRule.objects.aggregate(most=Max("ordinary_min"))["most"] or 0
    return max(NEXT_DAY, timedelta(minutes=ordinary))


def _kept_fees(keys: Iterable[UUID]) -> dict[UUID, Decimal]:
    """Fee income by order, less what was given back."""
    _rows, owners = families.of_orders(keys)
    income = Posting.objects.filter(journal__in=list(owners), account__number=Internal.FEES)
    found: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for journal_id, amount in income.values_list("journal", "amount"):
        found[owners[journal_id]] += amount
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
