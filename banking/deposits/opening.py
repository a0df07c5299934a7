"""A deposit is opened (开户存入): 整存整取, 零存整取, 存本取息, 通知存款."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from banking import instructions
from banking.deposits import rates
from banking.errors import BelowMinimum, ProductNotOffered, RateChanged
from banking.interest import month_after
from banking.ledger import Funds
from banking.models import Account, Deposit, DepositEntry, Instruction, Journal
from banking.models.deposits import Product, Term
from banking.models.orders import Channel
from banking.operations import Operation, Terms, register
from banking.requests import OpenDeposit
from banking.transfers import check_accounts, check_amount, check_funds, check_payer
from calendars.clock import bank_day

NUMBERS = "7558"  # with which the accounts of deposits begin


def terms(request: OpenDeposit, *, channel: Channel, at: datetime) -> Terms:
    """Raises AmountInvalid, NotDemand, ProductNotOffered, BelowMinimum, AccountFrozen,
    AccountClosed, InsufficientFunds."""
    check_amount(request.amount)
    payer = Account.objects.get(pk=request.payer_id)
    check_payer(payer)
    day = bank_day(at)
    product, term = Product(request.product), Term(request.term)
    rate = _open_rate(product, term, day)
    _check_minimum(product, request.amount, day)
    check_accounts(payer, at=at)
    check_funds(payer, request.amount)
    assert payer.customer_id is not None  # only customers' accounts pay
    return Terms(
        customer_id=payer.customer_id,
        payer_id=payer.pk,
        payee_id=None,
        payee_tail="",
        amount=request.amount,
        details={
            "product": product.value,
            "term": term.value,
            "percent": str(rate),
            "renews": request.renews and product == Product.TIME,
        },
    )


def carry_out(order: Instruction, funds: Mapping[int, Funds], *, at: datetime) -> None:
    """At the rate of the opening day (储蓄管理条例 Art. 26).

    Raises ProductNotOffered, RateChanged, BelowMinimum, AccountFrozen, AccountClosed,
    InsufficientFunds.
    """
    assert order.payer_id and order.amount is not None
    day = bank_day(at)
    product, term = Product(order.details["product"]), Term(order.details["term"])
    rate = _open_rate(product, term, day)
    if rate != Decimal(order.details["percent"]):
        raise RateChanged
    _check_minimum(product, order.amount, day)
    payer = funds[order.payer_id]
    check_accounts(payer, at=at)
    check_funds(payer, order.amount)
    account = Account.objects.create(
        number=new_number(day),
        kind=product.value,
        customer_id=order.customer_id,
        branch_id=Account.objects.values_list("branch_id", flat=True).get(pk=order.payer_id),
        opened_on=day,
    )
    journal_id = instructions.carry_out(order, at=at, kind=Journal.Kind.SAVING, to=account.pk)
    enter(
        account,
        product,
        term,
        percent=rate,
        amount=order.amount,
        renews=order.details["renews"],
        pays_to=order.payer_id,
        journal_id=journal_id,
        order=order,
        on=day,
    )


def enter(
    account: Account,
    product: Product,
    term: Term,
    *,
    percent: Decimal,
    amount: Decimal,
    renews: bool,
    pays_to: int,
    journal_id: int,
    on: date,
    order: Instruction | None = None,
) -> Deposit:
    """Write down the deposit whose money is on its account. Needs the posting's transaction."""
    conditions = rates.terms(product, day=on)
    every = conditions.every_months
    deposit = Deposit.objects.create(
        account=account,
        product=product,
        term=term,
        percent=None if product == Product.NOTICE else percent,
        basis=conditions.basis,
        began_on=on,
        matures_on=month_after(on, term.months) if term.months else None,
        renews=renews,
        pays_to_id=pays_to,
        monthly=amount if product == Product.INSTALMENT else None,
        every_months=every,
        pays_next_on=month_after(on, every) if every else None,
        instruction=order,
    )
    DepositEntry.objects.create(
        deposit=deposit,
        what=DepositEntry.What.OPENED,
        on=on,
        principal=amount,
        percent=deposit.percent,
        journal_id=journal_id,
    )
    return deposit


def new_number(day: date) -> str:
    """An account number that no other account has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('public.banking_receipt')")
        (serial,) = cursor.fetchone()
    return f"{NUMBERS}{day:%y%m%d}{serial:06d}"


def _open_rate(product: Product, term: Term, day: date) -> Decimal:
    """Raises ProductNotOffered."""
    row = rates.row(product, term, day=day)
    if not row.offered:
        raise ProductNotOffered
    return row.percent


def _check_minimum(product: Product, amount: Decimal, day: date) -> None:
    """Raises BelowMinimum, ProductNotOffered."""
    minimum = rates.terms(product, day=day).minimum
    if amount < minimum:
        raise BelowMinimum(minimum=minimum)


register(
    Operation(
        OpenDeposit, terms, carry_out, journals=frozenset({Journal.Kind.SAVING}), counted=False
    )
)
