"""The browser's end of a simulated phone: one socket, at most one call; closing it hangs up."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.utils import translation

from calendars import clock
from people.errors import Refusal
from telephony import records, trials
from telephony.models import Number
from telephony.phone import cards, line, words
from telephony.phone.errors import (
    CallerUnclear,
    NoSuchNumber,
    NotOnACall,
    OnACall,
    SwitchLost,
    SwitchRefused,
    Unintelligible,
)
from telephony.phone.socket import PhoneSocket, parsed
from telephony.phone.transcript import Ended, Transcript, Update
from telephony.simswitch.phone import LineLost, Phone, PhoneError

PERMISSION = "telephony.use_test_phone"
DIGITS = frozenset("0123456789")
KEYS = DIGITS | {"*", "#"}
MOST_KEYS = 32
LONGEST_CALLER = 20
CARD_GAP_MS = 60  # between the keys of a card number that is keyed for her


class PhoneConsumer(PhoneSocket):
    """Relays what is done on the page to the switch, and what is heard back to the page."""

    permission = PERMISSION
    transcript: Transcript

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any
    ) -> None:
        """One thing done on the page. What can't be done is said in words, and the call goes on."""
        await self._or_say_why(self._do, text_data or "")

    async def _do(self, text: str) -> None:
        match parsed(text):
            case {"do": "dial", "number": str(number), "caller": str(caller), **rest}:
                await self._dial(number, caller, str(rest.get("token", "")))
            case {"do": "key", "keys": str(keys)}:
                await self._press(keys)
            case {"do": "card", "card": int(card)}:
                self._on_call()
                pan = await self.db(cards.number, card, user=self.user, at=clock.now())
                await self._press(f"{pan.reveal()}#", gap_ms=CARD_GAP_MS)
            case {"do": "hang_up"}:
                with suppress(LineLost):  # the call ended before the switch said so
                    await self._on_call().hang_up()
            case _:
                raise Unintelligible

    # -- what is done ------------------------------------------------------------------------

    async def _dial(self, number: str, caller: str, token: str) -> None:
        if self.line and not self.line.done():
            raise OnACall
        if not await self.db(Number.objects.filter(number=number, is_active=True).exists):
            raise NoSuchNumber(number=number[:LONGEST_CALLER])
        if len(caller) > LONGEST_CALLER or not set(caller) <= DIGITS:
            raise CallerUnclear
        if token:
            await self.db(trials.check, token, at=clock.now())
            number = f"{number}{trials.MARK}{token}"
        self.line = asyncio.create_task(self._or_say_why(self._talk, number, caller))

    async def _press(self, keys: str, *, gap_ms: int = 0) -> None:
        if not keys or len(keys) > MOST_KEYS or not set(keys) <= KEYS:
            raise Unintelligible
        phone = self._on_call()
        at = (await phone.ask("clock"))["at"]
        for key in keys:
            pressed = self.transcript.press(key, at)
        await self._show(pressed)
        await phone.keys(keys, gap_ms=gap_ms)

    def _on_call(self) -> Phone:
        if self.phone is None:
            raise NotOnACall
        return self.phone

    # -- what is heard -----------------------------------------------------------------------

    async def _talk(self, number: str, caller: str) -> None:
        """One call from the first ring to its end."""
        try:
            async with line.connect() as phone:
                clock_now = await phone.ask("clock")
                speech = await asyncio.to_thread(line.speech)
                self.transcript = Transcript(speech, clock_now["at"])
                channel = await phone.dial(number, caller, test=True)
                self.phone = phone
                await self._watch(records.topic(UUID(channel)))
                await self.send_json(
                    {"event": "dialled", "call": channel, "rate": clock_now["rate"] or 1}
                )
                async for heard in phone.heard():
                    update = self.transcript.hear(heard) if heard.call == channel else None
                    if update:
                        await self._show(update)
                    if isinstance(update, Ended):
                        return
                raise SwitchLost
        finally:
            self.phone = None

    async def _show(self, update: Update) -> None:
        await self.send_json(words.message(update))

    # -- the record beside it ----------------------------------------------------------------

    async def _watch(self, topic: str) -> None:
        """Hear when this call's record grows, and of the last one no more."""
        for last in self.groups:
            await self.channel_layer.group_discard(last, self.channel_name)
        self.groups[:] = [topic]  # left on disconnect
        await self.channel_layer.group_add(topic, self.channel_name)

    async def topic_changed(self, event: dict[str, Any]) -> None:
        """A step was written: the page reads the record anew."""
        await self.send_json({"event": "record"})

    async def layer_resync(self, event: dict[str, Any]) -> None:
        await self.send_json({"event": "record"})

    # -- inside ------------------------------------------------------------------------------

    async def _or_say_why(self, do: Callable[..., Any], *args: Any) -> None:
        """Do it; a refusal, ours or the switch's, is told to the page in its language."""
        with translation.override(self.language):
            try:
                await do(*args)
            except Refusal as refusal:
                await self._error(refusal)
            except LineLost:
                await self._error(SwitchLost())
            except PhoneError as error:
                await self._error(SwitchRefused(why=str(error)))

    async def _error(self, refusal: Refusal) -> None:
        await self.send_json({"event": "error", "text": str(refusal)})
