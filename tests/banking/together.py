"""Two of the same at the same time, without a sleep."""

from collections.abc import Callable
from threading import Barrier, BrokenBarrierError, Event, Thread
from typing import Any

from django.db import connections, transaction


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run each in a thread of its own; what each returned or raised, in order."""
    outcomes: list[Any] = [None] * len(calls)
    start = Barrier(len(calls))

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=10)
            outcomes[place] = call()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    return outcomes


class Meeting:
    """A point in the code where two wait for each other, or find that the other is locked out.

    Without the lock both are there at once; with it the first gives up waiting and goes on.
    """

    def __init__(self, patience_s: float = 0.5) -> None:
        self._barrier = Barrier(2)
        self._patience_s = patience_s
        self.met = False

    def wait(self) -> None:
        try:
            self._barrier.wait(timeout=self._patience_s)
        except BrokenBarrierError:
            return
        self.met = True


def beside(change: Callable[[], object], then: Callable[[], object]) -> list[object]:
    """`then` begins while `change` is written and not yet committed; what came of both."""
    written, over = Event(), Event()

    def write() -> None:
        with transaction.atomic():
            change()
            written.set()
            over.wait(timeout=0.5)  # the other can't be over: it waits for the commit

    def follow() -> object:
        assert written.wait(timeout=10)
        try:
            return then()
        finally:
            over.set()

    return together(write, follow)
