"""The whole switch without a socket: channels, the clock, who listens, who may be called."""

from __future__ import annotations

import logging
import socket
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from telephony.simswitch.bridging import Unreachable
from telephony.simswitch.channel import Channel
from telephony.simswitch.clock import Clock
from telephony.simswitch.dialplan import Dialplan
from telephony.simswitch.events import Event, Headers, Stationery
from telephony.simswitch.leg import Phone, Profile, Times
from telephony.simswitch.media import Library
from telephony.simswitch.tasks import Tasks

log = logging.getLogger(__name__)

MOST_CHANNELS = 5000


class Listener(Protocol):
    """A client of the event socket, as the switch sees it."""

    def wants(self, name: str, subclass: str) -> bool:
        """Whether it subscribed to such events, before its filters are asked."""
        ...

    def hear(self, event: Event) -> bool:
        """Take an event that it wants; whether its filters let it through."""
        ...

    def follows(self, channel: Channel) -> bool:
        """Whether it would hear that an application of this channel is through."""
        ...


class Full(Exception):
    """The switch carries as many calls as it may."""


class Switch:
    """Fed by commands, keys and time; whoever feeds it calls `run` afterwards."""

    def __init__(
        self, *, clock: Clock, library: Library, dialplan: Dialplan, recordings: Path | None = None
    ) -> None:
        self.clock, self.library, self.dialplan = clock, library, dialplan
        self.recordings = recordings
        self.hostname = socket.gethostname()
        self.core_uuid = self.new_uuid()
        self.channels: dict[str, Channel] = {}
        self.phones: dict[str, Phone] = {}  # registered users
        self.listeners: list[Listener] = []
        self.tasks = Tasks(clock)
        self.sessions = 0  # since the start
        self.started = clock.now()
        self._stationery = Stationery(self.core_uuid, self.hostname)
        self._awake: deque[Channel] = deque()
        self._running = False

    @staticmethod
    def new_uuid() -> str:
        return str(uuid.uuid4())

    def now(self) -> float:
        """Switch time, seconds since the epoch."""
        return self.clock.now()

    # -- calls -----------------------------------------------------------------------------

    def dial(
        self, phone: Phone, number: str, caller: str, *, test: bool = False, uuid: str = ""
    ) -> Channel:
        """A call comes in. Raises Full."""
        channel = self._channel(
            phone,
            f"sofia/bankline/{caller or 'anonymous'}",
            Profile(caller, caller, number),
            inbound=True,
            uuid=uuid,
        )
        if test:  # FreeSWITCH's dialplan sets it for whoever registered as the test phone
            channel.set("bankline_test", "1")
        phone.heard(channel, "ringing")
        channel.start(channel.live(channel.route))
        log.info("call %s: %s dials %s", channel.uuid, caller or "unknown", number)
        return channel

    def invite(
        self, user: str, *, caller_name: str, caller_number: str, context: str, uuid: str = ""
    ) -> Channel:
        """A leg to a registered phone, not yet ringing. Raises Unreachable."""
        phone = self.phones.get(user)
        if phone is None:
            raise Unreachable("USER_NOT_REGISTERED")
        try:
            return self._channel(
                phone,
                f"sofia/bankline/{user}",
                Profile(caller_name, caller_number, user, context),
                inbound=False,
                uuid=uuid,
            )
        except Full as full:
            raise Unreachable("SWITCH_CONGESTION") from full

    def _channel(
        self, phone: Phone, name: str, profile: Profile, *, inbound: bool, uuid: str = ""
    ) -> Channel:
        if len(self.channels) >= MOST_CHANNELS or uuid in self.channels:
            raise Full
        self.sessions += 1
        channel = Channel(
            switch=self,
            uuid=uuid or self.new_uuid(),
            session=self.sessions,
            inbound=inbound,
            name=name,
            profile=profile,
            phone=phone,
            times=Times(self.now()),
        )
        for key, value in (
            ("direction", "inbound" if inbound else "outbound"),
            ("uuid", channel.uuid),
            ("session_id", str(channel.session)),
            ("channel_name", name),
        ):
            channel.set(key, value)
        self.channels[channel.uuid] = channel
        return channel

    def find(self, uuid: str) -> Channel | None:
        """The channel of a uuid, while it is not over."""
        return self.channels.get(uuid)

    def forget(self, channel: Channel) -> None:
        """The channel is over."""
        del self.channels[channel.uuid]
        self.tasks.drop(channel.uuid)
        log.info("call %s: ended, %s by %s", channel.uuid, channel.cause, channel.hung_up_by)

    # -- events ----------------------------------------------------------------------------

    def fire(
        self, name: str, headers: Callable[[], Headers], *, body: str = "", subclass: str = ""
    ) -> None:
        """Tell whoever wants it; the headers are only written when somebody does."""
        wanting = [one for one in self.listeners if one.wants(name, subclass)]
        if wanting:
            event = self.describe(name, headers(), body=body, subclass=subclass)
            for listener in wanting:
                listener.hear(event)

    def describe(self, name: str, headers: Headers, *, body: str = "", subclass: str = "") -> Event:
        """An event of now, headed but not fired."""
        return self._stationery.event(name, self.now(), headers, body=body, subclass=subclass)

    # -- running ---------------------------------------------------------------------------

    def schedule(self, channel: Channel) -> None:
        """The channel has something to look at."""
        self._awake.append(channel)

    def run(self) -> None:
        """Let everything that was woken, and every timer that is due, go on until all wait."""
        if self._running:
            return
        self._running = True
        try:
            while True:
                while self._awake:
                    self._awake.popleft().step()
                at = self.clock.next_at()
                if at is None or at > self.now():
                    return
                self.clock.fire()
        finally:
            self._running = False

    def driven(self, channel: Channel) -> bool:
        """Whether some client listens to this channel, and so may be about to drive it."""
        return any(listener.follows(channel) for listener in self.listeners)

    def thinking(self) -> Iterator[Channel]:
        """Calls that are held while whoever drives them makes up its mind."""
        for channel in self.channels.values():
            if channel.idle and self.driven(channel):
                yield channel
