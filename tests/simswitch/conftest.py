"""A switch of one's own: as a process with sockets, or bare, in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from telephony.simswitch import dialplan
from telephony.simswitch.clock import Stopped
from telephony.simswitch.media import Library
from telephony.simswitch.switch import Switch
from tests.contracts import audio
from tests.contracts.simulated import Process

START = 1_800_000_000.0


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    audio.write_all(folder)
    return folder


@pytest.fixture
def process(tmp_path: Path, prompts: Path) -> Iterator[Process]:
    running = Process(tmp_path, prompts, "--clock", "virtual", "--start", str(START))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, prompts: Path) -> Iterator[Process]:
    """One process for tests that leave it as it was."""
    running = Process(tmp_path_factory.mktemp("shared"), prompts, "--clock", "virtual")
    yield running
    running.stop()


@pytest.fixture
def switch(prompts: Path) -> Switch:
    """The machine without a socket."""
    return Switch(clock=Stopped(START), library=Library(prompts), dialplan=dialplan.shipped())
