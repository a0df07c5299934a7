"""支取通知 of notice deposits: announced, changed, cancelled, used or not (银发〔1999〕3号)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Max

from banking import interest, ledger
from banking.deposits import rates
from banking.errors import (
    AccountFrozen,
    NoNotice,
    NotADeposit,
    NoticeStands,
    NoticeTooLarge,
    NoticeTooSmall,
)
from banking.ledger import Funds
from banking.models import Account, Deposit, Notice
from banking.models.deposits import Product, Term
from banking.transfers import check_amount
from calendars.clock import bank_day


@transaction.atomic(durable=True)
def announce(
    deposit_id: int, amount: Decimal, *, customer_id: int, call_ref: str, at: datetime
) -> Notice:
    """So much will be drawn when the notice has passed.

    Raises NotADeposit, AmountInvalid, NoticeTooSmall, NoticeTooLarge, NoticeStands,
    AccountFrozen.
    """
    deposit, funds = _lock(deposit_id, customer_id)
    day = bank_day(at)
    _check(deposit, funds, amount)
    if _open(deposit) is not None:
        raise NoticeStands
    return _write(deposit, amount, day, call_ref=call_ref, at=at)


@transaction.atomic(durable=True)
def change(
    deposit_id: int, amount: Decimal, *, customer_id: int, call_ref: str, at: datetime
) -> Notice:
    """Another amount: it takes the place of the one announced, and its notice begins today.

    What was announced before is not forfeited for it. Raises what `announce` does, and NoNotice.
    """
    deposit, funds = _lock(deposit_id, customer_id)
    _check(deposit, funds, amount)
    before = _open(deposit)
    if before is None:
        raise NoNotice
    day = bank_day(at)
    _end(before, Notice.State.CANCELLED, on=day)
    return _write(deposit, amount, day, call_ref=call_ref, at=at)


@transaction.atomic(durable=True)
def cancel(deposit_id: int, *, customer_id: int, at: datetime) -> Notice:
    """Withdrawn by her: what was announced earns nothing for the notice.

    Raises NotADeposit, NoNotice.
    """
    deposit, _funds = _lock(deposit_id, customer_id)
    standing = _open(deposit)
    if standing is None:
        raise NoNotice
    _forfeit(standing, Notice.State.CANCELLED, on=bank_day(at))
    return standing


def lapse(notice: Notice, *, on: date) -> None:
    """Its day went by unused: as if cancelled. The deposit's account is locked."""
    _forfeit(notice, Notice.State.LAPSED, on=on)


def drawn(deposit: Deposit, principal: Decimal, short: Decimal, *, on: date) -> None:
    """A withdrawal has paid for what earlier notices cost, and used the one of its day.

    What was announced beyond it, and stays, earns the demand rate until today. One that stands
    for a later day stands on while there is money for it.
    """
    for notice in deposit.notices.filter(forfeit__gt=0).order_by("id"):
        charged = min(notice.forfeit, principal)
        notice.forfeit = F("forfeit") - charged
        notice.save(update_fields=["forfeit"])
    standing = _open(deposit)
    if standing is None:
        return
    if standing.due_on == on:
        standing.forfeit = short
        if short:
            standing.forfeit_since, standing.forfeit_until = deposit.began_on, on
            standing.forfeit_earns = Notice.Earns.DEMAND
        _end(standing, Notice.State.USED, on=on)
    elif Account.objects.get(pk=deposit.account_id).balance < standing.amount:
        _forfeit(standing, Notice.State.CANCELLED, on=on)


def announced(deposit: Deposit) -> interest.Announced | None:
    standing = _open(deposit)
    return interest.Announced(standing.amount, standing.due_on) if standing else None


def forfeits(deposit: Deposit) -> list[interest.Forfeit]:
    """What earlier notices cost, and nobody has paid for yet."""
    found = []
    for notice in deposit.notices.filter(forfeit__gt=0).order_by("id"):
        assert notice.forfeit_since and notice.forfeit_until
        earns: interest.Earns = (
            "demand" if notice.forfeit_earns == Notice.Earns.DEMAND else "nothing"
        )
        found.append(
            interest.Forfeit(notice.forfeit, notice.forfeit_since, notice.forfeit_until, earns)
        )
    return found


def _lock(deposit_id: int, customer_id: int) -> tuple[Deposit, Funds]:
    """Alone with the deposit's account, as whoever draws from it is. Raises NotADeposit."""
    found = Deposit.objects.filter(
        pk=deposit_id, account__customer_id=customer_id, product=Product.NOTICE
    )
    account_id = found.values_list("account_id", flat=True).first()
    if account_id is None:
        raise NotADeposit
    (funds,) = ledger.lock(account_id)
    deposit = found.filter(closed_on=None).first()
    if deposit is None:
        raise NotADeposit
    return deposit, funds


def _check(deposit: Deposit, funds: Funds, amount: Decimal) -> None:
    """Raises AmountInvalid, NoticeTooSmall, NoticeTooLarge, AccountFrozen."""
    check_amount(amount)
    if funds.status == Account.Status.FROZEN:
        raise AccountFrozen
    minimum = rates.terms(Product.NOTICE, day=deposit.began_on).minimum
    if amount > funds.available:
        raise NoticeTooLarge(principal=funds.available)
    if amount < minimum:
        raise NoticeTooSmall(minimum=minimum)


def _write(deposit: Deposit, amount: Decimal, day: date, *, call_ref: str, at: datetime) -> Notice:
    notice = Notice.objects.create(
        deposit=deposit,
        amount=amount,
        announced_at=at,
        due_on=day + timedelta(days=Term(deposit.term).notice_days),
        call_ref=call_ref,
    )
    notice.refresh_from_db(fields=["number"])
    return notice


def _open(deposit: Deposit) -> Notice | None:
    return deposit.notices.filter(state=Notice.State.OPEN).first()


def _forfeit(notice: Notice, state: Notice.State, *, on: date) -> None:
    """No interest on the amount for the notice; a day is not taken twice."""
    days = Term(notice.deposit.term).notice_days
    since = bank_day(notice.announced_at)
    last = notice.deposit.notices.filter(forfeit_earns=Notice.Earns.NOTHING).aggregate(
        until=Max("forfeit_until")
    )["until"]
    account = Account.objects.get(pk=notice.deposit.account_id)
    notice.forfeit = min(notice.amount, account.balance)
    notice.forfeit_since = max(since, last) if last else since
    notice.forfeit_until = max(since + timedelta(days=days), notice.forfeit_since)
    notice.forfeit_earns = Notice.Earns.NOTHING
    _end(notice, state, on=on)


def _end(notice: Notice, state: Notice.State, *, on: date) -> None:
    notice.state, notice.ended_on = state, on
    notice.save()
