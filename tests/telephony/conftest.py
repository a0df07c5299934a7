"""The whole path in one event loop: simulated switch on a virtual clock, worker, PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from calendars import clock
from telephony import shipped
from telephony.simswitch import dialplan
from telephony.simswitch.clock import Stopped
from telephony.simswitch.esl_server import EslServer
from telephony.simswitch.machine import Machine
from telephony.simswitch.media import Library
from telephony.simswitch.phone import Phone
from telephony.simswitch.phone_server import PhoneServer
from telephony.simswitch.switch import Switch
from telephony.spoken import catalogue
from telephony.worker.gateway import Gateway
from telephony.worker.work import Worker
from tests import cast

PASSWORD = "a word for the tests"
PROMPTS = catalogue.load(audio=settings.PROMPTS)


class Bank:
    """What a story holds in its hands."""

    def __init__(self, machine: Machine, esl: EslServer, phone_port: int, esl_port: int) -> None:
        self.machine, self.esl = machine, esl
        self.phone_port, self.esl_port = phone_port, esl_port
        self.gateway = Gateway(threads=1)
        self._leading: asyncio.Task[None] | None = None
        self._stack = AsyncExitStack()

    async def work(self) -> None:
        """A worker leads from here on, again and again until `stop_work`."""
        self.worker = Worker("node1", drain_s=0)
        self._leading = asyncio.create_task(self._lead())
        async with asyncio.timeout(10):
            await self.worker.leading.wait()

    async def _lead(self) -> None:
        while True:
            await self.worker.lead()

    async def stop_work(self) -> None:
        """The worker is gone at once, as by kill -9: nothing of it runs on."""
        if self._leading:
            self._leading.cancel()
            await asyncio.gather(self._leading, return_exceptions=True)
            self._leading = None

    async def dial(self, number: str = "961202", caller: str = "13800136027", **how) -> "Caller":
        phone = await self._stack.enter_async_context(Phone.connect(self.phone_port, PASSWORD))
        await phone.dial(number, caller, **how)
        return Caller(phone, self)

    async def settled(self) -> None:
        """The switch waits for nobody, and every call that ended is closed."""
        await self.machine.settle()
        if self.worker.driver:
            await self.worker.driver.settled()

    async def query(self, fetch, *args, **kwargs):
        """Ask the database from a thread, as the worker does."""
        return await self.gateway(fetch, *args, **kwargs)

    async def close(self) -> None:
        await self._stack.aclose()
        await self.stop_work()
        await self.gateway.close()


class Caller:
    """A person on the phone: hears prompts by their keys, presses keys."""

    def __init__(self, phone: Phone, bank: Bank) -> None:
        self.phone, self.bank = phone, bank
        self.call = phone.call
        self._rest: list[str] = []  # of what is being played, after what was heard last

    async def hears(self, prompt: str, *, within_s: float = 60, **values) -> None:
        """That a prompt is played, in whichever language, with these values."""
        spoken = [
            [str(file) for file in PROMPTS.say(lang, prompt, **values).files]
            for lang in PROMPTS.languages
        ]
        while (after := _after(spoken, self._rest)) is None:
            heard = await self.phone.hears("playing", within_s=within_s)
            self._rest = ["/".join(Path(file).parts[-3:]) for file in heard.files]
        self._rest = after

    async def identifies(self, who: cast.Person) -> None:
        """From the greeting through card and query password."""
        await self.hears("menu.language.1")
        await self.keys("1")
        await self.hears("menu.root.1")
        await self.keys("1")
        await self.hears("identify.card")
        await self.keys(who.pan.reveal() + "#")
        await self.hears("identify.pin")
        await self.keys(who.query_pin + "#")

    async def logs_in(self, who: cast.Person) -> None:
        """From the greeting to the personal menu."""
        await self.identifies(who)
        await self.hears("menu.personal.2")

    async def keys(self, *digits: str) -> None:
        """Press the groups one after the other, as fast as she can."""
        for group in digits:
            await self.phone.keys(group)

    async def hangs_up(self) -> None:
        await self.phone.hang_up()

    async def is_hung_up(self) -> None:
        await self.phone.hears("hangup")


def _after(spoken: list[list[str]], files: list[str]) -> list[str] | None:
    """What is left of `files` after one of `spoken` was played in full; None if none was."""
    for speech in spoken:
        for i in range(len(files) - len(speech) + 1):
            if all(f.endswith(s) for f, s in zip(files[i:], speech, strict=False)):
                return files[i + len(speech) :]
    return None


@asynccontextmanager
async def serve(at: datetime) -> AsyncIterator[tuple[Machine, EslServer, int, int]]:
    """The simulated switch, in this loop, its clock standing at `at`."""
    switch = Switch(
        clock=Stopped(at.timestamp()),
        library=Library(settings.PROMPTS),
        dialplan=dialplan.shipped(),
    )
    machine = Machine(switch)
    esl = EslServer(machine, PASSWORD)
    phones = PhoneServer(machine, esl, PASSWORD)
    esl_port, phone_port = await esl.start(0), await phones.start(0)
    try:
        yield machine, esl, phone_port, esl_port
    finally:
        await phones.stop()
        await esl.stop()


@pytest.fixture
def books(transactional_db) -> None:
    """The bank's terms and the shipped menu, published."""
    cast.bank_terms()
    shipped.install(at=cast.NOON)


@pytest.fixture
def wang(books) -> cast.Person:
    """王芳, a test customer with one account and 12,000 yuan."""
    return cast.person("王芳", opening=12_000)


@pytest.fixture
def chen(books) -> cast.Person:
    """陈晓明, whom money is sent to."""
    return cast.person("陈晓明", opening=100)


@pytest.fixture
def stranger(books) -> cast.Person:
    """A customer who is nobody's test."""
    return cast.person("刘洋", is_test=False)


@pytest.fixture
async def bank(books, settings, monkeypatch) -> AsyncIterator[Bank]:
    """Switch and worker, the clock of both at noon on a working day."""
    async with serve(cast.NOON) as (machine, esl, phone_port, esl_port):
        settings.FREESWITCH_URL = f"esl://:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{esl_port}"
        monkeypatch.setattr(
            clock, "_real", lambda: datetime.fromtimestamp(machine.switch.now(), UTC)
        )
        bank = Bank(machine, esl, phone_port, esl_port)
        try:
            await bank.work()
            yield bank
        finally:
            await bank.close()


@pytest.fixture
def dial(bank):
    """Phone the bank."""
    return bank.dial
