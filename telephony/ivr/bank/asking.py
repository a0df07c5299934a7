"""How a question reaches the core: through the worker's gateway, at the present time."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from banking.core import Core

T = TypeVar("T")


class Run(Protocol):
    """The gateway: runs one synchronous service in a thread of its own."""

    def __call__(self, service: Callable[..., T], *args: Any, **kwargs: Any) -> Awaitable[T]: ...


class Asking:
    """One caller's way to the core. `call_ref` is her call, as the bank's records name it, `phone`
    the number that she calls from, "" where it is withheld."""

    def __init__(
        self, core: Core, run: Run, call_ref: str, now: Callable[[], datetime], *, phone: str = ""
    ) -> None:
        self._core, self._run, self._ref, self._now = core, run, call_ref, now
        self._phone = phone

    async def _ask(self, service: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await self._run(service, *args, at=self._now(), **kwargs)
