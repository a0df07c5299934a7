import tempfile
from pathlib import Path

import pytest
import pytest_asyncio

from tests.freeswitch import audio
from tests.freeswitch import switch as freeswitch


@pytest.fixture(scope="module")
def folder():
    """Not pytest's own: its names may hold what a path of FreeSWITCH may not."""
    with tempfile.TemporaryDirectory(prefix="bankline-") as name:
        yield Path(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def switch(folder):
    """One FreeSWITCH for the tests of a module; nobody drives it."""
    running = await freeswitch.start(freeswitch.configuration(folder))
    yield running
    await freeswitch.stop(running)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bank_switch(folder):
    """One FreeSWITCH with every prompt, each of them short."""
    made = freeswitch.configuration(folder)
    audio.write_all(made.prompts)
    running = await freeswitch.start(made)
    yield running
    await freeswitch.stop(running)
