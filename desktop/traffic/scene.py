"""The busy day itself: so many callers a minute, and the agents who are free for it."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from banking import demo as bank
from calendars import clock
from desktop.traffic.agents import Agent, Run
from desktop.traffic.callers import Caller
from desktop.traffic.dice import Dice
from people.errors import Refusal
from people.models import User
from people.roles import Role
from telephony.phone import line
from telephony.simswitch.phone import PhoneError

log = logging.getLogger(__name__)

CUSTOMERS = 60  # different people who phone
MOST_CALLS = 300  # at once; who comes later finds the line busy, as in life
LEFT = 2  # seats for people who want to try the agent's page themselves
AGAIN_S = 5.0

Tell = Callable[[str], None]


def seats(left: int = LEFT) -> list[User]:
    """The agents who are simulated: all but the last few, and no supervisor."""
    agents = User.objects.filter(groups__name=Role.AGENT, agent__is_active=True, is_active=True)
    found = list(agents.order_by("username"))
    return found[: max(0, len(found) - left)]


@dataclass
class Scene:
    """`await play(calls_per_minute)` until cancelled. Raises NoSimulatedSwitch, SwitchSilent."""

    run: Run  # services, in threads of their own
    dice: Dice
    tell: Tell
    calls: int = 0  # made so far
    _up: set["asyncio.Task[None]"] = field(default_factory=set)

    async def play(self, calls_per_minute: float) -> None:
        async with line.connect() as phone:
            rate = float((await phone.ask("clock"))["rate"] or 1)
        self._cards = await self.run(bank.callers, CUSTOMERS, clock.now())
        staff = await self.run(seats)
        self.tell(f"{calls_per_minute:g} calls a minute, {len(staff)} agents")
        async with asyncio.TaskGroup() as tasks:
            for user in staff:
                tasks.create_task(self._seat(user, rate))
            tasks.create_task(self._callers(calls_per_minute, rate))

    async def _callers(self, a_minute: float, rate: float) -> None:
        try:
            while True:
                await asyncio.sleep(self.dice.gap(a_minute) / rate)
                if len(self._up) < MOST_CALLS:
                    task = asyncio.create_task(self._call(rate))
                    self._up.add(task)
                    task.add_done_callback(self._up.discard)
        finally:
            for task in self._up:
                task.cancel()
            await asyncio.gather(*self._up, return_exceptions=True)

    async def _call(self, rate: float) -> None:
        self.calls += 1
        card = self._cards[self.dice.index(len(self._cards))]
        mobile = f"138{self.dice.index(10**8):08d}"
        try:
            async with line.connect() as phone:
                caller = Caller(phone, line.speech(), self.dice, self.dice.plan(), card, rate)
                await caller.call(mobile)
        except (PhoneError, OSError, Refusal) as lost:
            log.warning("a simulated call was lost: %s", lost)

    async def _seat(self, user: User, rate: float) -> None:
        """Keep her at work; who is signed in elsewhere is left alone and tried again later."""
        while True:
            with suppress(PhoneError, OSError, Refusal):
                async with line.connect() as phone:
                    await Agent(user, phone, self.run, self.dice, rate).work()
            await asyncio.sleep(AGAIN_S)
