"""Fees, rates, limits and rules by the word of two, in whichever table they stand."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.contrib import admin
from django.utils import translation

from banking import limits, tariffs
from banking.admin.proposed import Proposed
from banking.errors import TermBegun, TermTaken
from banking.models import (
    AccessRule,
    DepositRate,
    ExchangeRate,
    ExchangeSession,
    FeeTier,
    LoanRate,
    TransferLimit,
)
from banking.models.orders import Channel
from people import approvals, staff
from people.approvals import AlreadyAsked, NotYours, NoWord, OwnRequest
from people.models import Approval, User
from people.roles import Role
from tests import cast
from tests.banking.together import together
from tests.cast import LONG_AGO, NOON

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
TOMORROW = (NOON + DAY).date()
WHY = "总行通知"


@pytest.fixture
def he(db) -> User:
    return staff.hire(number="2001", name="何静", branch=None, roles=[Role.BACK_OFFICE])


@pytest.fixture
def fang(db) -> User:
    return staff.hire(number="2002", name="方敏", branch=None, roles=[Role.SUPERVISOR])


def fee(flat: int, *, above: int = 0, begins: date = TOMORROW) -> FeeTier:
    return FeeTier(kind="transfer", channel="phone", valid_from=begins, above=above, flat=flat)


def words(asked: Approval) -> str:
    with translation.override("en"):
        return approvals.of(asked).summary(asked)


ROWS = [
    lambda: fee(5),
    lambda: TransferLimit(channel="phone", valid_from=TOMORROW, single=10, daily=20),
    lambda: DepositRate(product="time", term="1y", valid_from=TOMORROW, percent=Decimal("0.9")),
    lambda: LoanRate(series="lpr_1y", valid_from=TOMORROW, percent=3),
    lambda: AccessRule(name="tries", valid_from=TOMORROW, value=4),
    lambda: ExchangeSession(
        valid_from=TOMORROW, number=1, cut_off=time(10), returns_by=time(12), returns_next_day=True
    ),
    lambda: ExchangeRate(
        currency="usd", quoted_at=NOON, units=100, buy=700, cash_buy=690, sell=710
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row()).__name__)
def test_a_row_is_written_with_the_word_of_another_and_not_before(he, fang, row):
    asked = tariffs.ask(row(), by=he, reason=WHY, at=NOON)
    model = type(row())
    assert not model.objects.exists()
    assert words(asked) and (asked.asked_by, asked.reason) == (he, WHY)
    with pytest.raises(OwnRequest):
        approvals.approve(asked.pk, by=he, at=NOON)
    assert not model.objects.exists()
    approvals.approve(asked.pk, by=fang, at=NOON)
    expected, written = row(), model.objects.get()
    for field in model._meta.concrete_fields:
        if not field.primary_key:
            assert getattr(written, field.attname) == getattr(expected, field.attname), field


def test_who_decides_sees_what_is_new_and_what_was(he):
    for above, flat in ((0, 2), (2000, 5)):
        fee(flat, above=above, begins=LONG_AGO).save()
    fee(9, begins=LONG_AGO - DAY).save()  # replaced long ago
    said = words(tariffs.ask(fee(3), by=he, reason=WHY, at=NOON))
    new, _, earlier = said.partition("Before: ")
    assert "business transfer within the bank" in new and f"valid from {TOMORROW}" in new
    assert "flat fee 3" in new
    assert earlier.count("flat fee") == 2
    assert "flat fee 2.00" in earlier and "flat fee 5.00" in earlier and "9.00" not in earlier
    assert words(
        tariffs.ask(
            AccessRule(name="tries", valid_from=TOMORROW, value=2), by=he, reason=WHY, at=NOON
        )
    ).endswith("Before: nothing.")


def test_what_was_to_begin_and_was_not_decided_is_asked_for_anew(he, fang):
    asked = tariffs.ask(fee(5), by=he, reason=WHY, at=NOON)
    with pytest.raises(TermBegun):
        approvals.approve(asked.pk, by=fang, at=NOON + DAY)
    assert not FeeTier.objects.exists()
    asked.refresh_from_db()
    assert asked.state == "open"


def test_a_quotation_holds_from_its_approval_on(he, fang):
    quoted = ExchangeRate(
        currency="usd", quoted_at=NOON, units=100, buy=700, cash_buy=690, sell=710
    )
    asked = tariffs.ask(quoted, by=he, reason=WHY, at=NOON)
    approvals.approve(asked.pk, by=fang, at=NOON + DAY)
    assert ExchangeRate.objects.get().quoted_at == NOON + DAY


def test_one_is_asked_for_at_a_time_and_a_step_of_a_schedule_beside_another(he, fang):
    asked = tariffs.ask(fee(5), by=he, reason=WHY, at=NOON)
    with pytest.raises(AlreadyAsked):
        tariffs.ask(fee(6), by=he, reason=WHY, at=NOON)
    tariffs.ask(fee(6, above=2000), by=he, reason=WHY, at=NOON)
    approvals.approve(asked.pk, by=fang, at=NOON)
    again = tariffs.ask(fee(7), by=he, reason=WHY, at=NOON)
    with pytest.raises(TermTaken):
        approvals.approve(again.pk, by=fang, at=NOON)
    assert [row.flat for row in FeeTier.objects.all()] == [5]


def test_two_decide_at_once_and_it_is_written_once(he, fang):
    asked = tariffs.ask(fee(5), by=he, reason=WHY, at=NOON)
    outcomes = together(*[lambda: approvals.approve(asked.pk, by=fang, at=NOON)] * 2)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyDecided", "Approval"]
    assert FeeTier.objects.count() == 1


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.BACK_OFFICE}))
def test_no_other_role_asks(role):
    user = staff.hire(number="3001", name=role.value, branch=None, roles=[role])
    with pytest.raises(NotYours):
        tariffs.ask(fee(5), by=user, reason=WHY, at=NOON)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.BACK_OFFICE, Role.SUPERVISOR}))
def test_no_other_role_decides(he, role):
    user = staff.hire(number="3001", name=role.value, branch=None, roles=[role])
    asked = tariffs.ask(fee(5), by=he, reason=WHY, at=NOON)
    with pytest.raises(NotYours):
        approvals.approve(asked.pk, by=user, at=NOON)
    assert not FeeTier.objects.exists()


def test_without_a_reason_nothing_is_asked(he):
    with pytest.raises(NoWord):
        tariffs.ask(fee(5), by=he, reason=" ", at=NOON)


def test_her_own_lower_limit_needs_one_person_and_everybodys_two(he, fang):
    wang = cast.wang()
    standing = limits.allowance(wang.id, Channel.PHONE, day=TOMORROW)
    row = TransferLimit(channel="phone", valid_from=TOMORROW, single=10, daily=20)
    asked = tariffs.ask(row, by=he, reason=WHY, at=NOON)
    assert limits.allowance(wang.id, Channel.PHONE, day=TOMORROW) == standing
    approvals.approve(asked.pk, by=fang, at=NOON)
    assert limits.allowance(wang.id, Channel.PHONE, day=TOMORROW).single == 10


def test_every_table_of_the_bank_that_is_dated_is_kept_so(rf, he):
    """And none can be changed or taken away once it is written."""
    pages = {model: page for model, page in admin.site._registry.items() if model in tariffs.PLACES}
    assert set(pages) == set(tariffs.PLACES)
    request = rf.get("/")
    request.user = he
    for model, page in pages.items():
        assert isinstance(page, Proposed), model
        assert page.has_add_permission(request), model
        assert not page.has_change_permission(request), model
        assert not page.has_delete_permission(request), model
    for model in admin.site._registry:
        if model._meta.app_label == "banking" and hasattr(model, "valid_from"):
            dated = model in tariffs.PLACES or model._meta.model_name in {
                "fraudrule",
                "announcement",
            }
            assert dated, model
