"""A call by itself: dial, hear each prompt out, key the next group, tell what happened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from telephony.phone import line
from telephony.phone.errors import SwitchLost, SwitchRefused
from telephony.phone.transcript import Ended, Transcript, Update
from telephony.simswitch.phone import Heard, LineLost, NeverHeard, Phone, PhoneError

REACTION_S = 1.2  # longer than the second a switch waits after what is only said
PATIENCE_S = 60.0  # without a word from the bank, the call has failed
ASKING = "play_and_get_digits"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the call went. `unkeyed` are the groups for which it never came to an answer."""

    channel: str
    answered: bool
    silent: bool  # the bank said nothing for PATIENCE_S
    ended_by: str  # phone, bank or switch
    unkeyed: tuple[str, ...]

    @property
    def failed(self) -> bool:
        return not self.answered or self.silent or bool(self.unkeyed)


async def call(
    number: str,
    groups: Sequence[str],
    *,
    caller: str = "",
    ahead: bool = False,
    tell: Callable[[Update], None],
    address: str = "",
) -> Outcome:
    """Key each group when the bank has had its say and waits; all at once if `ahead`.

    When all is keyed and the bank waits again, hang up. Raises NoSimulatedSwitch, SwitchSilent,
    SwitchRefused, SwitchLost.
    """
    async with line.connect(address) as phone:
        try:
            return await _Caller(phone, list(groups), tell).run(number, caller, ahead=ahead)
        except LineLost as lost:
            raise SwitchLost from lost
        except NeverHeard:
            raise
        except PhoneError as error:
            raise SwitchRefused(why=str(error)) from error


class _Caller:
    def __init__(self, phone: Phone, groups: list[str], tell: Callable[[Update], None]) -> None:
        self._phone, self._groups, self._tell = phone, groups, tell
        self._answered = False

    async def run(self, number: str, caller: str, *, ahead: bool) -> Outcome:
        began = await self._now()
        self._transcript = Transcript(line.speech(), began)
        channel = await self._phone.dial(number, caller, test=True)
        silent = False
        while True:
            try:
                waits = self._answered and await self._is_asked()
                heard = await self._next(REACTION_S if waits else PATIENCE_S)
            except NeverHeard:
                if waits and await self._is_asked():
                    await self._answer()
                    continue
                if waits:
                    continue
                silent = True
                await self._phone.hang_up()
                continue
            if heard.event == "answered":
                self._answered = True
                if ahead:
                    await self._key_all()
            update = self._transcript.hear(heard)
            if update:
                self._tell(update)
            if isinstance(update, Ended):
                return Outcome(channel, self._answered, silent, update.by, tuple(self._groups))

    async def _answer(self) -> None:
        if self._groups:
            await self._key(self._groups.pop(0))
        else:
            await self._phone.hang_up()

    async def _key_all(self) -> None:
        while self._groups:
            await self._key(self._groups.pop(0))

    async def _key(self, keys: str) -> None:
        at = await self._now()
        for key in keys:
            pressed = self._transcript.press(key, at)
        self._tell(pressed)
        await self._phone.keys(keys)

    async def _is_asked(self) -> bool:
        """Whether the bank waits for keys, and nothing is being said."""
        if self._transcript.is_speaking:
            return False
        calls = await self._phone.calls()
        return any(one["call"] == self._phone.call and one["doing"] == ASKING for one in calls)

    async def _next(self, within_s: float) -> Heard:
        return await self._phone.hears(lambda heard: True, within_s=within_s)

    async def _now(self) -> float:
        return float((await self._phone.ask("clock"))["at"])
