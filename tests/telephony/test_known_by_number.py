"""Known by her bound number before she proves herself: greeted, and placed in the queue."""

import pytest

from banking import bound
from banking.models import CallerTerm
from banking.models.customers import Vip
from routing.models import QueueEntry
from tests import cast
from tests.cast import LONG_AGO, NOON

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
