"""How many wrong cards and passwords are taken from one number in an hour."""

from datetime import timedelta

import pytest

from banking import throttle
from banking.access import DEFAULTS, Name
from banking.embedded import EmbeddedCore
from banking.errors import (
    CardInvalid,
    CodeSpent,
    NumberThrottled,
    PinWrong,
    TransactionPinWrong,
)
from banking.models import AccessRule, PinEvent, WrongTry
from banking.secret import Secret
from tests import cast
from tests.banking.together import Meeting, together
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)

PHONE, OTHER = "13900139000", "13900139001"
NO_CARD = cast.pan("621700000000000000")
WRONG = Secret("112233")
core = EmbeddedCore()


@pytest.fixture
def wang() -> Person:
    return cast.wang()


def says(value: int, *, since=cast.LONG_AGO) -> None:
    AccessRule.objects.create(name=Name.NUMBER_HOUR, valid_from=since, value=value)


def no_card(*, phone=PHONE, at=NOON) -> None:
    with pytest.raises(CardInvalid):
        core.find_card(NO_CARD, phone=phone, call_ref="c", at=at)


def pin(of: Person, pin=None, *, phone=PHONE, purpose="query", at=NOON, call="c") -> None:
    core.verify_pin(
        of.card.pk, pin or Secret(of.query_pin), purpose, phone=phone, call_ref=call, at=at
    )


def test_card_after_card_comes_to_an_end(wang):
    """Whatever was wrong counts; then even what is right is not looked at."""
    says(4)
    no_card()
    no_card()
    chen = cast.chen()
    for person in (wang, chen):  # one password, a card each
        with pytest.raises(PinWrong):
            pin(person, WRONG)
    before = PinEvent.objects.count()
    for tries in (lambda: core.find_card(wang.pan, phone=PHONE, at=NOON), lambda: pin(wang)):
        with pytest.raises(NumberThrottled):
            tries()
    assert PinEvent.objects.count() == before
    assert [t.what for t in WrongTry.objects.order_by("pk")] == ["card"] * 2 + ["password"] * 2
    assert {(t.phone, t.call_ref) for t in WrongTry.objects.all()} == {(PHONE, "c")}


def test_it_is_over_with_the_hour_and_another_number_is_another(wang):
    says(1)
    no_card()
    pin(wang, phone=OTHER)
    with pytest.raises(NumberThrottled):
        pin(wang, at=NOON + throttle.HOUR - timedelta(seconds=1))
    pin(wang, at=NOON + throttle.HOUR)


def test_a_number_is_one_however_the_network_writes_it(wang):
    says(1)
    no_card(phone="+8613900139000")
    with pytest.raises(NumberThrottled):
        pin(wang)


@pytest.mark.parametrize("withheld", ["", "anonymous"])
def test_who_withholds_her_number_is_nobody(wang, withheld):
    says(1)
    no_card(phone=withheld)
    no_card(phone=withheld)
    pin(wang, phone=withheld)
    assert not WrongTry.objects.exists()


def test_a_right_one_counts_for_nothing_and_takes_nothing_back(wang):
    says(2)
    no_card()
    pin(wang)
    no_card()
    with pytest.raises(NumberThrottled):
        pin(wang)


def test_the_transaction_pin_of_who_is_known_is_none_of_it(wang):
    says(1)
    no_card()
    pin(wang, Secret(wang.transaction_pin), purpose="transaction")
    with pytest.raises(TransactionPinWrong):
        pin(wang, WRONG, purpose="transaction")
    assert WrongTry.objects.count() == 1


def test_an_activation_code_is_one_of_it(wang):
    says(1)
    with pytest.raises(CodeSpent):  # there is none: not looked at, not counted
        pin(wang, WRONG, purpose="activation")
    no_card()
    with pytest.raises(NumberThrottled):
        pin(wang, WRONG, purpose="activation")


def test_the_rule_of_the_day_holds(wang):
    tomorrow = NOON + timedelta(days=1)
    says(1, since=tomorrow.date())
    for _try in range(DEFAULTS[Name.NUMBER_HOUR]):
        no_card()
    with pytest.raises(NumberThrottled):
        core.find_card(NO_CARD, phone=PHONE, at=NOON)
    no_card(at=tomorrow)
    with pytest.raises(NumberThrottled):
        pin(wang, at=tomorrow)


def guesses(monkeypatch, patience_s: float) -> list[object]:
    """Two calls of one number guess at two cards at once: both have found it admitted."""
    says(1)
    wang, chen = cast.wang(), cast.chen()
    admitted, admits = Meeting(patience_s), throttle.admits

    def look(phone, *, at):
        found = admits(phone, at=at)
        if found:
            admitted.wait()
        return found

    monkeypatch.setattr(throttle, "admits", look)
    outcomes = together(lambda: pin(wang, WRONG, call="c1"), lambda: pin(chen, WRONG, call="c2"))
    return sorted(type(outcome).__name__ for outcome in outcomes)


def test_calls_of_one_number_try_one_after_another(monkeypatch):
    assert guesses(monkeypatch, 0.5) == ["NumberThrottled", "PinWrong"]
    assert WrongTry.objects.count() == 1


def test_control_without_the_lock_each_call_has_a_guess_more(monkeypatch):
    monkeypatch.setattr(throttle, "ONE_AT_A_TIME", "SELECT %s::text")
    assert guesses(monkeypatch, 10) == ["PinWrong", "PinWrong"]
    assert WrongTry.objects.count() == 2
