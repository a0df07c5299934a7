"""The agents' legs of this node: rung, answered, joined, lost, cancelled (docs/switch-wire.md)."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from calendars import clock
from people.errors import Refusal
from routing import offers
from routing.offers import AGAIN_S, End, Offer
from routing.takeover import Live
from telephony import esl, legs
from telephony.ivr.queue import AgentLeft, AgentLost
from telephony.ivr.signals import Interrupted
from telephony.worker.gateway import Gateway
from telephony.worker.waiting import Waiting

log = logging.getLogger(__name__)

TICK_S = 1.0  # real seconds; offers are news that wake us, this is for what was missed
RETRY_S = 1.0  # real seconds between attempts to reach a phone that is gone
CANCEL_S = 0.05  # until a leg that was not there yet is cancelled again
CANCEL = "ORIGINATOR_CANCEL"
HOLD = "endless_playback"
ENDED = "bl_agent_ended"  # of a caller's channel: the agent's leg that ended last, and its cause
ANSWERED = "Answer-State: answered"
ORDERLY = frozenset({"NORMAL_CLEARING"})  # she hung up; any other end of a talk is a lost line
ENDS = {
    "NO_ANSWER": End.TIMED_OUT,
    "ALLOTTED_TIMEOUT": End.TIMED_OUT,
    "CALL_REJECTED": End.DECLINED,
    "USER_BUSY": End.DECLINED,
}
REFUSED = frozenset({End.TIMED_OUT, End.DECLINED})  # the phone is there
NUMBER = re.compile(r"\+?[0-9]{1,32}")  # what of a caller may stand in a dial string


@dataclass
class AgentLeg:
    """A channel to an agent, from its name to its end."""

    offer: Offer
    again_until: datetime | None = None  # a lost line is rung again until then
    answered: bool = False
    over: bool = False  # ended by us, or ended
    adopted: bool = False  # rung by a worker that is gone: no command of ours will answer
    picked_up: asyncio.Event = field(default_factory=asyncio.Event)  # originate has let it go
    noted: asyncio.Event = field(default_factory=asyncio.Event)  # it is in the call's record
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # its answer before its end


@dataclass
class Agents:
    """Rings whom routing chose, joins who picks up. `find` gives the caller of a channel."""

    node: str
    switch: esl.Client
    gateway: Gateway
    find: Callable[[UUID], Waiting | None]
    spawn: Callable[[Coroutine[object, object, None]], object]
    spawn_lasting: Callable[[Coroutine[object, object, None]], object]  # as long as a phone rings
    follows: Callable[[str, str], None]  # what becomes of a caller once her agent's leg has ended
    legs: dict[UUID, AgentLeg] = field(default_factory=dict)
    ring: asyncio.Event = field(default_factory=asyncio.Event)  # offers may be waiting
    knows_all: bool = False  # also whom the worker before us rang

    async def run(self) -> None:
        """Ring what is offered until cancelled."""
        while True:
            self.ring.clear()
            try:
                for offer in await self.gateway(offers.to_ring, self.node, at=clock.now()):
                    self.spawn_lasting(self.call(AgentLeg(offer)))
            except Interrupted:
                raise
            except Exception:  # an edge: those who talk must not be lost with a round's fault
                log.exception("offers could not be read")
            try:
                async with asyncio.timeout(TICK_S):
                    await self.ring.wait()
            except TimeoutError:
                continue

    # -- what the switch tells -----------------------------------------------------------------

    def told(self, event: esl.Event) -> None:
        """An event of an agent's leg."""
        uuid, at = UUID(event["Unique-ID"]), clock.now()
        leg = self.legs.get(uuid)
        match event.name:
            case "CHANNEL_ANSWER" if leg is not None and not leg.over:
                self.spawn(self._answered(leg, at))
            case "CHANNEL_ANSWER" if self.knows_all:
                self.spawn(self._kill(uuid))  # nobody waits for it any more
            case "CHANNEL_HANGUP_COMPLETE":
                self.spawn(self._ended(uuid, leg, event.get("Hangup-Cause"), at))

    def caller_gone(self, call_ref: UUID) -> None:
        """She hung up: whoever is rung for her, or talks to her, is let go at once."""
        for uuid, leg in self.legs.items():
            if leg.offer.call_ref == call_ref:
                self.end(uuid)

    def end(self, uuid: UUID) -> None:
        """Let an agent go. Whoever calls this has told routing, or is about to."""
        leg = self.legs.get(uuid)
        if leg is not None:
            if leg.over:
                return
            leg.over = True
        self.spawn(self._kill(uuid))

    def take_over(self, live: Live, waiting: Waiting) -> Coroutine[object, object, None]:
        """Go on with a caller of the worker before us: she waits, and an agent may have her."""
        waiting.waits = True
        if live.offer is not None and live.answered and not live.ringing:
            waiting.has(live.offer.leg, held=live.held)
        return self._take_over(live, waiting)

    async def _take_over(self, live: Live, waiting: Waiting) -> None:
        if (offer := live.offer) is None:
            return
        leg = AgentLeg(offer, answered=live.answered and not live.ringing)
        if live.answered and live.ringing:
            leg.again_until = clock.now() + timedelta(seconds=AGAIN_S)
        if not await self._exists(offer.leg):
            if not leg.answered:
                self.spawn_lasting(self.call(leg))  # perhaps it was never rung
                return
            leg.noted.set()
            await self._gone(leg, await self._cause(offer), clock.now())
            return
        self.legs[offer.leg], leg.adopted = leg, True
        self._last_words(offer)
        leg.noted.set()
        if leg.answered:
            leg.picked_up.set()
            await waiting.rejoin(offer.leg)
        elif ANSWERED in await self.switch.api(f"uuid_dump {offer.leg}"):
            await self._answered(leg, clock.now())

    async def _cause(self, offer: Offer) -> str:
        """How a leg ended while no worker ran, as its last words left it on the caller's."""
        said = await self.switch.api(f"uuid_getvar {offer.call_ref} {ENDED}")
        leg, _, cause = said.strip().partition(" ")
        return cause if leg == str(offer.leg) else "UNKNOWN"

    # -- one leg -------------------------------------------------------------------------------

    async def call(self, leg: AgentLeg) -> None:
        """Ring her. What comes of it is told by events, unless no channel came of it."""
        offer = leg.offer
        self.legs[offer.leg] = leg
        self.spawn(self._note(leg))
        ring_s = AGAIN_S if leg.again_until else offer.ring_s
        while not leg.over:
            leg.picked_up.clear()
            said = await self.switch.bgapi(f"originate {dial_string(offer, ring_s)}")
            if said.startswith("+OK"):
                return leg.picked_up.set()
            cause = said.removeprefix("-ERR").strip()
            if leg.again_until is None or ENDS.get(cause) in REFUSED:
                return await self._failed(leg, cause)
            ring_s = int((leg.again_until - clock.now()).total_seconds())
            if ring_s < 1:
                return await self._failed(leg, cause)
            await asyncio.sleep(RETRY_S / settings.CLOCK_RATE)
        return await self._failed(leg, CANCEL)  # the caller left between two attempts

    async def _note(self, leg: AgentLeg) -> None:
        offer = leg.offer
        try:
            await self.gateway.surely(
                legs.rung, offer.call_ref, offer.leg, number=offer.number, at=clock.now()
            )
        finally:
            leg.noted.set()

    async def _over(self, leg: AgentLeg, cause: str, at: datetime) -> None:
        """Nothing more comes of this leg: the record says so."""
        self.legs.pop(leg.offer.leg, None)
        await leg.noted.wait()
        await self.gateway.surely(legs.ended, leg.offer.leg, cause=cause, at=at)

    async def _answered(self, leg: AgentLeg, at: datetime) -> None:
        uuid = leg.offer.leg

        async def commit() -> None:
            await self.gateway.surely(offers.answered, uuid, at=at)
            leg.answered = True
            await self._let_go(leg)

        async with leg.turn:
            if leg.answered:  # told twice, at a take-over
                return
            waiting = self.find(leg.offer.call_ref)
            if waiting is None:  # her call is over: so is the offer, in a moment
                self.end(uuid)
                return
            self._last_words(leg.offer)
            try:
                await waiting.answered(uuid, leg.offer.number, commit)
            except Refusal:  # she left, or it went to somebody else
                self.end(uuid)
                return
        await self.gateway.surely(legs.answered, uuid, at=at)

    def _last_words(self, offer: Offer) -> None:
        """Have a leg's end told where who leads next finds it: its own channel will be gone."""
        caller, leg = offer.call_ref, offer.leg
        told = f"uuid_setvar {caller} {ENDED} {leg} ${{hangup_cause}}"
        self.switch.post_api(f"uuid_setvar {leg} api_hangup_hook {told}")
        self.follows(str(leg), str(caller))

    async def _let_go(self, leg: AgentLeg) -> None:
        """Wait until originate has let go of it: joined any sooner, both would be lost."""
        while leg.adopted and not leg.over and not leg.picked_up.is_set():
            runs = await self.switch.api(f"uuid_getvar {leg.offer.leg} current_application")
            if runs.strip() == HOLD:
                return
            await asyncio.sleep(CANCEL_S)
        await leg.picked_up.wait()

    async def _ended(self, uuid: UUID, leg: AgentLeg | None, cause: str, at: datetime) -> None:
        if leg is None:
            return await self.gateway.surely(legs.ended, uuid, cause=cause, at=at)
        leg.picked_up.set()
        async with leg.turn:
            if leg.answered and not leg.over:
                await self._gone(leg, cause, at)
            elif leg.over or leg.adopted or leg.again_until is None:
                await self._failed(leg, cause)
        return None

    async def _failed(self, leg: AgentLeg, cause: str) -> None:
        """She did not pick up. Told twice, by the command's answer and by the event: once."""
        uuid, at = leg.offer.leg, clock.now()
        if leg.over:
            if uuid in self.legs:
                await self._over(leg, cause, at)
            return
        leg.over = True
        end = ENDS.get(cause, End.UNREACHABLE)
        if leg.again_until is not None:
            end = End.LEG_LOST
        with suppress(Refusal):
            await self.gateway.surely(offers.refused, uuid, end, at=at)
        waiting = self.find(leg.offer.call_ref)
        if waiting is not None and end == End.LEG_LOST:
            await waiting.waits_again()
        await self._over(leg, cause, at)

    async def _gone(self, leg: AgentLeg, cause: str, at: datetime) -> None:
        """She talked, and her leg is gone: she hung up, or her line did."""
        uuid, waiting = leg.offer.leg, self.find(leg.offer.call_ref)
        leg.over = True
        if cause in ORDERLY and not await self._exists(leg.offer.call_ref):
            return await self._over(leg, cause, at)  # the caller did: her own end is on its way
        turn = AgentLeft() if cause in ORDERLY else AgentLost()
        if waiting is not None:
            await waiting.back(uuid, turn)  # she hears so first
        with suppress(Refusal):
            if cause in ORDERLY:
                await self.gateway.surely(offers.finished, uuid, at=at)
            elif again := await self.gateway(offers.leg_lost, uuid, at=at):
                until = at + timedelta(seconds=AGAIN_S)
                self.spawn_lasting(self.call(AgentLeg(again, again_until=until)))
        return await self._over(leg, cause, at)

    async def _exists(self, channel: UUID) -> bool:
        return (await self.switch.api(f"uuid_exists {channel}")).strip() == "true"

    async def _kill(self, uuid: UUID) -> None:
        """End a channel, also one that the switch is only just making."""
        while True:
            said = await self.switch.api(f"uuid_kill {uuid} {CANCEL}")
            leg = self.legs.get(uuid)
            if said.startswith("+OK") or leg is None or leg.picked_up.is_set():
                return
            await asyncio.sleep(CANCEL_S)


def dial_string(offer: Offer, ring_s: int) -> str:
    """What `originate` is to call, and what the leg does until it is joined."""
    variables = {
        "origination_uuid": str(offer.leg),
        "bankline": "1",
        "bankline_leg": "agent",
        "sensitive_dtmf": "true",
        "ignore_early_media": "true",
        "originate_timeout": str(ring_s),
    }
    if NUMBER.fullmatch(offer.caller):
        variables["origination_caller_id_number"] = offer.caller
    said = ",".join(f"{name}={value}" for name, value in variables.items())
    dialled = settings.AGENT_DIAL.format(number=offer.number)
    return f"{{{said}}}{dialled} &{HOLD}(silence_stream://-1)"
