"""What any core must do that stands behind `banking.core.Core`.

A bank that replaces the embedded ledger adds its class and its own cast to IMPLEMENTATIONS.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from banking import customers
from banking.core import Core, OrderView
from banking.embedded import EmbeddedCore
from banking.errors import (
    AlreadySettled,
    AmountInvalid,
    BankingError,
    CardInvalid,
    InsufficientFunds,
    KeyReused,
    LossAlready,
    LossNotFound,
    NotConfirmed,
    NotSettled,
    OrderRefused,
    OutcomeUnknown,
    PayeeSame,
    PayeeUnknown,
    PinLocked,
    PinWrong,
    SingleLimitExceeded,
    TransactionPinLocked,
    TransactionPinWrong,
    UnknownInstruction,
    Voided,
)
from banking.requests import InBankTransfer
from banking.secret import Secret
from tests import cast
from tests.banking.together import together
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Implementation:
    """A core, and how its tests open customers with money in it."""

    core: type[Core]
    person: Callable[..., Person]


IMPLEMENTATIONS = {"embedded": Implementation(EmbeddedCore, cast.person)}


@pytest.fixture(params=IMPLEMENTATIONS)
def implementation(request: pytest.FixtureRequest) -> Implementation:
    return IMPLEMENTATIONS[request.param]


@pytest.fixture
def core(implementation: Implementation) -> Core:
    return implementation.core()


@pytest.fixture
def wang(implementation: Implementation) -> Person:
    return implementation.person("王小梅", opening=10_000)


@pytest.fixture
def chen(implementation: Implementation) -> Person:
    return implementation.person("陈志强", opening=200)


def drafted(core: Core, payer: Person, payee: Person, amount: int | str = 1500, **changes):
    asked = {"payer_id": payer.account.pk, "payee_id": payee.account.pk, "amount": Decimal(amount)}
    how = {"call_ref": "call-1", "at": NOON}
    key = changes.pop("key", uuid4())
    for name, value in changes.items():
        (asked if name in asked else how)[name] = value
    return core.draft(key, InBankTransfer(**asked), **how)


def executed(core: Core, payer: Person, payee: Person, amount: int | str = 1500) -> OrderView:
    key = drafted(core, payer, payee, amount).key
    core.confirm(key, at=NOON)
    return core.execute(key, at=NOON)


# -- who ---------------------------------------------------------------------------------------


def test_a_card_is_found_by_its_number(core, wang):
    card = core.find_card(wang.pan, at=NOON)
    assert card.customer_id == wang.id
    assert card.tail == wang.pan.reveal()[-4:]
    assert card.masked == f"{wang.pan.reveal()[:4]} **** **** {card.tail}"
    assert (card.status, card.is_test) == ("active", True)


@pytest.mark.parametrize("digits", ["", "1", "6222024000000001", "62220240" * 3])
def test_what_is_no_card_of_ours(core, wang, digits):
    with pytest.raises(CardInvalid):
        core.find_card(Secret(digits), at=NOON)
    with pytest.raises(CardInvalid):  # right by its check digit, but another bank's
        core.find_card(cast.pan("621700000000000000"), at=NOON)


def test_a_customer_is_found_by_id_number_and_shown_masked(core, wang):
    found = core.find_customer(wang.id_number, at=NOON)
    assert found == core.customer(wang.id, at=NOON)
    assert (found.name, found.id_tail) == ("王小梅", wang.id_number.reveal()[-4:])
    assert "****" in found.masked_mobile
    assert core.find_customer(Secret("110101199003074578"), at=NOON) is None


def test_the_right_pins_pass(core, wang):
    core.verify_pin(wang.card.pk, Secret(wang.query_pin), "query", call_ref="c", at=NOON)
    core.verify_pin(
        wang.card.pk, Secret(wang.transaction_pin), "transaction", call_ref="c", at=NOON
    )


@pytest.mark.parametrize(
    ("purpose", "wrong", "locked"),
    [
        ("query", PinWrong, PinLocked),
        ("transaction", TransactionPinWrong, TransactionPinLocked),
    ],
)
def test_the_third_wrong_pin_of_a_call_locks(core, wang, purpose, wrong, locked):
    def enter(pin: str) -> None:
        core.verify_pin(wang.card.pk, Secret(pin), purpose, call_ref="c", at=NOON)

    for left in (2, 1):
        with pytest.raises(wrong) as refusal:
            enter("111222")
        assert refusal.value.values == {"left": left}
    with pytest.raises(locked):
        enter("111222")
    assert core.tries_a_call(at=NOON) == 3
    with pytest.raises(locked):  # even the right one
        enter(wang.query_pin if purpose == "query" else wang.transaction_pin)


def test_each_pin_is_for_its_own_purpose(core, wang):
    with pytest.raises(PinWrong):
        core.verify_pin(wang.card.pk, Secret(wang.transaction_pin), "query", call_ref="c", at=NOON)


# -- what she has ------------------------------------------------------------------------------


def test_accounts_and_their_balance(core, wang):
    [account] = core.accounts(wang.id, at=NOON)
    assert (account.id, account.status) == (wang.account.pk, "active")
    assert account.tail == wang.pan.reveal()[-4:]
    balance = core.balance(account.id, at=NOON)
    assert (balance.balance, balance.held, balance.available) == (10_000, 0, 10_000)


def test_the_last_entries_newest_first(core, wang, chen):
    receipts = [executed(core, wang, chen, amount).receipt for amount in range(1, 7)]
    entries = core.last(wang.account.pk, at=NOON)
    assert [entry.receipt for entry in entries] == receipts[:0:-1]
    assert [entry.amount for entry in entries] == [-6, -5, -4, -3, -2]
    assert entries[0].balance == 10_000 - 21
    assert entries[0].kind == "transfer"
    assert len(core.last(wang.account.pk, 100, at=NOON)) == 7
    assert core.last(chen.account.pk, 1, at=NOON)[0].amount == 6


# -- payees ------------------------------------------------------------------------------------


def test_registered_payees(core, wang, chen):
    assert core.payees(wang.id, at=NOON) == ()
    customers.register_payee(wang.customer, chen.account, name="陈志强", on=NOON.date())
    [payee] = core.payees(wang.id, at=NOON)
    assert (payee.account_id, payee.name) == (chen.account.pk, "陈志强")
    assert payee.tail == chen.pan.reveal()[-4:]


def test_a_payee_by_card_or_account_number(core, wang, chen):
    by_card = core.find_payee(chen.pan, at=NOON)
    by_account = core.find_payee(Secret(chen.account.number), at=NOON)
    assert by_card == by_account
    assert (by_card.account_id, by_card.name) == (chen.account.pk, "")  # a name is not given away
    for nobody in ("", "cash", "7557999999999999", cast.pan("621700000000000000").reveal()):
        with pytest.raises(PayeeUnknown):
            core.find_payee(Secret(nobody), at=NOON)


# -- a transfer --------------------------------------------------------------------------------


def test_a_transfer_from_read_back_to_told(core, wang, chen):
    order = drafted(core, wang, chen)
    assert (order.state, order.amount, order.fee) == ("read_back", 1500, 0)
    assert order.payee_tail == chen.pan.reveal()[-4:]
    assert core.balance(wang.account.pk, at=NOON).balance == 10_000  # nothing has moved

    assert core.confirm(order.key, at=NOON).state == "confirmed"
    receipt = core.execute(order.key, at=NOON)
    assert (receipt.amount, receipt.fee, receipt.payee_tail) == (1500, 0, order.payee_tail)
    assert len(receipt.receipt) == 12 and receipt.receipt.isdigit()
    assert core.balance(wang.account.pk, at=NOON).balance == 8500
    assert core.balance(chen.account.pk, at=NOON).balance == 1700

    [untold] = core.untold(wang.id, at=NOON)
    assert (untold.key, untold.receipt, untold.state) == (order.key, receipt.receipt, "executed")
    assert core.told(order.key, at=NOON).told_at == NOON
    assert core.untold(wang.id, at=NOON) == ()


def test_asked_again_it_gives_the_first_answer(core, wang, chen):
    key = drafted(core, wang, chen).key
    assert drafted(core, wang, chen, key=key).key == key
    core.confirm(key, at=NOON)
    core.confirm(key, at=NOON)
    receipt = core.execute(key, at=NOON)
    assert core.execute(key, at=NOON + DAY) == receipt
    assert core.confirm(key, at=NOON + DAY).state == "executed"
    assert core.enquire(key, at=NOON + DAY).receipt == receipt.receipt
    assert core.balance(wang.account.pk, at=NOON).balance == 8500


def test_asked_by_several_at_once_it_moves_once(core, wang, chen):
    key = drafted(core, wang, chen).key
    core.confirm(key, at=NOON)
    receipts = together(*[lambda: core.execute(key, at=NOON)] * 4)
    assert len(set(receipts)) == 1 and isinstance(receipts[0], OrderView)
    assert core.balance(wang.account.pk, at=NOON).balance == 8500


@pytest.mark.parametrize("other", ["amount", "payee", "payer", "call"])
def test_a_key_with_other_parameters_is_an_error(core, wang, chen, other):
    liu = cast.old_liu()
    key = drafted(core, wang, chen, 100).key
    changes = {
        "amount": {"amount": Decimal(101)},
        "payee": {"payee_id": liu.account.pk},
        "payer": {"payer_id": liu.account.pk},
        "call": {"call_ref": "call-2"},
    }[other]
    with pytest.raises(KeyReused):
        drafted(core, wang, chen, **{"amount": Decimal(100), "key": key, **changes})


def test_what_the_read_back_refuses(core, wang, chen):
    for amount, refusal in (
        ("0", AmountInvalid),
        ("0.001", AmountInvalid),
        ("50000.01", SingleLimitExceeded),
        ("10000.01", InsufficientFunds),
    ):
        with pytest.raises(refusal):
            drafted(core, wang, chen, amount)
    with pytest.raises(PayeeSame):
        drafted(core, wang, wang)
    with pytest.raises(PayeeUnknown):
        drafted(core, wang, chen, payee_id=999_999)


def test_a_refusal_is_final_and_can_be_told(core, wang, chen):
    key = drafted(core, wang, chen, 9000).key
    core.confirm(key, at=NOON)
    executed(core, wang, chen, 5000)
    for _ in range(2):
        with pytest.raises(InsufficientFunds) as refusal:
            core.execute(key, at=NOON)
        assert refusal.value.values == {"available": 5000, "needed": 9000}
    order = core.enquire(key, at=NOON)
    assert order.state == "refused" and isinstance(order.refusal, OrderRefused)
    assert str(order.refusal) == str(refusal.value)
    assert core.told(key, at=NOON).told_at == NOON
    with pytest.raises(AlreadySettled):
        core.void(key, at=NOON)


def test_void_before_it_is_executed_never_after(core, wang, chen):
    for confirm in (False, True):
        key = drafted(core, wang, chen).key
        if confirm:
            core.confirm(key, at=NOON)
        assert core.void(key, at=NOON).state == "void"
        assert core.void(key, at=NOON).state == "void"
        for verb in (core.confirm, core.execute):
            with pytest.raises(Voided):
                verb(key, at=NOON)
    with pytest.raises(AlreadySettled):
        core.void(executed(core, wang, chen).key, at=NOON)
    assert core.balance(wang.account.pk, at=NOON).balance == 8500


def test_only_a_confirmed_order_is_executed_and_only_an_outcome_told(core, wang, chen):
    key = drafted(core, wang, chen).key
    with pytest.raises(NotConfirmed):
        core.execute(key, at=NOON)
    with pytest.raises(NotSettled):
        core.told(key, at=NOON)


def test_an_order_in_doubt_is_resolved_by_an_enquiry(core, wang, chen):
    key = drafted(core, wang, chen).key
    core.confirm(key, at=NOON)
    assert core.doubt(key, at=NOON).state == "unknown"
    with pytest.raises(OutcomeUnknown):
        core.execute(key, at=NOON)
    assert core.enquire(key, at=NOON).state in {"executed", "void"}
    moved = core.balance(wang.account.pk, at=NOON).balance
    assert moved == (8500 if core.enquire(key, at=NOON).state == "executed" else 10_000)


def test_what_she_confirmed_is_untold_until_its_end_was_heard(core, wang, chen):
    """Refused, in doubt, or void after all; what she did not confirm was never asked for."""
    dropped = drafted(core, wang, chen).key
    core.void(dropped, at=NOON)
    refused = drafted(core, wang, chen, 9_000).key
    core.confirm(refused, at=NOON)
    executed(core, wang, chen, 5_000)
    with pytest.raises(InsufficientFunds):
        core.execute(refused, at=NOON)
    doubted = drafted(core, wang, chen, 100).key
    core.confirm(doubted, at=NOON)
    core.doubt(doubted, at=NOON)

    found = {order.key: order.state for order in core.untold(wang.id, at=NOON)}
    assert dropped not in found
    assert (found[refused], found[doubted]) == ("refused", "unknown")
    with pytest.raises(NotSettled):
        core.told(doubted, at=NOON)
    core.enquire(doubted, at=NOON)
    for order in core.untold(wang.id, at=NOON):
        core.told(order.key, at=NOON)
    assert core.untold(wang.id, at=NOON) == ()


def test_doubt_about_what_is_executed_is_no_doubt(core, wang, chen):
    receipt = executed(core, wang, chen)
    assert core.doubt(receipt.key, at=NOON).state == "executed"


def test_a_key_never_seen_is_spent_so_that_a_late_first_try_cannot_land(core, wang, chen):
    key = uuid4()
    assert core.enquire(key, at=NOON).state == "void"
    with pytest.raises(Voided):
        drafted(core, wang, chen, key=key)
    for verb in (core.confirm, core.execute):
        with pytest.raises(Voided):
            verb(key, at=NOON)


def test_an_unknown_key(core, wang):
    for verb in (core.confirm, core.execute, core.told, core.void, core.doubt):
        with pytest.raises(UnknownInstruction):
            verb(uuid4(), at=NOON)


# -- loss --------------------------------------------------------------------------------------


def test_a_lost_card_is_stopped_at_once_and_lapses_by_itself(core, wang, chen):
    receipt = core.report_loss(wang.pan, wang.id_number, call_ref="c", at=NOON)
    assert (receipt.instrument, receipt.tail) == ("card", wang.pan.reveal()[-4:])
    assert len(receipt.number) == 12 and receipt.number.isdigit()
    assert receipt.lapses_at == NOON + 5 * DAY

    last = receipt.lapses_at - timedelta(seconds=1)
    for at, status, card in (
        (NOON, "stopped", "lost"),
        (last, "stopped", "lost"),
        (receipt.lapses_at, "active", "active"),
    ):
        assert core.accounts(wang.id, at=at)[0].status == status
        assert core.find_card(wang.pan, at=at).status == card
    with pytest.raises(OrderRefused):
        drafted(core, wang, chen, at=last)
    assert drafted(core, chen, wang, 100, at=last)  # it may still be paid into
    assert drafted(core, wang, chen, at=receipt.lapses_at)


def test_a_loss_reported_between_yes_and_execution_stops_it(core, wang, chen):
    key = drafted(core, wang, chen).key
    core.confirm(key, at=NOON)
    core.report_loss(wang.pan, wang.id_number, call_ref="c", at=NOON)
    with pytest.raises(OrderRefused):
        core.execute(key, at=NOON)
    assert core.balance(wang.account.pk, at=NOON).balance == 10_000


def test_a_passbook_is_reported_by_its_number(core, implementation):
    zhao = implementation.person("赵国强", with_passbook=True)
    receipt = core.report_loss(Secret(zhao.passbook), zhao.id_number, call_ref="c", at=NOON)
    assert (receipt.instrument, receipt.tail) == ("passbook", zhao.passbook[-4:])
    assert core.accounts(zhao.id, at=NOON)[0].status == "stopped"


def test_what_is_lost_must_be_hers_and_is_lost_once(core, wang, chen):
    for number, owner in ((wang.pan, chen.id_number), (Secret("ZB99999999"), wang.id_number)):
        with pytest.raises(LossNotFound):
            core.report_loss(number, owner, call_ref="c", at=NOON)
    core.report_loss(wang.pan, wang.id_number, call_ref="c", at=NOON)
    with pytest.raises(LossAlready):
        core.report_loss(wang.pan, wang.id_number, call_ref="c", at=NOON)


def test_an_account_is_reported_by_its_number(core, implementation):
    zhao = implementation.person("赵国强", with_passbook=True)
    receipt = core.report_loss(Secret(zhao.account.number), zhao.id_number, call_ref="c", at=NOON)
    assert (receipt.instrument, receipt.tail) == ("passbook", zhao.passbook[-4:])
    li = implementation.person("李文")  # without a passbook it is the card that reaches it
    receipt = core.report_loss(Secret(li.account.number), li.id_number, call_ref="c", at=NOON)
    assert (receipt.instrument, receipt.tail) == ("card", li.pan.reveal()[-4:])


def test_who_is_known_reports_what_is_hers_without_numbers(core, implementation, chen):
    zhao = implementation.person("赵国强", with_passbook=True)
    kinds = [(one.kind, one.lost_until) for one in core.instruments(zhao.id, at=NOON)]
    assert kinds == [("card", None), ("passbook", None)]
    for one in core.instruments(zhao.id, at=NOON):
        with pytest.raises(LossNotFound):
            core.report_own_loss(chen.id, one.kind, one.id, call_ref="c", at=NOON)
        receipt = core.report_own_loss(zhao.id, one.kind, one.id, call_ref="c", at=NOON)
        assert (receipt.instrument, receipt.tail) == (one.kind, one.tail)
        with pytest.raises(LossAlready):
            core.report_own_loss(zhao.id, one.kind, one.id, call_ref="c", at=NOON)
    until = {one.lost_until for one in core.instruments(zhao.id, at=NOON)}
    assert until == {NOON + 5 * DAY}
    assert {one.lost_until for one in core.instruments(zhao.id, at=NOON + 5 * DAY)} == {None}


def test_whether_debits_by_telephone_are_stopped(core, wang):
    assert core.phone_stopped(wang.id, at=NOON) is None
    number = core.stop_phone_debits(wang.id, call_ref="c", at=NOON, channel="agent")
    stopped = core.phone_stopped(wang.id, at=NOON)
    assert (stopped.number, stopped.since, stopped.asked) == (number, NOON, True)


def test_every_refusal_has_words_to_read_and_a_prompt_to_hear():
    kinds, seen = [BankingError], []
    while kinds:
        kind = kinds.pop()
        seen.append(kind)
        kinds.extend(kind.__subclasses__())
        named = re.findall(r"%\((\w+)\)s", str(kind.text))
        values = dict.fromkeys([*kind.kinds, *named], Decimal("1234.5"))
        assert str(kind(**values)) and "%(" not in str(kind(**values))
        assert "." in kind.prompt
    assert len(seen) > 20
