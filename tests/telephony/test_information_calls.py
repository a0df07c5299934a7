"""利率、汇率、网点、公告 as anybody hears them, in both languages and without a card."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from banking.models import (
    Announcement,
    Atm,
    DepositRate,
    DepositTerms,
    District,
    ExchangeRate,
    LoanRate,
    Outlet,
)
from banking.models.information import Currency
from banking.models.loans import Series
from calendars import hours
from calendars.clock import SHANGHAI
from people.models import Branch
from telephony.models import Call
from telephony.spoken import catalogue
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)

LANGUAGES = pytest.mark.parametrize("language", ["1", "3"])
INFORMATION = "4"


async def asks(phone, language: str, *keys: str) -> None:
    """From the greeting into the menu of information, and on."""
    await phone.hears("menu.language.1")
    await phone.keys(language)
    await phone.hears("menu.root.1")
    await phone.keys(INFORMATION, *keys)


@pytest.fixture
def rates(books) -> None:
    for series, percent in zip(Series, ("3.00", "3.50", "2.10", "2.60"), strict=True):
        LoanRate.objects.create(
            series=series, valid_from=date(2025, 5, 20), percent=Decimal(percent)
        )


@pytest.fixture
def quotes(books) -> None:
    """Eight currencies: more than a page of keys."""
    for place, currency in enumerate(Currency):
        ExchangeRate.objects.create(
            currency=currency,
            quoted_at=cast.NOON - timedelta(hours=2),
            units=10_000 if currency == Currency.JPY else 100,
            buy=Decimal(700 + place),
            cash_buy=Decimal("690.50"),
            sell=Decimal("720.05"),
        )


@pytest.fixture
def places(books) -> None:
    """Two districts; in 福田 two branches, and one that was opened since the last recording."""
    hours.set_weekly("branches", "网点", {day: [(time(9), time(17))] for day in range(5)})
    futian = District.objects.create(code="440304", name="福田区")
    yantian = District.objects.create(code="440308", name="盐田区")
    for code, name, district in (
        ("001002", "福田支行", futian),
        ("001001", "营业部", futian),
        ("001099", "新区支行", futian),
        ("001006", "盐田支行", yantian),
    ):
        branch = Branch.objects.create(code=code, name=name, phone="0755-25198002")
        Outlet.objects.create(branch=branch, district=district)
    there = Branch.objects.get(code="001002")
    for number, pct in enumerate((80, 0)):
        Atm.objects.create(
            code=f"A{number}", branch=there, place="1 号", since=cast.NOON, cassette_pct=pct
        )


@LANGUAGES
async def test_the_rates_that_loans_follow(dial, bank, rates, language):
    phone = await dial()
    await asks(phone, language, "2")
    since = date(2025, 5, 20)
    await phone.hears("rates.loan.lpr_1y", percent=Decimal("3.0000"), since=since)
    await phone.hears("rates.loan.lpr_5y", percent=Decimal("3.5000"), since=since)
    await phone.hears("rates.loan.fund_short", percent=Decimal("2.1000"), since=since)
    await phone.hears("rates.loan.fund_long", percent=Decimal("2.6000"), since=since)
    await phone.hears("menu.information.2")
    await phone.hangs_up()
    await bank.settled()
    call = await bank.query(Call.objects.get)
    assert (call.outcome, call.customer_id) == (Call.Outcome.SERVED, None)


@LANGUAGES
async def test_a_currency_of_the_first_page(dial, bank, quotes, language):
    phone = await dial()
    await asks(phone, language, "3")
    await phone.hears("exchange.usd_key", key=1)
    await phone.hears("exchange.jpy_key", key=4)
    await phone.hears("choose.more", key=5)
    await phone.keys("4")
    await phone.hears(
        "exchange.jpy",
        units=10_000,
        buy=Decimal("703.00"),
        cash=Decimal("690.50"),
        sell=Decimal("720.05"),
        at=cast.NOON - timedelta(hours=2),
    )
    await phone.hears("menu.information.3")


async def test_a_currency_of_the_second_page(dial, bank, quotes):
    phone = await dial()
    await asks(phone, "1", "3")
    await phone.hears("choose.more", key=5)
    await phone.keys("5")
    await phone.hears("exchange.gbp_key", key=1)
    await phone.hears("exchange.sgd_key", key=4)
    await phone.keys("1")
    await phone.hears_of("exchange.gbp")


@LANGUAGES
async def test_a_branch_by_its_district(dial, bank, places, language):
    phone = await dial()
    await asks(phone, language, "4")
    await phone.hears("place.440304", key=1)
    await phone.hears("place.440308", key=2)
    await phone.keys("1")
    await phone.hears("place.others", count=1)  # opened, and nobody has recorded it yet
    await phone.hears("place.001001", key=1)
    await phone.hears("place.001002", key=2)
    await phone.keys("2")
    await phone.hears("place.001002.address")
    await phone.hears("branch.phone", phone="075525198002")
    day = cast.NOON.date()
    await phone.hears(
        "branch.open_today",
        opens=datetime.combine(day, time(9), SHANGHAI),
        closes=datetime.combine(day, time(17), SHANGHAI),
    )
    await phone.hears("branch.machines", count=2, working=1)
    await phone.hears("menu.information.4")


async def test_the_only_branch_of_a_district_is_told_at_once(dial, bank, places):
    phone = await dial()
    await asks(phone, "1", "4")
    await phone.hears("place.440308", key=2)
    await phone.keys("2")
    await phone.hears("place.001006.address")


async def test_places_without_any_audio_are_a_persons_matter(dial, bank, places):
    def only_the_new_one():
        Outlet.objects.exclude(branch__code="001099").delete()

    await bank.query(only_the_new_one)
    phone = await dial()
    await asks(phone, "1", "4")
    await phone.hears("information.nothing")
    await phone.hears("menu.information.4")


async def test_on_a_day_off_she_hears_when_it_opens(dial, bank, places):
    await bank.query(hours.set_weekly, "branches", "网点", {4: [(time(9, 30), time(12))]})
    phone = await dial()
    await asks(phone, "1", "4")
    await phone.hears("place.440308", key=2)
    await phone.keys("2")
    opens = datetime(2026, 11, 27, 9, 30, tzinfo=SHANGHAI)
    await phone.hears("branch.closed_today", opens=opens)


def announce(kind: str, *prompts: str) -> None:
    for order, prompt in enumerate(prompts):
        Announcement.objects.create(
            kind=kind, title=prompt, prompt=prompt, order=order, valid_from=cast.NOON
        )


@LANGUAGES
async def test_products_five_at_a_time(dial, bank, books, language):
    products = ("home", "consumer", "notice_deposit", "time_deposit", "phone_bank")
    six = [f"product.{name}" for name in products] + ["product.home"]
    await bank.query(announce, "product", *six)
    phone = await dial()
    await asks(phone, language, "5", "1")
    for prompt in six[:5]:
        await phone.hears(prompt)
    await phone.hears("information.go_on")
    await phone.keys("1")
    await phone.hears("product.home")
    await phone.hears("menu.notices.1")


@LANGUAGES
async def test_notices(dial, bank, books, language):
    await bank.query(announce, "notice", "notice.fraud", "notice.nobody_recorded", "notice.chip")
    phone = await dial()
    await asks(phone, language, "5", "2")
    await phone.hears("notice.fraud")
    await phone.hears("notice.chip")
    await phone.hears("menu.notices.2")


@pytest.mark.parametrize("keys", ["12", "2", "3", "4", "51", "52"])
async def test_where_nothing_is_entered_she_hears_so(dial, bank, keys):
    phone = await dial()
    await asks(phone, "1", *keys)
    await phone.hears("information.nothing")


def test_whatever_code_can_name_has_its_words():
    book = catalogue.load()
    named = [f"exchange.{currency.value}" for currency in Currency]
    named += [f"{prompt}_key" for prompt in named]
    named += [f"rates.loan.{series.value}" for series in Series]
    for language in book.languages:
        assert not set(named) - book.keys(language)


@pytest.fixture
def deposits(books) -> None:
    for term, percent in zip(("3m", "6m", "1y", "2y", "3y", "5y"), range(1, 7), strict=True):
        DepositRate.objects.create(
            product="time", term=term, valid_from=cast.LONG_AGO, percent=percent
        )
    DepositRate.objects.create(product="demand", valid_from=cast.LONG_AGO, percent="0.05")
    DepositTerms.objects.create(product="time", valid_from=cast.LONG_AGO, minimum=50)


@LANGUAGES
async def test_what_a_deposit_earns_by_term(dial, bank, deposits, language):
    phone = await dial()
    await asks(phone, language, "1")
    await phone.hears("rates.deposit.notice_key")
    await phone.keys("2")
    for term, percent in zip(("3m", "6m", "1y", "2y", "3y"), range(1, 6), strict=True):
        await phone.hears("rates.deposit.time", term=term, percent=Decimal(percent))
    await phone.hears("information.go_on")
    await phone.keys("1")
    await phone.hears("rates.deposit.time", term="5y", percent=Decimal(6))
    await phone.hears("menu.information.1")


async def test_what_a_demand_account_earns(dial, bank, deposits):
    phone = await dial()
    await asks(phone, "1", "1", "1")
    await phone.hears("rates.deposit.demand", percent=Decimal("0.05"))


async def test_a_deposit_that_is_not_offered(dial, bank, deposits):
    phone = await dial()
    await asks(phone, "1", "1", "5")
    await phone.hears("information.nothing")
