"""Letters: written in her language, once about a thing; statements that add up."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from banking import customers, ledger, letters, outbox, statements
from banking.embedded import EmbeddedCore
from banking.end_of_day import closing
from banking.errors import NoAddress, PeriodInvalid, PeriodTooLong
from banking.ledger import Leg
from banking.models import AccessRule, Customer, Journal, OutboxMessage, Posting
from banking.models.customers import Language
from banking.models.ledger import Internal
from banking.statements import Period
from calendars.clock import SHANGHAI, bank_day
from tests import cast, database
from tests.banking.together import together
from tests.cast import NOON
from tests.savers import published_rates

pytestmark = pytest.mark.django_db(transaction=True)
Channel = OutboxMessage.Channel
TODAY = date(2026, 11, 24)
VALUES = {
    "tail": "0014",
    "first": TODAY,
    "last": TODAY,
    "count": 2,
    "income": Decimal("1200.5"),
    "outgo": Decimal(0),
    "opening": Decimal(0),
    "closing": Decimal("1200.5"),
}


def reach(person: cast.Person, **addresses) -> Customer:
    Customer.objects.filter(pk=person.id).update(**addresses)
    return Customer.objects.get(pk=person.id)


def send(customer, **more):
    return outbox.send(customer, "statement.sms", at=NOON, **VALUES, **more)


def test_every_letter_is_written_in_every_language_with_the_same_places():
    first, *others = (letters.catalogue(language) for language in letters.LANGUAGES)
    for other in others:
        assert first.keys() == other.keys()
        for key, letter in first.items():
            for mine, theirs in ((letter.title, other[key].title), (letter.text, other[key].text)):
                assert set(re.findall(r"{(\w+)}", mine)) == set(re.findall(r"{(\w+)}", theirs)), key


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.MANDARIN, "尾号0014的账户2026-11-24至2026-11-24共2笔交易，收入1,200.50元"),
        (Language.CANTONESE, "收入1,200.50元"),
        (
            Language.ENGLISH,
            "2026-11-24 to 2026-11-24: 2 entries, 1,200.50 yuan",
        ),
    ],
)
def test_it_is_written_in_her_language(language, words):
    message = send(cast.wang(language=language).customer)
    assert words in message.text
    assert (message.state, message.language) == ("queued", language)


def test_it_goes_where_the_bank_knows_her(django_assert_num_queries):
    wang = cast.wang()
    with pytest.raises(NoAddress):
        send(wang.customer, channel=Channel.EMAIL)
    customer = reach(wang, email="wang@example.cn", mobile="13912345678")
    assert send(customer, channel=Channel.EMAIL).masked_address == "w***@example.cn"
    assert send(customer).masked_address == "139****5678"


def test_who_can_not_be_reached_stops_no_service():
    customer = reach(cast.wang(), email="", mobile="")
    outbox.notify(customer, "statement.sms", at=NOON, about="x", **VALUES)
    assert not OutboxMessage.objects.exists()
    customer = reach(cast.chen(), email="chen@example.cn", mobile="")
    outbox.notify(customer, "statement.sms", at=NOON, about="x", **VALUES)
    assert OutboxMessage.objects.get().channel == "email"


def test_about_one_thing_it_is_written_once():
    customer = cast.wang().customer
    first = send(customer, about="banking.account:1")
    assert send(customer, about="banking.account:1") == first
    send(customer, about="banking.account:2")
    send(customer)
    send(customer)  # she asked twice
    assert OutboxMessage.objects.count() == 4
    told = together(*(lambda: send(customer, about="banking.account:3"),) * 2)
    assert told[0] == told[1]


def test_what_was_written_is_not_rewritten(app):
    send(cast.wang().customer)
    for attack in (
        "UPDATE banking_outboxmessage SET text = 'send money to …'",
        "UPDATE banking_outboxmessage SET address = '13800138000'",
        "DELETE FROM banking_outboxmessage",
    ):
        with pytest.raises(psycopg.Error):
            app.execute(attack)


# -- statements ----------------------------------------------------------------------------------


def october(day: int) -> datetime:
    return datetime(2026, 10, day, 9, 30, tzinfo=SHANGHAI)


@pytest.fixture
def wang() -> cast.Person:
    """Opened with 1,000 on 1 October; 100 and 20 came on the 5th and the 31st, 3 in November."""
    wang = cast.wang(opening=1000, at=october(1))
    for day, amount in ((5, 100), (31, 20)):
        customers.deposit(wang.account.pk, Decimal(amount), at=october(day), summary="现金")
    customers.deposit(wang.account.pk, Decimal(3), at=NOON)
    return wang


def figures(wang, first, last) -> list[str]:
    reach(wang, email="wang@example.cn")
    message = statements.send(wang.account.pk, Period(first, last), Channel.EMAIL, at=NOON)
    return re.findall(r"^(?:期初余额|收入合计|支出合计|期末余额) (\S+) 元$", message.text, re.M)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 10, 1), date(2026, 10, 31), ["0.00", "1,120.00", "0.00", "1,120.00"]),
        (date(2026, 10, 2), date(2026, 10, 30), ["1,000.00", "100.00", "0.00", "1,100.00"]),
        (date(2026, 11, 1), TODAY, ["1,120.00", "3.00", "0.00", "1,123.00"]),
        (date(2026, 9, 1), date(2026, 9, 30), ["0.00", "0.00", "0.00", "0.00"]),
    ],
)
def test_opening_and_what_moved_make_closing(wang, first, last, expected):
    assert figures(wang, first, last) == expected


def test_an_e_mail_has_a_line_an_entry(wang):
    customer = reach(wang, email="wang@example.cn")
    period = Period(date(2026, 10, 5), date(2026, 10, 31))
    text = statements.send(wang.account.pk, period, Channel.EMAIL, at=NOON).text
    lines = [line for line in text.splitlines() if line.startswith("2026-10-")]
    assert [line.split()[3:] for line in lines] == [
        ["+100.00", "1,100.00", "现金"],
        ["+20.00", "1,120.00", "现金"],
    ]
    assert customer.name not in text and wang.pan.reveal() not in text


def test_entries_come_page_by_page_newest_first(wang):
    period = Period(date(2026, 10, 1), TODAY)
    first = statements.entries(wang.account.pk, period, before=None, n=3, at=NOON)
    assert [entry.amount for entry in first] == [3, 20, 100]
    rest = statements.entries(wang.account.pk, period, before=first[-1].id, n=3, at=NOON)
    assert [entry.amount for entry in rest] == [1000]


# -- a night that closes late --------------------------------------------------------------------

QUARTER = date(2026, 12, 20)  # its interest is booked on the 21st, whenever the night ends
LATE = datetime(2026, 12, 23, 10, tzinfo=SHANGHAI)


@pytest.fixture
def late(wang) -> cast.Person:
    """The 20th is closed on the 23rd: 50 had gone out on the 21st, 7 come in on the 22nd."""
    published_rates()
    day = timedelta(days=1)
    _pays(wang, 50, at=LATE - 2 * day)
    customers.deposit(wang.account.pk, Decimal(7), at=LATE - day, summary="现金")
    closing.close(QUARTER, at=LATE)
    interest = Posting.objects.filter(account=wang.account).order_by("-id")[0]
    assert (interest.journal.kind, interest.journal.booked_on) == ("interest", QUARTER + day)
    assert interest.balance == Decimal("1080.12")  # after all that was written before it
    return wang


def _pays(wang, yuan: int, *, at: datetime) -> None:
    with transaction.atomic():
        amount, cash = Decimal(yuan), ledger.internal(Internal.CASH)
        legs = [Leg(wang.account.pk, -amount), Leg(cash, amount)]
        ledger.post(Journal.Kind.WITHDRAWAL, legs, at=at, summary="取现")


def test_booked_on_its_own_day_the_sums_still_agree(late):
    reach(late, email="wang@example.cn")
    of_the_day = Period(QUARTER + timedelta(days=1), QUARTER + timedelta(days=1))
    text = statements.send(late.account.pk, of_the_day, Channel.EMAIL, at=LATE).text
    sums = re.findall(r"^(?:期初余额|收入合计|支出合计|期末余额) (\S+) 元$", text, re.M)
    assert sums == ["1,123.00", "0.12", "50.00", "1,073.12"]
    lines = [line.split()[3:5] for line in text.splitlines() if line.startswith("2026-12-")]
    assert lines == [["+0.12", "1,123.12"], ["-50.00", "1,073.12"]]
    next_day = Period(QUARTER + timedelta(days=2), QUARTER + timedelta(days=2))
    text = statements.send(late.account.pk, next_day, Channel.EMAIL, at=LATE).text
    assert "期初余额 1,073.12 元" in text and "期末余额 1,080.12 元" in text


def test_each_entry_is_followed_by_the_balance_of_its_day(late):
    period = Period(QUARTER, bank_day(LATE))
    expected = [
        (Decimal(7), Decimal("1080.12")),
        (Decimal(-50), Decimal("1073.12")),
        (Decimal("0.12"), Decimal("1123.12")),
        (Decimal(3), Decimal(1123)),
    ]
    newest = statements.last(late.account.pk, n=4)
    assert [(one.amount, one.balance) for one in newest] == expected
    pages, before = [], None
    while page := statements.entries(late.account.pk, period, before=before, n=1, at=LATE):
        pages += [(one.amount, one.balance) for one in page]
        before = page[-1].id
    assert pages == expected[:3]


def test_a_long_history_is_read_no_further_than_the_page(wang):
    """With its control: the balances are those of a sum over everything."""
    days = [bank_day(LATE) - timedelta(days=n) for n in range(400)]
    for day in reversed(days):
        _pays(wang, 1, at=datetime.combine(day, time(12), SHANGHAI))
    whole = Period(days[99], days[0])
    running = list(_running(wang.account.pk))
    newest = statements.last(wang.account.pk, n=5)
    assert [(one.id, one.balance) for one in newest] == running[::-1][:5]
    page = statements.entries(wang.account.pk, whole, before=newest[-1].id, n=5, at=LATE)
    assert [(one.id, one.balance) for one in page] == running[::-1][5:10]

    # Else what is known of the tables is what autovacuum last saw: another test's rows, or none.
    database.cleaner(database.superusers()).execute("ANALYZE banking_posting, banking_journal")
    values = {"account": wang.account.pk, "first": days[99], "last": days[0], "n": 5}
    with transaction.atomic(), connection.cursor() as cursor:
        for cheap in ("seqscan", "sort"):  # while the table is small: it is not for long
            cursor.execute(f"SET LOCAL enable_{cheap} = off")
        for before in (None, newest[-1].id):
            explain = "EXPLAIN (ANALYZE, FORMAT JSON) " + statements._PAGE
            cursor.execute(explain, {**values, "before": before})
            read = list(_reads(cursor.fetchone()[0][0]["Plan"]))
            assert {index for index, _ in read} >= {"posting_by_day"}
            assert sum(rows for _, rows in read) < 100  # of 400 entries and as many journals


def test_how_many_are_read_is_the_banks_rule(late):
    core, day = EmbeddedCore(), bank_day(LATE)
    period = (date(2026, 11, 1), day)
    assert len(core.last(late.account.pk, at=LATE)) == 5
    assert len(core.entries(late.account.pk, *period, at=LATE).entries) == 4
    AccessRule.objects.create(name=AccessRule.Name.LAST_N, valid_from=day, value=3)
    AccessRule.objects.create(name=AccessRule.Name.PAGE_N, valid_from=day, value=2)
    assert len(core.last(late.account.pk, at=LATE)) == 3
    assert len(core.entries(late.account.pk, *period, at=LATE).entries) == 2
    before = LATE - timedelta(days=1)
    assert len(core.last(late.account.pk, at=before)) == 5


def _running(account_id: int) -> Iterator[tuple[int, Decimal]]:
    balance = Decimal(0)
    legs = Posting.objects.filter(account=account_id)
    for leg in legs.order_by("journal__booked_on", "journal__at", "id"):
        balance += leg.amount
        yield leg.pk, balance


def _reads(plan: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """What each scan of the plan used, and how many rows it brought."""
    if "Scan" in plan["Node Type"] and "Relation Name" in plan:
        yield plan.get("Index Name", ""), plan["Actual Rows"] * plan["Actual Loops"]
    for below in plan.get("Plans", ()):
        yield from _reads(below)


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        (TODAY, TODAY - timedelta(days=1), PeriodInvalid),
        (TODAY, TODAY + timedelta(days=1), PeriodInvalid),
        (TODAY - timedelta(days=366), TODAY, PeriodTooLong),
    ],
)
def test_a_period_has_an_end_that_has_come_and_a_length(wang, first, last, refusal):
    with pytest.raises(refusal):
        statements.entries(wang.account.pk, Period(first, last), before=None, n=5, at=NOON)
    with pytest.raises(refusal):
        statements.send(wang.account.pk, Period(first, last), Channel.SMS, at=NOON)
    longest = Period(TODAY - timedelta(days=365), TODAY)
    assert statements.entries(wang.account.pk, longest, before=None, n=9, at=NOON)
