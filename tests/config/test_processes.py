"""The household of `make run`: order, restarts, and nobody left behind.

The children report to a socket of the test: a connection is a life, its end is a death.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.processes import Failed, Household, Program, read_line

LIMIT_S = 20.0

REPORT = """
import os, signal, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({path!r})
line.sendall(f"{{os.getpid()}} {name}\\n".encode())
"""
STAY = "line.recv(1)\n"
ON_TERM = """
def end(*_):
    line.sendall(b"stopping\\n")
    sys.exit()
signal.signal(signal.SIGTERM, end)
"""
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


@dataclass
class Life:
    pid: int
    name: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ends(self) -> bytes:
        """Its last words on the line, once it is dead."""
        async with asyncio.timeout(LIMIT_S):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""


class Station:
    """Where children report."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lives: asyncio.Queue[Life] = asyncio.Queue()

    async def accept(self, reader, writer) -> None:
        pid, name = (await reader.readline()).decode().split()
        self.lives.put_nowait(Life(int(pid), name, reader, writer))

    async def life(self) -> Life:
        async with asyncio.timeout(LIMIT_S):
            return await self.lives.get()

    def program(self, name: str, text: str, **options) -> Program:
        code = REPORT.format(path=str(self.path), name=name) + text
        return Program(name, [sys.executable, "-c", code], **options)


@pytest.fixture
async def station():
    with tempfile.TemporaryDirectory() as folder:  # short: a socket's path ends at 107 bytes
        station = Station(Path(folder) / "s")
        async with await asyncio.start_unix_server(station.accept, station.path):
            yield station
            while not station.lives.empty():
                station.lives.get_nowait().writer.close()


@pytest.fixture
def said():
    return asyncio.Queue()


@pytest.fixture
async def house(tmp_path, said):
    lock = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    house = Household(lock=lock, logs=tmp_path / "log", say=said.put_nowait)
    yield house
    await house.stop()
    os.close(lock)


async def heard(said) -> str:
    async with asyncio.timeout(LIMIT_S):
        return await said.get()


def python(name: str, text: str, **options) -> Program:
    return Program(name, [sys.executable, "-c", text], **options)


async def test_children_stop_in_reverse_order(house, station):
    lives = []
    for name in ("postgres", "switch", "web"):
        await house.start(station.program(name, ON_TERM + "line.sendall(b'up\\n')\n" + STAY))
        lives.append(await station.life())
        assert await lives[-1].reader.readline() == b"up\n"
    stopped = []

    async def note(life):
        assert await life.ends() == b"stopping\n"
        stopped.append(life.name)

    notes = [asyncio.create_task(note(life)) for life in lives]
    await house.stop()
    await asyncio.gather(*notes)
    assert stopped == ["web", "switch", "postgres"]


async def test_a_child_that_dies_comes_back(house, station, said):
    await house.start(station.program("fragile", STAY))
    first = await station.life()
    os.kill(first.pid, signal.SIGKILL)
    second = await station.life()
    assert second.pid != first.pid
    assert await heard(said) == "fragile was ended by SIGKILL; starting it again in 0.5 s."


async def test_a_child_that_keeps_dying_is_tried_less_and_less(house, said):
    await house.start(python("hopeless", "print('no bread'); raise SystemExit(3)"))
    lines = [await heard(said) for _ in range(6)]
    assert lines[::2] == [
        f"hopeless ended with code 3; starting it again in {pause} s." for pause in ("0.5", 1, 2)
    ]
    assert set(lines[1::2]) == {"hopeless | no bread"}


async def test_children_deaf_to_the_request_are_killed_in_time(house, station):
    lives = []
    for name in "abc":
        await house.start(station.program(name, DEAF + STAY, grace_s=30))
        lives.append(await station.life())
    began = time.monotonic()
    await house.stop()
    assert time.monotonic() - began < 5
    for life in lives:
        await life.ends()


async def test_a_grandchild_goes_too(house, station):
    inner = station.program("grandchild", DEAF + STAY)
    await house.start(
        station.program(
            "parent", f"import subprocess; subprocess.Popen({inner.command!r})\n{ON_TERM}{STAY}"
        )
    )
    lives = {life.name: life for life in [await station.life(), await station.life()]}
    await house.stop()
    await lives["grandchild"].ends()


async def test_one_that_does_not_get_ready_says_its_last_words(house):
    async def never():
        return False

    program = python("picky", "print('no such port'); raise SystemExit(2)", ready=never)
    with pytest.raises(Failed, match=r"(?s)picky ended with code 2.*no such port"):
        await house.start(program)


async def test_a_program_that_is_missing_is_named(house):
    with pytest.raises(Failed, match="nowhere can't be started"):
        await house.start(Program("nowhere", ["/no/such/program"]))


async def test_a_step_that_fails_says_why(house):
    with pytest.raises(Failed, match=r"(?s)migrate failed \(ended with code 1\).*boom"):
        await house.run(python("migrate", "raise ValueError('boom')"), doing="Migrating")


async def test_one_that_is_there_already_is_adopted_and_replaced_when_it_goes(house, station, said):
    there = True

    async def ready():
        return there

    await house.start(station.program("postgres", STAY, ready=ready, adopt=True))
    assert station.lives.empty()
    there = False
    assert await heard(said) == "postgres is gone; starting it again in 0.5 s."
    assert (await station.life()).name == "postgres"


async def test_errors_in_a_log_reach_the_console(house, station, said, tmp_path):
    lines = [
        '{"level": "INFO", "logger": "a", "message": "quiet"}',
        '{"level": "ERROR", "logger": "a", "message": "loud", "exception": "T\\nE: why"}',
        "x" * 200_000,
        "2026-11-24 12:00:00 [CRIT] mod_sofia.c:1 no socket",
    ]
    text = tmp_path / "text"
    text.write_text("\n".join(lines) + "\n")
    speak = f"line.recv(1); print(open({str(text)!r}).read()); line.recv(1)"
    await house.start(station.program("talker", speak))
    (await station.life()).writer.write(b"!")
    assert await heard(said) == "talker | ERROR a: loud (E: why)"
    assert await heard(said) == "talker | 2026-11-24 12:00:00 [CRIT] mod_sofia.c:1 no socket"
    assert (tmp_path / "log" / "talker.log").read_text().startswith(lines[0])


@pytest.mark.parametrize("line", ['{"level": "ERROR"', "{}", '{"level": 1}'])
def test_a_line_that_only_looks_like_json_is_read_as_text(line):
    assert read_line(line) == (line, False)


SUPERVISOR = """
import asyncio, os, sys
from pathlib import Path
from config.processes import Household, Program

async def main(folder, *codes):
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR)
    house = Household(lock=lock, logs=folder / "log", say=print)
    for name, code in zip("ab", codes):
        await house.start(Program(name, [sys.executable, "-c", code]))
    await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
"""


async def test_children_die_with_a_supervisor_that_is_killed(station, tmp_path):
    codes = [
        station.program(name, text).command[2] for name, text in (("a", STAY), ("b", DEAF + STAY))
    ]
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR, str(tmp_path), *codes
    )
    lives = [await station.life(), await station.life()]
    began = time.monotonic()
    supervisor.kill()
    await supervisor.wait()
    for life in lives:
        await life.ends()
    assert time.monotonic() - began < 5


async def test_a_watchdog_that_is_killed_is_replaced(station, house):
    await house.start(station.program("a", STAY))
    watchdog = house._watchdog._process
    watchdog.kill()
    await asyncio.to_thread(watchdog.wait)
    await house.start(station.program("b", STAY))
    assert house._watchdog._process.poll() is None
    assert {(await station.life()).name, (await station.life()).name} == {"a", "b"}
