"""What a conversation needs of a line. The worker's speaks to the switch; flows never see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from telephony.ivr.entry import Keyed

LONGEST_MESSAGE_S = 180
ENDING_SILENCE_S = 6  # that ends a message
LONGEST_ENTRY = 24  # digits; more than any card, and then some


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast she is spoken to (docs/decisions/008-unhurried-callers.md)."""

    first_key_s: float  # of silence before the first key
    between_keys_s: float
    breath_ms: int = 0  # between two sentences or options

    def unhurried(self) -> "Pace":
        """The same for whoever takes her time: more of it for each key, and a breath."""
        return Pace(self.first_key_s + 3, self.between_keys_s + 2, breath_ms=700)


USUAL = Pace(5, 3)  # until the bank's rules are read (domain.md §1)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one step on the line brought: keys, and how much of the audio was played."""

    keyed: Keyed
    played_s: float


@dataclass(frozen=True, slots=True)
class Taped:
    """A message as it ended: by a key, by her silence, or at its limit."""

    key: str
    silent_s: float  # of silence at its end, that ended it


class Line(Protocol):
    """A caller's line.

    Each method raises HungUp when she is gone, Interrupted when we are, and Answered when an
    agent has her.
    """

    pace: Pace

    async def play(self, files: Sequence[str], *, interruptible: bool) -> Heard:
        """Play; the first key stops it and is in `keyed`, or no key does and all are lost."""
        ...

    async def collect(
        self,
        files: Sequence[str],
        *,
        most: int,
        terminators: str = "",
        secret: bool = False,
    ) -> Heard:
        """Play until the first key, then gather up to `most` keys or one of `terminators`.

        A `secret` is gone from the switch's variables before this returns.
        """
        ...

    async def record(self, path: str) -> Taped:
        """A tone, then what she says until ``#``, another key, silence or the limit."""
        ...

    async def music(self) -> Heard:
        """A piece of music; the first key stops it and is in `keyed`."""
        ...

    async def forget_keys(self) -> None:
        """Throw away what was keyed ahead."""
        ...

    async def hang_up(self) -> None:
        """End the call from the bank's side."""
        ...
