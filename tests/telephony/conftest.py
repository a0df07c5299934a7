"""The whole path in one event loop: simulated switch on a virtual clock, worker, PostgreSQL.

Every story ends at rest (`Bank.comes_to_rest`): whoever is still on the phone hangs up, and then
no call, no row of one and no order may be open, and the books must balance.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db.models import Sum

from banking.models import Account, Instruction, Journal, Posting
from calendars import clock
from complaints import shipped as complaints_shipped
from people import staff
from people.models import User
from people.roles import Role
from routing import presence
from routing import shipped as routing_shipped
from routing.models import (
    Agent,
    AgentSkill,
    Presence,
    QueueEntry,
    Reservation,
    Session,
    Skill,
)
from routing.states import IN_A_CALL, OFFERED
from telephony import esl, shipped, wording
from telephony.models import Call, Leg
from telephony.nobody import REPORTS
from telephony.simswitch import dialplan
from telephony.simswitch.clock import Clock, Stopped
from telephony.simswitch.esl_server import EslServer
from telephony.simswitch.machine import Machine
from telephony.simswitch.media import Library
from telephony.simswitch.phone import Heard, Phone, PhoneError
from telephony.simswitch.phone_server import PhoneServer
from telephony.simswitch.switch import Switch
from telephony.spoken import catalogue
from telephony.worker.gateway import Gateway
from telephony.worker.work import Worker
from tests import cast, database
from tests.prompting import hum, lina, own, zhang  # noqa: F401  # fixtures

PASSWORD = "a word for the tests"
PROMPTS = catalogue.load(audio=settings.PROMPTS)
AGAIN_S = 0.05
SOON_S = 10.0  # real seconds in which a worker must have done what it does at once


class Exchange:
    """The simulated switch, in this loop."""

    def __init__(self, recordings: Path, clock: Callable[[float], Clock]) -> None:
        self.recordings, self.clock = recordings, clock
        self.esl_port = self.phone_port = 0

    async def start(self, at: float) -> None:
        """Open for calls, on the ports that it had before, at `at` (seconds since the epoch)."""
        (self.recordings / REPORTS).mkdir(exist_ok=True)
        switch = Switch(
            clock=self.clock(at),
            library=Library(settings.PROMPTS),
            dialplan=dialplan.shipped(),
            recordings=self.recordings,
        )
        self.machine = Machine(switch)
        self.esl = EslServer(self.machine, PASSWORD)
        self.phones = PhoneServer(self.machine, self.esl, PASSWORD)
        self.esl_port = await self.esl.start(self.esl_port)
        self.phone_port = await self.phones.start(self.phone_port)

    async def stop(self) -> None:
        """Gone with every call, and no word to anybody about any of them."""
        self.esl.drop()
        await self.phones.stop()
        await self.esl.stop()

    def now(self) -> float:
        return self.machine.switch.now()


class Bank:
    """What a story holds in its hands."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.gateway = Gateway(threads=1)
        self.worker: Worker | None = None
        self.lost = asyncio.Event()  # a lead of this worker ended
        self._leading: asyncio.Task[None] | None = None
        self._stack, self._phones = AsyncExitStack(), list[Phone]()
        self._seats: list[Seat] = []

    @property
    def machine(self) -> Machine:
        return self.exchange.machine

    async def work(self, *, notice_after_s: float = 0) -> None:
        """A worker leads from here on, again and again until `stop_work`.

        It puts off the notice by real time, while the switch's passes as fast as it can: so only
        the stories about that have it.
        """
        self.worker = Worker("node1", drain_s=0, notice_after_s=notice_after_s)
        self._leading = asyncio.create_task(self._lead())
        await self.leads()

    async def leads(self) -> None:
        """Wait until the worker takes calls."""
        assert self.worker
        assert self._leading
        leads = asyncio.create_task(self.worker.leading.wait())
        async with asyncio.timeout(SOON_S):
            await asyncio.wait([leads, self._leading], return_when=asyncio.FIRST_COMPLETED)
        if self._leading.done():
            self._leading.result()  # raises what it died of

    async def leads_again(self) -> None:
        """Wait until the worker has lost its lead, and got it back."""
        async with asyncio.timeout(SOON_S):
            await self.lost.wait()
        self.lost.clear()
        await self.leads()

    async def _lead(self) -> None:
        assert self.worker
        while True:
            await self.worker.lead()
            self.lost.set()
            with suppress(TimeoutError):  # as `Worker.run` does, only sooner
                async with asyncio.timeout(AGAIN_S):
                    await self.worker.stopping.wait()

    async def stop_work(self) -> None:
        """The worker is gone at once, as by kill -9: nothing of it runs on."""
        if self._leading:
            self._leading.cancel()
            await asyncio.gather(self._leading, return_exceptions=True)
            self._leading = self.worker = None

    async def dial(self, number: str = "961202", caller: str = "13800136027", **how) -> "Caller":
        port = self.exchange.phone_port
        phone = await self._stack.enter_async_context(Phone.connect(port, PASSWORD))
        self._phones.append(phone)
        await phone.dial(number, caller, **how)
        return Caller(phone, self)

    async def seat(self, user: User) -> "Seat":
        """An agent signs in, with a phone; her page lives through the whole story."""
        session = await self.query(presence.sign_in, user, tab=uuid4(), at=clock.now())
        seat = Seat(user, session, self)
        await seat.has_her_phone()
        await seat.beats()
        self._stack.push_async_callback(seat.closes)
        self._seats.append(seat)
        return seat

    async def settled(self) -> None:
        """The switch waits for nobody, every call that ended is closed, and none has leaked."""
        await self.machine.settle()
        if self.worker and (driver := self.worker.driver):
            with suppress(esl.Lost):
                await driver.switch.api("version")  # what the switch said before has been heard
            await driver.settled()
            channels = self.machine.switch.channels.values()
            up = {channel.uuid for channel in channels if channel.up and channel.inbound}
            rows = await self.query(lambda: set(open_calls().values_list("uuid", flat=True)))
            assert up == {str(uuid) for uuid in rows}, "a channel without a row, or the reverse"

    async def query(self, fetch, *args, **kwargs):
        """Ask the database from a thread, as the worker does."""
        return await self.gateway(fetch, *args, **kwargs)

    async def comes_to_rest(self) -> None:
        """Everybody hangs up; a worker sees to the end of what is still open."""
        for phone in [*self._phones, *(seat.phone for seat in self._seats)]:
            with suppress(PhoneError):  # its call is over
                await phone.hang_up()
        if self._leading is None:
            await self.work()
        await self.leads()
        await self.settled()
        await self.query(nothing_is_open)
        await self.query(the_books_balance)

    async def close(self) -> None:
        await self._stack.aclose()
        await self.stop_work()
        await self.gateway.close()


class Caller:
    """A person on the phone: hears prompts by their keys, presses keys."""

    def __init__(self, phone: Phone, bank: Bank) -> None:
        self.phone, self.bank = phone, bank
        self.call = phone.call
        self.pressed: list[float] = []  # when she pressed keys, in switch time
        self._rest: list[str] = []  # of what is being played, after what was heard last

    async def hears(self, prompt: str, *, within_s: float = 60, **values) -> None:
        """That a prompt is played, in whichever language, with these values."""
        spoken = _spoken(prompt, values)
        while (after := _after(spoken, self._rest)) is None:
            heard = await self.phone.hears("playing", within_s=within_s)
            self._rest = ["/".join(Path(file).parts[-3:]) for file in heard.files]
        self._rest = after

    async def hears_next(self, prompt: str, **values) -> None:
        """That this prompt is what is played next, with nothing before it."""
        spoken = _spoken(prompt, values)
        if not self._rest:
            heard = await self.phone.hears("playing")
            self._rest = ["/".join(Path(file).parts[-3:]) for file in heard.files]
        for speech in spoken:
            if _after([speech], self._rest[: len(speech)]) is not None:
                self._rest = self._rest[len(speech) :]
                return
        raise AssertionError(f"not {prompt} but {self._rest[:3]} is heard next")

    def forgets(self) -> None:
        """What was being said was cut off: it is not heard next."""
        self._rest = []

    async def hears_of(self, prompt: str, *, language: str = "") -> None:
        """That a prompt is played, whatever its values are; in a language where one is given."""
        recorded = f"{language}/{prompt}"
        while True:
            for i, file in enumerate(self._rest):
                if f"{recorded}." in file or f"{recorded}-" in file:
                    self._rest = self._rest[i + 1 :]
                    return
            heard = await self.phone.hears("playing")
            self._rest = ["/".join(Path(file).parts[-3:]) for file in heard.files]

    async def identifies(self, who: cast.Person, *, language: str = "1") -> None:
        """From the greeting through card and query password; 3 is English."""
        await self.hears("menu.language.1")
        await self.keys(language)
        await self.hears("menu.root.1")
        await self.keys("1")
        await self.hears("identify.card")
        await self.keys(who.pan.reveal() + "#")
        await self.hears("identify.pin")
        await self.keys(who.query_pin + "#")

    async def logs_in(self, who: cast.Person, *, language: str = "1") -> None:
        """From the greeting to the personal menu."""
        await self.identifies(who, language=language)
        await self.hears("menu.personal.2")

    async def keys(self, *digits: str) -> None:
        """Press the groups one after the other, as fast as she can."""
        for group in digits:
            self.pressed.append(self.bank.exchange.now())
            await self.phone.keys(group)

    async def hangs_up(self) -> None:
        await self.phone.hang_up()

    async def is_hung_up(self) -> None:
        await self.phone.hears("hangup")


class Seat:
    """An agent at her desk. What a worker does about her is waited for while the clock stands."""

    phone: Phone

    def __init__(self, user: User, session: Session, bank: Bank) -> None:
        self.user, self.session, self.bank = user, session, bank
        self._line = AsyncExitStack()

    async def beats(self, *, phone: bool = True) -> None:
        """Her page says that it lives: for hours ahead, as stories jump."""
        at = clock.now() + timedelta(hours=6)
        await self.bank.query(presence.heartbeat, self.session.pk, phone=phone, at=at)

    async def is_ready(self) -> "Seat":
        await self.bank.query(presence.ready, self.user.pk, at=clock.now())
        return self

    async def wraps_up(self) -> None:
        """The call is written up: she is ready again."""
        await self.is_in("wrap_up")
        await self.bank.query(presence.wrapped_up, self.user.pk, at=clock.now())

    async def state(self) -> str:
        return await self.bank.query(presence.state_of, self.user.pk)

    async def is_in(self, state: str) -> None:
        """Wait until she is in a state."""
        async with asyncio.timeout(SOON_S):
            while await self.state() != state:
                pass

    async def notices(self, event: str) -> Heard:
        """The next event of that name on her phone, while the clock stands."""
        async with asyncio.timeout(SOON_S):
            async for heard in self.phone.heard():
                if heard.event == event:
                    return heard
        raise AssertionError(f"her phone is gone before {event}")

    async def is_rung(self) -> Heard:
        return await self.notices("invited")

    async def answers(self) -> None:
        """Picks up, and talks to the caller."""
        await self.is_rung()
        await self.phone.answer()
        await self.notices("bridged")

    async def hangs_up(self) -> None:
        await self.phone.hang_up()

    async def loses_her_phone(self) -> None:
        """Her browser is closed, or her network is gone: the phone's socket breaks."""
        await self._line.aclose()

    async def has_her_phone(self) -> None:
        """She is there, and can be called."""
        port = self.bank.exchange.phone_port
        self.phone = await self._line.enter_async_context(Phone.connect(port, PASSWORD))
        await self.phone.register(self.user.username)

    async def closes(self) -> None:
        await self._line.aclose()


def _spoken(prompt: str, values: dict[str, Any]) -> list[list[str]]:
    """The files that say it, in each language that callers are offered now."""
    book, folder = wording.prompts(), f"{settings.SWITCH_OWN_PROMPTS}/"
    return [
        [file.removeprefix(folder) for file in book.say(lang, prompt, **values).files]
        for lang in book.offered
    ]


def _after(spoken: list[list[str]], files: list[str]) -> list[str] | None:
    """What is left of `files` after one of `spoken` was played in full; None if none was."""
    for speech in spoken:
        for i in range(len(files) - len(speech) + 1):
            if all(f.endswith(s) for f, s in zip(files[i:], speech, strict=False)):
                return files[i + len(speech) :]
    return None


def open_calls():
    return Call.objects.filter(ended_at=None)


def nothing_is_open() -> None:
    """Nobody is on the phone: no call, no leg, no order is open any more."""
    assert not open_calls().exists(), "the row of a call stays open"
    assert not Leg.objects.filter(ended_at=None).exists(), "a leg stays open"
    assert not QueueEntry.objects.filter(ended_at=None).exists(), "somebody waits who is gone"
    assert not Reservation.objects.filter(ended_at=None).exists(), "an agent stays reserved"
    stuck = Presence.objects.filter(ended_at=None, state__in=OFFERED | IN_A_CALL)
    assert not stuck.exists(), "an agent stays in a call that is over"
    waiting = Instruction.objects.filter(state__in=["read_back", "confirmed"])
    assert not waiting.exists(), "an order can still be carried out, and nobody is there"


def the_books_balance() -> None:
    """Journals sum to zero, balances to their postings; what was executed was, and once."""
    assert not (
        Journal.objects.annotate(total=Sum("postings__amount")).exclude(total=0).exists()
    ), "a journal does not balance"
    for account in Account.objects.exclude(kind=Account.Kind.INTERNAL):
        posted = Posting.objects.filter(account=account).aggregate(total=Sum("amount"))["total"]
        assert account.balance == (posted or 0)
        assert account.available >= 0 or account.kind == Account.Kind.LOAN
    for order in Instruction.objects.all():
        moved = Journal.objects.filter(instruction_id=order.key).count()
        assert moved == (order.state == "executed"), f"{order.state}, posted {moved} ×"


@pytest.fixture
def books(transactional_db) -> None:
    """The bank's terms, the shipped menu, published, and the shipped queues."""
    database.again("books", _install)


def _install() -> None:
    cast.bank_terms()
    shipped.install(at=cast.NOON)
    routing_shipped.install(at=cast.NOON)
    complaints_shipped.install()


@pytest.fixture
def hire(books) -> Callable[..., User]:
    """Hire an agent with skills: ``hire("林晓", general=5)``."""
    numbers = count(1003)

    def new(name: str, **levels: int) -> User:
        number = str(next(numbers))
        user = staff.hire(number=number, name=name, branch=None, roles=[Role.AGENT])
        agent = Agent.objects.create(user=user)
        for slug, level in (levels or {"general": 5}).items():
            AgentSkill.objects.create(agent=agent, skill=Skill.objects.get(slug=slug), level=level)
        return user

    return new


@pytest.fixture
def lin(hire) -> User:
    """林晓, an agent for general questions and English, not signed in."""
    return hire("林晓", general=5, english=5)


@pytest.fixture
def zhou(hire) -> User:
    """周涛, a colleague."""
    return hire("周涛", general=4, card=6)


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
def opens_at() -> datetime:
    """Where the clock stands when the story begins: noon on a working day."""
    return cast.NOON


@pytest.fixture
def clock_of_the_switch() -> Callable[[float], Clock]:
    """One that stands until somebody listens."""
    return Stopped


@pytest.fixture
async def exchange(
    opens_at, clock_of_the_switch, settings, monkeypatch, tmp_path
) -> AsyncIterator[Exchange]:
    """A switch that nobody drives, and whose clock everything in this process goes by."""
    settings.RECORDINGS = tmp_path
    exchange = Exchange(tmp_path, clock_of_the_switch)
    await exchange.start(opens_at.timestamp())
    address = f"esl://:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{exchange.esl_port}"
    settings.FREESWITCH_URL = address
    monkeypatch.setattr(clock, "_real", lambda: datetime.fromtimestamp(exchange.now(), UTC))
    yield exchange
    await exchange.stop()


@pytest.fixture
async def unmanned(books, exchange) -> AsyncIterator[Bank]:
    """The bank with nobody who drives its calls, yet."""
    bank = Bank(exchange)
    try:
        yield bank
        await bank.comes_to_rest()
    finally:
        await bank.close()


@pytest.fixture
async def bank(unmanned) -> Bank:
    """Switch and worker."""
    await unmanned.work()
    return unmanned


@pytest.fixture
def dial(bank):
    """Phone the bank."""
    return bank.dial
