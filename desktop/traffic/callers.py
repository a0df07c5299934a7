"""A simulated caller: hears a prompt, thinks, presses keys; waits for a person, or does not."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from banking.demo import DemoCard
from desktop.traffic.dice import Dice, Goal, Plan
from telephony.phone.speech import Speech
from telephony.simswitch.phone import Heard, Phone, PhoneError

NUMBER = "961202"
REPEATS = 4  # of one question; then she gives up

# What is heard when the goal is reached. A person is reached by being joined with one.
DONE: Mapping[Goal, tuple[str, ...]] = {
    Goal.BALANCE: ("balance.one", "balance.same", "balance.all", "balance.none"),
    Goal.ENTRIES: ("transactions.end", "transactions.none"),
    Goal.TRANSFER: ("order.receipt_again", "order.unknown", "refused."),
    Goal.PERSON: (),
    Goal.PROVED_PERSON: (),
}
KEYS: Mapping[Goal, Mapping[str, str]] = {
    Goal.BALANCE: {"menu.personal.": "1", "menu.accounts.": "1", "choose.": "1"},
    Goal.ENTRIES: {"menu.personal.": "1", "menu.accounts.": "2", "choose.": "1"},
    Goal.TRANSFER: {
        "menu.personal.": "2",
        "menu.transfer.": "1",
        "choose.": "1",
        "transfer.payee_entry": "1",
        "confirm.ask": "1",
    },
    Goal.PERSON: {"menu.root.": "0"},
    Goal.PROVED_PERSON: {"menu.personal.": "0"},
}
# Prompts of who waits for a person.
WAITING = ("agent.transfer", "agent.next", "agent.ahead", "agent.wait", "agent.requeued")
RATING = "rating.ask"  # her agent has hung up
NO_PERSON = "agent.callback_offer"  # nobody could come: a call-back, or nothing


class Caller:
    """One call from the first ring to its end, on a phone of its own."""

    def __init__(
        self, phone: Phone, speech: Speech, dice: Dice, plan: Plan, card: DemoCard, rate: float
    ) -> None:
        self._phone, self._speech, self._dice, self._plan = phone, speech, dice, plan
        self._card, self._rate = card, rate
        self._asked: dict[str, int] = {}
        self._wrong_left = plan.wrong_pins
        self._later: asyncio.Task[None] | None = None  # the next key, the end of her patience
        self._waits = self._talks = self._done = False

    async def call(self, mobile: str) -> None:
        """Dial, and live through the call. Raises PhoneError, OSError."""
        await self._phone.dial(NUMBER, mobile)
        try:
            async for heard in self._phone.heard():
                if heard.event == "hangup":
                    return
                self._hear(heard)
        finally:
            if self._later:
                self._later.cancel()

    def _hear(self, heard: Heard) -> None:
        match heard.event:
            case "playing":
                self._listen(heard)
            case "bridged" if not self._talks:
                self._talks, self._waits = True, False
                if self._plan.talk_s is not None:
                    self._do(self._plan.talk_s, "")

    def _listen(self, heard: Heard) -> None:
        prompts = self._speech.prompts(heard.files)
        if any(key.startswith(WAITING) for key in prompts):
            self._wait()
            return
        if self._talks and RATING in prompts:
            self._do(self._dice.think(0), self._dice.score())
        if self._waits or self._talks or self._done:
            return
        length = float(heard.what.get("seconds", 0.0))
        done = DONE[self._plan.goal]
        if done and any(key.startswith(done) for key in prompts):
            self._done = True  # whatever is offered next
            self._do(length + self._dice.between(0.5, 3), "")
            return
        for key in reversed(prompts):
            if (answer := self._answer(key)) is not None:
                self._asked[key] = self._asked.get(key, 0) + 1
                if self._asked[key] > REPEATS:
                    answer = ""  # it leads nowhere
                self._do(self._dice.think(length), answer)
                return

    def _answer(self, prompt: str) -> str | None:
        """The keys that she answers this prompt with; None where it asks her nothing."""
        if prompt.startswith("menu.language."):
            return "3" if self._plan.english else "1"
        if prompt == "identify.card":
            return f"{self._card.pan}#"
        if prompt == "identify.pin":
            return f"{self._pin()}#"
        if prompt == "order.pin":
            return f"{self._card.transaction_pin}#"
        if prompt == "transfer.amount":
            return f"{self._dice.yuan()}#"
        if prompt == "transfer.now":
            return "1"
        for prefix, keys in KEYS[self._plan.goal].items():
            if prompt.startswith(prefix):
                return keys
        if prompt.startswith("menu.root."):
            return "1"
        if prompt == NO_PERSON:
            return "1" if self._plan.takes_callback else ""
        if prompt == "agent.callback_number":
            return "1"
        if prompt == "transfer.payee_card":
            return ""  # she knows no number by heart
        return None

    def _pin(self) -> str:
        if self._wrong_left:
            self._wrong_left -= 1
            return f"{(int(self._card.query_pin) + self._wrong_left + 1) % 1_000_000:06d}"
        return self._card.query_pin

    def _wait(self) -> None:
        if not self._waits:
            self._waits = True
            self._do(self._plan.patience_s, "1" if self._plan.takes_callback else "")

    def _do(self, after_s: float, keys: str) -> None:
        """Press keys, or hang up for none, after so many seconds of the switch's time."""
        if self._later:
            self._later.cancel()
        self._later = asyncio.create_task(self._press(after_s, keys))

    async def _press(self, after_s: float, keys: str) -> None:
        await asyncio.sleep(after_s / self._rate)
        with suppress(PhoneError):  # the call ended in the same moment
            if keys:
                self._waits = False
                await self._phone.keys(keys, gap_ms=250)
            else:
                await self._phone.hang_up()
