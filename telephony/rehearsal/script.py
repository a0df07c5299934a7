"""A caller by the script: what she keys when she is asked, and what she was told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from banking.core import CardView
from calendars import hours
from routing.entries import Door, Standing
from routing.models import Queue as QueueRow
from telephony import wav
from telephony.deeds import Deed
from telephony.ivr.bank import Run
from telephony.ivr.call import Caller
from telephony.ivr.entry import Keyed
from telephony.ivr.line import USUAL, Heard, Taped
from telephony.ivr.queue import Turn
from telephony.ivr.signals import HungUp

SILENCE = "-"  # a group: she lets the bank wait
PIECE_S = 30.0  # of music
MESSAGE_S = 10.0
VERIFIED_FOR = timedelta(minutes=30)
CALLBACK = "000000000000"  # the receipt of a wish that nobody keeps


@dataclass
class Clock:
    """The hour at which she calls, and the seconds that pass while she listens."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class ScriptedLine:
    """Hears each prompt to its end, then keys the next group; after the last she hangs up."""

    def __init__(
        self, groups: Sequence[str], clock: Clock, seconds: Callable[[Sequence[str]], float]
    ) -> None:
        self._groups, self._clock, self._seconds = list(groups), clock, seconds
        self._keys = ""  # of a group that was longer than what was asked for
        self.pace = USUAL
        self._taped: list[Path] = []
        self.hung_up_by_bank = False

    @property
    def unkeyed(self) -> tuple[str, ...]:
        """The groups that nobody asked her for."""
        return tuple([self._keys] if self._keys else []) + tuple(self._groups)

    async def play(self, files: Sequence[str], *, interruptible: bool) -> Heard:
        if self._keys and interruptible:
            key, self._keys = self._keys[0], self._keys[1:]
            return Heard(Keyed(key), 0)
        self._keys = ""
        return Heard(Keyed(), self._hear(files))

    async def collect(
        self,
        files: Sequence[str],
        *,
        most: int,
        terminators: str = "",
        secret: bool = False,
    ) -> Heard:
        played = 0.0
        if not self._keys:
            played = self._hear(files)
            if not self._next():
                self._clock.passes(self.pace.first_key_s)
                return Heard(Keyed(), played)
        digits = ""
        while self._keys and len(digits) < most:
            key, self._keys = self._keys[0], self._keys[1:]
            if key in terminators:
                return Heard(Keyed(digits, key), played)
            digits += key
        if len(digits) < most:
            self._clock.passes(self.pace.between_keys_s)
        return Heard(Keyed(digits), played)

    async def record(self, path: str) -> Taped:
        """She speaks for a while, then keys the first key of her next group."""
        self._taped.append(Path(path))
        self._taped[-1].write_bytes(wav.silence(MESSAGE_S))
        self._clock.passes(MESSAGE_S)
        if not self._keys and not self._next():
            return Taped("", 0)
        key, self._keys = self._keys[0], self._keys[1:]
        return Taped(key, 0)

    def leave_no_trace(self) -> None:
        """Nothing of what she said is kept."""
        for file in self._taped:
            file.unlink(missing_ok=True)

    async def music(self) -> Heard:
        self._clock.passes(PIECE_S)
        if not self._keys and not self._next():
            return Heard(Keyed(), PIECE_S)
        key, self._keys = self._keys[0], self._keys[1:]
        return Heard(Keyed(key), PIECE_S)

    async def forget_keys(self) -> None:
        self._keys = ""

    async def hang_up(self) -> None:
        self.hung_up_by_bank = True

    def _hear(self, files: Sequence[str]) -> float:
        seconds = self._seconds(files)
        self._clock.passes(seconds)
        return seconds

    def _next(self) -> bool:
        """Whether she keys something now. Raises HungUp after the last group."""
        if not self._groups:
            raise HungUp("the script is over")
        group = self._groups.pop(0)
        self._keys = "" if group == SILENCE else group
        return bool(self._keys)


@dataclass
class Notes:
    """The record of a rehearsed call: what she heard, in order. No secret reaches it.

    A menu is one line, whatever it offers: `options` says which prompt is of which menu.
    """

    options: Mapping[str, str]
    lines: list[str] = field(default_factory=list)

    def heard(self, prompt: str, text: str, *, at: datetime, heard_s: float, barged: bool) -> None:
        menu = self.options.get(prompt)
        line = f"menu {menu}" if menu else f"say {prompt}"
        if not menu or self.lines[-1:] != [line]:
            self.lines.append(line)

    def keyed(self, keys: str, *, at: datetime) -> None:
        """The script knows them."""

    def did(
        self, deed: Deed, *, at: datetime, instruction: UUID | None = None, about: str = ""
    ) -> None:
        if deed is Deed.QUEUED:
            self.lines.append(f"queue {about}")
        if deed is Deed.FAULT:
            self.lines.append("fault")


class LooseFile:
    """What is known of the caller, kept while she is on the line."""

    def __init__(self, who: Caller, clock: Clock) -> None:
        self._who, self._clock = who, clock

    async def identified(self, card: CardView) -> None:
        self._who.customer_id, self._who.card_id = card.customer_id, card.id
        self._who.card_tail = card.tail
        self._who.verified_until = self._clock.now() + VERIFIED_FOR

    async def pin_refused(self, failures: int) -> None:
        self._who.pin_failures = failures

    async def request_callback(self, phone: str) -> str:
        return CALLBACK


class EmptyQueue:
    """Every queue in its opening hours, with agents who are busy: she is next, and waits."""

    def __init__(self, run: Run, clock: Clock) -> None:
        self._run, self._clock = run, clock
        self._waits_in = ""

    @property
    def waits(self) -> bool:
        return bool(self._waits_in)

    async def door(self, slug: str) -> Door:
        return await self._run(_door, slug, self._clock.now())

    async def enter(self, slug: str, *, vip: str) -> None:
        self._waits_in = self._waits_in or slug

    async def standing(self) -> Standing | None:
        return Standing(entry_id=0, queue=self._waits_in, place=1, expected_s=0)

    async def leave(self, outcome: str) -> None:
        self._waits_in = ""

    async def talk(self) -> Turn:
        raise HungUp("nobody answers in a rehearsal")


def _door(slug: str, at: datetime) -> Door:
    """By the hours alone: who is signed in now says nothing of the hour of a saved call."""
    queue = QueueRow.objects.filter(slug=slug, is_active=True).first()
    if queue is None:
        return Door.UNSTAFFED
    return Door.OPEN if not queue.hours or hours.is_open(queue.hours, at) else Door.CLOSED
