"""The fraud guard as the caller meets it: warned, held, led to a person, refused."""

from decimal import Decimal

import pytest

from banking.fraud.rules import Action, CallerNumber, NewPayee
from banking.models import Account, FraudDecision, Instruction
from telephony.models import Call, Step
from tests import cast
from tests.banking.guarded import in_force
from tests.telephony.test_transfer_call import AMOUNT, asks_for, balance, confirms, the_only_order

pytestmark = pytest.mark.django_db(transaction=True)

NEW = NewPayee()


async def rule(bank, action: Action, threshold=NEW) -> None:
    await bank.query(in_force, threshold, action)


async def gives_her_password(phone, wang) -> None:
    await phone.hears("order.pin")
    await phone.keys(wang.transaction_pin + "#")


async def deeds(bank) -> list[str]:
    return await bank.query(
        lambda: list(Step.objects.exclude(deed="").values_list("deed", flat=True).order_by("id"))
    )


@pytest.mark.parametrize("language", ["1", "3"])
async def test_she_is_warned_and_goes_on_by_a_key(dial, bank, wang, chen, language):
    await rule(bank, Action.WARN)
    phone = await dial()
    await in_language(phone, wang, language)
    await asks_for(phone, chen, "1500*5#")
    await phone.hears("fraud.warn_new_payee")
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await confirms(phone, chen)
    await gives_her_password(phone, wang)
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    await phone.hangs_up()
    await bank.settled()
    assert await balance(bank, wang) == wang.opening - AMOUNT
    assert (await deeds(bank)).index("warned") < (await deeds(bank)).index("confirmed")


async def in_language(phone, who: cast.Person, key: str) -> None:
    """As `logs_in`, in Mandarin (1) or English (3)."""
    await phone.hears(f"menu.language.{key}")
    await phone.keys(key, "1")
    await phone.hears("identify.card")
    await phone.keys(who.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(who.query_pin + "#")
    await phone.hears("menu.personal.2")


async def test_warned_she_thinks_again(dial, bank, wang, chen):
    await rule(bank, Action.WARN)
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#1")  # keyed ahead: it is no answer to a warning
    await phone.hears("fraud.warn_new_payee")
    await phone.hears("confirm.ask")
    await phone.keys("2")
    await phone.hears("order.cancelled")
    await bank.settled()
    assert (await the_only_order(bank)).state == "void"
    assert await balance(bank, wang) == wang.opening


@pytest.mark.parametrize("moment", ["fraud.warn_new_payee", "confirm.ask"])
async def test_who_hangs_up_while_she_is_warned_has_paid_nothing(dial, bank, wang, chen, moment):
    await rule(bank, Action.WARN)
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await phone.hears(moment)
    await phone.hangs_up()
    await bank.settled()
    assert (await the_only_order(bank)).state == "void"


async def test_held_it_is_accepted_and_said_so(dial, bank, wang, chen):
    await rule(bank, Action.HOLD)
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await gives_her_password(phone, wang)
    await phone.hears("order.held")
    order = await the_only_order(bank)
    await phone.hears("order.receipt_again", receipt=order.receipt)
    await phone.hears("menu.transfer.1")
    await phone.hangs_up()
    await bank.settled()
    order = await the_only_order(bank)
    assert (order.state, order.told_at is not None) == ("held", True)
    account = await bank.query(Account.objects.get, pk=wang.account.pk)
    assert (account.balance, account.available) == (wang.opening, wang.opening - AMOUNT)


async def test_who_hangs_up_before_she_hears_that_it_is_held_hears_it_next_time(
    dial, bank, wang, chen
):
    await rule(bank, Action.HOLD)
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await gives_her_password(phone, wang)
    await phone.hears("order.held")
    await phone.hangs_up()
    await bank.settled()

    order = await the_only_order(bank)
    again = await dial()
    await again.identifies(wang)
    await again.hears("untold.accepted", amount=AMOUNT, receipt=order.receipt)
    await again.hears("menu.personal.2")


async def test_what_wants_a_person_leads_to_one(dial, bank, wang, chen, lin):
    await rule(bank, Action.AGENT)
    seat = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await phone.hears("fraud.agent")
    await phone.hears("agent.transfer")
    await seat.answers()
    await phone.hangs_up()
    await bank.settled()
    assert not await bank.query(Instruction.objects.exists)
    assert (await bank.query(FraudDecision.objects.get)).action == "agent"
    assert (await bank.query(Call.objects.get)).outcome == "agent"


async def test_refused_she_hears_so_and_is_in_the_menu_again(dial, bank, wang, chen):
    await rule(bank, Action.REFUSE)
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await phone.hears("refused.fraud")
    await phone.hears("menu.transfer.1")
    assert not await bank.query(Instruction.objects.exists)


async def test_the_number_she_calls_from_reaches_the_guard(dial, bank, wang, chen):
    await rule(bank, Action.WARN, CallerNumber(above=Decimal(1000)))
    phone = await dial(caller="anonymous")
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await phone.hears("fraud.warn_caller_number")
    await phone.hangs_up()
    await bank.settled()
    assert (await bank.query(FraudDecision.objects.get)).facts["caller"] == "withheld"
