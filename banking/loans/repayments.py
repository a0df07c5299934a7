"""Repayment of a loan (贷款还款): what is due, a part before it is due, or all of it.

A payment counts for the oldest instalment first, and within it for the penalty, the interest and
the principal (民法典 第561条). Principal goes to the loan's account; interest and penalty are a
journal of their own, and so is the fee for paying early.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from banking import instructions, ledger
from banking.errors import LoanQuoteChanged, NotOwnAccount
from banking.ledger import Funds, Leg
from banking.loans import quotes, schedule
from banking.models import Account, Instruction, Journal, Loan
from banking.models.ledger import Internal
from banking.models.orders import Channel
from banking.operations import Operation, Terms, register
from banking.requests import Repayment
from banking.schedules import Owed
from banking.transfers import charge, check_accounts, check_amount, check_funds
from calendars.clock import bank_day


def terms(request: Repayment, *, channel: Channel, at: datetime) -> Terms:
    """Raises AmountInvalid, NotOwnAccount, AccountFrozen, AccountClosed, InsufficientFunds, what
    `quotes.of` does, and LoanQuoteChanged where a settlement comes to another amount."""
    check_amount(request.amount)
    loan = Loan.objects.select_related("account").get(pk=request.payee_id)
    payer = Account.objects.get(pk=request.payer_id)
    if payer.customer_id != loan.account.customer_id or payer.kind != Account.Kind.DEMAND:
        raise NotOwnAccount
    day = bank_day(at)
    found = quotes.of(loan, schedule.lines_of(loan, day=day), request.what, request.amount, day=day)
    if request.what == "settle" and found.amount != request.amount:
        raise LoanQuoteChanged
    check_accounts(payer, loan.account, at=at)
    check_funds(payer, found.pays.total)
    assert payer.customer_id is not None
    return Terms(
        customer_id=payer.customer_id,
        payer_id=payer.pk,
        payee_id=loan.pk,
        payee_tail=loan.account.tail,
        amount=found.amount,
        fee=found.pays.costs,
        details={
            "what": request.what,
            "asked": str(request.amount),
            "keeps": request.keeps,
            **found.details(),
        },
    )


def carry_out(order: Instruction, funds: Mapping[int, Funds], *, at: datetime) -> None:
    """Raises AccountFrozen, AccountClosed, InsufficientFunds, LoanQuoteChanged (she heard other
    figures: midnight has passed, or something was paid), and what `quotes.of` does."""
    assert order.payer_id and order.payee_id
    payer, details, day = funds[order.payer_id], order.details, bank_day(at)
    check_accounts(payer, funds[order.payee_id], at=at)
    loan = Loan.objects.get(pk=order.payee_id)
    lines = schedule.lines_of(loan, day=day)
    found = quotes.of(loan, lines, details["what"], Decimal(details["asked"]), day=day)
    if (found.amount, found.pays.costs) != (order.amount, order.fee) or any(
        details[name] != value for name, value in found.details().items()
    ):
        raise LoanQuoteChanged
    check_funds(payer, found.pays.total)
    charge(order, _post(order, found.pays, at=at), at=at)
    match details["what"]:
        case "due":
            schedule.book(schedule.allot(found.amount, lines, day=day), day=day)
        case "part":
            schedule.replan(loan, lines, found.left, details["keeps"], day=day, at=at)
        case "settle":
            schedule.book(
                schedule.allot(schedule.due(lines, day=day).total, lines, day=day), day=day
            )
            schedule.replace(loan, lines, (), day=day, at=at)
    schedule.refresh(loan, late=day - timedelta(days=1))


def _post(order: Instruction, pays: Owed, *, at: datetime) -> int:
    """The order's main journal: the principal, or the interest where it pays nothing else."""
    lending, earned = ledger.internal(Internal.LENDING), pays.interest + pays.penalty
    if not pays.principal:
        return instructions.carry_out(order, kind=Journal.Kind.INTEREST, to=lending, at=at)
    journal_id = instructions.carry_out(
        order, kind=Journal.Kind.REPAID, amount=pays.principal, at=at
    )
    if earned:
        assert order.payer_id
        legs = [Leg(order.payer_id, -earned), Leg(lending, earned)]
        ledger.post(Journal.Kind.INTEREST, legs, at=at, part_of=journal_id)
    return journal_id


register(
    Operation(
        Repayment,
        terms,
        carry_out,
        journals=frozenset({Journal.Kind.REPAID, Journal.Kind.INTEREST, Journal.Kind.FEE}),
        counted=False,  # to the bank itself, for what she owes it
    )
)
