"""What is scheduled for later: `sched_transfer`, `sched_hangup`, `sched_del`.

FreeSWITCH's scheduler counts whole seconds, so ``+2`` is one to two seconds away.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from telephony.simswitch.clock import Clock, Timer
from telephony.simswitch.words import number


@dataclass(frozen=True, slots=True)
class Task:
    """One scheduled deed; `group` is the channel's uuid."""

    number: int
    group: str
    timer: Timer


class Tasks:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._tasks: dict[int, Task] = {}
        self._groups: dict[str, set[int]] = {}

    def add(self, when: str, group: str, do: Callable[[], None]) -> int:
        """Schedule for ``+seconds`` or an epoch; the number to delete it by."""
        seconds = number(when.removeprefix("+"))
        at = int(self._clock.now()) + seconds if when.startswith("+") else seconds
        task = next(self._numbers)

        def due() -> None:
            self._forget(task)
            do()

        self._tasks[task] = Task(task, group, self._clock.set(float(at), due))
        self._groups.setdefault(group, set()).add(task)
        return task

    def drop(self, what: str) -> int:
        """Delete one task by number, or a group's; how many there were."""
        if what.isdecimal():
            gone = [int(what)] if int(what) in self._tasks else []
        else:
            gone = list(self._groups.get(what, ()))
        for task in gone:
            self._tasks[task].timer.off = True
            self._forget(task)
        return len(gone)

    def _forget(self, task: int) -> None:
        group = self._tasks.pop(task).group
        self._groups[group].discard(task)
        if not self._groups[group]:
            del self._groups[group]
