"""Every asynchronous test runs on asyncio's loop and on uvloop."""

import asyncio

import uvloop


class LoopThatSkips(asyncio.SelectorEventLoop):
    """asyncio's loop with a clock that a test moves: `loop.skip(10)` makes ten seconds pass."""

    skipped_s = 0.0

    def time(self) -> float:
        return super().time() + self.skipped_s

    def skip(self, seconds: float) -> None:
        self.skipped_s += seconds


def pytest_asyncio_loop_factories(config, item):
    return {"asyncio": LoopThatSkips, "uvloop": uvloop.new_event_loop}
