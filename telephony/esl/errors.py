"""What can go wrong on an event socket. No message quotes an argument: it may hold a PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from telephony.esl.wire import Event, Frame


class EslError(Exception):
    """The root of everything that this package raises on purpose."""


class ProtocolError(EslError):
    """The peer sent what is no event socket, or more than the limits allow: the stream is lost.

    `frames` are those that were whole before the damage, in order; they are still true.
    """

    def __init__(self, why: str, frames: tuple[Frame, ...] = ()) -> None:
        super().__init__(why)
        self.frames = frames


class Unsendable(EslError, ValueError):
    """A command would break the wire: a line break, a NUL, or nothing where something must be."""


class AuthenticationFailed(EslError):
    """The switch refused the password, or this machine's address."""


class CommandFailed(EslError):
    """The switch answered a command with -ERR; the text is the switch's own."""


class NoSuchChannel(CommandFailed):
    """The channel is not on this switch, or no more."""


class HungUp(EslError):
    """The channel hung up; `cause` is FreeSWITCH's name for why, such as NORMAL_CLEARING.

    `end` is the application's own end where the switch still told it, with what it came to:
    the length of a recording, or digits keyed before the hang-up.
    """

    def __init__(self, cause: str, end: Event | None = None) -> None:
        super().__init__(cause)
        self.cause, self.end = cause, end


class Lost(EslError):
    """The connection to the switch is gone; what was asked may or may not have been done."""


class Overflow(EslError):
    """More is waiting than the limit allows: a reader that is too slow, or a switch that is."""
