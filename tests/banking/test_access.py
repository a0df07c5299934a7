"""Passwords changed, a card activated, a lock opened, limits moved: who may, and who may not."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.models import QuerySet

from banking import accounts, activation, customers, limits, orders, pins, two_eyes, unlocking
from banking.access import Name
from banking.errors import (
    AmountInvalid,
    CardLost,
    CodeSpent,
    CodeWrong,
    LimitAboveCap,
    LimitNotHigher,
    LimitNotLower,
    NothingLocked,
    NotProved,
    PinBirthday,
    PinMalformed,
    PinOfTheOther,
    PinRepeats,
    PinRuns,
    PinUnchanged,
    PinWrong,
    SingleLimitExceeded,
    TransactionPinLocked,
    TransactionPinWrong,
    UnlockAskedAlready,
)
from banking.models import (
    AccessRule,
    Account,
    Card,
    Journal,
    NicknameWord,
    PinEvent,
    TransferLimit,
    UnlockRequest,
)
from banking.models.customers import Purpose
from banking.models.orders import Channel
from banking.secret import Secret
from people import approvals, staff
from people.roles import Role
from tests import cast
from tests.banking.together import Meeting, together
from tests.cast import NOON, Person
from tests.savers import told_to

pytestmark = pytest.mark.django_db(transaction=True)
NEW = Secret("590318")
QUERY, TRANSACTION, CODE = Purpose.QUERY, Purpose.TRANSACTION, Purpose.ACTIVATION


@pytest.fixture
def wang() -> Person:
    return cast.wang(born_on=date(1991, 5, 23))


@pytest.fixture
def clerk():
    return staff.hire(number="3001", name="何静", branch=None, roles=[Role.BRANCH_USER])


@pytest.fixture
def colleague():
    return staff.hire(number="3002", name="孙伟", branch=None, roles=[Role.BACK_OFFICE])


def prove(person: Person, *purposes: Purpose, call="c1", at=NOON) -> None:
    known = {QUERY: person.query_pin, TRANSACTION: person.transaction_pin}
    for purpose in purposes:
        pins.verify(person.card.pk, Secret(known[purpose]), purpose, call_ref=call, at=at)


def change(person: Person, purpose: Purpose, new: Secret = NEW, *, call="c1") -> None:
    pins.change(person.card.pk, new, purpose, call_ref=call, at=NOON)


def enter(person: Person, pin: Secret, purpose: Purpose, *, call="c2", at=NOON) -> None:
    pins.verify(person.card.pk, pin, purpose, call_ref=call, at=at)


# -- passwords -----------------------------------------------------------------------------------


def test_a_query_password_is_changed_by_who_gave_the_old_one(wang):
    prove(wang, QUERY)
    change(wang, QUERY)
    enter(wang, NEW, QUERY)
    with pytest.raises(PinWrong):
        prove(wang, QUERY, call="c3")


def test_a_transaction_password_needs_both(wang):
    for proofs in ((), (QUERY,), (TRANSACTION,)):
        prove(wang, *proofs, call=f"only {proofs}")
        with pytest.raises(NotProved):
            change(wang, TRANSACTION, call=f"only {proofs}")
    prove(wang, QUERY, TRANSACTION)
    change(wang, TRANSACTION)
    enter(wang, NEW, TRANSACTION)


def test_what_was_proved_in_another_call_counts_for_nothing(wang):
    prove(wang, QUERY, call="c1")
    with pytest.raises(NotProved):
        change(wang, QUERY, call="c2")
    with pytest.raises(NotProved):
        change(wang, QUERY, call="")


def test_a_wrong_try_after_a_right_one_is_no_proof(wang):
    prove(wang, QUERY, TRANSACTION)
    with pytest.raises(TransactionPinWrong):
        enter(wang, Secret("135791"), TRANSACTION, call="c1")
    with pytest.raises(NotProved):
        change(wang, TRANSACTION)


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("12345", PinMalformed),
        ("１２３４５６", PinMalformed),
        ("777777", PinRepeats),
        ("345678", PinRuns),
        ("876543", PinRuns),
        ("910523", PinBirthday),
        ("274916", PinUnchanged),
        ("830527", PinOfTheOther),
    ],
)
def test_a_weak_one_is_refused_and_told_why(wang, new, why):
    prove(wang, QUERY)
    with pytest.raises(why):
        change(wang, QUERY, Secret(new))
    prove(wang, QUERY, call="c9")  # the old one still works


def test_each_password_keeps_the_key_that_made_it(wang, settings):
    """A new key for one of them must not lock her out of the other."""
    settings.PIN_KEY = f"{settings.PIN_KEY},the next key"
    prove(wang, QUERY)
    change(wang, QUERY)
    enter(wang, NEW, QUERY)
    prove(wang, TRANSACTION)
    card = Card.objects.get(pk=wang.card.pk)
    assert (card.query_version, card.transaction_version) == (2, 1)


# -- unlocking -----------------------------------------------------------------------------------


def lock_out(person: Person) -> None:
    for _ in range(2):
        with pytest.raises(TransactionPinWrong):
            enter(person, Secret("135791"), TRANSACTION)
    with pytest.raises(TransactionPinLocked):
        enter(person, Secret("135791"), TRANSACTION)


def test_it_is_unlocked_under_two_pairs_of_eyes(wang, clerk, colleague):
    with pytest.raises(NothingLocked):
        two_eyes.ask_unlock(wang.card.pk, by=clerk, reason="at the counter", at=NOON)
    lock_out(wang)
    asked = two_eyes.ask_unlock(wang.card.pk, by=clerk, reason="at the counter", at=NOON)
    with pytest.raises(approvals.OwnRequest):
        approvals.approve(asked.pk, by=clerk, at=NOON)
    with pytest.raises(TransactionPinLocked):
        prove(wang, TRANSACTION)
    approvals.approve(asked.pk, by=colleague, at=NOON)
    prove(wang, TRANSACTION)
    assert PinEvent.objects.get(what="unlocked").by == colleague


def test_an_agent_neither_asks_nor_decides(wang, clerk):
    agent = staff.hire(number="1003", name="林晓", branch=None, roles=[Role.AGENT])
    lock_out(wang)
    with pytest.raises(approvals.NotYours):
        two_eyes.ask_unlock(wang.card.pk, by=agent, reason="she called", at=NOON)
    asked = two_eyes.ask_unlock(wang.card.pk, by=clerk, reason="at the counter", at=NOON)
    with pytest.raises(approvals.NotYours):
        approvals.approve(asked.pk, by=agent, at=NOON)


def test_a_request_by_telephone_unlocks_nothing_by_itself(wang, clerk):
    with pytest.raises(NothingLocked):
        unlocking.request(wang.card.pk, call_ref="c1", at=NOON)
    lock_out(wang)
    request = unlocking.request(wang.card.pk, call_ref="c1", at=NOON)
    assert request.lapses_at == NOON + timedelta(days=5)
    with pytest.raises(UnlockAskedAlready):
        unlocking.request(wang.card.pk, call_ref="c2", at=NOON)
    with pytest.raises(TransactionPinLocked):
        prove(wang, TRANSACTION)
    asked = two_eyes.ask_unlock(wang.card.pk, by=clerk, reason="came in", at=NOON)
    assert UnlockRequest.objects.get().approval == asked


def test_two_calls_ask_once(wang):
    lock_out(wang)
    outcomes = together(*(lambda: unlocking.request(wang.card.pk, call_ref="c1", at=NOON),) * 2)
    assert sum(isinstance(one, UnlockAskedAlready) for one in outcomes) == 1


def test_what_nobody_followed_up_may_be_asked_again(wang):
    lock_out(wang)
    unlocking.request(wang.card.pk, call_ref="c1", at=NOON)
    unlocking.request(wang.card.pk, call_ref="c2", at=NOON + timedelta(days=5))
    assert UnlockRequest.objects.count() == 2


# -- activation ----------------------------------------------------------------------------------


def issue(person: Person, clerk, at=NOON) -> Secret:
    return activation.issue(person.card.pk, by=clerk, at=at)


def activate(person: Person, code: Secret, *, pin: Secret = NEW, call="c1", at=NOON) -> None:
    enter(person, code, CODE, call=call, at=at)
    activation.activate(person.card.pk, pin, call_ref=call, at=at)


def wrong(code: Secret) -> Secret:
    return Secret(f"{(int(code.reveal()) + 1) % 10**8:08d}")


def test_the_counters_code_sets_the_query_password_once(wang, clerk):
    code = issue(wang, clerk)
    with pytest.raises(PinWrong):  # the old one stopped
        prove(wang, QUERY)
    activate(wang, code)
    enter(wang, NEW, QUERY)
    with pytest.raises(CodeSpent):
        activate(wang, code, call="c2")
    assert code.reveal() not in str(PinEvent.objects.values())


def test_a_code_that_was_only_keyed_is_not_spent(wang, clerk):
    code = issue(wang, clerk)
    enter(wang, code, CODE, call="c1")  # and hung up
    activate(wang, code, call="c2")


def test_no_password_without_the_code_in_the_same_call(wang, clerk):
    code = issue(wang, clerk)
    with pytest.raises(NotProved):
        activation.activate(wang.card.pk, NEW, call_ref="c1", at=NOON)
    enter(wang, code, CODE, call="c1")
    with pytest.raises(NotProved):
        activation.activate(wang.card.pk, NEW, call_ref="c2", at=NOON)


def test_guessing_ends_after_three_tries_over_all_calls(wang, clerk):
    code = issue(wang, clerk)
    for call, left in (("c1", 2), ("c2", 1)):
        with pytest.raises(CodeWrong) as refusal:
            enter(wang, wrong(code), CODE, call=call)
        assert refusal.value.values["left"] == left
    with pytest.raises(CodeSpent):
        enter(wang, wrong(code), CODE, call="c3")
    with pytest.raises(CodeSpent):
        activate(wang, code, call="c4")
    activate(wang, issue(wang, clerk), call="c5")  # another from the counter


def guesses_side_by_side(wang, clerk, monkeypatch) -> Meeting:
    """Two guesses when one is left."""
    code, meeting = issue(wang, clerk), Meeting()
    for _ in range(2):
        with pytest.raises(CodeWrong):
            enter(wang, wrong(code), CODE)
    matches = pins.KeyedMac.matches

    def matching(*args, **kwargs):
        meeting.wait()
        return matches(*args, **kwargs)

    monkeypatch.setattr(pins.KeyedMac, "matches", matching)
    together(*(lambda: enter(wang, wrong(code), CODE),) * 2)
    return meeting


def test_guesses_in_parallel_are_counted_one_by_one(wang, clerk, monkeypatch):
    assert not guesses_side_by_side(wang, clerk, monkeypatch).met
    assert PinEvent.objects.filter(what="failed").count() == 3


def test_without_the_lock_one_guess_more_gets_through(wang, clerk, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **how: self)
    assert guesses_side_by_side(wang, clerk, monkeypatch).met
    assert PinEvent.objects.filter(what="failed").count() == 4


def test_a_code_lapses(wang, clerk):
    code = issue(wang, clerk)
    with pytest.raises(CodeSpent):
        activate(wang, code, at=NOON + timedelta(hours=72))
    AccessRule.objects.create(name=Name.CODE_HOURS, valid_from=cast.LONG_AGO, value=1)
    code = issue(wang, clerk)
    with pytest.raises(CodeSpent):
        activate(wang, code, at=NOON + timedelta(hours=1))
    activate(wang, code, at=NOON + timedelta(minutes=59), call="c2")


def test_two_counters_at_once_leave_one_code(wang, clerk, colleague):
    codes = together(lambda: issue(wang, clerk), lambda: issue(wang, colleague))
    outcomes = []
    for number, code in enumerate(codes):
        try:
            enter(wang, code, CODE, call=f"c{number}")
            outcomes.append("right")
        except CodeWrong:
            outcomes.append("wrong")
    assert sorted(outcomes) == ["right", "wrong"]


def test_no_code_for_a_lost_card_nor_by_who_may_not(wang, clerk):
    agent = staff.hire(number="1003", name="林晓", branch=None, roles=[Role.AGENT])
    with pytest.raises(approvals.NotYours):
        issue(wang, agent)
    Card.objects.filter(pk=wang.card.pk).update(lost_until=NOON + timedelta(days=5))
    with pytest.raises(CardLost):
        issue(wang, clerk)


def test_a_code_is_no_password_of_a_card_that_never_had_one(wang):
    with pytest.raises(CodeSpent):
        enter(wang, Secret("00000000"), CODE)


# -- limits --------------------------------------------------------------------------------------


def lower(person: Person, single: int, daily: int, at=NOON):
    return limits.lower(
        person.id, Channel.PHONE, single=Decimal(single), daily=Decimal(daily), at=at
    )


def test_she_lowers_her_limits_at_once_and_again(wang):
    assert lower(wang, 20_000, 80_000).single == 20_000
    assert lower(wang, 20_000, 30_000).daily == 30_000
    for single, daily in ((20_001, 30_000), (20_000, 30_001), (20_000, 30_000)):
        with pytest.raises(LimitNotLower):
            lower(wang, single, daily)
    with pytest.raises(AmountInvalid):
        lower(wang, 15_000, 10_000)


def test_they_are_raised_by_two_alone(wang, clerk, colleague):
    lower(wang, 1_000, 2_000)

    def ask(single, daily):
        return two_eyes.ask_raise(
            wang.customer,
            Channel.PHONE,
            single=Decimal(single),
            daily=Decimal(daily),
            by=clerk,
            reason="buys a flat",
            at=NOON,
        )

    with pytest.raises(LimitNotHigher):
        ask(1_000, 2_000)
    asked = ask(60_000, 200_000)
    assert "60,000.00" in approvals.of(asked).summary(asked)
    assert limits.allowance(wang.id, "phone", day=NOON.date()).single == 1_000
    approvals.approve(asked.pk, by=colleague, at=NOON)
    assert limits.allowance(wang.id, "phone", day=NOON.date()).daily == 200_000


def test_a_password_alone_moves_no_more_than_the_rule_says(wang, clerk):
    """Without a row the PBOC's 50,000 a day; only the telephone is without a certificate."""
    TransferLimit.objects.update(single=80_000, daily=100_000)
    TransferLimit.objects.create(
        channel=Channel.ONLINE, valid_from=cast.LONG_AGO, single=80_000, daily=100_000
    )
    AccessRule.objects.all().delete()

    today, tomorrow = NOON.date(), NOON.date() + timedelta(days=1)

    def now(channel: Channel, day=today) -> tuple[Decimal, Decimal]:
        found = limits.allowance(wang.id, channel, day=day)
        return found.single, found.daily

    for channel in (Channel.PHONE, Channel.AGENT):
        assert now(channel) == (50_000, 50_000)
    assert now(Channel.ONLINE) == (80_000, 100_000)
    with pytest.raises(SingleLimitExceeded):
        limits.allowance(wang.id, Channel.PHONE, day=today).check(Decimal("50000.01"))

    AccessRule.objects.create(name="password_cap", valid_from=tomorrow, value=90_000)
    assert now(Channel.PHONE) == (50_000, 50_000)
    assert now(Channel.PHONE, tomorrow) == (80_000, 90_000)

    def ask(daily: int, at=NOON):
        return two_eyes.ask_raise(
            *(wang.customer, Channel.PHONE),
            single=Decimal(daily),
            daily=Decimal(daily),
            by=clerk,
            reason="buys a flat",
            at=at,
        )

    with pytest.raises(LimitAboveCap) as refused:
        ask(60_000)
    assert refused.value.values["cap"] == 50_000
    ask(90_000, NOON + timedelta(days=1))


def test_an_order_over_the_cap_is_refused_where_it_is_carried_out(wang):
    """Whatever was read back before: the rule may have come in between."""
    TransferLimit.objects.update(single=80_000, daily=100_000)
    customers.deposit(wang.account.pk, Decimal(100_000), at=NOON)
    key = told_to(cast.transfer(wang, cast.chen(), 60_000))
    AccessRule.objects.update(value=50_000)
    with pytest.raises(SingleLimitExceeded):
        orders.execute(key=key, at=NOON)
    assert not Journal.objects.filter(kind="transfer").exists()


# -- accounts ------------------------------------------------------------------------------------


def test_one_account_leads(wang, app):
    second = Account.objects.create(
        number="7557900000000001", customer=wang.customer, opened_on=date(2025, 1, 1)
    )
    accounts.lead(second.pk, customer_id=wang.id)
    accounts.lead(wang.account.pk, customer_id=wang.id)
    assert list(Account.objects.filter(leads=True)) == [wang.account]
    with pytest.raises(Exception, match="one_default_account"):
        app.execute("UPDATE banking_account SET leads = true")
    together(*(lambda pk=pk: accounts.lead(pk, customer_id=wang.id) for pk in (second.pk,) * 2))
    assert list(Account.objects.filter(leads=True)) == [second]


def test_an_account_of_somebody_else_is_not_hers(wang):
    chen = cast.chen()
    with pytest.raises(Account.DoesNotExist):
        accounts.lead(chen.account.pk, customer_id=wang.id)
    NicknameWord.objects.create(slug="salary", word="工资")
    with pytest.raises(Account.DoesNotExist):
        accounts.name(chen.account.pk, "salary", customer_id=wang.id)


def test_an_account_is_called_by_a_word_of_the_bank(wang):
    NicknameWord.objects.create(slug="salary", word="工资")
    accounts.name(wang.account.pk, "salary", customer_id=wang.id)
    assert Account.objects.get(pk=wang.account.pk).nickname == "工资"
