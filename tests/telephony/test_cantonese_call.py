"""粤语: offered by itself once it is all recorded, withdrawn by itself, and a whole call in it."""

from decimal import Decimal
from pathlib import Path

import pytest

from banking.models import Account, Instruction
from people.models import User
from telephony import drafting, languages, menus, publishing, saved_calls, studio, wording
from telephony.models import Call, CallbackRequest, MenuVersion, OfferedLanguage
from telephony.models import Recording as Recorded
from telephony.services import services
from tests import cast
from tests.desktop import floors
from tests.telephony import cantonese, walks
from tests.telephony.test_transfer_call import AMOUNT, asks_for, confirms

pytestmark = pytest.mark.django_db(transaction=True)
YUE = "2"


@pytest.fixture
def recorded(books, own) -> None:
    cantonese.record()


def take_back(pk: int) -> None:
    studio.take_back(pk, by=User.objects.get(name="张敏"), at=cast.NOON)


def spans() -> list[tuple[bool, int]]:
    """Of Cantonese: still open? and how much was missing when it was withdrawn."""
    found = OfferedLanguage.objects.filter(lang="yue").order_by("since")
    return [(span.until is None, span.lacked) for span in found]


async def test_from_the_language_menu_to_the_balance_and_a_receipt(
    recorded, dial, bank, wang, chen
):
    phone = await dial()
    await phone.hears("menu.language.2")
    await phone.keys(YUE)
    heard = await phone.phone.hears("menu.root.1")
    await phone.keys("1")
    await phone.hears("identify.card")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(wang.query_pin + "#")
    await phone.hears("menu.personal.2")
    await phone.keys("11")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    await phone.hears("menu.accounts.1")
    await phone.keys("*")
    await phone.hears("menu.personal.2")
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    order = await bank.query(Instruction.objects.get)
    await phone.hears("order.receipt", receipt=order.receipt)
    await phone.hears("order.receipt_again", receipt=order.receipt)
    await phone.hears("menu.transfer.1")
    await phone.hangs_up()
    await bank.settled()

    assert {Path(file).parts[-2] for file in heard.files} <= {"yue", "say"}
    account = await bank.query(Account.objects.get, pk=wang.account.pk)
    assert account.balance == wang.opening - AMOUNT
    order = await bank.query(Instruction.objects.get)
    assert (order.state, order.told_at is not None) == ("executed", True)
    call = await bank.query(Call.objects.get)
    assert (call.language, call.outcome) == ("yue", Call.Outcome.SERVED)


async def test_not_a_word_of_another_language_is_said_in_it(recorded, dial, bank, wang):
    phone = await dial()
    await phone.logs_in(wang, language=YUE)
    await phone.keys("1", "1")
    await phone.hears("menu.accounts.1")
    await phone.hangs_up()
    await bank.settled()
    said = [step.text for step in await bank.query(lambda: list(Call.objects.get().steps.all()))]
    heard = "".join(said[said.index(next(t for t in said if "粤语" in t)) + 1 :])
    assert "嘅" in heard
    assert not set(heard) & set("的没这那")


@pytest.mark.parametrize("file", ["yue/goodbye.wav", "yue/say/jiao.7.wav"])
async def test_without_one_file_key_2_is_nobodys(books, own, dial, bank, file):
    await bank.query(cantonese.record, without={file})
    phone = await dial()
    heard = await phone.phone.hears("menu.language.3")
    assert not any("menu.language.2" in file for file in heard.files)
    await phone.keys(YUE)
    await phone.hears("menu.invalid")
    await phone.keys("1")
    await phone.hears("menu.root.1")
    assert await bank.query(spans) == []


async def test_it_is_withdrawn_for_new_calls_and_who_is_in_one_goes_on(recorded, dial, bank, wang):
    assert await bank.query(spans) == [(True, 0)]
    phone = await dial()
    await phone.logs_in(wang, language=YUE)
    row = await bank.query(Recorded.objects.get, file="yue/menu.accounts.2.wav", state="used")
    await bank.query(take_back, row.pk)
    assert await bank.query(spans) == [(False, 1)]
    await phone.keys("1")
    heard = await phone.phone.hears("menu.accounts.2")
    assert any("/yue/" in file for file in heard.files)

    other = await dial(caller="13900139000")
    heard = await other.phone.hears("menu.language.3")
    assert not any("menu.language.2" in file for file in heard.files)


async def test_a_worker_that_takes_over_goes_on_in_mandarin_where_it_was_withdrawn(
    recorded, dial, bank, wang
):
    phone = await dial()
    await phone.logs_in(wang, language=YUE)
    await bank.worker.driver.batch.flush()
    await bank.stop_work()
    row = await bank.query(Recorded.objects.get, file="yue/menu.accounts.2.wav", state="used")
    await bank.query(take_back, row.pk)
    await bank.work()
    heard = await phone.phone.hears("system.recovered")
    assert any("zh/system.recovered" in file for file in heard.files)


def test_a_language_waits_for_the_banks_own_entries_of_the_published_menu(recorded, own):
    with_own = own_entry("menu.own.news")
    cantonese_ = languages.standing("yue")
    assert [each.file for each in cantonese_.lacking] == ["yue/menu.own.news.wav"]
    assert cantonese_.lacking[0].words == ""  # nobody wrote them yet
    assert spans() == [(False, 1)]
    assert menus.load(with_own.pk).own_prompts == {"menu.own.news"}


def own_entry(key: str) -> MenuVersion:
    """The menu that callers hear has an entry with words of the bank's own, in two languages."""
    lina = User.objects.get(name="李娜")
    published = MenuVersion.objects.get(state="published")
    draft = menus.copy(published.pk, by=lina, at=cast.NOON)
    drafting.set_prompt(draft.pk, node="root", digit="4", prompt=key, by=lina, at=cast.NOON)
    return publishing.put_into_service(draft.pk, by=lina, at=cast.NOON, edited_at=cast.NOON)


async def test_it_is_not_offered_on_a_menu_that_it_cannot_say(recorded, dial, bank):
    both = {"zh": "公告，请按 4。", "en": "For news, press 4."}
    await bank.query(lambda: cantonese.record_own("menu.own.news", **both))
    await bank.query(own_entry, "menu.own.news")
    phone = await dial()
    heard = await phone.phone.hears("menu.language.3")
    assert not any("menu.language.2" in file for file in heard.files)
    await phone.hangs_up()
    await bank.query(lambda: cantonese.record_own("menu.own.news", yue="公告，请按 4。"))
    phone = await dial()
    await phone.hears("menu.language.2")
    await phone.keys(YUE)
    await phone.hears("menu.own.news")
    assert sorted(still for still, _lacked in await bank.query(spans)) == [False, True]


@pytest.fixture
def tian(hire) -> User:
    """田甜, who speaks Cantonese."""
    return hire("田甜", cantonese=3)


async def test_who_speaks_it_is_sent_to_who_speaks_it(recorded, dial, bank, zhou, tian):
    other = await (await bank.seat(zhou)).is_ready()
    agent = await (await bank.seat(tian)).is_ready()
    await asks_for_a_person(await dial())
    await agent.answers()
    assert await other.state() == "ready"


async def test_where_nobody_speaks_it_any_agent_answers(recorded, dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    await asks_for_a_person(await dial())
    await agent.answers()


async def test_a_call_back_is_asked_for_in_it(recorded, dial, bank):
    phone = await dial()
    await asks_for_a_person(phone)
    await phone.hears("agent.callback_offer")
    await phone.keys("1")
    await phone.hears_of("agent.callback_number")
    await phone.keys("1")
    await phone.is_hung_up()
    assert (await bank.query(CallbackRequest.objects.get)).language == "yue"


async def asks_for_a_person(phone) -> None:
    await phone.hears("menu.language.2")
    await phone.keys(YUE)
    await phone.hears("menu.root.1")
    await phone.keys("0")


def test_saved_calls_stay_green_whichever_languages_are_offered(recorded):
    published = MenuVersion.objects.get(state="published")
    assert saved_calls.run(published.pk, at=cast.NOON) == []
    came = published.saved_calls.first().came
    assert "say menu.language.2" in came
    assert saved_calls.first_difference([*came, "end bank"], came).line == len(came) + 1


def test_a_menu_is_checked_in_it_once_it_is_offered(recorded):
    floors.hire("林晓", 1999, ("general",), None)
    published = MenuVersion.objects.get(state="published")
    assert set(publishing.facts(published.menu, at=cast.NOON).prompts) == {"zh", "en", "yue"}
    found = publishing.problems_of(published, at=cast.NOON)
    assert [str(problem) for problem in found if problem.is_error] == []


def test_everything_can_be_said_in_it(recorded):
    """Each prompt of the catalogue has its words and its audio, and takes the same values."""
    book = wording.prompts()
    assert book.offers("yue")
    for key in book.keys("zh"):
        assert book.speaks("yue", key), key
        assert book.slots("yue", key) == book.slots("zh", key), key
    assert book.say("yue", "balance.same", tail="1001", balance=Decimal("2.20")).text == (
        "您尾号一零零一嘅账户余额两元两角。"
    )


async def test_every_service_is_said_in_it(recorded, dial, bank, hire, subtests):
    """Walked to its end as in the other languages; all that it says is in this one's catalogue."""
    await bank.query(walks.a_bank_with_every_service)
    await bank.seat(await bank.query(hire, "田甜", cantonese=5))
    book = await bank.query(wording.prompts)
    for service in services():
        for way in service.ways:
            with subtests.test(service=service.flow.name, keys=way):
                said = await walks.walk(dial, bank, service, way, "yue")
                assert walks.WALKS[service.flow.name].done in said
                assert [key for key in said if key not in book.keys("yue")] == []
                assert [key for key in said if not book.speaks("yue", key)] == []
