"""Every service of the shipped menu by its keys, in each language that is offered.

The rules of each are the stories of its own file; here nothing is walked by nobody.
"""

import pytest

from people.models import User
from telephony import wording
from telephony.ivr import registry
from telephony.services import services
from telephony.shipped import TREE
from tests.telephony import walks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def everything(books, hire) -> User:
    """The bank with all its services, and an agent for every queue."""
    walks.a_bank_with_every_service()
    return hire("林晓", general=5, english=5, card=5, corporate=5)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_service_is_walked_to_its_end(everything, dial, bank, subtests, language):
    await bank.seat(everything)  # there, and not ready: who asks for a person waits
    for service in services():
        for way in service.ways:
            with subtests.test(service=service.flow.name, keys=way):
                await walks.walk(dial, bank, service, way, language)


def test_every_offered_language_is_walked(everything):
    assert wording.prompts().offered == ("zh", "en")


def test_no_service_is_walked_by_nobody():
    planned = {leads for _, _, entries in TREE.values() for _, leads in entries.values()}
    flows = planned - TREE.keys()
    assert {name for name in flows if registry.find(name)} == walks.WALKS.keys()


def test_a_service_without_a_walk_would_be_found(monkeypatch):
    """The control."""
    monkeypatch.delitem(walks.WALKS, "own-transfer")
    with pytest.raises(AssertionError):
        test_no_service_is_walked_by_nobody()
