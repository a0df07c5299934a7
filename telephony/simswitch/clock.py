"""The switch's clock and the timers on it. Times are seconds since the epoch.

`Ticking` runs with the machine's clock, or faster by a rate. `Stopped` moves only when told, so
that a test hears a six-second prompt out without waiting for it.
"""

import heapq
import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(order=True, slots=True)
class Timer:
    """Something to do at a time; equal times fire in the order in which they were set."""

    at: float
    number: int
    do: Callable[[], None] = field(compare=False)
    off: bool = field(default=False, compare=False)


class Clock(ABC):
    """Timers over a `now` that a subclass supplies."""

    def __init__(self) -> None:
        self._timers: list[Timer] = []
        self._numbers = itertools.count()
        self.changed: Callable[[], None] = lambda: None  # told when the next timer may be another

    @abstractmethod
    def now(self) -> float:
        """Seconds since the epoch, as the switch counts them."""

    def set(self, at: float, do: Callable[[], None]) -> Timer:
        """Have it done when the clock reaches `at`."""
        timer = Timer(at, next(self._numbers), do)
        heapq.heappush(self._timers, timer)
        if self._timers[0] is timer:
            self.changed()
        return timer

    def next_at(self) -> float | None:
        """When the next timer is due, None when nothing waits for time."""
        while self._timers and self._timers[0].off:
            heapq.heappop(self._timers)
        return self._timers[0].at if self._timers else None

    def fire(self) -> None:
        """Do what is due by now."""
        while (at := self.next_at()) is not None and at <= self.now():
            heapq.heappop(self._timers).do()


class Ticking(Clock):
    """Real time, `rate` times as fast, from the moment it is made."""

    def __init__(self, rate: float = 1.0) -> None:
        super().__init__()
        self.rate = rate
        self._epoch, self._zero = time.time(), time.monotonic()

    def now(self) -> float:
        return self._epoch + (time.monotonic() - self._zero) * self.rate

    def wait(self) -> float | None:
        """Real seconds until the next timer is due, None when there is none."""
        at = self.next_at()
        return None if at is None else max(0.0, (at - self.now()) / self.rate)


class Stopped(Clock):
    """Virtual time: stands still until it is moved."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self._now = start

    def now(self) -> float:
        return self._now

    def move(self, to: float) -> None:
        """Jump there; never back."""
        self._now = max(self._now, to)
