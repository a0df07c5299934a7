"""A complaint on FreeSWITCH: a voice after the tone becomes a case, and can be heard again."""

import asyncio
import wave
from array import array

import pytest
import pytest_asyncio
from django.db import connection

from complaints import shipped as complaints_shipped
from complaints.models import Complaint
from telephony import shipped
from telephony.worker.gateway import Gateway
from tests import cast
from tests.freeswitch.handset import handset, share
from tests.freeswitch.sipp import Caller, phone
from tests.freeswitch.worker import worker

pytestmark = [
    pytest.mark.freeswitch,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.django_db(transaction=True),
]

BEEP_HZ, VOICE_HZ = 1_000, 700
CALLER = "13912345678"


@pytest.fixture
def terms(transactional_db) -> None:
    cast.bank_terms()
    shipped.install(at=cast.NOON)
    complaints_shipped.install()


@pytest_asyncio.fixture(loop_scope="module")
async def books():
    gateway = Gateway(threads=1)
    yield gateway
    await gateway.close()


def database() -> str:
    return str(connection.settings_dict["NAME"])


async def after_the_tone(caller, *, says_s: float) -> None:
    """Through the menus to the tone, and some words."""
    await caller.hears_anything()
    for key in "151":
        await caller.speak(VOICE_HZ, 0.8)  # FreeSWITCH takes no key before it had audio
        await caller.key(key)
    await caller.hears(BEEP_HZ, within_s=8)
    await caller.hears_no_more(BEEP_HZ, within_s=3, for_s=0.3)
    await caller.speak(VOICE_HZ, says_s)


def samples_of(switch, case: Complaint) -> array:
    with wave.open(str(switch.configuration.recordings / case.recording.file)) as recording:
        assert recording.getframerate() == 8_000
        return array("h", recording.readframes(recording.getnframes()))


async def the_case(books) -> Complaint:
    return await books(Complaint.objects.select_related("recording").get)


async def test_it_is_said_heard_again_and_sent(bank_switch, terms, books):
    async with worker(bank_switch, database()) as running, handset() as caller:
        await running.leads()
        dialled = Caller("961202", media_port=caller.port, caller=CALLER, stays_s=14)
        calling = asyncio.create_task(phone(bank_switch, dialled))
        await after_the_tone(caller, says_s=3)
        await caller.key("#")
        await asyncio.sleep(1)  # it is asked what is to become of it
        await caller.key("2")
        await caller.hears(VOICE_HZ, within_s=4)  # she hears herself
        await caller.key("1")
        assert (await calling).successful == 1
        await running.ends()
    case = await the_case(books)
    assert case.phone == CALLER
    assert case.acknowledged_at is not None
    assert 2.5 <= case.recording.seconds <= 5
    said = samples_of(bank_switch, case)[8_000:12_000]  # the second second
    assert share(list(said), VOICE_HZ) > 0.8


async def test_what_was_said_when_the_line_drops_is_kept(bank_switch, terms, books):
    async with worker(bank_switch, database()) as running, handset() as caller:
        await running.leads()
        dialled = Caller("961202", media_port=caller.port, caller=CALLER, stays_s=8)
        calling = asyncio.create_task(phone(bank_switch, dialled))
        talking = asyncio.create_task(after_the_tone(caller, says_s=20))
        assert (await calling).successful == 1  # she hangs up in the middle of a sentence
        talking.cancel()
        await running.ends()
    case = await the_case(books)
    assert case.acknowledged_at is None
    assert case.recording.seconds > 1
    assert share(list(samples_of(bank_switch, case)[4_000:8_000]), VOICE_HZ) > 0.8
