"""Known by her bound number before she proves herself: greeted, and placed in the queue."""

import pytest

from banking import bound
from banking.models import AccessRule, CallerTerm
from banking.models.customers import Vip
from routing.models import QueueEntry
from tests import cast
from tests.cast import LONG_AGO, NOON
from tests.telephony.conftest import PROMPTS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def from_sixty_on(books) -> None:
    CallerTerm.objects.create(what=CallerTerm.What.SENIOR, valid_from=LONG_AGO, value=60)


async def test_who_is_sixty_hears_of_the_person_first(dial, bank, from_sixty_on):
    liu = await bank.query(cast.old_liu)
    await bank.query(bound.bind, liu.id, by=None, at=NOON)
    phone = await dial(caller=liu.customer.mobile)
    await phone.hears("welcome.961202")
    await phone.hears_next("menu.agent")
    await phone.keys("0")
    await phone.hears("agent.callback_offer")


async def test_who_is_younger_or_unknown_is_asked_for_her_language(dial, bank, wang, from_sixty_on):
    await bank.query(bound.bind, wang.id, by=None, at=NOON)
    for caller in (wang.customer.mobile, "13800136027", "anonymous"):
        phone = await dial(caller=caller)
        await phone.hears("welcome.961202")
        await phone.hears_next("menu.language.1")
        await phone.hangs_up()


async def test_a_bound_number_brings_her_level_to_the_queue(dial, bank, lin, books):
    rich = await bank.query(cast.person, "林立新", vip=Vip.PRIVATE)
    await bank.query(bound.bind, rich.id, by=None, at=NOON)
    seat = await bank.seat(lin)
    phone = await dial(caller=rich.customer.mobile)
    await phone.hears("menu.language.1")
    await phone.keys("1", "0")
    await phone.hears("agent.transfer")
    entry = await bank.query(QueueEntry.objects.get)
    assert (entry.vip, entry.customer_id) == ("private", None)  # her level, not her name
    await phone.hangs_up()
    await bank.settled()
    assert await seat.state() != "talking"


# -- who is sixty, and in no hurry -------------------------------------------------------------


@pytest.fixture
async def liu(bank, from_sixty_on):
    """老刘, seventy, whose mobile is bound."""
    liu = await bank.query(cast.old_liu)
    await bank.query(bound.bind, liu.id, by=None, at=NOON)
    return liu


@pytest.mark.parametrize("language", ["1", "3"])
async def test_she_hears_each_option_after_a_breath_and_the_person_first(dial, liu, language):
    phone = await dial(caller=liu.customer.mobile)
    await phone.hears("menu.language.1")
    await phone.keys(language)
    heard = await phone.phone.hears("playing")
    assert _name(heard.files[0]).endswith("menu.agent.wav")  # before every option
    usual = sum(PROMPTS.seconds([_name(file)]) for file in heard.files)
    breaths = heard.what["seconds"] - usual
    assert breaths >= 0.7 * (len(heard.files) - 1) - 0.01 > 2


async def test_she_has_more_time_for_her_first_key(dial, liu, wang, bank):
    waits = []
    for caller in (liu.customer.mobile, "13900139000"):
        phone = await dial(caller=caller)
        await phone.hears("menu.language.1")
        await phone.keys("1")
        await phone.hears("menu.hint")
        await phone.phone.hears("played")
        began = bank.exchange.now()
        await phone.hears("entry.silence")
        waits.append(round(bank.exchange.now() - began))
        await phone.hangs_up()
    assert waits == [8, 5]


async def test_how_long_and_how_often_it_asks_is_the_banks_rule(dial, bank):
    def changed() -> None:
        for name, value in (("silence_s", 7), ("tries", 2)):
            AccessRule.objects.create(name=name, valid_from=NOON.date(), value=value)

    await bank.query(changed)
    phone = await dial(caller="13900139000")
    await phone.hears("menu.language.1")
    await phone.keys("1")
    await phone.hears("menu.hint")
    await phone.phone.hears("played")
    began = bank.exchange.now()
    await phone.hears("entry.silence")
    assert round(bank.exchange.now() - began) == 7
    await phone.hears("entry.silence")
    await phone.hears_next("menu.tries_over")  # after the second time, not the third


@pytest.mark.parametrize(
    ("keys", "asked"),
    [(("1",), "identify.card"), (("5", "2"), "loss.card_or"), (("5", "1"), "complaint.speak")],
)
async def test_one_key_leads_to_a_person_from_wherever_she_is_asked(
    dial, liu, lin, bank, keys, asked
):
    await bank.seat(lin)
    phone = await dial(caller=liu.customer.mobile)
    await phone.hears("menu.language.1")
    await phone.keys("1")
    await phone.hears("menu.root.1")
    await phone.keys(*keys)
    await phone.hears(asked)
    await phone.keys("0")  # and nothing after it
    await phone.hears("agent.transfer")


async def test_who_is_taken_over_is_still_in_no_hurry(dial, liu, bank):
    phone = await dial(caller=liu.customer.mobile)
    await phone.hears("menu.language.1")
    await phone.keys("1")
    await phone.hears("menu.root.1")
    await bank.stop_work()
    await bank.work()
    await phone.hears("system.recovered")
    await phone.keys("1")
    phone.forgets()
    await phone.hears_next("menu.agent")


async def test_the_age_is_a_dated_term(dial, bank, from_sixty_on, books):
    await bank.query(
        CallerTerm.objects.create, what=CallerTerm.What.SENIOR, valid_from=NOON.date(), value=90
    )
    liu = await bank.query(cast.old_liu)
    await bank.query(bound.bind, liu.id, by=None, at=NOON)
    phone = await dial(caller=liu.customer.mobile)
    await phone.hears("welcome.961202")
    await phone.hears_next("menu.language.1")


def _name(file: str) -> str:
    return "/".join(file.split("/")[-2:])
