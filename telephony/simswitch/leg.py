"""What a leg is made of: who calls whom, when what happened, keys, commands, pauses."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from telephony.simswitch.channel import Channel


@dataclass(frozen=True, slots=True)
class Msg:
    """A `sendmsg` as queued: its headers by lower-case name, and its body."""

    headers: Mapping[str, str]
    body: str = ""
    applications: Sequence[str] = ()  # of an xferext, each with its argument


@dataclass(frozen=True, slots=True)
class Key:
    digit: str
    sensitive: bool


class Pause:
    """What a channel's coroutine awaits: the clock (`until`, None for never) or a wake."""

    __slots__ = ("until",)

    def __init__(self, until: float | None) -> None:
        self.until = until

    def __await__(self) -> Generator[Pause, None, None]:
        yield self


class Phone(Protocol):
    """Who is at the other end of the line."""

    def heard(self, channel: Channel, event: str, **what: Any) -> None:
        """Something that a person on that phone would notice."""
        ...


@dataclass
class Profile:
    """Who calls whom (switch_caller_profile_t)."""

    caller_name: str
    caller_number: str
    destination: str
    context: str = "bankline"
    dialplan: str = "XML"
    rdnis: str = ""


@dataclass
class Times:
    """When what happened, in switch time; None while it has not."""

    created: float
    answered: float | None = None
    progress: float | None = None
    early: float | None = None
    hung_up: float | None = None
    transferred: float | None = None
    bridged: float | None = None
    held: float | None = None
    held_for: float = 0.0
