"""Card and query password: errors, silence, going back, an agent in one key."""

import pytest

from banking.models import AccessRule
from telephony.ivr import registry
from telephony.models import Call, CallbackRequest, Step
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


async def to_the_card(phone) -> None:
    await phone.hears("menu.language.1")
    await phone.keys("1")
    await phone.hears("menu.root.1")
    await phone.keys("1")
    await phone.hears("identify.card")


async def test_keyed_ahead_she_hears_her_balance_within_25_seconds(dial, bank, wang):
    phone = await dial()
    started = bank.machine.switch.now()
    await phone.keys("11" + wang.pan.reveal() + "#" + wang.query_pin + "#" + "11")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    assert bank.machine.switch.now() - started < 25


async def test_a_mistyped_card_and_an_unknown_one_sound_alike(dial, wang):
    phone = await dial()
    await to_the_card(phone)
    await phone.keys("6222021234567890#")
    await phone.hears("identify.card_invalid")
    await phone.keys("6222020000000000#")
    await phone.hears("identify.card_invalid")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")


async def test_three_wrong_passwords_end_the_call(dial, bank, wang):
    phone = await dial()
    await to_the_card(phone)
    await phone.keys(wang.pan.reveal() + "#")
    for left in (2, 1):
        await phone.hears("identify.pin")
        await phone.keys("111222#")
        await phone.hears("identify.pin_wrong", left=left)
    await phone.keys("111222#")
    await phone.hears("identify.hangup")
    await phone.is_hung_up()
    await bank.settled()
    call = await bank.query(Call.objects.get)
    assert call.outcome == Call.Outcome.LOCKED
    assert call.ended_by == Call.EndedBy.BANK


async def test_the_bank_says_how_many_wrong_passwords_end_a_call(dial, bank, wang):
    await bank.query(
        AccessRule.objects.create, name="query_call", valid_from=cast.LONG_AGO, value=2
    )
    phone = await dial()
    await to_the_card(phone)
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys("111222#")
    await phone.hears("identify.pin_wrong", left=1)
    await phone.keys("111222#")
    await phone.hears("identify.hangup")
    await phone.is_hung_up()


async def test_silence_at_the_password_ends_the_call(dial, bank, wang):
    phone = await dial()
    await to_the_card(phone)
    await phone.keys(wang.pan.reveal() + "#")
    for _ in range(3):
        await phone.hears("identify.pin")
    await phone.hears("entry.silence")  # and not that her password was wrong
    await phone.hears("goodbye")
    await phone.is_hung_up()


async def test_silence_in_a_menu_leads_to_a_person(dial, bank, wang):
    phone = await dial()
    await phone.hears("menu.language.1")
    await phone.keys("1")
    for _ in range(3):
        await phone.hears("menu.root.1")
    await phone.hears("menu.tries_over")
    await phone.hears("agent.callback_offer")


async def test_star_goes_back_and_nine_repeats(dial, wang):
    phone = await dial()
    await to_the_card(phone)
    await phone.keys("*")
    await phone.hears("menu.root.1")
    await phone.keys("9")
    await phone.hears("menu.root.1")


async def test_star_clears_an_entry(dial, wang):
    phone = await dial()
    await to_the_card(phone)
    await phone.keys("62220*")
    await phone.hears("entry.cleared")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")


async def test_zero_and_hash_in_an_entry_asks_for_a_person(dial, bank, wang):
    phone = await dial(caller="13800136027")
    await to_the_card(phone)
    await phone.keys("0#")
    await phone.hears("agent.callback_offer")
    await phone.keys("1")
    await phone.hears("agent.callback_number", number="13800136027")
    await phone.keys("1")
    await phone.is_hung_up()
    await bank.settled()
    request = await bank.query(CallbackRequest.objects.get)
    assert request.phone == "13800136027"
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.CALLBACK


async def test_a_person_in_one_key_from_the_first_prompt(dial, bank, wang):
    phone = await dial(caller="")
    await phone.keys("0")
    await phone.hears("agent.callback_offer")
    await phone.keys("1")
    await phone.hears("agent.callback_enter")
    await phone.keys("075525198888#")
    await phone.is_hung_up()
    assert (await bank.query(CallbackRequest.objects.get)).phone == "075525198888"


async def test_english_is_three_and_two_is_nobodys_without_cantonese(dial, wang):
    phone = await dial()
    await phone.hears("menu.language.3")
    await phone.keys("2")
    await phone.hears("menu.invalid")
    await phone.keys("3")
    heard = await phone.phone.hears("menu.root.1")
    assert all("/en/" in file for file in heard.files)


async def test_a_menu_offers_only_what_is_built_and_keys_stay(dial, wang, monkeypatch):
    monkeypatch.delitem(registry._flows, "complaint")
    phone = await dial()
    await phone.hears("menu.language.1")
    await phone.keys("1")
    heard = await phone.phone.hears("menu.root.1")
    names = " ".join(heard.files)
    assert "menu.root.5" in names
    await phone.keys("5")
    heard = await phone.phone.hears("menu.complaints.2")
    names = " ".join(heard.files)
    assert "menu.complaints.3" in names
    assert "menu.complaints.1" not in names
    await phone.keys("1")
    await phone.hears("menu.invalid")


async def test_the_test_phone_knows_only_test_customers(dial, stranger):
    phone = await dial(test=True)
    await to_the_card(phone)
    await phone.keys(stranger.pan.reveal() + "#")
    await phone.hears("identify.not_test")
    await phone.hears("identify.card")


async def test_the_record_tells_the_conversation_in_order(dial, bank, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("1", "1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    await phone.hears("menu.accounts.1")
    await phone.hangs_up()
    await bank.settled()
    steps = await bank.query(lambda: list(Step.objects.order_by("seq")))
    assert [step.seq for step in steps] == list(range(1, len(steps) + 1))
    assert steps[0].prompt == "welcome.961202"
    assert [s.deed for s in steps if s.deed] == ["identified", "balance"]
    assert [s.keys for s in steps if s.keys][-2:] == ["1", "1"]
    assert steps[-1].prompt.startswith("menu.accounts")
    interrupted = [s for s in steps if s.prompt == "menu.root.1"]
    assert interrupted[0].barged or interrupted[0].heard_s > 0


async def test_a_number_that_tried_too_much_is_told_so_and_a_person_is_a_key_away(dial, bank, wang):
    await bank.query(
        AccessRule.objects.create, name="number_hour", valid_from=cast.LONG_AGO, value=2
    )
    phone = await dial(caller="13900139000")
    await to_the_card(phone)
    for _try in range(2):
        await phone.keys("6222020000000000#")
        await phone.hears("identify.card_invalid")
    await phone.keys(wang.pan.reveal() + "#")  # what is right sounds as what is wrong
    await phone.hears("identify.throttled")
    await phone.is_hung_up()
    await bank.settled()
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.LOCKED
    wrong = await dial(caller="13900139000")
    await to_the_card(wrong)
    await wrong.keys("6222020000000000#")
    await wrong.hears("identify.throttled")
    await wrong.is_hung_up()

    again = await dial(caller="13900139000")
    await again.keys("0")
    await again.hears("agent.callback_offer")
    await again.hangs_up()
    other = await dial(caller="13900139001")
    await other.logs_in(wang)
