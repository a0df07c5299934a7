"""Money by telephone: stopped at once, by the customer or by disuse; allowed again by two."""

from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest

from banking import customers, instructions, orders, phone_debits, pins, two_eyes
from banking.access import Name
from banking.errors import (
    NotHolder,
    PhoneDormant,
    PhoneNotStopped,
    PhoneStopped,
    PhoneStoppedAlready,
    PinWrong,
)
from banking.models import AccessRule, Instruction, PhoneBlock, TransferLimit
from banking.models.customers import Purpose
from banking.models.orders import Channel
from banking.requests import InBankTransfer
from calendars.days import months_after
from people import approvals, staff
from people.roles import Role
from tests import cast
from tests.banking.together import Meeting, together
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)
HALF_A_YEAR = NOON.replace(year=2027, month=5)  # to the day


@pytest.fixture
def wang() -> Person:
    return cast.wang()


@pytest.fixture
def chen() -> Person:
    return cast.chen()


def clerk(number: str):
    return staff.hire(number=number, name="何静", branch=None, roles=[Role.BRANCH_USER])


def drafted(wang, chen, *, channel=Channel.PHONE, at=NOON, **more):
    key = uuid4()
    request = InBankTransfer(
        payer_id=wang.account.pk, payee_id=chen.account.pk, amount=cast.Decimal(10), **more
    )
    orders.draft(key=key, request=request, channel=channel, at=at, call_ref="c1")
    return key


def confirmed(wang, chen, **more):
    key = drafted(wang, chen, **more)
    instructions.confirm(key=key, at=NOON)
    return key


def stop(person: Person, at=NOON) -> PhoneBlock:
    return phone_debits.stop(person.id, channel=Channel.PHONE, call_ref="c2", at=at)


def log_in(person: Person, at, call="c9") -> None:
    pins.verify(person.card.pk, cast.Secret(person.query_pin), Purpose.QUERY, call_ref=call, at=at)


def state(key) -> str:
    return Instruction.objects.get(key=key).state


def test_what_is_stopped_is_neither_drafted_nor_carried_out(wang, chen):
    before = confirmed(wang, chen)
    block = stop(wang)
    assert block.number.startswith("261124")
    with pytest.raises(PhoneStopped):
        orders.execute(key=before, at=NOON)
    assert state(before) == "refused"
    with pytest.raises(PhoneStopped):  # asked again, the same answer
        orders.execute(key=before, at=NOON)
    with pytest.raises(PhoneStopped):
        drafted(wang, chen)
    with pytest.raises(PhoneStopped):  # nor by an agent, who serves by telephone
        drafted(wang, chen, channel=Channel.AGENT)
    drafted(chen, wang)  # others go on


def test_an_accepted_order_is_stopped_when_it_is_due(wang, chen):
    key = confirmed(wang, chen, speed="ordinary")
    assert orders.execute(key=key, at=NOON).state == "scheduled"
    stop(wang)
    orders.execute_due(at=NOON + timedelta(hours=3))
    assert (state(key), Instruction.objects.get(key=key).refusal) == ("refused", "PhoneStopped")


def test_an_executed_order_stays_executed(wang, chen):
    key = confirmed(wang, chen)
    orders.execute(key=key, at=NOON)
    stop(wang)
    assert orders.execute(key=key, at=NOON).state == "executed"


def test_it_is_stopped_once(wang):
    stop(wang)
    with pytest.raises(PhoneStoppedAlready):
        stop(wang)
    outcomes = together(lambda: stop(wang), lambda: stop(wang))
    assert all(isinstance(one, PhoneStoppedAlready) for one in outcomes)


def stopped_while_a_debit_waits(wang, chen, monkeypatch) -> tuple[bool, object]:
    """A debit is between its look and its journal when the stop comes: whether the stop got
    in between, and what became of the debit."""
    key, meeting = confirmed(wang, chen), Meeting()
    looked = phone_debits.check

    def looking(customer_id, channel):
        looked(customer_id, channel)
        meeting.wait()

    begin = phone_debits._begin

    def beginning(*args, **kwargs):
        block = begin(*args, **kwargs)
        meeting.wait()
        return block

    monkeypatch.setattr(phone_debits, "check", looking)
    monkeypatch.setattr(phone_debits, "_begin", beginning)
    outcomes = together(lambda: orders.execute(key=key, at=NOON), lambda: stop(wang))
    assert isinstance(outcomes[1], PhoneBlock)
    return meeting.met, outcomes[0]


def test_a_stop_waits_for_the_debit_under_way_or_the_debit_for_it(wang, chen, monkeypatch):
    met, _debit = stopped_while_a_debit_waits(wang, chen, monkeypatch)
    assert not met


def test_without_the_lock_a_debit_lands_after_the_stop(wang, chen, monkeypatch):
    monkeypatch.setattr(phone_debits, "_lock", lambda customer_id: None)
    met, debit = stopped_while_a_debit_waits(wang, chen, monkeypatch)
    assert met and debit.state == "executed"


def test_a_branch_allows_it_again_by_two(wang, chen):
    first, second = clerk("3001"), clerk("3002")
    with pytest.raises(PhoneNotStopped):
        two_eyes.ask_phone_on(wang.customer, by=first, reason="came in", at=NOON)
    stop(wang)
    asked = two_eyes.ask_phone_on(wang.customer, by=first, reason="came in", at=NOON)
    with pytest.raises(PhoneStopped):
        drafted(wang, chen)
    with pytest.raises(approvals.OwnRequest):
        approvals.approve(asked.pk, by=first, at=NOON)
    approvals.approve(asked.pk, by=second, at=NOON)
    drafted(wang, chen)
    stop(wang)  # and may be stopped again


# -- disuse ------------------------------------------------------------------------------------


def test_a_day_less_than_six_months_is_no_disuse(wang, chen):
    log_in(wang, HALF_A_YEAR.replace(day=23))
    drafted(wang, chen, at=HALF_A_YEAR)


def test_after_six_months_without_a_call_nothing_is_debited(wang, chen):
    log_in(wang, HALF_A_YEAR)  # she hears her balance as ever
    with pytest.raises(PhoneDormant):
        drafted(wang, chen, at=HALF_A_YEAR)
    log_in(wang, HALF_A_YEAR + timedelta(minutes=5), call="c10")  # a second call helps nothing
    with pytest.raises(PhoneDormant):
        drafted(wang, chen, at=HALF_A_YEAR)
    TransferLimit.objects.create(
        channel=Channel.ONLINE, valid_from=cast.LONG_AGO, single=1000, daily=1000
    )
    drafted(wang, chen, channel=Channel.ONLINE, at=HALF_A_YEAR)  # another channel is another


def test_a_wrong_password_is_no_use(wang, chen):
    with pytest.raises(PinWrong):
        pins.verify(wang.card.pk, cast.Secret("135791"), Purpose.QUERY, call_ref="c1", at=NOON)
    log_in(wang, HALF_A_YEAR)
    assert PhoneBlock.objects.get().why == "unused"


def test_the_months_are_a_dated_rule(wang, chen):
    AccessRule.objects.create(name=Name.DORMANT_MONTHS, valid_from=date(2027, 1, 1), value=12)
    log_in(wang, HALF_A_YEAR)
    drafted(wang, chen, at=HALF_A_YEAR)


def test_once_allowed_again_her_time_counts_from_there(wang, chen):
    log_in(wang, HALF_A_YEAR)
    first, second = clerk("3001"), clerk("3002")
    late = HALF_A_YEAR + timedelta(days=300)  # she took her time to come
    asked = two_eyes.ask_phone_on(wang.customer, by=first, reason="came in", at=late)
    approvals.approve(asked.pk, by=second, at=late)
    log_in(wang, late + timedelta(days=1), call="c11")
    drafted(wang, chen, at=late + timedelta(days=1))


def test_a_stop_is_written_once_and_lifted_once(wang, app):
    stop(wang)
    for attack in (
        "DELETE FROM banking_phoneblock",
        "UPDATE banking_phoneblock SET why = 'unused'",
        "INSERT INTO banking_phoneblock (customer_id, why, begun_at, channel, call_ref, number)"
        f" VALUES ({wang.id}, 'asked', now(), 'phone', '', '')",
    ):
        with pytest.raises(psycopg.Error):
            app.execute(attack)
    app.execute("UPDATE banking_phoneblock SET ended_at = begun_at")
    with pytest.raises(psycopg.Error):
        app.execute("UPDATE banking_phoneblock SET ended_at = NULL")


def test_months_end_where_a_month_is_too_short():
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_after(date(2026, 11, 24), 6) == date(2027, 5, 24)
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)


# -- without a password ------------------------------------------------------------------------


def test_card_and_id_number_together_name_the_holder(wang, chen):
    assert customers.card_of(wang.pan, wang.id_number) == wang.card
    with pytest.raises(NotHolder):
        customers.card_of(wang.pan, chen.id_number)
