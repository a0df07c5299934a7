"""Loans as they live: paid out, debited at night, paid by order, late, early, repriced, done."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from banking import customers, holds, instructions, ledger, limits, orders
from banking.core import default
from banking.errors import (
    AccountFrozen,
    AmountInvalid,
    BankingError,
    InsufficientFunds,
    LoanAboveBalance,
    LoanAboveDue,
    LoanDueFirst,
    LoanNothingDue,
    LoanPartTooSmall,
    LoanQuoteChanged,
    NotOwnAccount,
)
from banking.loans import collection
from banking.models import Account, Instruction, Journal, Loan, LoanRate, Posting, ScheduleLine
from banking.models.ledger import Internal
from banking.models.loans import Series
from banking.models.orders import Channel, State
from banking.requests import Repayment
from calendars.clock import SHANGHAI
from tests import cast
from tests.banking.together import Meeting, together
from tests.borrowers import Night, night
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)

EACH = Decimal("10228.96")  # 120,000 at 4.2 % over twelve months
FIRST_INTEREST = Decimal("420.00")  # 0.35 % of it


def D(number: str | int) -> Decimal:
    return Decimal(number)


def at(month: int, day: int, hour: int = 12, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def wang() -> Person:
    """Who has nothing but what the loan brings."""
    return cast.wang(opening=0)


@pytest.fixture
def loan(wang: Person) -> Loan:
    return cast.loan(wang)


@pytest.fixture(autouse=True)
def the_schedule_is_the_balance():
    """After every story: what is owed of the principal is what the schedule still asks for."""
    yield
    for loan in Loan.objects.select_related("account"):
        open_lines = loan.lines.filter(replaced_at=None)
        left = open_lines.aggregate(left=Sum(F("principal") - F("principal_paid")))["left"] or 0
        assert -loan.account.balance == left, f"{loan}: the schedule asks for {left}"


def balance(account: Account | int) -> Decimal:
    pk = account if isinstance(account, int) else account.pk
    return Account.objects.get(pk=pk).balance


def spend(person: Person, amount: Decimal, when: datetime) -> None:
    """Cash out, so that only so much is left."""
    with transaction.atomic():
        cash = ledger.internal(Internal.CASH)
        ledger.lock(person.account.pk)
        legs = [ledger.Leg(person.account.pk, -amount), ledger.Leg(cash, amount)]
        ledger.post(Journal.Kind.WITHDRAWAL, legs, at=when)


def drafted(loan: Loan, what: str, amount: Decimal, when: datetime, **changes: object) -> UUID:
    key = uuid4()
    fields = {"payer_id": loan.pays_from_id, "payee_id": loan.pk, "amount": amount, "what": what}
    request = Repayment(**{**fields, **changes})  # type: ignore[arg-type]
    orders.draft(key=key, request=request, channel=Channel.PHONE, at=when)
    return key


def repaid(loan: Loan, what: str, amount: Decimal, when: datetime, **changes: object):
    key = drafted(loan, what, amount, when, **changes)
    instructions.confirm(key=key, at=when)
    return orders.execute(key=key, at=when)


def kinds(order: Instruction) -> dict[str, Decimal]:
    """The order's journals: kind → yuan."""
    main = Journal.objects.filter(instruction=order)
    journals = main | Journal.objects.filter(part_of__instruction=order)
    return {
        journal.kind: journal.postings.filter(amount__gt=0).aggregate(sum=Sum("amount"))["sum"]
        for journal in journals
    }


# -- paid out ----------------------------------------------------------------------------------


def test_the_money_comes_and_is_owed(wang, loan):
    assert balance(wang.account) == 120_000
    assert balance(loan.pk) == -120_000
    lines = list(loan.lines.order_by("number"))
    assert len(lines) == 12
    assert (lines[0].due_on, lines[0].interest) == (date(2026, 9, 20), FIRST_INTEREST)
    assert lines[0].principal + lines[0].interest == EACH
    assert Journal.objects.get(kind="lent").instruction is None


def test_a_floating_loan_takes_the_rate_of_the_day(wang):
    LoanRate.objects.create(series="lpr_5y", valid_from=date(2026, 8, 21), percent=D("3.3"))
    before = cast.loan(wang, percent=None, series=Series.LPR_5Y, margin=D("0.2"))
    on_it = cast.loan(wang, percent=None, series=Series.LPR_5Y, margin=D("-0.3"), at=at(8, 21))
    assert (before.percent, on_it.percent) == (D("3.7"), D("3.0"))
    assert before.reprices_on == date(2027, 1, 20)


def test_what_nobody_published_prices_no_loan(wang):
    with pytest.raises(LoanRate.DoesNotExist):
        cast.loan(wang, percent=None, series=Series.FUND_LONG)
    assert not Loan.objects.exists()
    assert not Account.objects.filter(kind="loan").exists()


# -- at night ----------------------------------------------------------------------------------


def test_a_night_takes_what_has_come_due(wang, loan):
    assert night(9, 19) == Night(0, D("0.00"), 0, ())
    assert night(9, 20) == Night(1, EACH, 0, ())
    assert balance(wang.account) == 120_000 - EACH
    assert balance(loan.pk) == -(120_000 - (EACH - FIRST_INTEREST))
    repaid, interest = Journal.objects.exclude(kind="lent").order_by("id")
    assert (repaid.kind, interest.kind, interest.part_of) == ("repaid", "interest", repaid)
    assert ledger.internal_balance(Internal.LENDING) == FIRST_INTEREST
    assert Journal.objects.filter(kind="repaid").count() == 1


def test_a_night_run_again_takes_nothing_twice(wang, loan):
    night(9, 20)
    assert night(9, 20) == Night(0, D("0.00"), 0, ())
    assert balance(wang.account) == 120_000 - EACH


def test_two_nights_at_once_take_it_once(wang, loan):
    outcomes = together(lambda: night(9, 20), lambda: night(9, 20))
    assert sorted(outcome.amount for outcome in outcomes) == [0, EACH]
    assert balance(wang.account) == 120_000 - EACH


def test_without_the_lock_two_nights_would_meet(wang, loan, monkeypatch):
    """The control: what keeps them apart is the lock on the accounts, and nothing else."""
    meeting, lines_of = Meeting(), collection.schedule.lines_of

    def read(*args, **how):
        found = lines_of(*args, **how)
        meeting.wait()
        return found

    monkeypatch.setattr(collection.schedule, "lines_of", read)
    together(lambda: night(9, 20), lambda: night(9, 20))
    assert not meeting.met
    assert balance(wang.account) == 120_000 - EACH

    monkeypatch.setattr(collection.ledger, "lock", _unlocked)
    meeting = Meeting(patience_s=30)
    both = together(lambda: night(10, 20), lambda: night(10, 20))
    assert meeting.met
    assert [outcome.amount for outcome in both] == [EACH, EACH]  # taken twice
    put_right(loan)


def _unlocked(*accounts: int) -> list[ledger.Funds]:
    rows = Account.objects.in_bulk(accounts)
    fields = ("pk", "status", "stopped_until", "stopped", "balance", "held")
    return [ledger.Funds(*(getattr(rows[pk], name) for name in fields)) for pk in accounts]


def put_right(loan: Loan) -> None:
    """The control has paid the second instalment twice: back with what its schedule lacks."""
    line = loan.lines.get(number=2)
    with transaction.atomic():
        legs = [
            ledger.Leg(loan.pays_from_id, line.principal),
            ledger.Leg(loan.pk, -line.principal),
        ]
        ledger.post(Journal.Kind.REVERSAL, legs, at=NOON)


def test_too_little_pays_interest_first_and_the_loan_is_overdue(wang, loan):
    spend(wang, D(120_000) - 500, at(9, 1))
    done = night(9, 20)
    assert (done.amount, done.overdue) == (D(500), (loan.pk,))
    line = loan.lines.get(number=1)
    assert (line.interest_paid, line.principal_paid) == (FIRST_INTEREST, D(80))
    loan.refresh_from_db()
    assert loan.overdue_since == date(2026, 9, 20)

    customers.deposit(wang.account.pk, D(20_000), at=at(9, 30))
    night(9, 30)
    line.refresh_from_db()
    # What was open, 9,728.96, bore 4.2 % × 1.5 for ten days: 17.03.
    assert (line.penalty, line.penalty_paid, line.penalty_to) == (
        D("17.03"),
        D("17.03"),
        date(2026, 9, 30),
    )
    assert line.paid_on == date(2026, 9, 30)
    loan.refresh_from_db()
    assert loan.overdue_since is None
    assert balance(wang.account) == 20_000 - (EACH - 500) - D("17.03")


def test_a_penalty_goes_by_what_is_open(wang, loan):
    """Ten days on all of it, then ten days on the rest: never on a penalty."""
    spend(wang, D(120_000), at(9, 1))
    night(9, 20)
    customers.deposit(wang.account.pk, D(5_000), at=at(9, 30))
    night(9, 30)
    line = loan.lines.get(number=1)
    assert line.penalty == D("17.90")  # 10,228.96 × 6.3 % × 10 ÷ 360
    assert line.principal_paid == 5_000 - D("17.90") - FIRST_INTEREST
    customers.deposit(wang.account.pk, D(20_000), at=at(10, 10))
    night(10, 10)
    line.refresh_from_db()
    rest = line.principal - (5_000 - D("17.90") - FIRST_INTEREST)
    assert rest == D("5246.86")
    assert line.penalty == D("17.90") + D("9.18")  # 5,246.86 × 6.3 % × 10 ÷ 360


def test_the_oldest_instalment_is_paid_first(wang, loan):
    spend(wang, D(120_000), at(9, 1))
    customers.deposit(wang.account.pk, EACH, at=at(10, 20))
    night(10, 20)
    first, second = loan.lines.filter(number__lte=2).order_by("number")
    assert first.paid_on is None, "its penalty left a little of it open"
    assert first.penalty_paid == first.penalty > 0
    assert second.interest_paid == second.principal_paid == 0


def test_a_frozen_account_is_not_debited(wang, loan):
    Account.objects.filter(pk=wang.account.pk).update(status="frozen")
    done = night(9, 20)
    assert (done.amount, done.overdue) == (0, (loan.pk,))
    assert balance(wang.account) == 120_000


def test_what_is_held_is_not_taken(wang, loan):
    holds.place(
        account_id=wang.account.pk, amount=D(120_000), key=uuid4(), reason="司法冻结", at=at(9, 1)
    )
    assert night(9, 20).amount == 0


# -- repriced ----------------------------------------------------------------------------------


def test_in_january_the_rate_follows_what_is_published(wang):
    loan = cast.loan(wang, percent=None, series=Series.LPR_5Y, margin=D("0.7"), months=24)
    LoanRate.objects.create(series="lpr_5y", valid_from=date(2026, 12, 20), percent=D("3.0"))
    for month in (9, 10, 11, 12):
        night(month, 20)
    assert night(1, 19, 2027).repriced == 0
    assert night(1, 20, 2027).repriced == 1
    loan.refresh_from_db()
    assert (loan.percent, loan.reprices_on) == (D("3.7"), date(2028, 1, 20))
    current = list(loan.lines.filter(replaced_at=None).order_by("number"))
    assert [line.number for line in current] == list(range(1, 25))
    assert loan.lines.exclude(replaced_at=None).count() == 19  # kept, marked
    sixth = current[5]
    owed = -balance(loan.pk)
    assert sixth.interest == (owed * D("3.7") / 1200).quantize(D("0.01"))
    assert night(1, 20, 2027).repriced == 0


# -- by order ----------------------------------------------------------------------------------


def test_she_pays_what_is_due(wang, loan):
    order = repaid(loan, "due", EACH, at(9, 20))
    assert order.state == State.EXECUTED
    assert (order.amount, order.fee, order.counted) == (EACH, 0, False)
    assert kinds(order) == {"repaid": EACH - FIRST_INTEREST, "interest": FIRST_INTEREST}
    assert night(9, 20).debited == 0  # she was first


def test_she_pays_a_part_of_what_is_due(wang, loan):
    order = repaid(loan, "due", D(300), at(9, 20))
    assert kinds(order) == {"interest": D(300)}  # not yet any principal
    assert order.details["left"] == "120000.00"
    assert balance(loan.pk) == -120_000
    order = repaid(loan, "due", D(1_000), at(9, 20))
    assert kinds(order) == {"interest": D(120), "repaid": D(880)}
    assert night(9, 20).amount == EACH - 1_300


def test_she_pays_what_is_overdue_with_its_penalty(wang, loan):
    spend(wang, D(120_000), at(9, 1))
    night(9, 20)
    customers.deposit(wang.account.pk, D(20_000), at=at(9, 30))
    owed = default().loan_overdue(loan.pk, at=at(9, 30))
    assert (owed.amount, owed.penalty) == (EACH + D("17.90"), D("17.90"))
    assert owed.since == date(2026, 9, 20)
    order = repaid(loan, "due", owed.amount, at(9, 30))
    assert kinds(order) == {
        "repaid": EACH - FIRST_INTEREST,
        "interest": FIRST_INTEREST + D("17.90"),
    }
    loan.refresh_from_db()
    assert loan.overdue_since is None


@pytest.mark.parametrize(
    ("what", "amount", "day", "refusal"),
    [
        ("due", D(100), 19, LoanNothingDue),
        ("due", EACH + D("0.01"), 20, LoanAboveDue),
        ("due", D("1.001"), 20, AmountInvalid),
        ("part", D(20_000), 20, LoanDueFirst),
        ("part", D("9999.99"), 19, LoanPartTooSmall),
        ("part", D(120_000), 19, LoanAboveBalance),
        ("settle", D(120_000), 19, LoanQuoteChanged),
    ],
)
def test_what_is_refused_before_it_is_read_back(wang, loan, what, amount, day, refusal):
    with pytest.raises(refusal):
        drafted(loan, what, amount, at(9, day))
    assert not Instruction.objects.exists()


def test_nobody_pays_a_loan_out_of_another_customers_account(wang, loan):
    chen = cast.chen()
    with pytest.raises(NotOwnAccount):
        drafted(loan, "due", EACH, at(9, 20), payer_id=chen.account.pk)


def test_a_loan_is_not_paid_out_of_a_loan(wang, loan):
    other = cast.loan(wang)
    with pytest.raises(NotOwnAccount):
        drafted(loan, "due", EACH, at(9, 20), payer_id=other.pk)


def test_too_little_money_is_refused(wang, loan):
    spend(wang, D(120_000) - EACH + D("0.01"), at(9, 1))
    with pytest.raises(InsufficientFunds):
        drafted(loan, "due", EACH, at(9, 20))


@pytest.mark.parametrize(("keeps", "number", "each"), [("instalment", 9, EACH), ("term", 12, None)])
def test_a_part_before_it_is_due(wang, loan, keeps, number, each):
    """30,000 after ten days: their interest by the day, 1 % of fee, and a new schedule."""
    night(9, 20)
    order = repaid(loan, "part", D(30_000), at(9, 30), keeps=keeps)
    assert kinds(order) == {"repaid": D(30_000), "interest": D("35.00"), "fee": D("300.00")}
    assert (order.amount, order.fee) == (D("30035.00"), D("300.00"))
    left = 120_000 - (EACH - FIRST_INTEREST) - 30_000
    assert balance(loan.pk) == -left
    lines = list(loan.lines.filter(replaced_at=None).order_by("number"))
    assert lines[-1].number == number
    # The whole month counts for what is left: the part has paid its own days.
    assert lines[1].interest == (left * D("4.2") / 1200).quantize(D("0.01"))
    if each:
        assert lines[1].principal + lines[1].interest == each
    else:
        assert lines[1].principal + lines[1].interest < EACH
    assert loan.lines.exclude(replaced_at=None).count() == 11


def test_after_a_year_paying_early_is_free(wang):
    loan = cast.loan(wang, months=24, at=at(8, 20, year=2025))
    for passed in range(1, 13):
        month = (8 + passed - 1) % 12 + 1
        night(month, 20, 2025 + (8 + passed > 12))
    order = repaid(loan, "part", D(20_000), at(8, 21))
    assert order.fee == 0
    assert set(kinds(order)) == {"repaid", "interest"}


def test_all_of_it(wang, loan):
    customers.deposit(wang.account.pk, D(10_000), at=at(9, 1))
    night(9, 20)
    whole = default().loan_settlement(loan.pk, at=at(9, 30))
    left = 120_000 - (EACH - FIRST_INTEREST)
    days = (left * D("4.2") * 10 / 36_000).quantize(D("0.01"))
    assert (whole.principal, whole.interest, whole.fee) == (
        left,
        days,
        (left / 100).quantize(D("0.01")),
    )
    order = repaid(loan, "settle", whole.amount, at(9, 30))
    assert order.details["left"] == "0.00"
    assert balance(loan.pk) == 0
    assert Account.objects.get(pk=loan.pk).status == "closed"
    assert default().loans(wang.id, at=at(9, 30)) == ()
    assert night(10, 20) == Night(0, D("0.00"), 0, ())


def test_all_of_it_with_what_is_overdue(wang, loan):
    spend(wang, D(120_000), at(9, 1))
    night(9, 20)
    customers.deposit(wang.account.pk, D(200_000), at=at(9, 30))
    whole = default().loan_settlement(loan.pk, at=at(9, 30))
    assert whole.principal == 120_000
    assert whole.penalty == D("17.90")
    assert whole.fee == ((120_000 - (EACH - FIRST_INTEREST)) / 100).quantize(D("0.01"))
    repaid(loan, "settle", whole.amount, at(9, 30))
    assert Account.objects.get(pk=loan.pk).status == "closed"
    assert Loan.objects.get().overdue_since is None


def test_the_last_instalment_closes_the_loan(wang):
    customers.deposit(wang.account.pk, D(1_000), at=at(8, 1))
    loan = cast.loan(wang, months=2)
    night(9, 20)
    night(10, 20)
    assert Account.objects.get(pk=loan.pk).status == "closed"


def test_after_midnight_what_she_heard_is_no_longer_true(wang, loan):
    customers.deposit(wang.account.pk, D(10_000), at=at(9, 1))
    night(9, 20)
    whole = default().loan_settlement(loan.pk, at=at(9, 30, 23))
    key = drafted(loan, "settle", whole.amount, at(9, 30, 23))
    instructions.confirm(key=key, at=at(9, 30, 23))
    with pytest.raises(LoanQuoteChanged):
        orders.execute(key=key, at=at(10, 1, 0))
    order = Instruction.objects.get(pk=key)
    assert (order.state, order.refusal) == (State.REFUSED, "LoanQuoteChanged")
    with pytest.raises(LoanQuoteChanged):  # the first answer, again
        orders.execute(key=key, at=at(10, 1, 0))
    assert not Journal.objects.filter(instruction=order).exists()


def test_the_night_was_faster(wang, loan):
    key = drafted(loan, "due", EACH, at(9, 20, 22))
    instructions.confirm(key=key, at=at(9, 20, 22))
    night(9, 20)
    with pytest.raises(LoanNothingDue):
        orders.execute(key=key, at=at(9, 20, 23))
    assert balance(wang.account) == 120_000 - EACH


def test_her_order_and_the_night_at_once_pay_once(wang, loan):
    key = drafted(loan, "due", EACH, at(9, 20, 22))
    instructions.confirm(key=key, at=at(9, 20, 22))
    together(lambda: orders.execute(key=key, at=at(9, 20, 22)), lambda: night(9, 20))
    assert balance(wang.account) == 120_000 - EACH
    assert loan.lines.filter(paid_on=date(2026, 9, 20)).count() == 1


def test_a_frozen_account_pays_no_loan(wang, loan):
    key = drafted(loan, "due", EACH, at(9, 20))
    instructions.confirm(key=key, at=at(9, 20))
    Account.objects.filter(pk=wang.account.pk).update(status="frozen")
    with pytest.raises(AccountFrozen):
        orders.execute(key=key, at=at(9, 20))


def test_repayments_leave_the_limits_of_the_day_alone(wang, loan):
    repaid(loan, "part", D(90_000), at(9, 19))  # more than the 50,000 of a single transfer
    chen = cast.chen()
    assert limits.allowance(wang.id, Channel.PHONE, day=date(2026, 9, 19)).used == 0
    assert chen.opening == balance(chen.account)


# -- what PostgreSQL keeps ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"principal_paid": F("principal") + 1},
        {"interest_paid": F("interest") + 1},
        {"penalty_paid": 1},
        {"paid_on": date(2026, 9, 20)},  # with nothing paid
        {"principal": 1},
        {"due_on": date(2026, 9, 21)},
    ],
)
def test_a_schedule_is_not_rewritten(loan, change):
    with pytest.raises(Exception, match=r"instalment|schedule|Cannot update"):
        ScheduleLine.objects.filter(loan=loan, number=1).update(**change)


@pytest.mark.parametrize("change", [{"principal": 1}, {"months": 6}, {"method": "linear"}])
def test_what_was_signed_stays(loan, change):
    with pytest.raises(Exception, match=r"contract|Cannot update"):
        Loan.objects.filter(pk=loan.pk).update(**change)


def test_a_loan_is_never_overpaid(loan):
    cash, more = ledger.internal(Internal.CASH), D("120000.01")
    legs = [ledger.Leg(cash, -more), ledger.Leg(loan.pk, more)]
    with pytest.raises(IntegrityError, match="loan_never_overpaid"), transaction.atomic():
        ledger.post(Journal.Kind.REPAID, legs, at=NOON)


# -- what she is told --------------------------------------------------------------------------


def test_what_a_caller_is_told(wang, loan):
    core = default()
    night(9, 20)
    (view,) = core.loans(wang.id, at=at(9, 30))
    assert (view.left, view.months_left, view.percent) == (
        -balance(loan.pk),
        11,
        D("4.2"),
    )
    assert view.pays_from_tail == wang.account_tail
    following = core.next_instalment(loan.pk, at=at(9, 30))
    assert following is not None
    assert (following.due_on, following.amount) == (date(2026, 10, 20), EACH)
    assert core.next_instalment(loan.pk, at=at(8, 20, year=2027)) is None
    nothing = core.loan_overdue(loan.pk, at=at(9, 30))
    assert (nothing.amount, nothing.since) == (0, None)


def test_every_day_has_its_answer(wang):
    """Whatever she does, every day of a loan's life has a settlement that pays it off."""
    loan = cast.loan(wang, months=3)
    when = at(8, 20)
    while when < at(12, 1):
        core = default()
        whole = core.loan_settlement(loan.pk, at=when)
        assert whole.principal == 120_000
        assert whole.interest >= 0
        when += timedelta(days=7)
    assert Posting.objects.filter(account_id=loan.pk).count() == 1


def test_refusals_speak(loan):
    for refusal in (LoanNothingDue(), LoanAboveDue(due=D(1)), LoanQuoteChanged()):
        assert isinstance(refusal, BankingError)
        assert str(refusal)
