"""A caller in a queue and with an agent, as her conversation sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from routing import entries
from routing.entries import Door, Standing, Wish
from routing.errors import NoSuchQueue
from telephony import esl
from telephony.deeds import Deed
from telephony.ivr.call import Caller
from telephony.ivr.queue import AgentLost, Errand, ToIvr, Turn
from telephony.ivr.signals import Answered, HungUp, Interrupted
from telephony.worker.gateway import Gateway
from telephony.worker.line import DIGITS, MUSIC, SwitchLine
from telephony.worker.recorder import CallRecorder

HELD = "held XML inside"  # the dialplan's hold (docs/switch-wire.md)
SHE_IS_AWAY = "tone_stream://%(120,9880,440);loops=-1"  # what the agent hears meanwhile
SLOW_S = 0.3  # a step of the conversation that the joining has not ended by then is stopped
TOGETHER_S = 1.0  # joining takes 40 ms
LOOK_S = 0.01
TOGETHER = "Channel-State: CS_EXCHANGE_MEDIA"  # of the agent's leg


class Waiting:
    """The Queue of one call. `leg` is the channel of the agent who has her."""

    def __init__(
        self,
        *,
        switch: esl.Client,
        gateway: Gateway,
        line: SwitchLine,
        recorder: CallRecorder,
        uuid: UUID,
        node: str,
        who: Caller,
        now: Callable[[], datetime],
        end_leg: Callable[[UUID], None],
        wake: Callable[[], None],
        lift: Callable[[str], None],
    ) -> None:
        self._switch, self._gateway, self._line = switch, gateway, line
        self._recorder = recorder
        self._uuid, self._node, self._who, self._now = uuid, node, who, now
        self._end_leg, self._wake, self._lift = end_leg, wake, lift
        self._turn = asyncio.Lock()  # an answer and a leaving never cross
        self._turns: asyncio.Queue[Turn | None] = asyncio.Queue()  # None: she hung up
        self._gone = False
        self.waits = False
        self.leg: UUID | None = None
        self.held = False  # the caller hears music, the agent a tone
        self.away = False  # in the IVR for a password: who answers meanwhile waits for her

    @property
    def talks(self) -> bool:
        """Whether an agent has her: then nothing may take her away."""
        return self._line.given

    # -- for the conversation ------------------------------------------------------------------

    async def door(self, slug: str) -> Door:
        try:
            return await self._gateway(entries.door, slug, at=self._now())
        except NoSuchQueue:
            return Door.UNSTAFFED

    async def enter(self, slug: str, *, vip: str) -> None:
        wish = Wish(
            call_ref=self._uuid,
            node=self._node,
            caller=self._who.caller,
            language=self._who.language,
            customer_id=self._who.customer_id,
            vip=vip,
            is_test=self._who.is_test,
        )
        self.waits = True  # from here on her hang-up is told to routing
        await self._gateway(entries.enter, wish, slug, at=self._now())
        self._wake()

    async def standing(self) -> Standing | None:
        return await self._gateway(entries.standing, self._uuid)

    async def leave(self, outcome: str) -> None:
        async with self._turn:
            if self.leg:
                raise Answered
            left = await self._gateway(entries.leave, self._uuid, outcome, at=self._now())
            self.waits = False
            if left.leg:
                self._end_leg(left.leg)

    async def talk(self) -> Turn:
        async with self._turn:
            self.away = False
            if self.leg and not self._line.given and self._turns.empty():
                await self._join(self.leg)
        turn = None if self._gone else await self._turns.get()
        self._line.given = False
        if turn is None:
            raise HungUp
        return turn

    # -- for the agents' legs ------------------------------------------------------------------

    async def answered(self, leg: UUID, number: str, commit: Callable[[], Awaitable[None]]) -> None:
        """An agent picked up: let them talk. Raises what `commit` raises: then they don't."""
        async with self._turn:
            await commit()
            self._recorder.did(Deed.ANSWERED, at=self._now(), about=number)
            self.leg = leg
            while (
                not self._gone and not self._turns.empty()
            ):  # whoever went before her, she is here now
                self._turns.get_nowait()
            if self.away:
                self._switch.post(str(leg), "playback", SHE_IS_AWAY)
            else:
                await self._join(leg)

    def gone(self) -> None:
        """She hung up: nothing of a talk goes on."""
        self._gone = True
        self._turns.put_nowait(None)

    def has(self, leg: UUID, *, held: bool) -> None:
        """After a take-over: an agent has her already."""
        self.leg, self.held, self._line.given = leg, held, True

    async def rejoin(self, leg: UUID) -> None:
        """After a take-over: joined, if the switch doesn't have them joined still."""
        async with self._turn:
            bridged = await self._api(f"uuid_getvar {self._uuid} bridge_uuid")
            if not self.held and bridged.strip() != str(leg):
                await self._join(leg)  # perhaps out of a password, which nobody will ask for now
                await self._api(f"uuid_setvar {self._uuid} {DIGITS}")

    async def back(self, leg: UUID, turn: Turn) -> None:
        """The agent is gone, or gave her away: the conversation goes on."""
        if self.leg != leg:
            return
        if self.held:
            await self._api(f"uuid_transfer {self._uuid} {HELD}")  # out of the music
        self.leg, self.held = None, False
        self._turns.put_nowait(turn)

    async def waits_again(self) -> None:
        """Whoever had her, or was to have her, is out of reach: she hears so now."""
        if self.leg:
            await self.back(self.leg, AgentLost())
        else:
            await self._api(f"uuid_break {self._uuid}")  # not only after the music

    def hung_up_by_us(self) -> None:
        """The bank is about to end her call."""
        self._line.hung_up_by_us = True

    # -- for the agent's commands --------------------------------------------------------------

    async def together(self) -> None:
        """Until they are joined: parted before that, one of them is hung up by the switch."""
        if self.leg is None or self.held or self.away:
            return
        look = f"uuid_dump {self.leg}"
        with suppress(TimeoutError):
            async with asyncio.timeout(TOGETHER_S):
                while TOGETHER not in (said := await self._api(look)):
                    if said.startswith("-ERR"):
                        return  # the agent is gone, which an event says
                    await asyncio.sleep(LOOK_S)

    async def hold(self) -> None:
        """Music to her, a tone to the agent."""
        self.held = True
        self._recorder.did(Deed.HELD, at=self._now())
        await self._apart()
        self._switch.post(str(self._uuid), "endless_playback", self._line.audio(MUSIC[:1]))

    async def retrieve(self) -> None:
        """Together again."""
        assert self.leg
        self.held = False
        self._recorder.did(Deed.RETRIEVED, at=self._now())
        await self._join(self.leg)

    async def to_ivr(self, errand: Errand) -> None:
        """She is asked for a password, or to confirm an order; the agent waits."""
        self.away, self.held = True, False
        await self._apart()
        self._turns.put_nowait(ToIvr(errand))

    # -- on the switch -------------------------------------------------------------------------

    async def _join(self, leg: UUID) -> None:
        self._line.given = True
        with suppress(esl.Lost):  # which the next command says
            self._lift(str(self._uuid))  # nobody takes her from an agent
        await self._api(f"uuid_bridge {self._uuid} {leg}")
        try:
            async with asyncio.timeout(SLOW_S):
                await self._line.free.wait()
        except TimeoutError:  # its command was on the way, and runs only now
            await self._api(f"uuid_break {self._uuid}")

    async def _apart(self) -> None:
        await self._api(f"uuid_transfer {self._uuid} -both {HELD}")
        self._switch.post(str(self.leg), "playback", SHE_IS_AWAY)

    async def _api(self, line: str) -> str:
        try:
            return await self._switch.api(line)
        except esl.Lost as lost:
            raise Interrupted("the switch is gone") from lost
