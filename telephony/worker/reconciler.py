"""Rows against the live channels of this node's switch, every few seconds."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from calendars import clock
from routing import reconcile
from routing.reconcile import BackInQueue, KillLeg
from telephony import esl
from telephony.ivr.signals import Interrupted
from telephony.worker.agents import Agents
from telephony.worker.gateway import Gateway
from telephony.worker.waiting import Waiting

log = logging.getLogger(__name__)

EVERY_S = 5.0  # real seconds


@dataclass
class Reconciler:
    """Has routing compare, and carries out what it returns."""

    node: str
    switch: esl.Client
    gateway: Gateway
    agents: Agents
    find: Callable[[UUID], Waiting | None]
    suspects: frozenset[UUID] = frozenset()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look()
            except (Interrupted, esl.EslError):
                raise
            except Exception:  # an edge: the next look finds what this one left
                log.exception("a look at the channels failed")

    async def look(self) -> None:
        """Once. What differs in one look only was on its way, and is looked at again."""
        at = clock.now()
        listed = json.loads(await self.switch.api("show channels as json")).get("rows", [])
        outbound = {UUID(row["uuid"]) for row in listed if row["direction"] == "outbound"}
        looked = await self.gateway(
            reconcile.run,
            self.node,
            channels={UUID(row["uuid"]) for row in listed},
            legs={leg for leg in outbound if await self._is_agents(leg)},
            suspects=self.suspects,
            at=at,
        )
        self.suspects = looked.suspects
        for action in looked.actions:
            log.warning("put right: %s", action)
            match action:
                case KillLeg(leg):
                    self.agents.end(leg)
                case BackInQueue(call_ref):
                    if (waiting := self.find(call_ref)) is not None:
                        await waiting.waits_again()

    async def _is_agents(self, channel: UUID) -> bool:
        """Whether we called an agent by it: what others call through this switch is theirs."""
        if channel in self.agents.legs:
            return True
        return await self.switch.api(f"uuid_getvar {channel} bankline_leg") == "agent"
