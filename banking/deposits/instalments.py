"""零存整取 is paid on: this month's instalment, or last month's that was missed."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from banking import instructions, interest
from banking.deposits.earned import PAID_IN
from banking.errors import InstalmentDiffers, NoInstalmentDue, NotADeposit
from banking.ledger import Funds
from banking.models import Account, Deposit, DepositEntry, Instruction, Journal
from banking.models.deposits import Product, Term
from banking.models.orders import Channel
from banking.operations import Operation, Terms, register
from banking.requests import PayInstalment
from banking.transfers import check_accounts, check_amount, check_funds, check_payer
from calendars.clock import bank_day


def terms(request: PayInstalment, *, channel: Channel, at: datetime) -> Terms:
    """Raises AmountInvalid, NotDemand, NotADeposit, NoInstalmentDue, InstalmentDiffers,
    AccountFrozen, AccountClosed, InsufficientFunds."""
    check_amount(request.amount)
    payer = Account.objects.get(pk=request.payer_id)
    check_payer(payer)
    assert payer.customer_id is not None  # only customers' accounts pay
    deposit = _open_one(request.payee_id, payer.customer_id)
    _check(deposit, request.amount, bank_day(at))
    check_accounts(payer, deposit.account, at=at)
    check_funds(payer, request.amount)
    return Terms(
        customer_id=payer.customer_id,
        payer_id=payer.pk,
        payee_id=deposit.account_id,
        payee_tail=deposit.account.tail,
        amount=request.amount,
        details={"due": payable(deposit, bank_day(at))},
    )


def carry_out(order: Instruction, funds: Mapping[int, Funds], *, at: datetime) -> None:
    """Raises NotADeposit, NoInstalmentDue, InstalmentDiffers, AccountFrozen, AccountClosed,
    InsufficientFunds."""
    assert order.payer_id and order.payee_id and order.customer_id
    assert order.amount is not None
    deposit = _open_one(order.payee_id, order.customer_id)
    _check(deposit, order.amount, bank_day(at))
    check_accounts(funds[order.payer_id], funds[order.payee_id], at=at)
    check_funds(funds[order.payer_id], order.amount)
    journal_id = instructions.carry_out(order, at=at, kind=Journal.Kind.SAVING)
    DepositEntry.objects.create(
        deposit=deposit,
        what=DepositEntry.What.INSTALMENT,
        on=bank_day(at),
        principal=order.amount,
        percent=deposit.percent,
        journal_id=journal_id,
    )


def payable(deposit: Deposit, day: date) -> int:
    """How many instalments may be paid on a day: 0, 1, or 2 with last month's."""
    paid = deposit.entries.filter(what__in=PAID_IN).values_list("on", flat=True)
    return interest.payable(
        paid,
        began=deposit.began_on,
        months=Term(deposit.term).months,
        on=day,
    )


def _open_one(account_id: int, customer_id: int) -> Deposit:
    """Raises NotADeposit."""
    found = Deposit.objects.select_related("account__card").filter(
        account_id=account_id,
        account__customer_id=customer_id,
        product=Product.INSTALMENT,
        closed_on=None,
    )
    deposit = found.first()
    if deposit is None:
        raise NotADeposit
    return deposit


def _check(deposit: Deposit, amount: Decimal, day: date) -> None:
    """Raises NoInstalmentDue, InstalmentDiffers."""
    assert deposit.monthly is not None
    if not payable(deposit, day):
        raise NoInstalmentDue
    if amount != deposit.monthly:
        raise InstalmentDiffers(monthly=deposit.monthly)


register(
    Operation(
        PayInstalment, terms, carry_out, journals=frozenset({Journal.Kind.SAVING}), counted=False
    )
)
