"""The guard knows payees at other banks too: new until paid, found on the watch list, held."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from banking.fraud import held, watching
from banking.fraud.rules import Action, NewPayee, WatchList
from banking.models import Account, ExternalPayee, Instruction
from banking.secret import Secret
from tests import cast
from tests.banking.guarded import in_force
from tests.banking.test_interbank import confirmed, done, interbank
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture
def wang() -> Person:
    return cast.wang(opening=100_000)


@pytest.fixture
def zhao(wang) -> ExternalPayee:
    return cast.payee_elsewhere(wang)


def caution(key) -> dict[str, str] | None:
    return Instruction.objects.get(pk=key).details.get("caution")


def test_a_payee_elsewhere_is_new_until_she_was_paid(wang, zhao):
    in_force(NewPayee(), Action.WARN)
    request = interbank(wang, zhao)
    first = done(request)
    assert caution(first.key) == {"action": "warn", "kind": "new_payee"}
    assert caution(confirmed(request, NOON + DAY)) is None


def test_a_card_elsewhere_is_found_on_the_watch_list(wang, zhao):
    in_force(WatchList(), Action.WARN)
    assert caution(confirmed(interbank(wang, zhao))) is None
    number = Secret("6225880100046789")
    watching.add(watching.What.ACCOUNT, number, source="反诈中心", by=None, at=NOON)
    assert caution(confirmed(interbank(wang, zhao))) == {"action": "warn", "kind": "watch_list"}


def test_held_to_another_bank_it_goes_to_clearing_when_released(wang, zhao):
    in_force(NewPayee(), Action.HOLD)
    order = done(interbank(wang, zhao, 1500))
    assert order.state == "held"
    assert Account.objects.get(pk=wang.account.pk).available == Decimal(100_000) - 1502
    with transaction.atomic(durable=True):
        assert held.release(order.key, at=NOON).state == "executed"
    assert Account.objects.get(pk=wang.account.pk).balance == Decimal(100_000) - 1502
