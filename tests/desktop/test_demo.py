"""The demo bank: its books balance, the same seed gives the same bank, it is built once."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from banking import pins
from banking.models import (
    Account,
    Customer,
    Deposit,
    Journal,
    Posting,
    SettlementDay,
    SettlementOrder,
)
from banking.models.customers import Purpose
from banking.secret import Secret
from calendars import clock, hours
from calendars.clock import bank_day
from desktop import demo
from kb import figures, gaps, receipts, shipped, statistics
from kb.models import ArticleVersion, Correction, Opinion, ScriptReading, ScriptVersion
from kb.procedures import PROCEDURES
from kb.scripts import SCRIPTS
from kb.texts import Text
from people.models import User
from routing.models import AgentSkill, Queue
from telephony.models import MenuVersion, Number
from tests import database
from tests.cast import NOON

pytestmark = pytest.mark.django_db(transaction=True)


def silent(what: str) -> None:
    """Nobody watches."""


# What the same seed need not make again, by the column's name, and why.
OTHERWISE = {
    "password": "is random each time, and hashed",
    "query_mac": "of a random PIN",
    "transaction_mac": "of a random PIN",
    "id_box": "sealed with a random nonce",
    "pan_box": "sealed with a random nonce",
    "number_box": "sealed with a random nonce",
    "payee_box": "sealed with a random nonce",
    "secret_box": "sealed with a random nonce",
    "box": "sealed with a random nonce",
    "key_id": "a random name of a client's secret",
    "xact": "PostgreSQL's own number of the transaction",
    "pgh_created_at": "the moment at which the demo was built",
}
NOT_OF_THE_DEMO = database.KEPT | {"django_q_schedule"}  # its rows come with the migrations

COLUMNS = """
    SELECT c.table_name, string_agg(quote_ident(c.column_name), ', ' ORDER BY c.column_name)
    FROM information_schema.columns c
    JOIN pg_tables t ON t.schemaname = c.table_schema AND t.tablename = c.table_name
    WHERE c.table_schema = 'public' AND c.table_name <> ALL(%s) AND c.column_name <> ALL(%s)
    GROUP BY c.table_name
"""


def contents() -> dict[str, tuple[int, str]]:
    """Every table that holds something: how many rows, and a digest of what is in them."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [list(NOT_OF_THE_DEMO), list(OTHERWISE)])
        for table, columns in cursor.fetchall():
            cursor.execute(
                "SELECT count(*), md5(string_agg(r::text, E'\\n' ORDER BY r::text))"
                f" FROM (SELECT {columns} FROM {table}) r"
            )
            count, digest = cursor.fetchone()
            if count:
                found[table] = (count, digest)
    return found


def test_the_demo_bank_is_whole_is_built_once_and_by_its_seed_alone(monkeypatch):
    database.empty()  # tests that were rolled back have moved the sequences on
    made = demo.build(seed=1, at=NOON, progress=silent)
    first = contents()
    assert {"banking_posting", "banking_customer", "people_user", "telephony_menuentry"} < set(
        first
    )

    assert Customer.objects.count() == 300
    assert Posting.objects.aggregate(all=Sum("amount"))["all"] == 0
    postings = Posting.objects.values_list("account").annotate(all=Sum("amount"))
    booked = dict(postings)
    for account in Account.objects.filter(kind=Account.Kind.DEMAND):
        assert account.balance == booked.get(account.pk, 0)
    assert Journal.objects.count() > 5000
    products = set(Deposit.objects.values_list("product", flat=True))
    assert products == {"time", "instalment", "drawing", "notice"}
    assert not Deposit.objects.filter(matures_on__lte=bank_day(NOON)).exists()
    at_the_desk = Counter(SettlementOrder.objects.values_list("state", flat=True))
    assert at_the_desk.keys() == set(SettlementOrder.State.values) - {"submitted"}
    assert at_the_desk["to_claim"] >= 5
    today = SettlementDay.objects.get(day=bank_day(NOON))
    kinds = {difference.kind for difference in today.differences.all()}
    assert kinds == {"suspended"}
    monkeypatch.setattr(clock, "_real", lambda: NOON)
    clerk = Client()
    clerk.force_login(
        User.objects.get(username="2001"), backend="django.contrib.auth.backends.ModelBackend"
    )
    page = clerk.get(reverse("settlement:desk")).content.decode()
    assert all(badge in page for badge in ("VIP", "疑似重复", "须重录", "待复核", "两人复核"))
    the_knowledge_base_was_used()
    assert User.objects.filter(username__startswith="1").count() == 13
    assert User.objects.filter(username__startswith="2").count() == 5
    assert set(Number.objects.values_list("number", flat=True)) == {"961202", "25198888"}
    assert MenuVersion.objects.get().state == MenuVersion.State.PUBLISHED
    for queue in Queue.objects.all():
        assert AgentSkill.objects.filter(skill=queue.skill, agent__is_active=True).count() >= 2
        assert not queue.hours or hours.is_open(queue.hours, NOON)
    assert all(user.has_perm("routing.take_calls") for user in User.objects.exclude(agent=None))
    for card in made.cards:
        known = Customer.objects.get(name=card.name, is_test=True).cards.get()
        pins.verify(known.pk, Secret(card.query_pin), Purpose.QUERY, call_ref="", at=NOON)

    every_figure_and_guide_that_ships_is_whole()

    with pytest.raises(CommandError):
        call_command("demo")
    call_command("demo", "--once")
    assert Customer.objects.count() == 300

    database.empty()
    demo.build(seed=1, at=NOON, progress=silent)
    assert contents() == first


def the_knowledge_base_was_used() -> None:
    """Nothing that its desk shows is empty."""
    week = NOON - timedelta(days=7), NOON
    searched = statistics.searched(*week)
    assert searched.opened > 25
    assert searched.gaps == 2  # between calls; those of the demo count nowhere
    assert searched.listed
    assert searched.nothing
    assert statistics.unmet(*week, limit=3)
    clusters = [len(gaps.phrasings(gap)) + 1 for gap in gaps.ranked()]
    assert clusters == [3, 2]
    assert Opinion.objects.filter(useful=True).exists()
    assert Opinion.objects.filter(verdict=None).exclude(words="").exists()
    urgent = ArticleVersion.objects.get(urgent=True)
    unread = [one.user.username for one in receipts.asked_of(urgent) if one.read_at is None]
    assert sorted(unread) == ["1001", "1016", "1107"]
    assert Correction.objects.get().state == "asked"
    assert ScriptReading.objects.count() > 25
    assert ScriptVersion.objects.get(state="review").script.key == "hold-longer"


def every_figure_and_guide_that_ships_is_whole() -> None:
    for version in ArticleVersion.objects.in_force(NOON):
        figures.check(Text.of(version).words, at=NOON)
    faulty = {row.key: PROCEDURES.faults(row.wording, at=NOON) for row in shipped.guided()}
    faulty |= {row.key: SCRIPTS.faults(row.wording, at=NOON) for row in shipped.spoken()}
    assert {key: wrong for key, wrong in faulty.items() if wrong} == {}
    assert figures.figure("minimum:time", at=NOON) == "50元"
    assert figures.figure("hours:large_value", at=NOON) == "前一日20:30至17:15"
    assert figures.figure("number:main", at=NOON) == "961202"
    assert figures.figure("cap:password", at=NOON) == "5万元"
    assert figures.figure("fee:interbank.phone", at=NOON).startswith("2000元（含）以下每笔1元；")
