"""What any core must do about deposits: what it offers, holds, and is told of withdrawals."""

from datetime import timedelta
from decimal import Decimal

import pytest

from banking.core import Core
from banking.errors import NoNotice, NotADeposit, NoticeStands, NoticeTooLarge, NoticeTooSmall
from calendars.clock import bank_day
from tests.cast import NOON, Person
from tests.contracts.test_core import core, implementation, wang  # noqa: F401  # its fixtures
from tests.savers import published_rates, puts

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = bank_day(NOON)


@pytest.fixture(autouse=True)
def _rates(transactional_db) -> None:
    published_rates()


@pytest.fixture
def saver(implementation) -> Person:  # noqa: F811
    return implementation.person("王小梅", opening=300_000)


def test_offers_stand_by_their_terms(core: Core):  # noqa: F811
    offers = core.offers("time", at=NOON)
    assert [offer.term for offer in offers] == ["3m", "6m", "1y", "2y", "3y", "5y"]
    assert (offers[2].percent, offers[2].minimum) == (Decimal("0.95"), Decimal("50.00"))
    assert [offer.term for offer in core.offers("notice", at=NOON)] == ["1d", "7d"]


def test_nothing_is_offered_before_there_were_rates(core: Core):  # noqa: F811
    assert not core.offers("time", at=NOON.replace(year=2003))


def test_a_deposit_is_seen_as_it_is(core: Core, saver: Person):  # noqa: F811
    puts(saver, 10_000, "time", "1y", renews=True)
    plan = puts(saver, 500, "instalment", "1y")
    first, second = core.deposits(saver.id, at=NOON)
    assert (first.product, first.principal, first.percent) == ("time", 10_000, Decimal("0.95"))
    assert first.renews and first.in_parts and first.notice is None
    assert (second.id, second.monthly, second.payable, second.in_parts) == (plan.pk, 500, 0, False)
    (_, next_month) = core.deposits(saver.id, at=NOON + timedelta(days=30))
    assert next_month.payable == 1


def test_a_notice_from_its_announcement_to_its_end(core: Core, saver: Person):  # noqa: F811
    deposit = puts(saver, 200_000, "notice", "7d")
    hers = {"customer_id": saver.id, "at": NOON}
    with pytest.raises(NoNotice):
        core.cancel_notice(deposit.pk, **hers)
    announced = core.announce(deposit.pk, Decimal(60_000), call_ref="call", **hers)
    assert (announced.amount, announced.due_on) == (60_000, TODAY + timedelta(days=7))
    with pytest.raises(NoticeStands):
        core.announce(deposit.pk, Decimal(60_000), call_ref="call", **hers)
    (seen,) = core.deposits(saver.id, at=NOON)
    assert seen.notice == announced
    changed = core.change_notice(deposit.pk, Decimal(70_000), call_ref="call", **hers)
    assert changed.amount == 70_000 and changed.number != announced.number
    assert core.cancel_notice(deposit.pk, **hers).number == changed.number
    (seen,) = core.deposits(saver.id, at=NOON)
    assert seen.notice is None


def test_what_can_t_be_announced(core: Core, saver: Person, wang: Person):  # noqa: F811
    deposit = puts(saver, 200_000, "notice", "7d")
    hers = {"customer_id": saver.id, "call_ref": "call", "at": NOON}
    with pytest.raises(NoticeTooSmall):
        core.announce(deposit.pk, Decimal("49999.99"), **hers)
    with pytest.raises(NoticeTooLarge):
        core.announce(deposit.pk, Decimal("200000.01"), **hers)
    with pytest.raises(NotADeposit):
        core.announce(deposit.pk, Decimal(60_000), **{**hers, "customer_id": wang.id})
