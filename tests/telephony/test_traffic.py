"""Demo traffic on a whole floor: simulated callers and agents, until it is stopped."""

import asyncio
from random import Random

import pytest

from banking import demo as banking_demo
from calendars import clock
from desktop.traffic import agents
from desktop.traffic.dice import Dice
from desktop.traffic.scene import Scene
from people.models import Branch
from routing import presence
from routing.models import Presence, QueueEntry
from routing.states import IN_A_CALL, State
from telephony.models import Call
from telephony.simswitch.clock import Ticking
from tests.telephony import conftest
from tests.telephony.conftest import PASSWORD

RATE = 20.0  # seconds of the switch a second: callers and agents live by its clock
WRITTEN_UP = 4  # calls, until the traffic is stopped


class Running(Ticking):
    """From a given moment on, as fast as the traffic is told."""

    def __init__(self, at: float) -> None:
        super().__init__(RATE)
        self._epoch = at


@pytest.fixture
def clock_of_the_switch() -> type[Running]:
    return Running


@pytest.fixture
def callers(books, monkeypatch) -> None:
    """A few customers of the demo bank."""
    monkeypatch.setattr(banking_demo, "CUSTOMERS", 25)
    Branch.objects.create(code="001001", name="营业部", district="罗湖区")
    banking_demo._people(Random(1), clock.now())


@pytest.fixture
def hired(hire) -> None:
    for name in ("冯雪", "陈晨", "赵雷", "孙洁", "吴昊"):
        hire(name, general=5, card=5, english=5)


async def test_a_floor_lives_and_nobody_is_stuck_when_it_stops(
    callers, hired, bank, settings, monkeypatch
):
    monkeypatch.setattr(agents, "LEAVES_S", 60.0)  # however busy this machine is
    word, port = PASSWORD.replace(" ", "%20"), bank.exchange.phone_port
    settings.PHONE_URL = f"phone://:{word}@127.0.0.1:{port}"
    settings.CLOCK_RATE = RATE  # pages live in real time
    written, enough = [], asyncio.Event()

    async def run(service, *args, **kwargs):
        """As the command runs services; enough is seen when somebody talks at that moment."""
        done = await bank.gateway(service, *args, **kwargs)
        if service is presence.wrapped_up:
            written.append(args)
        if len(written) >= WRITTEN_UP and await bank.query(at_work) & IN_A_CALL:
            enough.set()
        return done

    told: list[str] = []
    playing = asyncio.create_task(Scene(run, Dice(7), told.append).play(12))
    async with asyncio.timeout(240):
        waits = asyncio.create_task(enough.wait())
        await asyncio.wait([waits, playing], return_when=asyncio.FIRST_COMPLETED)
    assert not playing.done(), playing.exception()
    playing.cancel()
    await asyncio.wait([playing])
    assert await bank.query(at_work) == set()  # who talked or was rung has gone as well

    assert told == ["12 calls a minute, 3 agents"]
    await bank.settled()
    await bank.query(conftest.nothing_is_open)
    answered = await bank.query(QueueEntry.objects.exclude(answered_at=None).count)
    assert answered >= WRITTEN_UP
    assert await bank.query(Call.objects.filter(outcome=Call.Outcome.SERVED).exists)
    assert not await bank.query(Call.objects.filter(outcome=Call.Outcome.FAULT).exists)


def at_work() -> set[str]:
    """The states of whoever is not gone."""
    there = Presence.objects.filter(ended_at=None).exclude(state=State.OFFLINE)
    return set(there.values_list("state", flat=True))
