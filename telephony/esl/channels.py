"""What happens on one channel, in order, for one reader."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from telephony.esl.errors import EslError, Overflow
from telephony.esl.wire import Event

log = logging.getLogger(__name__)


class Channel:
    """The events of one channel that no execute() awaits: `async for event in channel`.

    Holds `limit` events at most. A reader that falls further behind is told: it gets those
    that were held, then Overflow, and none after. CHANNEL_HANGUP_COMPLETE is the last event
    of a channel and ends the loop; a lost connection ends it with Lost.

    Close it, or use it as a context manager: until then its events go nowhere else.
    """

    def __init__(self, uuid: str, *, limit: int, on_close: Callable[[Channel], None]) -> None:
        self.uuid = uuid
        self._limit = limit
        self._on_close = on_close
        self._events: deque[Event] = deque()
        self._more = asyncio.Event()
        self._ended = False
        self._why: EslError | None = None  # what ended it, if not the hang-up

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._why is not None:
                raise self._why
            if self._ended:
                raise StopAsyncIteration
            self._more.clear()
            await self._more.wait()
        return self._events.popleft()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; what is held can still be read."""
        self.end()
        self._on_close(self)

    # -- for the client ------------------------------------------------------------------------

    def put(self, event: Event) -> bool:
        """Hold `event` for the reader; False where none follows for it."""
        if not self._ended and len(self._events) >= self._limit:
            log.error("channel %.40s: its listener is too slow and is cut off", self.uuid)
            self.end(Overflow(f"{self._limit} events wait for a reader that is too slow."))
        if self._ended:
            return False
        self._events.append(event)
        self._more.set()
        return True

    def end(self, why: EslError | None = None) -> None:
        """No event follows; the reader gets `why` once it has read what is held."""
        if not self._ended:
            self._ended, self._why = True, why
            self._more.set()
