"""What a branch opens, dated terms, and what a loss report reaches."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from banking import customers, fees, losses
from banking.errors import (
    AccountClosed,
    AmountInvalid,
    CardInvalid,
    CustomerExists,
    IdNumberInvalid,
    LossAlready,
    PayeeUnknown,
)
from banking.models import Account, FeeTier, LossReport, LossTerm
from banking.models.orders import Channel, Instruction
from banking.secret import Secret
from tests import cast
from tests.banking.together import together
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wang() -> Person:
    return cast.wang()


def test_a_customer_is_who_her_id_number_says(wang):
    assert wang.customer.born_on == date(1980, 5, 17)
    assert wang.customer.age(NOON.date()) == 46
    with pytest.raises(CustomerExists):
        customers.register(number="1099999999", name="王小梅", id_number=wang.id_number)
    with pytest.raises(IdNumberInvalid):
        customers.register(number="1099999999", name="某", id_number=Secret("440304198005170000"))


def test_a_card_number_must_have_its_check_digit(wang):
    right = cast.pan("622202409999999999").reveal()
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    with pytest.raises(CardInvalid):
        customers.issue_card(wang.customer, Secret(wrong), on=NOON.date())


def test_a_payee_is_registered_under_the_holders_name(wang):
    chen = cast.chen()
    with pytest.raises(PayeeUnknown):
        customers.register_payee(wang.customer, chen.account, name="陈志刚", on=NOON.date())
    with pytest.raises(PayeeUnknown):
        cash = Account.objects.get(number="cash")
        customers.register_payee(wang.customer, cash, name="", on=NOON.date())


def test_a_deposit_needs_an_amount_and_an_open_account(wang):
    for amount in (0, -5):
        with pytest.raises(AmountInvalid):
            customers.deposit(wang.account.pk, Decimal(amount), at=NOON)
    empty = cast.person("空户", opening=0)
    Account.objects.filter(pk=empty.account.pk).update(status=Account.Status.CLOSED)
    with pytest.raises(AccountClosed):
        customers.deposit(empty.account.pk, Decimal(1), at=NOON)


def test_the_schedule_of_a_day_is_the_newest_that_has_begun():
    def tier(day: date, above: int, flat: int) -> None:
        FeeTier.objects.create(
            kind="transfer", channel="phone", valid_from=day, above=above, flat=flat
        )

    def on(day: date) -> list[Decimal]:
        found = fees.schedule(Instruction.Kind.TRANSFER, Channel.PHONE, day=day)
        return sorted(tier.flat for tier in found)

    tier(date(2024, 1, 1), 0, 2)
    tier(date(2024, 1, 1), 1000, 5)
    tier(date(2026, 7, 1), 0, 0)
    assert on(date(2023, 12, 31)) == []
    assert on(date(2026, 6, 30)) == [2, 5]
    assert on(date(2026, 7, 1)) == [0]
    assert fees.schedule(Instruction.Kind.TRANSFER, Channel.COUNTER, day=NOON.date()) == []
    agent = fees.schedule(Instruction.Kind.TRANSFER, Channel.AGENT, day=date(2026, 6, 30))
    assert sorted(tier.flat for tier in agent) == [2, 5]  # as her caller's own


def report(person: Person, number: Secret | None = None, at=NOON) -> LossReport:
    return losses.report(
        number or person.pan, person.id_number, channel=Channel.PHONE, call_ref="c", at=at
    )


def test_the_days_of_a_loss_report_are_dated_by_instrument(wang):
    LossTerm.objects.create(instrument="card", valid_from=date(2026, 11, 25), days=30)
    assert report(wang).lapses_at == NOON + timedelta(days=5)
    later = NOON + timedelta(days=5)
    assert report(wang, at=later).lapses_at == later + timedelta(days=30)
    LossTerm.objects.all().delete()
    zhao = cast.person("赵国强")
    LossTerm.objects.all().delete()
    assert report(zhao).lapses_at == NOON + timedelta(days=losses.STATUTORY_DAYS)


def test_an_account_is_stopped_for_as_long_as_the_longer_report():
    zhao = cast.person("赵国强", with_passbook=True)
    LossTerm.objects.filter(instrument="card").update(days=9)
    report(zhao)
    report(zhao, Secret(zhao.passbook))
    assert Account.objects.get(pk=zhao.account.pk).stopped_until == NOON + timedelta(days=9)


def test_reported_by_two_at_once_it_is_reported_once(wang):
    outcomes = together(*[lambda: report(wang)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        LossAlready.__name__,
        LossReport.__name__,
    ]


def test_a_card_stops_all_accounts_behind_it(wang):
    second = customers.open_account(
        wang.customer, number="75570000990001", on=cast.LONG_AGO, card=wang.card
    )
    own = customers.open_account(wang.customer, number="75570000990002", on=cast.LONG_AGO)
    report(wang)
    assert Account.objects.get(pk=second.pk).is_stopped(NOON)
    assert not Account.objects.get(pk=own.pk).is_stopped(NOON)
