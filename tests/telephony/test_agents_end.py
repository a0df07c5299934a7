"""Who rings the agents' phones ends when told to, whatever comes with it."""

import asyncio
from unittest.mock import Mock

import pytest

from telephony.worker.agents import Agents

SOON_S = 5


async def nothing_offered(*_: object, **__: object) -> list[object]:
    return []


@pytest.mark.parametrize("turns", range(4))
async def test_the_end_comes_with_an_offer(turns):
    """At every step of the loop between the two: in one of them `wait_for` loses the end."""
    agents = Agents("node1", Mock(), nothing_offered, Mock(), Mock(), Mock(), Mock())
    running = asyncio.create_task(agents.run())
    for _turn in range(3):  # by now it waits
        await asyncio.sleep(0)
    agents.ring.set()
    for _turn in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    ended, _ = await asyncio.wait([running], timeout=SOON_S)
    assert ended == {running}
