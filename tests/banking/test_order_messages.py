"""Orders that end otherwise than she was told: one message, in her language, accounts masked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from banking import instructions, orders, phone_debits
from banking.clearing_batches import files_out, take_in
from banking.errors import InsufficientFunds
from banking.models import Account, Customer, Instruction, OutboxMessage, SettlementOrder
from banking.models.customers import Language
from banking.models.orders import Channel
from people.roles import Role
from tests import cast
from tests.banking.test_admin import as_, text
from tests.banking.test_clearing_batches import results, returned
from tests.banking.test_interbank import confirmed, done, remittance
from tests.banking.test_settlement_desk import close
from tests.banking.together import together
from tests.cast import IN_BEIJING, NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)

TOMORROW = NOON.replace(hour=0) + timedelta(days=1)
POOR = InsufficientFunds(available=Decimal(0), needed=Decimal(1))


@pytest.fixture
def wang(transactional_db) -> Person:
    return cast.wang(opening=40_000)


@pytest.fixture
def there(wang):
    return cast.payee_elsewhere(wang, bank_code=IN_BEIJING)


def speaks(person: Person, language: Language) -> None:
    Customer.objects.filter(pk=person.id).update(language=language)


# -- due, and refused ----------------------------------------------------------------------------


def poor(wang, there) -> Instruction:
    """Due tomorrow; the money is gone by then."""
    order = done(remittance(wang, there, 30_000, "next_day"))
    done(remittance(wang, there, 20_000))
    return order


CHINESE = (
    "【鹏城商业银行】您尾号{tail}的账户预约的交易（流水号{receipt}，金额30,000.00元）到期未能"
    "办理。余额不足：可用 19,995.00 元，本次需要 30,005.00 元。未扣款。如有疑问请致电961202。"
)
WORDS = {
    Language.MANDARIN: CHINESE,
    Language.CANTONESE: CHINESE,
    Language.ENGLISH: (
        "Pengcheng Commercial Bank: your order {receipt} for 30,000.00 yuan from the account "
        "ending {tail} was due and could not be carried out. Not enough money: 19,995.00 yuan "
        "available, 30,005.00 yuan needed. Nothing was debited. Please call 961202 if you have "
        "questions."
    ),
}


@pytest.mark.parametrize("language", Language)
def test_refused_when_it_was_due_she_is_written_why(wang, there, language):
    speaks(wang, language)
    order = poor(wang, there)
    assert not OutboxMessage.objects.exists()
    assert orders.execute_due(at=TOMORROW) == (0, 1)
    message = OutboxMessage.objects.get()
    expected = WORDS[language].format(tail=wang.account_tail, receipt=order.receipt)
    assert message.text == expected
    assert (message.customer_id, message.language) == (wang.id, language)
    assert message.queued_at == TOMORROW
    assert wang.account.number not in message.text


def test_run_again_it_is_written_once(wang, there):
    order = poor(wang, there)
    together(*[lambda: orders.execute_due(at=TOMORROW)] * 2)
    orders.execute_due(at=TOMORROW)
    instructions.refuse(key=order.key, refusal=POOR, at=TOMORROW)
    assert OutboxMessage.objects.count() == 1


def lose_the_account(wang) -> None:
    Account.objects.filter(pk=wang.account.pk).update(status="frozen")


def stop_the_telephone(wang) -> None:
    phone_debits.stop(wang.id, channel=Channel.PHONE, call_ref="", at=NOON)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lose_the_account, "账户已冻结或已挂失。未扣款。"),
        (stop_the_telephone, "您已停用电话支付，恢复须到网点办理。未扣款。"),
    ],
)
def test_whatever_stood_in_its_way_is_named(wang, there, happens, reason):
    done(remittance(wang, there, 300, "next_day"))
    happens(wang)
    assert orders.execute_due(at=TOMORROW) == (0, 1)
    assert reason in OutboxMessage.objects.get().text


def test_what_was_carried_out_or_withdrawn_is_written_of_to_nobody(wang, there):
    first = done(remittance(wang, there, 300, "next_day"))
    done(remittance(wang, there, 400, "next_day"))
    instructions.void(key=first.key, at=NOON)
    assert orders.execute_due(at=TOMORROW) == (1, 0)
    assert not OutboxMessage.objects.exists()


def test_what_is_refused_while_she_listens_is_not_written(wang, there):
    key = confirmed(remittance(wang, there, 30_000))
    assert instructions.refuse(key=key, refusal=POOR, at=NOON).state == "refused"
    assert not OutboxMessage.objects.exists()


# -- given back ----------------------------------------------------------------------------------


@pytest.fixture
def sent(wang, there) -> SettlementOrder:
    """300 yuan to Beijing, sent at noon."""
    done(remittance(wang, there, 300))
    files_out(at=NOON)
    return SettlementOrder.objects.select_related("instruction").get()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            Language.CANTONESE,
            "【鹏城商业银行】您向尾号{payee}的账户转账300.00元（流水号{receipt}）已被退回，原因："
            "收款账户已销户。款项已退到您尾号{tail}的账户。如有疑问请致电961202。",
        ),
        (
            Language.ENGLISH,
            "Pengcheng Commercial Bank: your transfer {receipt} of 300.00 yuan to the account "
            "ending {payee} was returned: the payee's account is closed. The money is on your "
            "account ending {tail} again. Please call 961202 if you have questions.",
        ),
    ],
)
def test_what_another_bank_returned_she_is_written_of(wang, sent, language, words):
    speaks(wang, language)
    take_in("r.csv", results(returned(sent, "RJ03")), at=NOON)
    message = OutboxMessage.objects.get()
    assert message.text == words.format(
        payee=sent.payee_last4, receipt=sent.instruction.receipt, tail=wang.account_tail
    )


def test_the_same_file_again_writes_nothing_more(wang, sent):
    for name in ("r.csv", "r.csv", "r-2.csv"):
        take_in(name, results(returned(sent), name="results-1.csv"), at=NOON)
    assert OutboxMessage.objects.count() == 1


def test_an_import_that_breaks_off_writes_nothing_of_what_did_not_happen(wang, sent, monkeypatch):
    from banking import settlement

    def broken(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(settlement, "_ended", broken)
    with pytest.raises(ConnectionError):
        take_in("r.csv", results(returned(sent)), at=NOON)
    assert not OutboxMessage.objects.exists()


def test_what_stands_under_suspense_is_not_with_her_yet(wang, sent):
    close(wang)
    take_in("r.csv", results(returned(sent)), at=NOON)
    assert SettlementOrder.objects.get().state == "suspended"
    assert not OutboxMessage.objects.exists()


def test_who_can_not_be_reached_stops_no_return(wang, sent):
    Customer.objects.filter(pk=wang.id).update(mobile="", email="")
    take_in("r.csv", results(returned(sent)), at=NOON)
    assert SettlementOrder.objects.get().state == "bounced"
    assert not OutboxMessage.objects.exists()


# -- in the admin --------------------------------------------------------------------------------


def test_the_list_of_messages_shows_it(wang, sent):
    take_in("r.csv", results(returned(sent)), at=NOON)
    reader = as_(Role.BACK_OFFICE, "zh-hans")
    assert "转账退回" in text(reader.get("/admin/banking/outboxmessage/"))
    page = reverse("admin:banking_outboxmessage_change", args=[OutboxMessage.objects.get().pk])
    assert sent.instruction.receipt in reader.get(page).content.decode()
