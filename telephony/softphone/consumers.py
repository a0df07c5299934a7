"""An agent's simulated phone: one socket, one registration, one call at a time.

The socket is the phone: when it closes, the phone is gone from the switch, and its leg is lost
just as it would be if a browser were closed.
"""

import asyncio
from contextlib import suppress
from typing import Any

from django.utils import translation

from calendars import clock
from people.errors import Refusal
from routing import phones
from routing.errors import NotSignedIn
from telephony.phone import errors as line_errors
from telephony.phone import line
from telephony.phone.socket import PhoneSocket, parsed
from telephony.simswitch.phone import Heard, LineLost, Phone, PhoneError
from telephony.softphone.errors import (
    NoSimulatedSwitch,
    NothingThere,
    Superseded,
    SwitchLost,
    SwitchSilent,
    Unintelligible,
)

PERMISSION = "routing.take_calls"
KEYS = frozenset("0123456789*#")
MOST_KEYS = 32
BUSY = "USER_BUSY"  # she declines, or talks already

# Why the phone is off, as static/js/phone/softphone.js lists it.
WHY: dict[type[Refusal], str] = {NotSignedIn: "refused", Superseded: "superseded"}


class SoftphoneConsumer(PhoneSocket):
    """Relays what she does to the switch, and what the switch does to her."""

    permission = PERMISSION
    leg = ""  # that rings or talks
    answered = False
    hung_up = False

    async def connect(self) -> None:
        await super().connect()
        self.line = asyncio.create_task(self._until_it_ends())

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any
    ) -> None:
        """One thing done on the page. What can't be done is said in words; the phone stays on."""
        try:
            await self._do(text_data or "")
        except Refusal as refusal:
            await self._say("refused", text=self._words(refusal))
        except PhoneError:  # the caller was quicker
            await self._say("refused", text=self._words(NothingThere()))

    async def _do(self, text: str) -> None:
        match parsed(text):
            case {"do": "answer"}:
                await self._ringing_or_talking().answer(call=self.leg)
            case {"do": "hang_up"}:
                phone, self.hung_up = self._ringing_or_talking(), True
                if self.answered:
                    await phone.hang_up(call=self.leg)
                else:
                    await phone.reject(BUSY, call=self.leg)
            case {"do": "key", "keys": str(keys)} if _are_keys(keys):
                await self._ringing_or_talking().keys(keys, call=self.leg)
            case _:
                raise Unintelligible

    def _ringing_or_talking(self) -> Phone:
        if self.phone is None or not self.leg:
            raise NothingThere
        return self.phone

    # -- its life ------------------------------------------------------------------------------

    async def _until_it_ends(self) -> None:
        """Be the phone until the switch, another window or the page ends it."""
        try:
            await self._be_the_phone()
        except Refusal as refusal:
            why = WHY.get(type(refusal), "switch")
            await self._say("failed", why=why, text=self._words(refusal))
            await self.close()

    async def _be_the_phone(self) -> None:
        """Raises NoSimulatedSwitch, SwitchSilent, NotSignedIn, Superseded, SwitchLost."""
        number = self.user.username
        try:
            async with line.connect() as phone:
                if not await self.db(phones.is_signed_in, number):
                    raise NotSignedIn
                await phone.register(number)
                await self.db(phones.registered, number, at=clock.now())
                self.phone = phone
                await self._say("registered")
                async for heard in phone.heard():
                    await self._hear(heard)
                raise SwitchLost
        except line_errors.NoSimulatedSwitch as missing:
            raise NoSimulatedSwitch from missing
        except line_errors.SwitchSilent as silent:
            raise SwitchSilent from silent
        except LineLost as lost:
            raise SwitchLost from lost
        finally:
            self.phone = None

    async def _hear(self, heard: Heard) -> None:
        match heard.event:
            case "superseded":
                raise Superseded
            case "invited" if self.leg:
                assert self.phone
                with suppress(PhoneError):  # it has stopped ringing
                    await self.phone.reject(BUSY, call=heard.call)
            case "invited":
                self.leg, self.answered, self.hung_up = heard.call, False, False
                await self._say("ringing", leg=self.leg)
            case "answered" if heard.call == self.leg:
                self.answered = True
                await self._say("answered", leg=self.leg)
            case "hangup" if heard.call == self.leg:
                self.leg = ""
                await self._say(
                    "ended", leg=heard.call, cause="hung-up" if self.hung_up else "over"
                )

    # -- inside --------------------------------------------------------------------------------

    async def _say(self, event: str, **what: str) -> None:
        await self.send_json({"event": event, **what})

    def _words(self, refusal: Refusal) -> str:
        with translation.override(self.language):
            return str(refusal)


def _are_keys(text: str) -> bool:
    return 0 < len(text) <= MOST_KEYS and set(text) <= KEYS
