"""PINs: two purposes, two locks, and guesses in parallel that count one by one."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from banking import pins
from banking.access import Name
from banking.errors import (
    PinLocked,
    PinWeak,
    PinWrong,
    TransactionPinLocked,
    TransactionPinWrong,
)
from banking.models import AccessRule, Card, Customer, OutboxMessage, PinEvent
from banking.models.customers import Language, Purpose
from banking.secret import Secret
from people.models import User
from tests import cast
from tests.banking.together import Meeting, together
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)
WRONG = "135791"


@pytest.fixture
def wang() -> Person:
    return cast.wang()


@pytest.fixture
def clerk() -> User:
    return User.objects.create_user("3001", name="林晓")


def enter(person: Person, pin: str, purpose: Purpose, *, call: str = "c1", at=NOON) -> None:
    pins.verify(person.card.pk, Secret(pin), purpose, call_ref=call, at=at)


def query(person: Person, pin: str = WRONG, **where) -> None:
    enter(person, pin, Purpose.QUERY, **where)


def transact(person: Person, pin: str = WRONG, **where) -> None:
    enter(person, pin, Purpose.TRANSACTION, **where)


def test_a_right_query_pin_does_not_forgive_wrong_ones_of_the_day(wang):
    for call in ("c1", "c2"):
        for _ in range(2):
            with pytest.raises(PinWrong):
                query(wang, call=call)
        query(wang, wang.query_pin, call=call)
    with pytest.raises(PinLocked):  # the fifth wrong one of the day
        query(wang, call="c3")
    with pytest.raises(PinLocked):
        query(wang, wang.query_pin, call="c4")
    tomorrow = NOON + timedelta(hours=12)  # midnight
    query(wang, wang.query_pin, call="c5", at=tomorrow)


def test_the_days_count_ends_the_calls_count(wang):
    for call, lefts in (("c1", (2, 1)), ("c2", (2,)), ("c3", (1,))):
        for left in lefts:
            with pytest.raises(PinWrong) as refusal:
                query(wang, call=call)
            assert refusal.value.values["left"] == left


def test_another_call_has_its_own_three(wang):
    for _ in range(2):
        with pytest.raises(PinWrong):
            query(wang, call="c1")
    with pytest.raises(PinLocked):
        query(wang, call="c1")
    query(wang, wang.query_pin, call="c2")


def test_three_wrong_transaction_pins_in_all_lock_until_a_branch_unlocks(wang, clerk):
    for days in (0, 40):
        with pytest.raises(TransactionPinWrong):
            transact(wang, call=f"c{days}", at=NOON + timedelta(days=days))
    later = NOON + timedelta(days=80)
    with pytest.raises(TransactionPinLocked):
        transact(wang, call="c80", at=later)
    with pytest.raises(TransactionPinLocked):
        transact(wang, wang.transaction_pin, at=later + timedelta(days=365))
    query(wang, wang.query_pin, at=later)  # the other lock is another lock

    pins.unlock(wang.card.pk, Purpose.TRANSACTION, by=clerk, at=later)
    transact(wang, wang.transaction_pin, at=later)
    assert PinEvent.objects.get(what=PinEvent.What.UNLOCKED).by == clerk


def test_a_right_transaction_pin_starts_the_count_anew(wang):
    for _ in range(3):
        for left in (2, 1):
            with pytest.raises(TransactionPinWrong) as refusal:
                transact(wang)
            assert refusal.value.values["left"] == left
        transact(wang, wang.transaction_pin)


def test_a_locked_pin_is_not_even_compared(wang, monkeypatch):
    for _ in range(2):
        with pytest.raises(TransactionPinWrong):
            transact(wang)
    with pytest.raises(TransactionPinLocked):
        transact(wang)
    tries = PinEvent.objects.count()
    monkeypatch.setattr(pins.KeyedMac, "matches", None)
    with pytest.raises(TransactionPinLocked):
        transact(wang)
    assert PinEvent.objects.count() == tries


def guesses_side_by_side(wang: Person, monkeypatch) -> tuple[Meeting, list[object]]:
    """Two wrong transaction PINs when one is left."""
    for _ in range(2):
        with pytest.raises(TransactionPinWrong):
            transact(wang)
    meeting, matches = Meeting(), pins.KeyedMac.matches

    def slowly(self, *args, **kwargs):
        meeting.wait()
        return matches(self, *args, **kwargs)

    monkeypatch.setattr(pins.KeyedMac, "matches", slowly)
    return meeting, together(
        *[lambda call=call: transact(wang, call=call) for call in ("c8", "c9")]
    )


def failures(wang: Person) -> int:
    return PinEvent.objects.filter(card=wang.card, what=PinEvent.What.FAILED).count()


def test_guesses_in_parallel_are_counted_one_by_one(wang, monkeypatch):
    meeting, outcomes = guesses_side_by_side(wang, monkeypatch)
    assert not meeting.met
    assert {type(outcome) for outcome in outcomes} == {TransactionPinLocked}
    assert failures(wang) == 3


def test_control_without_the_cards_lock_there_is_a_fourth_guess(wang, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    meeting, _ = guesses_side_by_side(wang, monkeypatch)
    assert meeting.met
    assert failures(wang) == 4


@pytest.mark.parametrize(
    "pin",
    ["", "12345", "1234567", "12345a", "１２３４５６", "000000", "123456", "987654", "800517"],
)
def test_a_weak_pin_is_refused(pin, wang):
    with pytest.raises(PinWeak):
        pins.set_pin(wang.card.pk, Secret(pin), Purpose.QUERY, at=NOON)
    query(wang, wang.query_pin)


def test_a_new_pin_replaces_the_old_and_unlocks(wang):
    for call in ("c1", "c2"):
        for _ in range(2):
            with pytest.raises(PinWrong):
                query(wang, call=call)
    pins.set_pin(wang.card.pk, Secret("602715"), Purpose.QUERY, at=NOON)
    query(wang, "602715", call="c3")
    with pytest.raises(PinWrong):
        query(wang, wang.query_pin, call="c3")


def test_the_mac_depends_on_card_purpose_and_key(wang, settings):
    card = Card.objects.get(pk=wang.card.pk)
    one, two = bytes(card.query_mac), bytes(card.transaction_mac)
    hsm, pin = pins.KeyedMac(), Secret(wang.query_pin)
    same, version = hsm.seal(card.pk, Purpose.QUERY, pin)
    assert (same, version) == (one, 1) and one != two
    assert hsm.seal(card.pk, Purpose.TRANSACTION, pin)[0] != one
    assert hsm.seal(card.pk + 1, Purpose.QUERY, pin)[0] != one
    old = settings.PIN_KEY
    settings.PIN_KEY = "another"
    assert hsm.seal(card.pk, Purpose.QUERY, pin)[0] != one
    settings.PIN_KEY = f"{old},another"  # a new key after the old one: old PINs still pass
    query(wang, wang.query_pin)
    assert hsm.seal(card.pk, Purpose.QUERY, pin)[1] == 2


# -- by what rules -------------------------------------------------------------------------------

TODAY = NOON.date()
TOMORROW = NOON + timedelta(days=1)


def says(name: Name, value: int, *, since=cast.LONG_AGO) -> None:
    AccessRule.objects.create(name=name, valid_from=since, value=value)


def left(person: Person, purpose: Purpose, *, at=NOON) -> int:
    return pins.tries_left(Card.objects.get(pk=person.card.pk), purpose, at=at)


def test_the_bank_says_how_often_a_password_may_be_wrong(wang):
    says(Name.QUERY_CALL, 2)
    says(Name.QUERY_DAY, 3)
    says(Name.IN_ALL, 4)
    fails(wang, Purpose.QUERY, 1, call="c1")
    with pytest.raises(PinLocked):
        query(wang, call="c1")
    with pytest.raises(PinLocked):
        query(wang, call="c2")
    for more in (3, 2, 1):
        with pytest.raises(TransactionPinWrong) as refusal:
            transact(wang)
        assert refusal.value.values["left"] == more
    with pytest.raises(TransactionPinLocked):
        transact(wang)


def test_a_stricter_rule_holds_from_its_day(wang):
    says(Name.IN_ALL, 2, since=TODAY + timedelta(days=1))
    fails(wang, Purpose.TRANSACTION, 2, call="c1")
    assert left(wang, Purpose.TRANSACTION) == 1
    with pytest.raises(TransactionPinLocked):
        transact(wang, wang.transaction_pin, at=TOMORROW)


def test_a_milder_rule_unlocks_nothing(wang, clerk):
    """What was locked is unlocked at a branch; two tries that were wrong count on."""
    says(Name.IN_ALL, 5, since=TODAY + timedelta(days=1))
    chen = cast.chen()
    fails(wang, Purpose.TRANSACTION, 3, call="c1")
    fails(chen, Purpose.TRANSACTION, 2, call="c1")
    with pytest.raises(TransactionPinLocked):
        transact(wang, wang.transaction_pin, at=TOMORROW)
    assert left(chen, Purpose.TRANSACTION, at=TOMORROW) == 3
    with pytest.raises(TransactionPinWrong):
        transact(chen, at=TOMORROW)
    assert left(chen, Purpose.TRANSACTION, at=TOMORROW) == 2
    pins.unlock(wang.card.pk, Purpose.TRANSACTION, by=clerk, at=TOMORROW)
    assert left(wang, Purpose.TRANSACTION, at=TOMORROW) == 5


# -- what she is written -------------------------------------------------------------------------


def fails(person: Person, purpose: Purpose, times: int, *, call: str) -> None:
    for _ in range(times):
        with pytest.raises((PinWrong, PinLocked)):
            enter(person, WRONG, purpose, call=call)


def written() -> list[str]:
    return list(OutboxMessage.objects.order_by("id").values_list("template", flat=True))


LOCKED_WORDS = {
    Language.MANDARIN: (
        "【鹏城商业银行】您尾号{tail}的卡于2026-11-24 12:00因多次输错，电话银行交易密码已锁定。"
        "解锁请本人携带有效身份证件和卡到网点办理。如非本人操作，请立即致电961202。"
    ),
    Language.ENGLISH: (
        "Pengcheng Commercial Bank: at 2026-11-24 12:00 the transaction password of your card "
        "ending {tail} was mistyped too often and is locked. A branch unlocks it for you: please "
        "bring the card and your identity document. If it was not you, please call 961202 at once."
    ),
}


@pytest.mark.parametrize("language", LOCKED_WORDS)
def test_a_locked_transaction_password_is_written_to_her_mobile(language):
    wang = cast.wang(language=language)
    fails(wang, Purpose.TRANSACTION, 2, call="c1")
    assert written() == []
    fails(wang, Purpose.TRANSACTION, 3, call="c2")  # the first of them locks it
    message = OutboxMessage.objects.get()
    assert message.text == LOCKED_WORDS[language].format(tail=wang.card.last4)
    assert (message.channel, message.address) == ("sms", wang.customer.mobile)
    assert message.customer_id == wang.id


def test_a_query_password_by_what_it_is_locked_for(wang):
    """For the call, and for the day: after either she is written, once."""
    fails(wang, Purpose.QUERY, 4, call="c1")
    assert written() == ["password.query_call"]
    fails(wang, Purpose.QUERY, 4, call="c2")
    assert written() == ["password.query_call", "password.query_day"]


def test_guesses_side_by_side_are_written_of_once(wang, monkeypatch):
    guesses_side_by_side(wang, monkeypatch)
    assert written() == ["password.transaction"]


def test_who_has_no_mobile_is_locked_all_the_same(wang):
    Customer.objects.filter(pk=wang.id).update(mobile="")
    fails(wang, Purpose.TRANSACTION, 3, call="c1")
    assert written() == []
    with pytest.raises(TransactionPinLocked):
        transact(wang, wang.transaction_pin)
