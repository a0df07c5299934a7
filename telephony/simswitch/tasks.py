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
    name: str
    timer: Timer


class Tasks:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._tasks: dict[int, Task] = {}

    def add(self, when: str, group: str, do: Callable[[], None], name: str) -> int:
        """Schedule for ``+seconds`` or an epoch; the number to delete it by."""
        seconds = number(when.removeprefix("+"))
        at = int(self._clock.now()) + seconds if when.startswith("+") else seconds
        task = next(self._numbers)

        def due() -> None:
            if self._tasks.pop(task, None):
                do()

        self._tasks[task] = Task(task, group, name, self._clock.set(float(at), due))
        return task

    def drop(self, what: str) -> int:
        """Delete one task by number, or a group's; how many there were."""
        gone = [
            task
            for task in self._tasks.values()
            if (task.number == int(what) if what.isdecimal() else task.group == what)
        ]
        for task in gone:
            task.timer.off = True
            del self._tasks[task.number]
        return len(gone)
