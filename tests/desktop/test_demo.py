"""The demo bank: its books balance, the same seed gives the same bank, it is built once."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
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
from people.models import User
from routing.models import AgentSkill, Queue
from telephony.models import MenuVersion, Number
from tests.cast import NOON
from tests.conftest import empty_database

pytestmark = pytest.mark.django_db(transaction=True)


def silent(what: str) -> None:
    """Nobody watches."""


def test_the_demo_bank_is_whole(monkeypatch):
    made = demo.build(seed=1, at=NOON, progress=silent)

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


@pytest.mark.slow
def test_the_same_seed_gives_the_same_books():
    def books() -> list:
        demo.build(seed=7, at=NOON, progress=silent)
        rows = Posting.objects.order_by("id")
        return list(rows.values_list("account__number", "amount", "journal__at"))

    first = books()
    empty_database()
    assert books() == first


@pytest.mark.slow
def test_a_second_demo_is_refused():
    demo.build(seed=1, at=NOON, progress=silent)
    with pytest.raises(CommandError):
        call_command("demo")
    call_command("demo", "--once")
    assert Customer.objects.count() == 300
