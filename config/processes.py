"""Processes that we start, keep alive, listen to and take with us when we go.

Each child leads a session of its own, so that Ctrl-C reaches the supervisor alone. A small
watchdog process reads our pipe: when we are killed, the pipe ends, and it stops the children.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

READY_LIMIT_S = 60.0
STOP_LIMIT_S = 3.5  # for all children together; then nobody is asked any more
BACK_OFF_S = (0.5, 1, 2, 4, 8, 15, 30)
SETTLED_S = 30.0  # who lived that long starts its back-off anew
LOG_LIMIT = 10_000_000  # bytes; then `name.log` becomes `name.log.1`
WATCHDOG_GRACE_S = 3.0
LAST_WORDS = 12  # lines

ERROR = re.compile(r"\b(FATAL|PANIC|CRITICAL)\b|\[(CRIT|ALERT|EMERG)\]")

Say = Callable[[str], None]


class Failed(Exception):
    """A process did not start, or did not do what it was started for."""


async def _nothing() -> None: ...


async def _at_once() -> bool:
    return True


@dataclass(frozen=True)
class Program:
    """What to run and how to treat it. `grace_s` is what it gets to end by itself."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)  # on top of ours
    account: Mapping[str, Any] = field(default_factory=dict)
    ready: Callable[[], Awaitable[bool]] = _at_once
    before: Callable[[], Awaitable[None]] = _nothing  # each start
    farewell: Callable[[], Awaitable[None]] = _nothing  # before it is told to stop
    stop_signal: signal.Signals = signal.SIGTERM
    last_signal: signal.Signals = signal.SIGKILL
    grace_s: float = 1.0
    adopt: bool = False  # one that is ready before we start it will do


class Child:
    """One program, kept running until `stop`."""

    def __init__(self, program: Program, watchdog: "Watchdog", logs: Path, say: Say) -> None:
        self.program = program
        self._watchdog = watchdog
        self._log = logs / f"{program.name}.log"
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._listeners: set[asyncio.Task[None]] = set()
        self._serving = False
        self.last_words: deque[str] = deque(maxlen=LAST_WORDS)

    async def start(self) -> None:
        """Returns when it is ready. Raises Failed with its last words."""
        adopted = self.program.adopt and await self.program.ready()
        if not adopted:
            await self._spawn()
            await self._until_ready()
        self._serving = True
        self._keeper = asyncio.create_task(self._keep())

    async def run(self) -> None:
        """Run it once to its end. Raises Failed unless it ends well."""
        process = await self._spawn()
        code = await process.wait()
        await asyncio.gather(*self._listeners)
        self._watchdog.forget(process.pid)
        if code:
            raise Failed(f"{self.program.name} failed ({_ending(code)}):\n{self._tail()}")

    async def stop(self, limit_s: float) -> None:
        """Ask, wait no longer than `limit_s`, then insist."""
        self._serving = False
        if self._keeper is not None:
            self._keeper.cancel()
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(limit_s, self.program.grace_s)):
                    with contextlib.suppress(OSError, EOFError):
                        await self.program.farewell()
                    signalled(process, self.program.stop_signal)
                    await process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End whatever is left of it: a child of the child may have outlived it."""
        if (process := self._process) is None:
            return
        last = self.program.last_signal
        signalled(process, last)
        if last == signal.SIGKILL:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, last)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await process.wait()
        self._watchdog.forget(process.pid)

    # -- inside -------------------------------------------------------------------------

    async def _spawn(self) -> asyncio.subprocess.Process:
        await self.program.before()
        self.last_words.clear()
        reading, writing = os.pipe()
        try:
            # A pipe of our own: asyncio's would keep `wait` until the last grandchild let go.
            self._process = await asyncio.create_subprocess_exec(
                *self.program.command,
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.program.env},
                **self.program.account,
            )
        except OSError as error:
            os.close(reading)
            raise Failed(f"{self.program.name} can't be started: {error}") from error
        finally:
            os.close(writing)
        self._watchdog.remember(self._process.pid, self.program.stop_signal)
        listener = asyncio.create_task(self._listen(reading))
        self._listeners.add(listener)
        listener.add_done_callback(self._listeners.discard)
        return self._process

    async def _until_ready(self) -> None:
        assert self._process is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_LIMIT_S):
                while not await self.program.ready():
                    if (code := self._process.returncode) is not None:
                        raise Failed(f"{self.program.name} {_ending(code)}:\n{self._tail()}")
                    await asyncio.sleep(0.05)
                return
        raise Failed(
            f"{self.program.name} is not ready after {READY_LIMIT_S:.0f} s:\n{self._tail()}"
        )

    async def _keep(self) -> None:
        tries = 0
        while True:
            began = time.monotonic()
            if self._process is None:  # adopted: not ours to wait for
                while await self.program.ready():  # noqa: ASYNC110  # it tells nobody
                    await asyncio.sleep(1)
                ending = "is gone"
            else:
                ending = _ending(await self._process.wait())
                if self._listeners:  # what it said last; a grandchild may hold the pipe
                    await asyncio.wait(self._listeners, timeout=0.2)
                self._watchdog.forget(self._process.pid)
            if time.monotonic() - began > SETTLED_S:
                tries = 0
            pause = BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)]
            tries += 1
            self._say(f"{self.program.name} {ending}; starting it again in {pause:g} s.")
            for line in list(self.last_words)[-3:]:
                self._say(f"{self.program.name} | {line}")
            await asyncio.sleep(pause)
            try:
                await self._spawn()
            except Failed as failure:
                self._say(str(failure))

    async def _listen(self, reading: int) -> None:
        """Its output goes to its log; what is an error goes to the console as well."""
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb")
        )
        rest = b""
        try:
            while chunk := await reader.read(65536):
                self._write(chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                for line in [*lines, *([rest] if len(rest) > 65536 else [])]:
                    self._line(line.decode(errors="replace").strip())
                rest = rest if len(rest) <= 65536 else b""
            if rest:
                self._line(rest.decode(errors="replace").strip())
        finally:
            transport.close()

    def _write(self, chunk: bytes) -> None:
        with contextlib.suppress(OSError):  # a full disk must not stop what still works
            if self._log.exists() and self._log.stat().st_size > LOG_LIMIT:
                self._log.replace(self._log.with_suffix(".log.1"))
            with self._log.open("ab") as log:
                log.write(chunk)

    def _line(self, line: str) -> None:
        if line:
            shown, alarming = read_line(line)
            self.last_words.append(shown)
            if alarming and self._serving:
                self._say(f"{self.program.name} | {shown}")

    def _tail(self) -> str:
        return "\n".join(f"  {line}" for line in self.last_words) or "  (it said nothing)"


def signalled(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """Send it, unless the process has ended. Its own `send_signal` would reap it unseen."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


def read_line(line: str) -> tuple[str, bool]:
    """What a person reads of a log line, and whether she should be told now."""
    if line.startswith("{"):
        with contextlib.suppress(ValueError, TypeError, KeyError):
            entry = json.loads(line)
            text = f"{entry['level']} {entry['logger']}: {entry['message']}"
            if exception := entry.get("exception"):
                text += f" ({exception.strip().splitlines()[-1]})"
            return text, entry["level"] in {"ERROR", "CRITICAL"}
    return line, bool(ERROR.search(line))


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    return f"was ended by {signal.Signals(-code).name}"


class Watchdog:
    """A process that outlives us by the moment it takes to stop our children.

    It holds `lock` too, so that the next start waits for the last one's remains.
    """

    def __init__(self, lock: int) -> None:
        self._lock = lock
        self._living: dict[int, signal.Signals] = {}
        self._process = self._start()

    def remember(self, pid: int, stop_signal: signal.Signals) -> None:
        self._living[pid] = stop_signal
        self._tell(f"{pid} {int(stop_signal)}\n")

    def forget(self, pid: int) -> None:
        self._living.pop(pid, None)
        self._tell(f"{pid} 0\n")

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "config.processes"],
            bufsize=0,
            stdin=subprocess.PIPE,
            pass_fds=[self._lock],
            start_new_session=True,
            cwd=Path(__file__).resolve().parent.parent,
        )

    def _tell(self, text: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(text.encode())
        except BrokenPipeError:  # somebody killed it: the next one hears of all
            self._process.wait()
            self._process = self._start()
            for pid, stop_signal in self._living.items():
                self._tell(f"{pid} {int(stop_signal)}\n")


class Household:
    """All children: started in order, stopped in reverse."""

    def __init__(self, *, lock: int, logs: Path, say: Say) -> None:
        logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._logs, self._say = logs, say
        self._watchdog = Watchdog(lock)
        self._children: list[Child] = []

    async def start(self, program: Program) -> None:
        child = Child(program, self._watchdog, self._logs, self._say)
        self._children.append(child)
        try:
            await child.start()
        except Failed:
            await child.kill()
            self._children.remove(child)
            raise

    async def run(self, program: Program, *, doing: str) -> None:
        """Run a program to its end; past two seconds, show that it moves and how."""
        child = Child(program, self._watchdog, self._logs, self._say)
        self._children.append(child)
        self._say(f"{doing} …")
        progress = asyncio.create_task(self._progress(child))
        try:
            await child.run()
        finally:
            progress.cancel()
        self._children.remove(child)

    async def stop(self) -> None:
        until = time.monotonic() + STOP_LIMIT_S
        while self._children:
            await self._children[-1].stop(max(0.0, until - time.monotonic()))
            self._children.pop()
        self._watchdog.close()

    async def kill(self) -> None:
        for child in reversed(self._children):
            await child.kill()

    async def _progress(self, child: Child) -> None:
        began = time.monotonic()
        while True:
            await asyncio.sleep(2)
            last = child.last_words[-1] if child.last_words else ""
            self._say(f"  {time.monotonic() - began:.0f} s  {last}"[:100].rstrip())


def watch() -> None:
    """The watchdog: read what to stop until the pipe ends, then stop it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    living: dict[int, int] = {}
    for line in sys.stdin:
        pid, stop_signal = map(int, line.split())
        living.pop(pid, None)
        if stop_signal:
            living[pid] = stop_signal
    for pid, stop_signal in reversed(living.items()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, stop_signal)
    until = time.monotonic() + WATCHDOG_GRACE_S
    while time.monotonic() < until and any(map(_group_lives, living)):
        time.sleep(0.05)
    for pid in living:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _group_lives(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    watch()
