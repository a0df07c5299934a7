"""What pages ask of a call, carried out: on the caller's leg, or between her and her agent."""

from dataclasses import dataclass

from calendars import clock
from people.errors import Refusal
from routing import entries, offers
from routing.errors import NoSuchQueue
from telephony import esl
from telephony.commands import Wish
from telephony.ivr.queue import Forwarded, errand
from telephony.models import Command
from telephony.worker.agents import Agents
from telephony.worker.gateway import Gateway
from telephony.worker.waiting import HELD, Waiting


@dataclass(frozen=True)
class Orders:
    """`await orders.do(wish, waiting)`: what became of it."""

    switch: esl.Client
    gateway: Gateway
    agents: Agents

    async def do(self, wish: Wish, waiting: Waiting | None) -> Command.Answer:
        """`waiting` is the caller's, if this worker drives her."""
        if clock.now() > wish.expires_at:
            return Command.Answer.TOO_LATE
        if waiting is not None:
            await waiting.together()
        if wish.verb == Command.Verb.HANG_UP:
            return await self._hang_up(wish, waiting)
        if waiting is None or waiting.leg is None:
            return Command.Answer.NO_AGENT
        if waiting.away:  # she keys a password, and is back in a moment
            return Command.Answer.NOT_NOW
        try:
            match Command.Verb(wish.verb):
                case Command.Verb.HOLD:
                    await self._hold(waiting)
                case Command.Verb.RETRIEVE:
                    await self._retrieve(waiting)
                case Command.Verb.TRANSFER:
                    await self._transfer(wish, waiting)
                case Command.Verb.TO_IVR:
                    await self._to_ivr(wish, waiting)
        except NoSuchQueue:
            return Command.Answer.NO_QUEUE
        except (Refusal, ValueError):
            return Command.Answer.NOT_NOW
        return Command.Answer.DONE

    async def _hang_up(self, wish: Wish, waiting: Waiting | None) -> Command.Answer:
        """Of an agent: she goes, and the caller hears a farewell. Else the call ends."""
        if waiting is not None and waiting.leg is not None:
            channel = str(waiting.leg)
        else:
            channel = str(wish.channel)
            if waiting is not None:
                waiting.hung_up_by_us()
        said = await self.switch.api(f"uuid_kill {channel} NORMAL_CLEARING")
        return Command.Answer.DONE if said.startswith("+OK") else Command.Answer.CALL_OVER

    async def _hold(self, waiting: Waiting) -> None:
        assert waiting.leg
        await self.gateway(offers.held, waiting.leg, at=clock.now())
        await waiting.hold()

    async def _retrieve(self, waiting: Waiting) -> None:
        assert waiting.leg
        await self.gateway(offers.retrieved, waiting.leg, at=clock.now())
        await waiting.retrieve()

    async def _to_ivr(self, wish: Wish, waiting: Waiting) -> None:
        """Raises ValueError for what is no errand."""
        assert waiting.leg
        what = errand(wish.argument)
        if waiting.held:
            await self.gateway(offers.retrieved, waiting.leg, at=clock.now())
        await waiting.to_ivr(what)

    async def _transfer(self, wish: Wish, waiting: Waiting) -> None:
        """Into another queue; the agent wraps up. Raises NoSuchQueue."""
        leg, at = waiting.leg, clock.now()
        assert leg
        if not await self.gateway(entries.is_open, wish.argument, at=at):
            raise NoSuchQueue
        await self.gateway(entries.transfer, wish.channel, wish.argument, at=at)
        await self.switch.api(f"uuid_transfer {wish.channel} {HELD}")
        self.agents.end(leg)
        await waiting.back(leg, Forwarded(wish.argument))
