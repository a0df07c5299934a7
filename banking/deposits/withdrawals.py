"""转回活期: out of a deposit into a demand account, all or a part, with what it has earned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from banking import instructions, interest
from banking.deposits import notices, owned, rates
from banking.deposits.earned import Posted, by_term
from banking.deposits.postings import post_interest
from banking.errors import AccountFrozen, InsufficientFunds, NotADeposit, NotOwnAccount, WholeOnly
from banking.ledger import ZERO, Funds
from banking.models import Account, Deposit, DepositEntry, Instruction, Journal
from banking.models.deposits import Product, Term
from banking.models.orders import Channel
from banking.operations import Operation, Terms, register
from banking.requests import Redemption
from banking.transfers import check_accounts, check_amount
from calendars.clock import bank_day


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal on a day comes to. Yuan; `interest` below zero is clawed back."""

    principal: Decimal  # more than was asked where the rest is too small to stay
    interest: Decimal
    tax: Decimal
    percent: Decimal | None  # of what earned most; None: by several rates
    rule: str  # whole | early | notice | demand: what she is warned of
    closes: bool
    short: Decimal = ZERO  # announced, and left in the deposit


def terms(request: Redemption, *, channel: Channel, at: datetime) -> Terms:
    """Raises AmountInvalid, NotADeposit, NotOwnAccount, WholeOnly, InsufficientFunds,
    AccountFrozen, AccountClosed."""
    check_amount(request.amount)
    payer = Account.objects.select_related("card").get(pk=request.payer_id)
    payee = Account.objects.select_related("card").get(pk=request.payee_id)
    if payee.customer_id != payer.customer_id or payee.kind != Account.Kind.DEMAND:
        raise NotOwnAccount
    _check(payer, payee, at=at)
    found = quote(_open_one(payer.pk), request.amount, payer.available, bank_day(at))
    assert payer.customer_id is not None
    return Terms(
        customer_id=payer.customer_id,
        payer_id=payer.pk,
        payee_id=payee.pk,
        payee_tail=payee.tail,
        amount=found.principal,
        details={
            "asked": str(request.amount),
            "interest": str(found.interest - found.tax),
            "rule": found.rule,
            "closes": found.closes,
        },
    )


def carry_out(order: Instruction, funds: Mapping[int, Funds], *, at: datetime) -> None:
    """Principal, interest and its tax in journals of their own.

    Raises NotADeposit, WholeOnly, InsufficientFunds, AccountFrozen, AccountClosed.
    """
    assert order.payer_id and order.payee_id and order.amount is not None
    _check(funds[order.payer_id], funds[order.payee_id], at=at)
    deposit = _open_one(order.payer_id)
    available = funds[order.payer_id].available
    found = quote(deposit, Decimal(order.details["asked"]), available, bank_day(at))
    if found.principal != order.amount:
        raise WholeOnly  # what was read back is not what it would be now
    journal_id = instructions.carry_out(order, at=at, kind=Journal.Kind.REDEEMED)
    post_interest(order.payee_id, found.interest, found.tax, part_of=journal_id, at=at)
    write_down(deposit, found, DepositEntry.What.WITHDRAWN, journal_id=journal_id, on=bank_day(at))


def write_down(
    deposit: Deposit,
    found: Withdrawal,
    what: DepositEntry.What,
    *,
    journal_id: int,
    on: date,
) -> None:
    """The entry, the notice that it uses, and the end of what is empty; the posting is done."""
    DepositEntry.objects.create(
        deposit=deposit,
        what=what,
        on=on,
        principal=found.principal,
        interest=found.interest,
        tax=found.tax,
        percent=found.percent,
        journal_id=journal_id,
    )
    if deposit.product == Product.NOTICE:
        notices.drawn(deposit, found.principal, found.short, on=on)
    if found.closes:
        Account.objects.filter(pk=deposit.account_id).update(status=Account.Status.CLOSED)
        deposit.closed_on = on
        deposit.save(update_fields=["closed_on"])


def quote(deposit: Deposit, asked: Decimal, available: Decimal, day: date) -> Withdrawal:
    """What `asked` yuan come to on a day, with `available` on the deposit's account.

    Exact only while that account is locked. Raises WholeOnly, InsufficientFunds.
    """
    if asked > available:
        raise InsufficientFunds(available=available, needed=asked)
    if deposit.product == Product.NOTICE:
        return _from_notice(deposit, asked, available, day)
    if deposit.product == Product.TIME:
        # A rest below the minimum goes with it (储蓄管理条例 Art. 24 for what stays).
        minimum = rates.terms(Product.TIME, day=deposit.began_on).minimum
        principal = available if available - asked < minimum else asked
    else:
        principal = asked
    closes = principal == available
    if not closes and not owned.in_parts(deposit):
        raise WholeOnly
    return _by_term(deposit, principal, day, closes=closes)


def _by_term(deposit: Deposit, principal: Decimal, day: date, *, closes: bool) -> Withdrawal:
    assert deposit.matures_on is not None
    found = by_term(deposit, principal, Posted.on(day), deposit.entries.all())
    rule = "early" if day < deposit.matures_on else "whole"
    return Withdrawal(principal, found.interest, found.tax, found.percent, rule, closes)


def _from_notice(deposit: Deposit, asked: Decimal, available: Decimal, day: date) -> Withdrawal:
    minimum = rates.terms(Product.NOTICE, day=deposit.began_on).minimum
    term = Term(deposit.term)
    percent, posted = rates.percent(Product.NOTICE, term, day=day), Posted.on(day)
    found = interest.notice_drawn(
        asked,
        balance=available,
        began=deposit.began_on,
        drawn=day,
        notice_days=term.notice_days,
        minimum=minimum,
        announced=notices.announced(deposit),
        forfeits=notices.forfeits(deposit),
        percent=percent,
        demand_percent=posted.demand,
    )
    kept = found.agreed > 0
    return Withdrawal(
        found.principal,
        found.interest,
        posted.tax(found.interest, deposit.began_on),
        (percent if found.agreed == found.principal else None) if kept else posted.demand,
        "notice" if kept else "demand",
        found.closes,
        found.short,
    )


def _check(payer: Account | Funds, payee: Account | Funds, *, at: datetime) -> None:
    """A deposit of which money is held stays whole. Raises AccountClosed, AccountFrozen."""
    check_accounts(payer, payee, at=at)
    if payer.held:
        raise AccountFrozen


def _open_one(account_id: int) -> Deposit:
    """Raises NotADeposit."""
    found = Deposit.objects.filter(account_id=account_id, closed_on=None)
    deposit = found.select_related("account").first()
    if deposit is None:
        raise NotADeposit
    return deposit


register(
    Operation(
        Redemption,
        terms,
        carry_out,
        journals=frozenset({Journal.Kind.REDEEMED, Journal.Kind.INTEREST, Journal.Kind.TAX}),
        counted=False,
    )
)
