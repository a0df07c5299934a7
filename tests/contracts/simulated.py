"""The rig over simswitch: a process of its own, its clock virtual, its phones on the socket."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from telephony import esl
from telephony.simswitch.phone import Heard, Phone
from tests.contracts.rig import NUMBER, PASSWORD, WITHIN_S, Agent, Caller, Never, Rig

T = TypeVar("T")
STILL_ROUNDS = 3  # without a timer to move to, and nobody left who might act
ROOT = Path(__file__).parents[2]


class PhoneCaller(Caller):
    def __init__(self, phone: Phone, channel: str) -> None:
        self._phone, self.channel = phone, channel

    async def keys(self, digits: str) -> None:
        await self._phone.keys(digits, call=self.channel)

    async def is_quiet(self) -> None:
        await self._phone.speak(0, call=self.channel)

    async def hang_up(self) -> None:
        await self._phone.hang_up(call=self.channel)


class PhoneAgent(Agent):
    def __init__(self, phone: Phone, user: str, channel: str) -> None:
        self._phone, self.channel = phone, channel
        self.dial = f"{{origination_uuid={channel}}}user/{user}"

    async def hang_up(self) -> None:
        await self._phone.hang_up(call=self.channel)


class Simulated(Rig):
    def __init__(self, process: "Process", clock: Phone, lines: AsyncExitStack) -> None:
        self.prompts, self.recordings = process.prompts, process.recordings
        self.port = process.esl_port
        self._process, self._clock, self._lines = process, clock, lines
        self._agents: list[asyncio.Task[None]] = []
        self._phones: list[Phone] = []

    async def dial(self, number: str = NUMBER) -> Caller:
        phone = await self._line()
        return PhoneCaller(phone, await phone.dial(number, "13800138000"))

    async def stranger(self) -> Caller:
        agent = await self.agent()
        said = await self.until(self.spy.bgapi(f"originate {agent.dial} &park"))
        assert said == f"+OK {agent.channel}\n"
        return PhoneCaller(self._phones[-1], agent.channel)

    async def agent(self, behaviour: str = "answers") -> Agent:
        phone, user = await self._line(), f"agent-{uuid4().hex[:6]}"
        await phone.register(user)
        self._agents.append(asyncio.create_task(_behave(phone, behaviour)))
        return PhoneAgent(phone, user, str(uuid4()))

    async def until(self, wanted: Awaitable[T], within_s: float = WITHIN_S) -> T:
        task = asyncio.ensure_future(wanted)
        until, still = None, 0
        try:
            while True:
                await self._catch_up()
                if task.done():
                    return task.result()
                at = float((await self._clock.ask("clock"))["at"])
                until = at + within_s if until is None else until
                done = await self._clock.ask("step", limit_s=max(0.0, until - at), wait=False)
                still = 0 if done["moved"] else still + 1
                if still > STILL_ROUNDS:
                    raise Never(f"not within {within_s:g} s")
        finally:
            task.cancel()

    async def _catch_up(self) -> None:
        """Have every client read all that the switch has said so far, and react to it."""
        for _ in range(2):
            for client in (self.driver, self.spy):
                if client.connected:
                    with suppress(esl.Lost):
                        await client.command("api uuid_exists none")
            for phone in self._phones:
                await phone.ask("clock")
            await asyncio.sleep(0)

    async def close(self) -> None:
        for task in self._agents:
            task.cancel()
        await super().close()

    async def _line(self) -> Phone:
        phone = await self._lines.enter_async_context(self._process.phone())
        self._phones.append(phone)
        return phone


async def _behave(phone: Phone, behaviour: str) -> None:
    async for heard in phone.heard():
        match (heard, behaviour):
            case (Heard(event="invited", call=call), "answers"):
                await phone.answer(call=call)
            case (Heard(event="invited", call=call), "busy"):
                await phone.reject("USER_BUSY", call=call)


class Process:
    """`python -m telephony.simswitch` on ports of its own choice."""

    def __init__(self, folder: Path, prompts: Path, *options: str) -> None:
        self.prompts, self.recordings = prompts, folder / "recordings"
        password_file = folder / "password"
        password_file.write_text(PASSWORD + "\n")
        with (folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "telephony.simswitch"),
                    *("--esl-port", "0", "--phone-port", "0"),
                    *("--prompts", str(prompts), "--recordings", str(self.recordings)),
                    *("--password-file", str(password_file)),
                    *(options or ("--clock", "virtual")),
                ],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.log = folder / "log"
        assert self.process.stdout
        ports = json.loads(self.process.stdout.readline())
        self.esl_port, self.phone_port = ports["esl_port"], ports["phone_port"]

    def phone(self) -> AbstractAsyncContextManager[Phone]:
        return Phone.connect(self.phone_port, PASSWORD)

    def stop(self) -> int:
        """TERM; its exit status."""
        self.process.terminate()
        status = self.process.wait(10)
        assert self.process.stdout
        self.process.stdout.close()
        return status


@asynccontextmanager
async def simulated(process: Process) -> AsyncIterator[Simulated]:
    """A rig on a running simswitch; its calls end with it."""
    async with AsyncExitStack() as lines, process.phone() as clock:
        rig = Simulated(process, clock, lines)
        await rig.open()
        try:
            yield rig
        finally:
            await rig.close()
