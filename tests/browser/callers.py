"""Callers of a browser test: phones in an event loop of their own, beside Playwright's."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from typing import TypeVar

from telephony.simswitch.phone import Heard, LineLost, Phone, PhoneError
from tests import cast

T = TypeVar("T")
WITHIN_S = 30.0


class Callers:
    """Who phones the bank. Everybody hangs up at the end."""

    def __init__(self, port: int, password: str) -> None:
        self._port, self._password = port, password
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()

    def dial(self, number: str = "961202", caller: str = "13800136027") -> "Caller":
        phone = self.run(self._dial(number, caller))
        return Caller(self, phone)

    async def _dial(self, number: str, caller: str) -> Phone:
        phone = await self._stack.enter_async_context(Phone.connect(self._port, self._password))
        await phone.dial(number, caller)
        return phone

    def run(self, what: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(WITHIN_S + 10)

    def close(self) -> None:
        with suppress(TimeoutError):
            self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


class Caller:
    """One person on the phone."""

    def __init__(self, callers: Callers, phone: Phone) -> None:
        self._run, self.phone = callers.run, phone

    def hears(self, wanted: str) -> Heard:
        """An event by its name, or a prompt by part of its file's."""
        return self._run(self.phone.hears(wanted, within_s=WITHIN_S))

    def keys(self, digits: str) -> None:
        self._run(self.phone.keys(digits))

    def hangs_up(self) -> None:
        with suppress(PhoneError, LineLost):
            self._run(self.phone.hang_up())

    def asks_for_a_person(self) -> None:
        """Straight from the greeting: 0 works everywhere."""
        self.hears("answered")
        self.keys("0")

    def identifies(self, who: cast.Person) -> None:
        """From the greeting to the personal menu, keyed ahead as she who knows it does."""
        self.hears("menu.language.1")
        self.keys("1")
        self.hears("menu.root.1")
        self.keys("1")
        self.hears("identify.card")
        self.keys(who.pan.reveal() + "#")
        self.hears("identify.pin")
        self.keys(who.query_pin + "#")
        self.hears("menu.personal.1")
