"""Who works on what: claimed by lease, the most urgent first, put back by hand or by time."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from banking.errors import OwnWork, SeenAlready, TakenAlready
from banking.models import SettlementOrder
from banking.settlement_desk import blind, steps
from banking.settlement_desk.steps import What
from calendars.clock import bank_day
from people.models import User

State = SettlementOrder.State
OPEN = (State.TO_CLAIM, State.IN_HAND, State.TO_CHECK)


def by_urgency(*, at: datetime) -> QuerySet[SettlementOrder]:
    """All on the desk: by cut-off; then large amounts, then VIPs, then who waits longest."""
    large = Q(amount__gt=steps.rule(bank_day(at)).rekey_above)
    first = Case(When(large, then=Value(0)), default=Value(1), output_field=IntegerField())
    return SettlementOrder.objects.filter(state__in=OPEN).order_by(
        "cut_off_at", first, "-priority", "id"
    )


def to_make(*, at: datetime) -> QuerySet[SettlementOrder]:
    """What waits for a maker."""
    return by_urgency(at=at).filter(state=State.TO_CLAIM)


def to_check(clerk: User, *, at: datetime) -> QuerySet[SettlementOrder]:
    """What waits for a checker, and she had no part in."""
    hers = Q(maker=clerk) | Q(checker=clerk)
    free = Q(claimed_by=None) | Q(lease_until__lte=at)
    return by_urgency(at=at).filter(free, state=State.TO_CHECK).exclude(hers)


def hers(clerk: User, *, at: datetime) -> SettlementOrder | None:
    """The order in her hand, the one that she took last."""
    found = SettlementOrder.objects.filter(
        claimed_by=clerk, lease_until__gt=at, state__in=[State.IN_HAND, State.TO_CHECK]
    )
    return found.order_by("-claimed_at").first()


@transaction.atomic(durable=True)
def claim_next(clerk: User, *, makes: bool, checks: bool, at: datetime) -> SettlementOrder | None:
    """The most urgent that nobody has: two clerks never get the same. None: nothing waits.

    A clerk who may both make and check gets what others wait to have checked first; what she is
    to key again she has not seen before.
    """
    lapse(at=at)
    waiting = [to_check(clerk, at=at)] if checks else []
    waiting += [to_make(at=at).exclude(blind.has_seen(clerk))] if makes else []
    for queue in waiting:
        found = queue.select_for_update(of=("self",), skip_locked=True).first()
        if found is not None:
            return _claim(found, clerk, at=at)
    return None


@transaction.atomic(durable=True)
def claim(order_id: int, clerk: User, *, at: datetime) -> SettlementOrder:
    """This very order. Raises TakenAlready, OwnWork, SeenAlready."""
    lapse(at=at)
    order = steps.lock(order_id)
    if order.state == State.TO_CHECK and clerk.pk in {order.maker_id, order.checker_id}:
        raise OwnWork
    taken = order.claimed_by_id and order.lease_until and at < order.lease_until
    if order.state not in OPEN or (taken and order.claimed_by_id != clerk.pk):
        raise TakenAlready
    if order.state == State.TO_CLAIM and not blind.may_make(order, clerk):
        raise SeenAlready
    return _claim(order, clerk, at=at)


@transaction.atomic(durable=True)
def put_back(order_id: int, clerk: User, *, at: datetime) -> SettlementOrder:
    """Not now. Raises NotInHand."""
    order = steps.in_hand(order_id, clerk, State.IN_HAND, State.TO_CHECK, at=at)
    steps.write(order, What.PUT_BACK, clerk, at=at)
    _free(order)
    return order


@transaction.atomic(durable=True)
def sweep(*, at: datetime) -> int:
    """What clerks held for too long waits again; how many."""
    return lapse(at=at)


@transaction.atomic
def lapse(*, at: datetime) -> int:
    """As `sweep`, in the caller's transaction."""
    over = SettlementOrder.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state__in=OPEN, claimed_by__isnull=False, lease_until__lte=at
    )
    lapsed = list(over.select_related("claimed_by"))
    for order in lapsed:
        assert order.claimed_by
        steps.write(order, What.LAPSED, order.claimed_by, at=at)
        _free(order)
    return len(lapsed)


def _claim(order: SettlementOrder, clerk: User, *, at: datetime) -> SettlementOrder:
    if order.claimed_by_id == clerk.pk and order.lease_until and at < order.lease_until:
        return order  # hers already: taken twice is taken once
    if order.state == State.TO_CLAIM:
        order.state = State.IN_HAND
    order.claimed_by, order.claimed_at = clerk, at
    order.lease_until = at + timedelta(minutes=steps.rule(bank_day(at)).lease_min)
    order.save(update_fields=["state", "claimed_by", "claimed_at", "lease_until"])
    steps.write(order, What.CLAIMED, clerk, at=at)
    if order.state == State.TO_CHECK:
        blind.saw(order, clerk, at=at)
    return order


def _free(order: SettlementOrder) -> None:
    if order.state == State.IN_HAND:
        order.state = State.TO_CLAIM
    order.save(update_fields=["state", *steps.let_go(order)])


def late(*, at: datetime) -> QuerySet[SettlementOrder]:
    """On the desk, and its cut-off has gone by."""
    return SettlementOrder.objects.filter(state__in=OPEN, cut_off_at__lte=at).order_by("cut_off_at")
