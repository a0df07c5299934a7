"""What anybody is told: the newest row of each table, and the branches as they are now."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from banking.core import default
from banking.models import Announcement, Atm, District, ExchangeRate, LoanRate, Outlet
from banking.models.information import Currency
from calendars import hours
from calendars.clock import SHANGHAI
from people.models import Branch
from tests.cast import NOON

pytestmark = pytest.mark.django_db(transaction=True)


def quote(currency: Currency, buy: str, when: datetime) -> None:
    ExchangeRate.objects.create(
        currency=currency,
        quoted_at=when,
        buy=Decimal(buy),
        cash_buy=Decimal(buy),
        sell=Decimal(720),
    )


def branch(code: str, name: str, district: District) -> Branch:
    made = Branch.objects.create(code=code, name=name, phone="0755-25198002")
    Outlet.objects.create(branch=made, district=district)
    return made


@pytest.fixture
def futian() -> District:
    return District.objects.create(code="440304", name="福田区")


def test_the_newest_rate_that_has_begun():
    for day, percent in (((2025, 5, 20), "3.00"), ((2024, 10, 21), "3.10"), ((2026, 12, 1), "2.9")):
        LoanRate.objects.create(series="lpr_1y", valid_from=date(*day), percent=Decimal(percent))
    LoanRate.objects.create(series="fund_long", valid_from=date(2025, 5, 8), percent=Decimal("2.6"))
    found = default().loan_rates(at=NOON)
    assert [(rate.series, rate.percent, rate.since) for rate in found] == [
        ("lpr_1y", Decimal("3.00"), date(2025, 5, 20)),
        ("fund_long", Decimal("2.60"), date(2025, 5, 8)),
    ]


def test_the_newest_quotation_of_each_currency():
    quote(Currency.HKD, "91.10", NOON)
    quote(Currency.USD, "709.00", NOON - timedelta(hours=2))
    quote(Currency.USD, "709.60", NOON - timedelta(hours=1))
    quote(Currency.USD, "710.00", NOON + timedelta(minutes=1))
    found = default().exchange_rates(at=NOON)
    assert [(rate.currency, rate.buy) for rate in found] == [
        ("usd", Decimal("709.60")),
        ("hkd", Decimal("91.10")),
    ]


@pytest.mark.parametrize(
    "prices", [("700", "701", "710"), ("700", "699", "690"), ("700", "0", "710")]
)
def test_a_quotation_that_loses_money_is_refused(prices):
    buy, cash, sell = map(Decimal, prices)
    with pytest.raises(IntegrityError, match="exchange_rate_spread"), transaction.atomic():
        ExchangeRate.objects.create(
            currency="usd", quoted_at=NOON, buy=buy, cash_buy=cash, sell=sell
        )


def test_a_branch_as_it_is_now(futian):
    hours.set_weekly("branches", "网点", {day: [(time(9), time(17))] for day in range(5)})
    first, second = branch("001002", "福田支行", futian), branch("001007", "梅林支行", futian)
    hours.set_weekly(f"branch-{second.code}", "梅林支行", {5: [(time(10), time(12))]})
    for number, (state, pct) in enumerate(
        [(Atm.State.ONLINE, 80), (Atm.State.ONLINE, 0), (Atm.State.FAULT, 80)]
    ):
        Atm.objects.create(
            code=f"A{number}", branch=first, place="1 号", state=state, since=NOON, cassette_pct=pct
        )
    told, other = default().branches("440304", at=NOON)
    assert (told.code, told.phone, told.machines, told.working) == ("001002", "075525198002", 3, 1)
    assert told.opens == datetime(2026, 11, 24, 9, tzinfo=SHANGHAI)
    assert told.closes == datetime(2026, 11, 24, 17, tzinfo=SHANGHAI)
    assert (other.opens, other.machines) == (None, 0)
    assert other.opens_next == datetime(2026, 11, 28, 10, tzinfo=SHANGHAI)


def test_without_hours_nothing_is_promised(futian):
    branch("001002", "福田支行", futian)
    (told,) = default().branches("440304", at=NOON)
    assert (told.opens, told.closes, told.opens_next) == (None, None, None)


def test_districts_without_a_branch_are_not_offered(futian):
    District.objects.create(code="440308", name="盐田区")
    assert default().districts(at=NOON) == ()
    branch("001002", "福田支行", futian)
    Branch.objects.create(code="000200", name="结算中心", district="福田区")  # serves nobody
    assert [district.code for district in default().districts(at=NOON)] == ["440304"]
    assert [b.code for b in default().branches("440304", at=NOON)] == ["001002"]


def test_what_is_announced_now_in_its_order():
    day = timedelta(days=1)
    for order, prompt, begins, ends in (
        (2, "notice.chip", NOON - day, None),
        (1, "notice.fraud", NOON, NOON + day),
        (0, "notice.past", NOON - 2 * day, NOON),
        (0, "notice.coming", NOON + day, None),
    ):
        Announcement.objects.create(
            kind="notice",
            title=prompt,
            prompt=prompt,
            order=order,
            valid_from=begins,
            valid_to=ends,
        )
    Announcement.objects.create(kind="product", title="x", prompt="product.home", valid_from=NOON)
    assert default().announcements("notice", at=NOON) == ("notice.fraud", "notice.chip")
    assert default().announcements("product", at=NOON) == ("product.home",)
    assert default().announcements("product", at=NOON - day) == ()


def test_an_announcement_ends_after_it_begins():
    with pytest.raises(IntegrityError, match="announcement_lasts"), transaction.atomic():
        Announcement.objects.create(
            kind="notice", title="x", prompt="notice.chip", valid_from=NOON, valid_to=NOON
        )


def test_a_quotation_stays_as_it_was(app):
    quote(Currency.USD, "709.00", NOON)
    with pytest.raises(Exception, match=r"permission denied|append_only|Cannot update"):
        app.execute("UPDATE banking_exchangerate SET buy = 1")
