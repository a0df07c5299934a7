"""One suite over both switches; FreeSWITCH only where its binary is found."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contracts import audio, real, simulated
from tests.contracts.rig import Rig

SWITCHES = ["simswitch", pytest.param("freeswitch", marks=pytest.mark.freeswitch)]


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    audio.write_all(folder)
    return folder


@pytest.fixture(scope="session", params=SWITCHES)
def process(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, prompts: Path
) -> Iterator[simulated.Process | real.Process]:
    folder = tmp_path_factory.mktemp(request.param)
    kind = simulated.Process if request.param == "simswitch" else real.Process
    running = kind(folder, prompts)
    yield running
    running.stop()


@pytest_asyncio.fixture
async def rig(process: simulated.Process | real.Process) -> AsyncIterator[Rig]:
    if isinstance(process, simulated.Process):
        async with simulated.simulated(process) as made:
            yield made
    else:
        async with real.real(process) as made:
            yield made
