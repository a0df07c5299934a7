"""Deposits as the books show them: opened, paid on, announced, drawn; a refusal moves nothing."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from banking import customers, ledger, orders
from banking.deposits import maturing, notices
from banking.end_of_day import closing
from banking.errors import (
    AccountClosed,
    AccountFrozen,
    AmountInvalid,
    BelowMinimum,
    InstalmentDiffers,
    InsufficientFunds,
    MaturesSoon,
    NoInstalmentDue,
    NoNotice,
    NotADeposit,
    NotDemand,
    NoticeStands,
    NoticeTooLarge,
    NoticeTooSmall,
    NotOwnAccount,
    ProductNotOffered,
    RateChanged,
    WholeOnly,
)
from banking.models import (
    Account,
    Deposit,
    DepositEntry,
    DepositRate,
    DepositTerms,
    Instruction,
    Journal,
    Notice,
)
from banking.models.ledger import Internal
from banking.requests import InBankTransfer, OpenDeposit, Redemption
from calendars.clock import SHANGHAI, bank_day
from tests import cast
from tests.banking.together import together
from tests.cast import NOON, Person
from tests.savers import does, draws, pays_on, principal, published_rates, puts, told_to

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = bank_day(NOON)  # 2026-11-24


def on(written: str) -> datetime:
    return datetime.fromisoformat(f"{written}T10:00").replace(tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _rates(transactional_db) -> None:
    published_rates()


@pytest.fixture
def wang() -> Person:
    return cast.wang(opening=400_000)


def balance(who: Person) -> Decimal:
    return Account.objects.get(pk=who.account.pk).balance


def parts(order: Instruction) -> dict[str, Decimal]:
    """The journals of an order by their kind: what each brought to her own demand account."""
    main = Journal.objects.get(instruction=order)
    account = order.payee_id or order.payer_id
    return {
        journal.kind: journal.postings.get(account_id=account).amount
        for journal in (main, *main.parts.all())
    }


# -- opened ------------------------------------------------------------------------------------


def test_a_time_deposit_has_an_account_of_its_own(wang):
    deposit = puts(wang, 10_000, "time", "1y", renews=True)
    account = Account.objects.get(pk=deposit.account_id)
    assert (account.kind, account.customer_id, account.balance) == ("time", wang.id, 10_000)
    assert balance(wang) == wang.opening - 10_000
    assert (deposit.percent, deposit.began_on, deposit.matures_on) == (
        Decimal("0.95"),
        TODAY,
        date(2027, 11, 24),
    )
    assert deposit.renews and deposit.pays_to_id == wang.account.pk
    journal = Journal.objects.get(instruction=deposit.instruction)
    assert journal.kind == "saving"
    [entry] = deposit.entries.all()
    assert (entry.what, entry.principal, entry.journal) == ("opened", 10_000, journal)


@pytest.mark.parametrize(
    ("product", "term", "amount", "percent", "matures", "monthly", "pays_next"),
    [
        ("instalment", "1y", 500, "0.65", date(2027, 11, 24), 500, None),
        ("drawing", "3y", 60_000, "0.85", date(2029, 11, 24), None, date(2026, 12, 24)),
        ("notice", "7d", 50_000, None, None, None, None),
    ],
)
def test_the_other_products(wang, product, term, amount, percent, matures, monthly, pays_next):
    deposit = puts(wang, amount, product, term)
    assert deposit.percent == (Decimal(percent) if percent else None)
    assert (deposit.matures_on, deposit.monthly, deposit.pays_next_on) == (
        matures,
        monthly,
        pays_next,
    )
    assert not deposit.renews


def test_only_a_time_deposit_renews(wang):
    assert not puts(wang, 500, "instalment", "1y", renews=True).renews


def test_her_own_money_is_outside_the_limits(wang):
    """A hundred thousand is what may leave in a day."""
    puts(wang, 200_000, "time", "1y")
    assert balance(wang) == wang.opening - 200_000


@pytest.mark.parametrize(
    ("amount", "product", "term", "refusal"),
    [
        ("49.99", "time", "1y", BelowMinimum),
        ("4.99", "instalment", "1y", BelowMinimum),
        ("4999.99", "drawing", "1y", BelowMinimum),
        ("49999.99", "notice", "7d", BelowMinimum),
        ("0", "time", "1y", AmountInvalid),
        ("100.001", "time", "1y", AmountInvalid),
        ("400000.01", "time", "1y", InsufficientFunds),
        ("100", "instalment", "2y", ProductNotOffered),  # there is none
    ],
)
def test_what_is_not_opened(wang, amount, product, term, refusal):
    with pytest.raises(refusal):
        puts(wang, amount, product, term)
    assert balance(wang) == wang.opening
    assert not Deposit.objects.exists()


def test_a_term_that_is_not_offered_any_more(wang):
    DepositRate.objects.create(
        product="time", term="5y", valid_from=TODAY, percent="1.30", offered=False
    )
    with pytest.raises(ProductNotOffered):
        puts(wang, 10_000, "time", "5y")


def test_nothing_is_opened_out_of_a_deposit(wang):
    deposit = puts(wang, 10_000, "time", "1y")
    with pytest.raises(NotDemand):
        does(
            OpenDeposit(payer_id=deposit.account_id, amount=Decimal(100), product="time", term="1y")
        )


def test_a_deposit_pays_nobody_but_by_its_own_rules(wang):
    """The control of the test above: a transfer is another road to the same account."""
    deposit = puts(wang, 10_000, "time", "1y")
    chen = cast.chen()
    with pytest.raises(NotDemand):
        does(
            InBankTransfer(
                payer_id=deposit.account_id, payee_id=chen.account.pk, amount=Decimal(100)
            )
        )


def test_a_rate_that_changed_after_it_was_read_back(wang):
    request = OpenDeposit(payer_id=wang.account.pk, amount=Decimal(100), product="time", term="1y")
    key = told_to(request)
    DepositRate.objects.create(
        product="time", term="1y", valid_from=TODAY + timedelta(days=1), percent="0.90"
    )
    with pytest.raises(RateChanged):
        orders.execute(key=key, at=NOON + timedelta(days=1))
    assert balance(wang) == wang.opening
    with pytest.raises(RateChanged):  # and that stays the answer
        orders.execute(key=key, at=NOON + timedelta(days=1))


def test_asked_twice_it_is_opened_once(wang):
    request = OpenDeposit(payer_id=wang.account.pk, amount=Decimal(100), product="time", term="1y")
    key = told_to(request)
    first, second = together(*[lambda: orders.execute(key=key, at=NOON)] * 2)
    assert first.receipt == second.receipt
    assert Deposit.objects.count() == 1
    assert balance(wang) == wang.opening - 100


# -- drawn -------------------------------------------------------------------------------------


def test_on_its_day_it_brings_its_term(wang):
    """10,000 × 0.95 % × 1 = 95.00, in a journal of its own."""
    deposit = puts(wang, 10_000, "time", "1y")
    order = draws(wang, deposit, on("2027-11-24"))
    assert parts(order) == {"redeemed": 10_000, "interest": Decimal("95.00")}
    assert balance(wang) == wang.opening + Decimal("95.00")
    deposit.refresh_from_db()
    assert deposit.closed_on == date(2027, 11, 24)
    assert Account.objects.get(pk=deposit.account_id).status == "closed"
    assert ledger.internal_balance(Internal.INTEREST) == Decimal("-95.00")


def test_a_day_before_it_brings_the_demand_rate(wang):
    """10,000 × 0.05 % × 364 ÷ 360 = 5.0556."""
    deposit = puts(wang, 10_000, "time", "1y")
    order = draws(wang, deposit, on("2027-11-23"))
    assert parts(order)["interest"] == Decimal("5.06")
    assert order.details["rule"] == "early"


def test_a_part_leaves_the_rest_as_it_was(wang):
    """4,000 × 0.05 % × 100 ÷ 360 = 0.5556; then 6,000 × 0.95 % = 57.00."""
    deposit = puts(wang, 10_000, "time", "1y")
    early = draws(wang, deposit, NOON + timedelta(days=100), 4000)
    assert parts(early) == {"redeemed": 4000, "interest": Decimal("0.56")}
    deposit.refresh_from_db()
    assert deposit.closed_on is None and deposit.matures_on == date(2027, 11, 24)
    late = draws(wang, deposit, on("2027-11-24"))
    assert parts(late) == {"redeemed": 6000, "interest": Decimal("57.00")}


def test_a_part_may_be_drawn_once_a_term(wang):
    deposit = puts(wang, 10_000, "time", "1y")
    draws(wang, deposit, NOON + timedelta(days=1), 1000)
    with pytest.raises(WholeOnly):
        draws(wang, deposit, NOON + timedelta(days=2), 1000)
    draws(wang, deposit, NOON + timedelta(days=2))  # all of it, at any time


def test_a_rest_below_the_minimum_goes_with_it(wang):
    deposit = puts(wang, 10_000, "time", "1y")
    order = draws(wang, deposit, NOON + timedelta(days=1), "9950.01")
    assert order.amount == 10_000 and order.details["closes"]
    assert principal(deposit) == 0


def test_interest_is_taxed_where_the_day_has_a_tax(wang):
    """20 % of 95.00, as a journal of its own."""
    from banking.models import InterestTax

    InterestTax.objects.create(valid_from=TODAY, percent=20)
    order = draws(wang, puts(wang, 10_000, "time", "1y"), on("2027-11-24"))
    assert parts(order) == {"redeemed": 10_000, "interest": Decimal("95.00"), "tax": -19}
    assert ledger.internal_balance(Internal.TAX) == 19


@pytest.mark.parametrize("status", ["frozen", "closed"])
def test_a_demand_account_that_cant_be_paid(wang, status):
    deposit = puts(wang, 10_000, "time", "1y")
    other = cast.customers.open_account(wang.customer, number="755700009901", on=TODAY)
    Account.objects.filter(pk=other.pk).update(status=status)
    request = Redemption(payer_id=deposit.account_id, payee_id=other.pk, amount=Decimal(10_000))
    if status == "closed":
        with pytest.raises(AccountClosed):
            does(request)
    else:
        assert does(request).receipt  # a frozen account takes in


def test_a_frozen_deposit_stays(wang):
    deposit = puts(wang, 10_000, "time", "1y")
    Account.objects.filter(pk=deposit.account_id).update(status="frozen")
    with pytest.raises(AccountFrozen):
        draws(wang, deposit, NOON)
    assert principal(deposit) == 10_000


def test_nobody_draws_it_into_another_ones_account(wang):
    deposit = puts(wang, 10_000, "time", "1y")
    with pytest.raises(NotOwnAccount):
        draws(cast.chen(), deposit, NOON)


def test_what_is_closed_is_no_deposit_any_more(wang):
    deposit = puts(wang, 10_000, "time", "1y")
    other = puts(wang, 10_000, "time", "1y")
    key = told_to(
        Redemption(payer_id=deposit.account_id, payee_id=wang.account.pk, amount=Decimal(10_000))
    )
    draws(wang, deposit, NOON)
    with pytest.raises((AccountClosed, NotADeposit)):
        orders.execute(key=key, at=NOON)
    assert principal(other) == 10_000


def test_two_draw_the_same_part_at_once(wang):
    deposit = puts(wang, 10_000, "time", "1y")
    request = Redemption(
        payer_id=deposit.account_id, payee_id=wang.account.pk, amount=Decimal(6_000)
    )
    keys = [told_to(request), told_to(request)]
    outcomes = together(*[lambda key=key: orders.execute(key=key, at=NOON) for key in keys])
    refused = [x for x in outcomes if isinstance(x, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], InsufficientFunds | WholeOnly)
    assert principal(deposit) == 4_000


# -- 零存整取 ----------------------------------------------------------------------------------


def test_a_plan_from_the_first_instalment_to_the_end(wang):
    """500 a month: 78 × 500 × 0.65 % ÷ 12 = 21.125."""
    deposit = puts(wang, 500, "instalment", "1y")
    for month in range(1, 12):
        pays_on(wang, deposit, on(str(cast_month(month))))
    assert principal(deposit) == 6000
    order = draws(wang, deposit, on("2027-11-24"))
    assert parts(order) == {"redeemed": 6000, "interest": Decimal("21.13")}


def cast_month(months: int) -> date:
    from banking.interest import month_after

    return month_after(TODAY, months)


def test_this_months_instalment_is_paid_once(wang):
    deposit = puts(wang, 500, "instalment", "1y")
    with pytest.raises(NoInstalmentDue):
        pays_on(wang, deposit, NOON)
    pays_on(wang, deposit, on("2026-12-24"))
    with pytest.raises(NoInstalmentDue):
        pays_on(wang, deposit, on("2027-01-23"))


def test_last_months_may_be_made_up(wang):
    deposit = puts(wang, 500, "instalment", "1y")
    pays_on(wang, deposit, on("2027-01-25"))
    pays_on(wang, deposit, on("2027-01-26"))
    with pytest.raises(NoInstalmentDue):
        pays_on(wang, deposit, on("2027-01-27"))


def test_an_instalment_is_what_was_agreed(wang):
    deposit = puts(wang, 500, "instalment", "1y")
    with pytest.raises(InstalmentDiffers) as refused:
        pays_on(wang, deposit, on("2026-12-24"), 400)
    assert refused.value.values == {"monthly": 500}


def test_nobody_pays_on_another_ones_plan(wang):
    deposit = puts(wang, 500, "instalment", "1y")
    with pytest.raises(NotADeposit):
        pays_on(cast.chen(opening=9000), deposit, on("2026-12-24"))


def test_a_plan_is_not_drawn_in_parts(wang):
    deposit = puts(wang, 500, "instalment", "1y")
    with pytest.raises(WholeOnly):
        draws(wang, deposit, NOON, 100)


def test_two_calls_pay_one_instalment(wang):
    from banking.requests import PayInstalment

    deposit = puts(wang, 500, "instalment", "1y")
    at = on("2026-12-24")
    request = PayInstalment(
        payer_id=wang.account.pk, payee_id=deposit.account_id, amount=Decimal(500)
    )
    keys = [told_to(request, at), told_to(request, at)]
    outcomes = together(*[lambda key=key: orders.execute(key=key, at=at) for key in keys])
    assert sorted(type(x).__name__ for x in outcomes) == ["Instruction", "NoInstalmentDue"]
    assert principal(deposit) == 1000


# -- 存本取息 ----------------------------------------------------------------------------------


def test_closed_early_it_returns_what_was_paid_too_much(wang):
    """60,000 × 0.05 % × 174 ÷ 360 = 14.50, and 212.50 was paid: 198.00 comes back."""
    deposit = puts(wang, 60_000, "drawing", "3y", at=on("2026-06-10"))
    for month in range(5):
        DepositEntry.objects.create(
            deposit=deposit,
            what="paid_out",
            on=date(2026, 7 + month, 10),
            principal=0,
            interest=Decimal("42.50"),
        )
    before = balance(wang)
    order = draws(wang, deposit, on("2026-12-01"))
    assert parts(order) == {"redeemed": 60_000, "interest": Decimal("-198.00")}
    assert balance(wang) == before + 60_000 - 198
    assert order.details["interest"] == "-198.00"


# -- 通知存款 ----------------------------------------------------------------------------------


def tells(who: Person, deposit: Deposit, amount: int | str, at: datetime = NOON) -> Notice:
    return notices.announce(
        deposit.pk, Decimal(amount), customer_id=who.id, call_ref="call-1", at=at
    )


def changes(who: Person, deposit: Deposit, amount: int | str, at: datetime) -> Notice:
    return notices.change(deposit.pk, Decimal(amount), customer_id=who.id, call_ref="call-1", at=at)


def cancels(who: Person, deposit: Deposit, at: datetime) -> Notice:
    return notices.cancel(deposit.pk, customer_id=who.id, at=at)


def test_announced_and_drawn_on_the_day(wang):
    """100,000 × 0.30 % × 47 ÷ 360 = 39.1667."""
    deposit = puts(wang, 100_000, "notice", "7d")
    notice = tells(wang, deposit, 100_000, NOON + timedelta(days=40))
    assert notice.due_on == TODAY + timedelta(days=47)
    assert len(notice.number) == 12
    order = draws(wang, deposit, NOON + timedelta(days=47))
    assert parts(order) == {"redeemed": 100_000, "interest": Decimal("39.17")}
    notice.refresh_from_db()
    assert notice.state == "used"


def test_the_rate_is_that_of_the_day_it_is_drawn_on(wang):
    """100,000 × 0.20 % × 47 ÷ 360 = 26.1111."""
    deposit = puts(wang, 100_000, "notice", "7d")
    DepositRate.objects.create(
        product="notice", term="7d", valid_from=TODAY + timedelta(days=30), percent="0.20"
    )
    tells(wang, deposit, 100_000, NOON + timedelta(days=40))
    order = draws(wang, deposit, NOON + timedelta(days=47))
    assert parts(order)["interest"] == Decimal("26.11")


def test_unannounced_it_earns_demand(wang):
    """100,000 × 0.05 % × 47 ÷ 360 = 6.5278."""
    order = draws(wang, puts(wang, 100_000, "notice", "7d"), NOON + timedelta(days=47))
    assert parts(order)["interest"] == Decimal("6.53")
    assert order.details["rule"] == "demand"


def test_less_than_the_minimum_leaves_at_the_demand_rate(wang):
    """20,000 × 0.05 % × 7 ÷ 360 = 0.1944; 80,000 stay, and keep their opening day."""
    deposit = puts(wang, 100_000, "notice", "7d")
    order = draws(wang, deposit, NOON + timedelta(days=7), 20_000)
    assert parts(order) == {"redeemed": 20_000, "interest": Decimal("0.19")}
    deposit.refresh_from_db()
    assert deposit.began_on == TODAY and principal(deposit) == 80_000


def test_a_cancelled_notice_costs_its_days_once(wang):
    """7 of 47 days earn nothing: 100,000 × 0.30 % × 40 ÷ 360 = 33.3333."""
    deposit = puts(wang, 200_000, "notice", "7d")
    tells(wang, deposit, 100_000, NOON + timedelta(days=10))
    cancelled = cancels(wang, deposit, NOON + timedelta(days=12))
    assert (cancelled.forfeit, cancelled.forfeit_since, cancelled.forfeit_until) == (
        100_000,
        TODAY + timedelta(days=10),
        TODAY + timedelta(days=17),
    )
    tells(wang, deposit, 100_000, NOON + timedelta(days=40))
    first = draws(wang, deposit, NOON + timedelta(days=47), 100_000)
    assert parts(first)["interest"] == Decimal("33.33")
    tells(wang, deposit, 100_000, NOON + timedelta(days=47))
    second = draws(wang, deposit, NOON + timedelta(days=54))
    assert parts(second)["interest"] == Decimal("45.00")  # × 0.30 % × 54 ÷ 360, whole


def test_cancelling_again_and_again_takes_no_day_twice(wang):
    deposit = puts(wang, 100_000, "notice", "7d")
    for _ in range(3):
        tells(wang, deposit, 100_000, NOON + timedelta(days=10))
        cancels(wang, deposit, NOON + timedelta(days=10))
    spans = Notice.objects.order_by("id").values_list("forfeit_since", "forfeit_until")
    assert [(until - since).days for since, until in spans] == [7, 0, 0]


def test_what_was_announced_and_left_in_earns_demand_until_then(wang):
    """60,000 × 0.30 % × 47 ÷ 360 = 23.50. Of the 140,000 that stay 20,000 were announced; drawn
    at 60 days: 140,000 × 0.30 % × 60 ÷ 360 = 70.00, less 20,000 × 0.25 % × 47 ÷ 360 = 6.5278."""
    deposit = puts(wang, 200_000, "notice", "7d")
    notice = tells(wang, deposit, 80_000, NOON + timedelta(days=40))
    first = draws(wang, deposit, NOON + timedelta(days=47), 60_000)
    assert parts(first)["interest"] == Decimal("23.50")
    notice.refresh_from_db()
    assert (notice.state, notice.forfeit, notice.forfeit_earns) == ("used", 20_000, "demand")
    tells(wang, deposit, 140_000, NOON + timedelta(days=53))
    second = draws(wang, deposit, NOON + timedelta(days=60))
    assert parts(second)["interest"] == Decimal("63.47")


def test_a_change_begins_the_notice_anew_and_costs_nothing(wang):
    deposit = puts(wang, 200_000, "notice", "7d")
    first = tells(wang, deposit, 80_000)
    second = changes(wang, deposit, 90_000, NOON + timedelta(days=3))
    first.refresh_from_db()
    assert (first.state, first.forfeit) == ("cancelled", 0)
    assert (second.amount, second.due_on) == (90_000, TODAY + timedelta(days=10))


def test_one_notice_stands_at_a_time(wang):
    deposit = puts(wang, 200_000, "notice", "7d")
    outcomes = together(*[lambda: tells(wang, deposit, 80_000)] * 2)
    assert sorted(type(x).__name__ for x in outcomes) == ["Notice", "NoticeStands"]


def test_postgresql_keeps_one_notice_as_well(wang):
    """The control: without the service's look the constraint says it."""
    deposit = puts(wang, 200_000, "notice", "7d")
    tells(wang, deposit, 80_000)
    with pytest.raises(IntegrityError, match="one_open_notice_a_deposit"):
        Notice.objects.create(
            deposit=deposit, amount=60_000, announced_at=NOON, due_on=TODAY + timedelta(days=7)
        )


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [("49999.99", NoticeTooSmall), ("200000.01", NoticeTooLarge), ("0", AmountInvalid)],
)
def test_what_is_not_announced(wang, amount, refusal):
    deposit = puts(wang, 200_000, "notice", "7d")
    with pytest.raises(refusal):
        tells(wang, deposit, amount)


def test_notices_of_others_and_of_none(wang):
    deposit = puts(wang, 200_000, "notice", "7d")
    with pytest.raises(NotADeposit):
        tells(cast.chen(), deposit, 60_000)
    with pytest.raises(NoNotice):
        cancels(wang, deposit, NOON)
    with pytest.raises(NoNotice):
        changes(wang, deposit, 60_000, NOON)
    with pytest.raises(NotADeposit):
        tells(wang, puts(wang, 100, "time", "1y"), 60_000)
    tells(wang, deposit, 60_000)
    with pytest.raises(NoticeStands):
        tells(wang, deposit, 70_000)


# -- what PostgreSQL keeps ---------------------------------------------------------------------


def test_what_was_agreed_stays_agreed(wang):
    deposit = puts(wang, 10_000, "time", "1y")
    for change in ({"term": "3y"}, {"product": "notice"}, {"basis": "actual"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Deposit.objects.filter(pk=deposit.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        deposit.delete()


def test_a_closed_deposit_is_closed(wang):
    deposit = puts(wang, 10_000, "time", "1y")
    draws(wang, deposit, NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        Deposit.objects.filter(pk=deposit.pk).update(closed_on=None)


def test_terms_of_a_later_day_don_t_bind_what_is_open(wang):
    deposit = puts(wang, 10_000, "time", "1y")
    DepositTerms.objects.create(
        product="time", valid_from=TODAY + timedelta(days=1), minimum=9_000, partials=0
    )
    draws(wang, deposit, NOON + timedelta(days=2), 5_000)
    assert principal(deposit) == 5_000


# -- what happens at maturity, changed while it runs ---------------------------------------------


def at_maturity(who: Person, deposit: Deposit, pays_to: Account | None, at: datetime) -> Deposit:
    pays_to_id = pays_to and pays_to.pk
    return maturing.instruct(deposit.pk, customer_id=who.id, pays_to_id=pays_to_id, at=at)


def test_what_was_to_roll_over_is_paid_to_another_account_of_hers(wang):
    savings = customers.open_account(wang.customer, number="7557000000008888", on=TODAY)
    deposit = puts(wang, 10_000, "time", "3m", renews=True)
    changed = at_maturity(wang, deposit, savings, on("2027-02-01"))
    assert (changed.renews, changed.pays_to_id) == (False, savings.pk)
    closing.close(date(2027, 2, 23), at=on("2027-02-24"))
    deposit.refresh_from_db()
    assert deposit.closed_on == date(2027, 2, 24)
    assert Account.objects.get(pk=savings.pk).balance > 10_000


def test_what_was_to_be_paid_is_rolled_over_and_goes_on_where_it_paid_to(wang):
    deposit = puts(wang, 10_000, "time", "3m")
    paid_to = deposit.pays_to_id
    for _ in range(2):
        changed = at_maturity(wang, deposit, None, on("2027-02-01"))
        assert (changed.renews, changed.pays_to_id) == (True, paid_to)
    closing.close(date(2027, 2, 23), at=on("2027-02-24"))
    deposit.refresh_from_db()
    assert (deposit.closed_on, deposit.began_on) == (None, date(2027, 2, 24))


def test_on_its_last_two_days_it_is_too_late(wang):
    deposit = puts(wang, 10_000, "time", "3m")
    assert deposit.matures_on == date(2027, 2, 24)
    for day in ("2027-02-23", "2027-02-24", "2027-03-01"):
        with pytest.raises(MaturesSoon):
            at_maturity(wang, deposit, None, on(day))
    assert at_maturity(wang, deposit, None, on("2027-02-22")).renews


def test_nobody_elses_deposit_nor_account_and_none_of_another_kind(wang):
    chen = cast.chen(opening=100_000)
    deposit = puts(wang, 10_000, "time", "3m")
    with pytest.raises(NotADeposit):
        at_maturity(chen, deposit, None, NOON)
    for account in (chen.account, deposit.account):
        with pytest.raises(NotDemand):
            at_maturity(wang, deposit, account, NOON)
    with pytest.raises(NotADeposit):
        at_maturity(wang, puts(wang, 60_000, "notice", "7d"), None, NOON)
    draws(wang, deposit, NOON)
    with pytest.raises(NotADeposit):
        at_maturity(wang, deposit, None, NOON)
    frozen = puts(wang, 10_000, "time", "3m")
    Account.objects.filter(pk=frozen.account_id).update(status=Account.Status.FROZEN)
    with pytest.raises(AccountFrozen):
        at_maturity(wang, frozen, None, NOON)
    assert not Deposit.objects.filter(renews=True).exists()
