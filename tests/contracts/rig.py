"""What the contract asks of a switch under test, whichever it is.

Two connections of our own client: the `driver`, which hears the bank's calls alone, as the
worker does; and the `spy`, which hears everything on the switch.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from telephony import esl

T = TypeVar("T")

NUMBER = "961202"
PASSWORD = "contract-password"
EVENTS = (
    "CHANNEL_CREATE",
    "CHANNEL_PROGRESS",
    "CHANNEL_ANSWER",
    "CHANNEL_EXECUTE",
    "CHANNEL_BRIDGE",
    "CHANNEL_UNBRIDGE",
    "CHANNEL_HOLD",
    "CHANNEL_UNHOLD",
    "CHANNEL_APPLICATION",
    "PLAYBACK_START",
    "PLAYBACK_STOP",
    "RECORD_START",
    "RECORD_STOP",
    "DTMF",
    "CHANNEL_PARK",
    "CHANNEL_HANGUP",
    "CUSTOM bankline::test",
)
TOGETHER = "Channel-State: CS_EXCHANGE_MEDIA"
WITHIN_S = 15
STARTS_WITHIN_S = 30  # of real time


class Never(AssertionError):
    """An event that the contract promises did not come."""


class Hearing:
    """Events as they come; each is taken once."""

    def __init__(self) -> None:
        self.events: list[esl.Event] = []
        self._news = asyncio.Event()
        self._at = 0

    def __call__(self, event: esl.Event) -> None:
        self.events.append(event)
        self._news.set()

    async def next(self, name: str, channel: str = "", **headers: str) -> esl.Event:
        """The next event of that name, about that channel, with these headers (_ for -)."""
        wanted = {key.replace("_", "-"): value for key, value in headers.items()}
        while True:
            while self._at < len(self.events):
                event = self.events[self._at]
                self._at += 1
                if event.name != name or channel not in ("", event.get("Unique-ID")):
                    continue
                if all(event.get(key) == value for key, value in wanted.items()):
                    return event
            self._news.clear()
            await self._news.wait()

    def rewind(self) -> None:
        """Look at what has been heard again."""
        self._at = 0

    def skip(self) -> None:
        """Look only at what comes from now on."""
        self._at = len(self.events)

    def names(self, channel: str) -> list[str]:
        """What was heard of a channel, in order; applications with their names."""
        return [
            f"{event.name} {event.get('Application')}".strip()
            for event in self.events
            if event.get("Unique-ID") == channel
        ]


class Caller(ABC):
    """Somebody who dialled the bank."""

    channel: str  # the bank's side of the call

    @abstractmethod
    async def keys(self, digits: str) -> None:
        """Press keys, now."""

    @abstractmethod
    async def is_quiet(self) -> None:
        """She says nothing."""

    @abstractmethod
    async def hang_up(self) -> None: ...


class Agent(ABC):
    """A phone that the bank can call."""

    dial: str  # the dial string, which names the `channel` in advance
    channel: str  # the bank's side of the leg

    def dialled_with(self, **variables: str) -> str:
        """The dial string with these variables on the leg."""
        assert self.dial.startswith("{")
        given = "".join(f"{name}={value}," for name, value in variables.items())
        return "{" + given + self.dial[1:]

    @abstractmethod
    async def hang_up(self) -> None: ...


class Rig(ABC):
    """One switch, running, with an empty house."""

    prompts: Path
    recordings: Path
    driver: esl.Client
    spy: esl.Client
    driven: Hearing
    spied: Hearing
    port: int

    async def open(self) -> None:
        """Connect both clients."""
        self.driven, self.spied = Hearing(), Hearing()
        self.connections: asyncio.Queue[None] = asyncio.Queue()  # one for each that is made
        self.driver = self._client(self.driven, [("variable_bankline", "1")])
        self.spy = self._client(self.spied, [])
        self._running = [asyncio.create_task(client.run()) for client in (self.driver, self.spy)]
        for _ in self._running:
            await asyncio.wait_for(self.connections.get(), STARTS_WITHIN_S)

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _client(self, hearing: Hearing, filters: list[tuple[str, str]]) -> esl.Client:
        return esl.Client(
            "127.0.0.1",
            self.port,
            PASSWORD,
            events=EVENTS,
            filters=filters,
            on_event=hearing,
            on_connected=lambda: self.connections.put(None),
            backoff_s=(0.02, 0.1),
        )

    async def call(self, *, pick_up: bool = True) -> Caller:
        """A caller on the bank's number, held; picked up as a worker does it."""
        caller = await self.dial()
        await self.until(
            self.spied.next("CHANNEL_EXECUTE", caller.channel, Application="endless_playback")
        )
        if pick_up:
            said = await self.driver.api(f"sched_del {caller.channel}")
            assert said == "+OK Deleted: 1\n"
        return caller

    @abstractmethod
    async def dial(self) -> Caller:
        """A call that has reached the bank's dialplan."""

    @abstractmethod
    async def agent(self, behaviour: str = "answers") -> Agent:
        """A phone that `answers`, is `busy`, or `rings` for ever."""

    @abstractmethod
    async def stranger(self) -> Caller:
        """A call that is none of the bank's: no `bankline` on it."""

    @abstractmethod
    async def until(self, wanted: Awaitable[T], within_s: float = WITHIN_S) -> T:
        """Wait for it; raises Never after so much of the switch's time."""

    async def together(self, leg: str) -> None:
        """Until an agent's leg is joined: what parts it sooner costs one of the two."""
        while TOGETHER not in await self.spy.api(f"uuid_dump {leg}"):
            pass

    async def run(self, caller: Caller, application: str, argument: str = "") -> esl.Event:
        """Execute to the end."""
        return await self.until(self.driver.execute(caller.channel, application, argument))

    async def while_it_plays(
        self, caller: Caller, application: str, argument: str, do: Callable[[], Awaitable[None]]
    ) -> esl.Event:
        """Execute, and do something as soon as its audio has begun."""
        running = asyncio.ensure_future(self.driver.execute(caller.channel, application, argument))
        await self.until(
            self.spied.next("CHANNEL_EXECUTE", caller.channel, Application=application)
        )
        await self.until(self.spied.next("PLAYBACK_START", caller.channel))
        await do()
        return await self.until(running)


def at(event: esl.Event) -> float:
    """When it was fired, seconds of the switch's time."""
    return int(event["Event-Date-Timestamp"]) / 1_000_000


ASK = "play_and_get_digits"
MARGIN_S = 0.5  # FreeSWITCH counts frames, and this machine is shared


def ask(
    least: int,
    most: int,
    *,
    tries: int = 1,
    timeout_ms: int = 1000,
    ends: str = "#",
    file: str = "short.wav",
    invalid: str = "''",
    regex: str = "",
    then: str = "",
) -> str:
    """The argument of play_and_get_digits: `least` to `most` keys into the variable `got`."""
    words = [least, most, tries, timeout_ms, ends, file, invalid, "got", regex or ".*", 1000, then]
    return " ".join(str(word) for word in words).rstrip()
