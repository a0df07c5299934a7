"""What a caller hears if this worker dies in the middle of her call: the dialplan's notice.

The switch is to transfer her to it `after_s` seconds from now, and is told so anew while the
worker lives; whoever takes the call over takes that back (`Driver._pick_up`).
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings

from telephony import esl
from telephony.nobody import WITHIN_S

NOBODY = "nobody XML inside"  # the dialplan's notice (docs/switch-wire.md)
AFTER_S = 38.0  # so a worker that is back within 20 s finds her still there
SWEEP_S = 5.0
PUT_OFF_S = 15.0  # a transfer as old as this is put off


@dataclass
class Fallback:
    """The transfers of the calls that one worker drives. `after_s` 0: there are none."""

    switch: esl.Client
    after_s: float = AFTER_S
    soon: asyncio.Event = field(default_factory=asyncio.Event)  # somebody may be alone since now
    _set_at: dict[str, float] = field(default_factory=dict)  # by channel, on the loop's clock

    async def run(self, driven: Callable[[], Iterable[str]], safe: Callable[[str], bool]) -> None:
        """Sweep until cancelled. Raises esl.EslError."""
        if self.after_s:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(SWEEP_S / settings.CLOCK_RATE):
                        await self.soon.wait()
                self.soon.clear()
                self.sweep(driven(), safe)

    def sweep(self, driven: Iterable[str], safe: Callable[[str], bool]) -> None:
        """Put off what is due soon. Who is `safe`, for she talks to an agent, needs no notice."""
        now = asyncio.get_running_loop().time() * settings.CLOCK_RATE
        for channel in driven:
            if safe(channel):
                if channel in self._set_at:
                    self.lift(channel)
            elif now - self._set_at.get(channel, -math.inf) >= PUT_OFF_S:
                self.put_off(channel)

    def put_off(self, channel: str) -> None:
        """She hears the notice `after_s` seconds from now, unless it is put off again."""
        if self.after_s:
            self._arm(channel, self.after_s)
            self._set_at[channel] = asyncio.get_running_loop().time() * settings.CLOCK_RATE

    def hasten(self, channel: str) -> None:
        """Nobody can speak to her: the notice as soon as if nobody had picked her up."""
        self._set_at.pop(channel, None)
        with suppress(esl.Lost):  # the switch's own clock runs
            self._arm(channel, WITHIN_S)

    def _arm(self, channel: str, seconds: float) -> None:
        self.switch.post_api(f"sched_del {channel}")
        self.switch.post_api(f"sched_transfer +{seconds:.0f} {channel} {NOBODY}")

    def follows(self, leg: str, channel: str) -> None:
        """Once her agent's leg has ended she is alone again: then the switch sees to it."""
        if self.after_s:
            arm = f"sched_transfer +{self.after_s:.0f} {channel} {NOBODY}"
            self.switch.post_api(f"uuid_setvar {leg} api_reporting_hook {arm}")

    def lift(self, channel: str) -> None:
        """Nothing is to become of this call by itself."""
        self._set_at.pop(channel, None)
        self.switch.post_api(f"sched_del {channel}")

    def forget(self, channel: str) -> None:
        """It is over, and with it whatever the switch was to do to it."""
        self._set_at.pop(channel, None)
