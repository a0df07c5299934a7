"""Events as FreeSWITCH fires them: which there are, and the headers that each carries."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

# Those that simswitch fires; a client may ask for any other that FreeSWITCH knows, in vain.
NAMES = frozenset(
    [
        "BACKGROUND_JOB",
        "CHANNEL_ANSWER",
        "CHANNEL_APPLICATION",
        "CHANNEL_BRIDGE",
        "CHANNEL_CREATE",
        "CHANNEL_DESTROY",
        "CHANNEL_EXECUTE",
        "CHANNEL_EXECUTE_COMPLETE",
        "CHANNEL_HANGUP",
        "CHANNEL_HANGUP_COMPLETE",
        "CHANNEL_HOLD",
        "CHANNEL_ORIGINATE",
        "CHANNEL_PARK",
        "CHANNEL_PROGRESS",
        "CHANNEL_PROGRESS_MEDIA",
        "CHANNEL_UNBRIDGE",
        "CHANNEL_UNHOLD",
        "CHANNEL_UNPARK",
        "CUSTOM",
        "DTMF",
        "HEARTBEAT",
        "PLAYBACK_START",
        "PLAYBACK_STOP",
        "RECORD_START",
        "RECORD_STOP",
    ]
)
FOREIGN = frozenset(
    [
        "ADD_SCHEDULE",
        "ALL",
        "API",
        "CALL_SECURE",
        "CALL_SETUP_REQ",
        "CALL_SETUP_RESULT",
        "CALL_UPDATE",
        "CHANNEL_CALLSTATE",
        "CHANNEL_DATA",
        "CHANNEL_GLOBAL",
        "CHANNEL_STATE",
        "CHANNEL_UUID",
        "CLONE",
        "CODEC",
        "COMMAND",
        "CONFERENCE_DATA",
        "DEL_SCHEDULE",
        "DETECTED_SPEECH",
        "DETECTED_TONE",
        "DEVICE_STATE",
        "EXE_SCHEDULE",
        "FAILURE",
        "GENERAL",
        "LOG",
        "MEDIA_BUG_START",
        "MEDIA_BUG_STOP",
        "MESSAGE",
        "MESSAGE_QUERY",
        "MESSAGE_WAITING",
        "MODULE_LOAD",
        "MODULE_UNLOAD",
        "NAT",
        "NOTALK",
        "NOTIFY",
        "NOTIFY_IN",
        "PHONE_FEATURE",
        "PHONE_FEATURE_SUBSCRIBE",
        "PRESENCE_IN",
        "PRESENCE_OUT",
        "PRESENCE_PROBE",
        "PRIVATE_COMMAND",
        "PUBLISH",
        "QUEUE_LEN",
        "RECV_INFO",
        "RECV_MESSAGE",
        "RECV_RTCP_MESSAGE",
        "RELOADXML",
        "RE_SCHEDULE",
        "REQUEST_PARAMS",
        "ROSTER",
        "SEND_INFO",
        "SEND_MESSAGE",
        "SESSION_CRASH",
        "SESSION_DATA",
        "SESSION_HEARTBEAT",
        "SHUTDOWN",
        "SOCKET_DATA",
        "STARTUP",
        "SUBCLASS_ANY",
        "TALK",
        "TEXT",
        "TRANSFEREE",
        "TRAP",
        "UNPUBLISH",
        "UNSUBSCRIBE",
    ]
)

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Event:
    """One event; its headers in order, names as FreeSWITCH writes them."""

    name: str
    headers: Headers
    body: str = ""
    subclass: str = ""

    def get(self, name: str) -> str | None:
        """The first value of a header; names in any case, as the switch compares them."""
        wanted = name.lower()
        return next((value for found, value in self.headers if found.lower() == wanted), None)


class Stationery:
    """Heads events: the dozen headers that each of them begins with."""

    def __init__(self, core_uuid: str, hostname: str) -> None:
        self._core_uuid, self._hostname = core_uuid, hostname
        self._sequence = itertools.count(1)

    def event(
        self,
        name: str,
        at: float,
        headers: Iterable[tuple[str, str]],
        *,
        body: str = "",
        subclass: str = "",
    ) -> Event:
        """An event fired `at` (seconds since the epoch) with these headers after its head."""
        head = list(self._head(name, at))
        if subclass:
            head.insert(1, ("Event-Subclass", subclass))
        return Event(name, [*head, *headers], body, subclass)

    def _head(self, name: str, at: float) -> Iterator[tuple[str, str]]:
        gmt = datetime.fromtimestamp(at, UTC)
        yield "Event-Name", name
        yield "Core-UUID", self._core_uuid
        yield "FreeSWITCH-Hostname", self._hostname
        yield "FreeSWITCH-Switchname", self._hostname
        yield "FreeSWITCH-IPv4", "127.0.0.1"
        yield "FreeSWITCH-IPv6", "::1"
        yield "Event-Date-Local", stamp(at)
        yield "Event-Date-GMT", format_datetime(gmt, usegmt=True)
        yield "Event-Date-Timestamp", micros(at)
        yield "Event-Sequence", str(next(self._sequence))


def stamp(at: float) -> str:
    """Local date and time as FreeSWITCH writes it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def micros(at: float | None) -> str:
    """Microseconds since the epoch; 0 for what has not happened."""
    return str(round(at * 1_000_000)) if at else "0"
