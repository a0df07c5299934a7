"""贷款: what is left of it, what comes next, what is overdue; and paying it back."""

from decimal import Decimal

from banking.core import LoanView
from banking.errors import BankingError
from banking.requests import Keeps, Repayment, What
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call, spoken_tail
from telephony.ivr.flows import money
from telephony.ivr.flows.choosing import an_account, one_of
from telephony.ivr.registry import flow


class NoLoan(BankingError):
    """She owes nothing."""

    prompt = "loan.none"


@flow("loan-balance", identified=True)
async def loan_balance(call: Call, bank: Bank) -> None:
    """The principal that is left, its rate, and how many instalments."""
    loan = await _a_loan(call, bank)
    await call.say(
        "loan.balance",
        tail=loan.tail,
        left=loan.left,
        percent=loan.percent,
        months=loan.months_left,
    )
    call.did(Deed.ENQUIRED)


@flow("loan-next", identified=True)
async def loan_next(call: Call, bank: Bank) -> None:
    """When the next instalment comes due, how much it is, and what account pays it."""
    loan = await _a_loan(call, bank)
    due = await bank.next_instalment(loan.id)
    if due is None:
        await call.say("loan.no_next", tail=loan.tail)
    else:
        await call.say(
            "loan.next",
            due=due.due_on,
            amount=due.amount,
            principal=due.principal,
            interest=due.interest,
            payer=loan.pays_from_tail,
        )
    call.did(Deed.ENQUIRED)


@flow("loan-overdue", identified=True)
async def loan_overdue(call: Call, bank: Bank) -> None:
    """What should have been paid, and since when; how to pay it follows in the menu."""
    loan = await _a_loan(call, bank)
    owed = await bank.loan_overdue(loan.id)
    if owed.since is None:
        await call.say("loan.not_overdue", tail=loan.tail)
    else:
        await call.say(
            "loan.overdue",
            since=owed.since,
            amount=owed.amount,
            principal=owed.principal,
            interest=owed.interest,
            penalty=owed.penalty,
        )
    call.did(Deed.ENQUIRED)


@flow("loan-repay", identified=True, orders=["repayment"])
async def loan_repay(call: Call, bank: Bank) -> None:
    """What is due, whole or in part; or, when nothing is, a part of the rest early."""
    loan = await _a_loan(call, bank)
    due = await bank.loan_due(loan.id)
    if due.amount:
        call.preface("loan.due", amount=due.amount)
        amount = due.amount
        if await one_of(call, "loan.due_whole", "loan.due_part") == "loan.due_part":
            amount = await call.ask_amount("loan.amount")
        return await _repay(call, bank, loan, "due", amount)
    call.preface("loan.nothing_due_yet")
    amount = await call.ask_amount("loan.part_amount")
    kept = await one_of(call, "loan.keeps_instalment", "loan.keeps_term")
    keeps: Keeps = "instalment" if kept == "loan.keeps_instalment" else "term"
    return await _repay(call, bank, loan, "part", amount, keeps)


@flow("loan-settle", identified=True, orders=["repayment"])
async def loan_settle(call: Call, bank: Bank) -> None:
    """All of it, today: what that comes to is the read-back."""
    loan = await _a_loan(call, bank)
    whole = await bank.loan_settlement(loan.id)
    await _repay(call, bank, loan, "settle", whole.amount)


async def _a_loan(call: Call, bank: Bank) -> LoanView:
    """Her only one without a question. Raises NoLoan."""
    loans = await bank.loans(call.customer_id)
    if not loans:
        raise NoLoan
    if len(loans) == 1:
        return loans[0]
    call.preface("loan.which")
    return await call.choose("loan.choose", loans, spoken_tail)


async def _repay(
    call: Call, bank: Bank, loan: LoanView, what: What, amount: Decimal, keeps: Keeps = "instalment"
) -> None:
    """Out of the account that pays her instalments, or of another of hers."""
    accounts = await bank.demand_accounts(call.customer_id)
    usual_first = sorted(accounts, key=lambda account: account.id != loan.pays_from_id)
    payer = await an_account(call, usual_first, "loan.payer")
    order = await bank.draft(
        Repayment(payer_id=payer.id, payee_id=loan.id, amount=amount, what=what, keeps=keeps)
    )
    await money.settle(call, bank, order)
