"""A FreeSWITCH of the suite's own: from the configuration that ships, on ports of its own."""

import asyncio
import math
import shutil
import subprocess
import wave
from array import array
from collections.abc import Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from telephony import esl
from telephony.freeswitch.configuration import Configuration, Notice, command
from tests import ports

PASSWORD = "a password of the suite alone"
STARTS_WITHIN_S = 30.0
# What the notice of the suite sounds like: a tone a file, that an ear can tell apart.
TONES_HZ = {"drives": 600, "record": 900, "thanks": 1300}
NOTICE = Notice(("drives.wav",), ("record.wav",), ("thanks.wav",))


@dataclass(frozen=True)
class Switch:
    """A running FreeSWITCH."""

    configuration: Configuration
    process: asyncio.subprocess.Process

    @property
    def log(self) -> str:
        home = self.configuration.home
        files = [home / "log" / "freeswitch.log", home / "out"]
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())

    @asynccontextmanager
    async def events(self, *names: str, filters: Sequence[tuple[str, str]] = ()):
        """A client of the event socket and the queue of the events it hears."""
        heard: asyncio.Queue[esl.Event] = asyncio.Queue()
        connected = asyncio.Event()

        async def note() -> None:
            connected.set()

        client = esl.Client(
            "127.0.0.1",
            self.configuration.event_port,
            PASSWORD,
            events=names,
            filters=tuple(filters),
            on_event=heard.put_nowait,
            on_connected=note,
            backoff_s=(0.05, 0.2),
        )
        running = asyncio.create_task(client.run())
        try:
            async with asyncio.timeout(STARTS_WITHIN_S):
                await connected.wait()
            yield client, heard
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def configuration(folder: Path, **options) -> Configuration:
    """One for a test switch below `folder`, on free ports."""
    given = {
        "home": folder / "switch",
        "numbers": ("961202", "25198888"),
        "notice": NOTICE,
        "prompts": folder / "prompts",
        "recordings": folder / "recordings",
        "event_password": PASSWORD,
        "event_port": ports.free(),
        "sip_port": ports.free(),
        **ports.rtp(),
    }
    return Configuration(**{**given, **options})


async def start(configuration: Configuration, *, tones: bool = True) -> Switch:
    """Start it as an operator would, and wait until its event socket and SIP answer."""
    binary = shutil.which("freeswitch")
    assert binary
    if tones:
        write_tones(configuration.prompts)
    configuration.write()
    with (configuration.home / "out").open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command(binary, configuration.home),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    switch = Switch(configuration, process)
    try:
        async with asyncio.timeout(STARTS_WITHIN_S):
            await _opens(configuration.event_port, process)
        async with asyncio.timeout(STARTS_WITHIN_S), switch.events() as (client, _):
            while "CALLS-IN" not in await client.api("sofia status profile bank"):
                assert process.returncode is None, switch.log
    except BaseException:
        await stop(switch)
        raise
    return switch


async def _opens(port: int, process: asyncio.subprocess.Process) -> None:
    """Until it listens: another program's start gives nothing of ours to wait on."""
    while process.returncode is None:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.05)


async def stop(switch: Switch) -> None:
    with suppress(ProcessLookupError):
        switch.process.kill()
    await switch.process.wait()


def write_tones(folder: Path, seconds: float = 1.0) -> None:
    folder.mkdir(exist_ok=True)
    for name, hertz in TONES_HZ.items():
        samples = array(
            "h",
            (
                int(9_000 * math.sin(2 * math.pi * hertz * n / 8_000))
                for n in range(int(8_000 * seconds))
            ),
        )
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 8_000, len(samples), "NONE", ""))
            file.writeframes(samples.tobytes())
