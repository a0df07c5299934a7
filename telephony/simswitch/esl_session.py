"""One client of the event socket, without the socket (mod_event_socket.c, `parse_command`)."""

from __future__ import annotations

import hmac
import logging
import re
from collections import deque
from collections.abc import Callable

from telephony.esl import server_wire
from telephony.esl.errors import ProtocolError
from telephony.esl.server_wire import Command
from telephony.simswitch import api, headers
from telephony.simswitch.channel import Channel
from telephony.simswitch.events import FOREIGN, NAMES, Event
from telephony.simswitch.leg import Msg
from telephony.simswitch.switch import Switch

log = logging.getLogger(__name__)

MOST_WAITING = 10_000  # commands of one client behind one that is withheld or rings a phone
MOST_FILTERS = 1000


class EslSession:
    """Bytes in by `receive`, bytes out through `send`; `closed` when it is over.

    `withholds` is asked before each command of a client whether to keep it back: tests use it.
    """

    def __init__(
        self,
        switch: Switch,
        password: str,
        send: Callable[[bytes], None],
        withholds: Callable[[EslSession, Command], bool] = lambda session, command: False,
    ) -> None:
        self._switch, self._password, self._send = switch, password, send
        self._withholds = withholds
        self._parser = server_wire.ServerParser()
        self._waiting: deque[Command] = deque()
        self._busy = False  # an `api originate` rings: its client waits, as it does on FreeSWITCH
        self._released = False  # the first that waits was withheld long enough
        self._authenticated = False
        self._events: set[str] = set()
        self._subclasses: set[str] = set()
        self._filters: list[tuple[str, str]] = []
        self.closed = False
        send(server_wire.AUTH_REQUEST)

    # -- bytes -----------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Take what the client sent and do what can be done."""
        try:
            commands = self._parser.feed(data)
        except ProtocolError as error:
            log.warning("a client of the event socket broke the protocol: %s", error)
            self.close()
            return
        if len(self._waiting) + len(commands) > MOST_WAITING:
            log.warning("a client of the event socket sent more than it waited for")
            self.close()
            return
        self._waiting += commands
        self.go_on()

    def go_on(self) -> None:
        """Do the commands that wait, in order."""
        while self._waiting and not self._busy and not self.closed:
            if not self._released and self._withholds(self, self._waiting[0]):
                return
            self._released = False
            self._obey(self._waiting.popleft())
            self._switch.run()

    def release(self) -> None:
        """Let the command that is withheld pass."""
        self._released = True
        self.go_on()

    def close(self) -> None:
        """Say good-bye; the server closes the socket."""
        if not self.closed:
            self.closed = True
            self._waiting.clear()
            self._send(server_wire.encode_disconnect())
            if self in self._switch.listeners:
                self._switch.listeners.remove(self)

    # -- events ----------------------------------------------------------------------------

    def wants(self, name: str, subclass: str) -> bool:
        if "ALL" in self._events:
            return True
        return name in self._events and (not subclass or subclass in self._subclasses)

    def hear(self, event: Event) -> bool:
        """Send an event on, if the filters let it through."""
        if self.closed or not self._passes(event.get):
            return False
        self._send(server_wire.encode_event(event.headers, event.body))
        return True

    def follows(self, channel: Channel) -> bool:
        if not self.wants("CHANNEL_EXECUTE_COMPLETE", ""):
            return False
        if not self._filters:
            return True
        event: list[Event] = []  # written out only for a filter on something else than a variable

        def get(name: str) -> str | None:
            if name.startswith("variable_"):
                return channel.variables.get(name.removeprefix("variable_"))
            if not event:
                kind = "CHANNEL_EXECUTE_COMPLETE"
                event.append(Event(kind, headers.of(channel, kind, [("Event-Name", kind)])))
            return event[0].get(name)

        return self._passes(get)

    def _passes(self, get: Callable[[str], str | None]) -> bool:
        """Any filter that matches lets an event through, one that begins with - keeps it back."""
        if not self._filters:
            return True
        passes = False
        for name, wanted in self._filters:
            value = get(name)
            if value is None:
                continue
            sign = re.match(r"[+\- ]*", wanted)
            positive = not (sign and "-" in sign[0])
            if passes and positive:
                continue
            if _matches(wanted.lstrip("+- "), value):
                if not positive:
                    return False
                passes = True
        return passes

    # -- commands --------------------------------------------------------------------------

    def _reply(self, text: str) -> None:
        if not self.closed:
            self._send(server_wire.encode_reply(text))

    def _obey(self, command: Command) -> None:
        verb = command.verb
        if verb.startswith("exit"):
            self._reply("+OK bye")
            self.close()
        elif not self._authenticated:
            self._authenticate(command)
        elif (obey := _VERBS.get(verb)) and (verb not in _NEED_MORE or command.rest):
            obey(self, command)
        else:
            self._reply("-ERR command not found")

    def _authenticate(self, command: Command) -> None:
        given = command.line[5:] if command.verb == "auth" else ""
        if hmac.compare_digest(given.encode(), self._password.encode()):
            self._authenticated = True
            self._switch.listeners.append(self)
            self._reply("+OK accepted")
        else:
            self._reply("-ERR invalid")
            self.close()

    def _filter(self, command: Command) -> None:
        name, _, value = command.rest.partition(" ")
        if name.lower() == "delete" and value:
            name, _, value = value.partition(" ")
            self._filters = [
                (key, wanted)
                for key, wanted in self._filters
                if name.lower() != "all" and (key != name or value not in ("", wanted))
            ]
            self._reply(f"+OK filter deleted. [{name}][{value}]")
            return
        if name.lower() == "add" and value:
            name, _, value = value.partition(" ")
        if not value or len(self._filters) >= MOST_FILTERS:
            self._reply("-ERR invalid syntax")
            return
        self._filters.append((name, value))
        self._reply(f"+OK filter added. [{name}]=[{value}]")

    def _event(self, command: Command) -> None:
        words = command.rest.split()
        if words and words[0].lower() in ("plain", "json", "xml"):
            if words[0].lower() != "plain":
                self._reply("-ERR simswitch speaks plain events only")
                return
            words = words[1:]
        names, subclasses = _kinds(words)
        if not names:
            self._reply("-ERR no keywords supplied")
            return
        self._events |= names
        self._subclasses |= subclasses
        self._reply("+OK event listener enabled plain")

    def _nixevent(self, command: Command) -> None:
        names, subclasses = _kinds(command.rest.split())
        if not names:
            self._reply("-ERR no keywords supplied")
            return
        self._events = set() if "ALL" in names else self._events - (names - {"CUSTOM"})
        self._subclasses -= subclasses
        self._reply("+OK events nixed")

    def _noevents(self, command: Command) -> None:
        if not self._events:
            self._reply("-ERR not listening for events")
            return
        self._events.clear()
        self._subclasses.clear()
        self._reply("+OK no longer listening for events")

    def _sendmsg(self, command: Command) -> None:
        uuid = command.rest or command.headers.get("session-id", "")
        channel = self._switch.find(uuid)
        if channel is None:
            self._reply(f"-ERR invalid session id [{uuid}]")
        elif channel.tell(Msg(command.headers, command.body, tuple(command.values("application")))):
            self._reply("+OK")
        else:
            self._reply("-ERR memory error")

    def _api(self, command: Command) -> None:
        name, _, argument = command.rest.partition(" ")
        self._busy = True

        def reply(text: str) -> None:
            self._busy = False
            if not self.closed:
                self._send(server_wire.encode_api_response(text))
                if self._waiting:
                    self.go_on()

        api.run(self._switch, name, argument, reply)

    def _bgapi(self, command: Command) -> None:
        name, _, argument = command.rest.partition(" ")
        job = command.headers.get("job-uuid") or self._switch.new_uuid()
        if not self.closed:
            self._send(server_wire.encode_reply(f"+OK Job-UUID: {job}", Job_UUID=job))
        said = [("Job-UUID", job), ("Job-Command", name)]
        if argument:
            said.append(("Job-Command-Arg", argument))

        def reply(text: str) -> None:
            self._switch.fire("BACKGROUND_JOB", lambda: said, body=text)

        api.run(self._switch, name, argument, reply)

    def _nothing_to_log(self, command: Command) -> None:
        self._reply("+OK log level  [0]" if command.verb == "log" else "-ERR not loging")

    def _linger(self, command: Command) -> None:
        self._reply("-ERR not controlling a session")


_VERBS: dict[str, Callable[[EslSession, Command], None]] = {
    "api": EslSession._api,
    "bgapi": EslSession._bgapi,
    "event": EslSession._event,
    "events": EslSession._event,
    "filter": EslSession._filter,
    "linger": EslSession._linger,
    "log": EslSession._nothing_to_log,
    "nixevent": EslSession._nixevent,
    "noevents": EslSession._noevents,
    "nolog": EslSession._nothing_to_log,
    "sendmsg": EslSession._sendmsg,
}

_NEED_MORE = frozenset(["api", "bgapi", "filter"])  # alone, FreeSWITCH does not know them


def _kinds(words: list[str]) -> tuple[set[str], set[str]]:
    """Event names, and what follows CUSTOM as subclasses; unknown names are passed over."""
    names: set[str] = set()
    for place, word in enumerate(words):
        if word.upper() in NAMES | FOREIGN:
            names.add(word.upper())
        if word.upper() == "CUSTOM":
            return names, set(words[place + 1 :])
    return names, set()


def _matches(wanted: str, value: str) -> bool:
    if wanted.startswith("/"):
        try:
            return re.search(wanted.strip("/"), value) is not None
        except re.error:
            return False
    return wanted.lower() == value.lower()
