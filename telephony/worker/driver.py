"""One lead of one node: takes its calls, walks each, records them, carries out commands.

A Driver lives as long as its lead, its database and its switch. When one of them is lost it
stops at once; the next Driver, here or in a standby, goes on with every call that still lives.
"""

import asyncio
import json
import logging
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from uuid import UUID

from django.conf import settings

from banking import core
from calendars import clock
from config.logs import call_id as log_call
from routing import entries, takeover
from telephony import commands, emergencies, esl, menus, recordings, records, wording
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.menus import Tree
from telephony.ivr.signals import Deposed, Interrupted
from telephony.models import Call as Row
from telephony.models import Command
from telephony.records import Arrival
from telephony.worker.agents import Agents
from telephony.worker.arrivals import arrival, listed
from telephony.worker.dispatch import Dispatcher
from telephony.worker.driven import Driven, drive
from telephony.worker.fallback import AFTER_S, NOBODY, Fallback
from telephony.worker.gateway import Gateway
from telephony.worker.lead import Lead
from telephony.worker.orders import Orders
from telephony.worker.reconciler import Reconciler
from telephony.worker.recorder import Batch
from telephony.worker.waiting import Waiting

log = logging.getLogger(__name__)

RESUMES = 3  # one call in one lead; then it is no passing fault
AGAIN_S = 0.5
LAST_WORDS_S = 5.0  # a conversation whose caller is gone may finish its transaction
ANOTHER_S = 10  # after a drain a standby, or this worker's successor, has so long to go on


@dataclass
class Driver:
    """`await run()` until the lead, the database or the switch is lost."""

    lead: Lead
    switch: esl.Client
    gateway: Gateway
    notice_after_s: float = AFTER_S  # if this worker dies (Fallback)
    calls: dict[str, Driven] = field(default_factory=dict)
    draining: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # commands may be waiting
    _trees: dict[int, Tree] = field(default_factory=dict)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    _lasting: set["asyncio.Task[None]"] = field(default_factory=set)  # phones that ring
    _taking: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)  # by channel
    _deposed: asyncio.Event = field(default_factory=asyncio.Event)
    _gone: asyncio.Event = field(default_factory=asyncio.Event)  # a call was closed

    def __post_init__(self) -> None:
        self.batch = Batch(self.gateway)
        self.fallback = Fallback(self.switch, self.notice_after_s)
        self.agents = Agents(
            self.lead.node,
            self.switch,
            self.gateway,
            self._waiting,
            self._spawn,
            partial(self._spawn, among=self._lasting),
            self.fallback.follows,
        )
        self.orders = Orders(self.switch, self.gateway, self.agents)
        self.reconciler = Reconciler(
            self.lead.node, self.switch, self.gateway, self.agents, self._waiting
        )
        self.dispatcher = Dispatcher(self.gateway, self.agents.ring.set)

    # -- what the switch tells -----------------------------------------------------------------

    def told(self, event: esl.Event) -> None:
        """An event that nobody awaits: a call that came, or one that went."""
        match event.name:
            case _ if event.get("variable_bankline_leg") == "agent":
                self.agents.told(event)
            case "CHANNEL_ANSWER":
                self.arrived(event)
            case "CHANNEL_HANGUP_COMPLETE":
                self.hung_up(event)

    def arrived(self, event: esl.Event) -> None:
        """A held call waits to be taken."""
        channel = event["Unique-ID"]
        if not self.draining and channel not in self.calls and channel not in self._taking:
            self._begin(channel, arrival(event, self.lead.node))

    def hung_up(self, event: esl.Event) -> None:
        """A channel is gone: let its conversation end, then close its record."""
        cause = event.get("Hangup-Cause")
        self.agents.caller_gone(UUID(event["Unique-ID"]))
        if driven := self.calls.get(event["Unique-ID"]):
            driven.waiting.gone()
        self._spawn(self._close(event["Unique-ID"], cause, clock.now()))

    # -- life ----------------------------------------------------------------------------------

    async def run(self, ready: asyncio.Event) -> None:
        """Take over what lives and say `ready`; write and obey until something is lost."""
        await self.recover()
        ready.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.batch.run())
            tasks.create_task(self._obey())
            tasks.create_task(self.agents.run())
            tasks.create_task(self.dispatcher.run())
            tasks.create_task(self.reconciler.run())
            tasks.create_task(self._until_deposed())
            tasks.create_task(self.fallback.run(self.conversations, self.in_company))

    def conversations(self) -> list[str]:
        """The channels of the callers to whom this worker speaks, or is about to."""
        return [
            channel
            for channel, driven in self.calls.items()
            if driven.task and not driven.task.done() and not driven.left
        ]

    def in_company(self, channel: str) -> bool:
        """Whether she talks to an agent, and so is not left alone if this worker dies.

        Who is on hold would hear music, and wait for an agent who can't come back to her.
        """
        driven = self.calls[channel]
        return driven.line.given and not driven.waiting.held

    async def _until_deposed(self) -> None:
        await self._deposed.wait()
        raise Deposed("another worker leads")

    async def stop(self) -> None:
        """End every conversation here: the calls live on in the switch, for who leads next."""
        pending = [d.task for d in self.calls.values() if d.task]
        pending += [*self._tasks, *self._lasting]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        self.calls.clear()

    async def settled(self) -> None:
        """Wait until what was begun for the events so far is done: calls taken, calls closed."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def drain(self, seconds: float) -> None:
        """Take no new call and wait for the conversations to end, `seconds` at most.

        Whose conversation has not ended is asked for patience, and left to who leads next.
        Raises Interrupted, esl.EslError.
        """
        self.draining = True
        log.info("draining: %d calls", len(self.calls))
        running = [d.task for d in self.calls.values() if d.task]
        if running:
            await asyncio.wait(running, timeout=seconds)
        await self._hang_ups()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for driven in self.calls.values():
            if driven.task and driven.task.cancel() and not driven.waiting.talks:
                await self._ask_for_patience(driven)
        await self.batch.flush()

    async def _hang_ups(self) -> None:
        """Of conversations that are over: a command may say so before the switch's event does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while any(d.task is not None and d.task.done() for d in self.calls.values()):
                    self._gone.clear()
                    await self._gone.wait()

    async def _ask_for_patience(self, driven: Driven) -> None:
        channel = str(driven.row.uuid)
        driven.left = True
        said = driven.walker.call.prompts.say(driven.walker.call.who.language, "system.wait")
        path = PurePosixPath(settings.SWITCH_PROMPTS) / said.files[0]
        await self.switch.api(f"uuid_break {channel} all")  # it would have her key to nobody
        self.switch.post(channel, "playback", str(path))
        self.fallback.lift(channel)
        await self.switch.api(f"sched_transfer +{ANOTHER_S} {channel} {NOBODY}")

    # -- recovery ------------------------------------------------------------------------------

    async def recover(self) -> None:
        """Compare the switch's channels with our rows and go on with every caller."""
        channels = {c["uuid"]: c for c in await self._channels()}
        rows = {str(uuid): row for uuid, row in await self._live_rows()}
        kept = []
        for uuid, row in rows.items():
            if uuid in self._taking or uuid in self.calls:  # it came since we are connected
                continue
            if uuid not in channels and not await self._exists(uuid):  # the list lags
                self._spawn(self._bury(row))
            elif row.menu_id and await self._pick_up(uuid):
                kept.append(row)
            else:  # she hears the notice: nobody may be rung for her
                self._spawn(self._leave_queue(row.uuid, clock.now()))
        await self.gateway.surely(records.taken_over, [row.pk for row in kept])
        seqs = await self.gateway.surely(records.last_steps, [row.pk for row in kept])
        waiting = await self.gateway.surely(takeover.live, self.lead.node)
        for row in kept:
            self._drive(row, seq=seqs.get(row.pk, 0), resume=True, live=waiting.get(row.uuid))
        self.agents.knows_all = True
        for uuid, channel in channels.items():
            if uuid in rows or channel["direction"] != "inbound":
                continue
            if await self._variable(uuid, "bankline") != "1":  # none of our numbers was called
                continue
            test = await self._variable(uuid, "bankline_test")
            if uuid not in self._taking and uuid not in self.calls:
                found = listed(channel, self.lead.node, is_test=test == "1")
                self._begin(uuid, found, recovered=True)
        live = {UUID(uuid) for uuid in channels}
        self._spawn(self._find_messages(live))
        log.info("took over %d calls of %d channels", len(kept), len(channels))

    async def _find_messages(self, live: set[UUID]) -> None:
        """What callers left on the recorder while nobody drove, or when a worker was killed."""
        await self.gateway.surely(emergencies.find, live=live, at=clock.now())
        await self.gateway.surely(recordings.find, live=live, at=clock.now())

    async def _exists(self, channel: str) -> bool:
        try:
            return (await self.switch.api(f"uuid_exists {channel}")).strip() == "true"
        except esl.Lost as lost:
            raise Interrupted("the switch is gone") from lost

    async def _bury(self, row: Row) -> None:
        """A call that ended while nobody looked: nobody knows when, and by whom."""
        await self._void_unsettled(row)
        await self._leave_queue(row.uuid, clock.now())
        await self.gateway.surely(
            records.close_call,
            row.uuid,
            cause="UNKNOWN",
            by=Row.EndedBy.SWITCH,
            at=clock.now(),
            estimated=True,
        )

    async def _leave_queue(self, call_ref: UUID, at: datetime) -> None:
        """She is gone: nobody is rung for her any more, and who talked to her wraps up."""
        left = await self.gateway.surely(entries.leave, call_ref, entries.Outcome.ABANDONED, at=at)
        if left.leg:
            self.agents.end(left.leg)

    async def _void_unsettled(self, row: Row) -> None:
        """What she confirmed is carried out only while she is there."""
        if row.customer_id:
            bank = Bank(core.default(), self.gateway, str(row.uuid), clock.now)
            await bank.void_unsettled(row.customer_id)

    async def _channels(self) -> list[dict[str, str]]:
        try:
            found = json.loads(await self.switch.api("show channels as json"))
        except esl.Lost as lost:
            raise Interrupted("the switch is gone") from lost
        return list(found.get("rows", []))

    async def _variable(self, channel: str, name: str) -> str:
        try:
            return await self.switch.api(f"uuid_getvar {channel} {name}")
        except esl.Lost as lost:
            raise Interrupted("the switch is gone") from lost

    async def _live_rows(self) -> list[tuple[UUID, Row]]:
        return list((await self.gateway.surely(records.live_calls, self.lead.node)).items())

    # -- one call ------------------------------------------------------------------------------

    def _begin(self, channel: str, arrival: Arrival, *, recovered: bool = False) -> None:
        taking = self._spawn(self._take(channel, arrival, recovered=recovered))
        self._taking[channel] = taking
        taking.add_done_callback(lambda _: self._taking.pop(channel, None))

    async def _take(self, channel: str, arrival: Arrival, *, recovered: bool = False) -> None:
        """Pick it up so that the dialplan's own fallback stands down, write its row, begin.

        The switch comes first: with many calls at once the database may take longer than a
        caller is left alone. She has the worker's own fallback meanwhile.
        """
        try:
            in_time = await self._pick_up(channel)
            if in_time:
                self.fallback.put_off(channel)
            row = await self._row_of(channel, arrival, recovered=recovered)
            if not in_time:
                return log.warning("call %s was taken too late: it hears the notice", channel)
            if row.menu_id is None:  # the dialplan's notice is all that is true
                log.error("no menu is published for %s", row.dialled)
                return await self._let_go(channel)
        except esl.Lost as lost:
            return log.warning("call %s not taken: %s", channel, lost)
        if row.ended_at is None and channel not in self.calls:
            self._drive(row, seq=0, resume=False)
        return None

    async def _row_of(self, channel: str, arrival: Arrival, *, recovered: bool) -> Row:
        try:
            return await self.gateway.surely(
                records.open_call, arrival, at=clock.now(), recovered=recovered
            )
        except Interrupted:
            self.fallback.hasten(channel)
            raise

    async def _pick_up(self, channel: str) -> bool:
        """Cancel what was to become of her if nobody drives; False if that has begun."""
        try:
            if await self.switch.api(f"sched_del {channel}") != "+OK Deleted: 0\n":
                return True
            return await self._variable(channel, "bankline_nobody") != "1"
        except esl.Lost as lost:
            raise Interrupted("the switch is gone") from lost

    async def _let_go(self, channel: str) -> None:
        """To the dialplan's notice: we can do nothing for this caller."""
        if driven := self.calls.get(channel):
            driven.left = True
        self.fallback.lift(channel)
        await self.switch.api(f"uuid_transfer {channel} {NOBODY}")

    def _drive(
        self, row: Row, *, seq: int, resume: bool, live: takeover.Live | None = None
    ) -> None:
        driven = drive(
            row,
            seq=seq,
            shaken=resume,
            switch=self.switch,
            gateway=self.gateway,
            prompts=wording.prompts(),  # the studio's newest with each call
            batch=self.batch,
            end_leg=self.agents.end,
            wake=self.dispatcher.wake.set,
            lift=self.fallback.lift,
        )
        self.calls[str(row.uuid)] = driven
        if live is not None:
            self._spawn(self.agents.take_over(live, driven.waiting))
        driven.task = asyncio.create_task(self._walk(driven), name=f"call {row.pk}")

    async def _walk(self, driven: Driven) -> None:
        """The whole conversation; what breaks under it is mended here, or she hears the truth."""
        log_call.set(driven.row.pk)
        channel = str(driven.row.uuid)
        for attempt in range(RESUMES):
            try:
                await asyncio.sleep(attempt * AGAIN_S)  # if more than this call is lost, it shows
                await self._converse(driven)
            except Deposed:
                return self._deposed.set()
            except Interrupted as lost:
                log.warning("interrupted: %s", lost)
                if not self.switch.connected:
                    return None
                driven.shaken = True
            except Exception:  # an edge: one conversation's fault is not the other calls' end
                log.exception("a conversation broke")
                break
            else:
                if driven.shaken and not await self._exists(channel):  # it may have gone unheard
                    self._spawn(self._close(channel, "UNKNOWN", clock.now(), estimated=True))
                return None
        driven.recorder.did(Deed.FAULT, at=clock.now())
        if driven.waiting.waits:
            await self._leave_queue(driven.row.uuid, clock.now())
        return await self._let_go(channel)

    async def _converse(self, driven: Driven) -> None:
        row, walker = driven.row, driven.walker
        position = None
        if driven.shaken:
            driven.recorder.did(Deed.RECOVERED, at=clock.now())
            position = walker.position or row.menu_node
        tree = await self._tree(row.menu_id or 0)
        await walker.walk(tree, greeting=row.welcome, resume_at=position)

    async def _close(
        self, channel: str, cause: str, at: datetime, *, estimated: bool = False
    ) -> None:
        if taking := self._taking.get(channel):  # she hung up while her row was written
            await asyncio.wait([taking])
        driven = self.calls.get(channel)
        self.fallback.forget(channel)
        by = Row.EndedBy.CALLER
        if driven is None or driven.shaken or driven.waiting.waits:
            await self._leave_queue(UUID(channel), at)
        if driven is not None:
            if driven.task:
                await asyncio.wait([driven.task], timeout=LAST_WORDS_S)
            self.calls.pop(channel, None)
            self._gone.set()
            if driven.line.hung_up_by_us:
                by = Row.EndedBy.BANK
            await self.batch.flush()
        row = driven.row if driven else await self._row(UUID(channel))
        if row and (driven is None or driven.shaken):
            await self._void_unsettled(row)
        await self.gateway.surely(
            records.close_call, UUID(channel), cause=cause, by=by, at=at, estimated=estimated
        )
        if driven is None:  # it may have heard the notice, and left a message
            await self.gateway.surely(emergencies.ended, UUID(channel), at=at)

    def _waiting(self, call_ref: UUID) -> Waiting | None:
        driven = self.calls.get(str(call_ref))
        return driven.waiting if driven else None

    async def _row(self, channel: UUID) -> Row | None:
        return await self.gateway.surely(records.find, channel)

    async def _tree(self, version_id: int) -> Tree:
        if tree := self._trees.get(version_id):
            return tree
        tree = await self.gateway.surely(menus.load, version_id)
        if tree.is_fixed:  # a draft is edited between two trials
            self._trees[version_id] = tree
        return tree

    # -- commands ------------------------------------------------------------------------------

    async def _obey(self) -> None:
        while True:
            self.wake.clear()
            await self._do_commands()
            await self.wake.wait()

    async def _do_commands(self) -> None:
        for wish in await self.gateway(commands.lease, self.lead.node, self.lead.epoch):
            said = await self._do(wish)
            self.fallback.soon.set()  # she may be on hold since then
            await self.gateway(commands.answer, wish.id, said, at=clock.now())

    async def _do(self, wish: commands.Wish) -> Command.Answer:
        try:
            return await self.orders.do(wish, self._waiting(wish.channel))
        except (Interrupted, esl.EslError):
            raise
        except Exception:  # an edge: one wish that can't be done keeps no other from being
            log.exception("a command failed")
            return Command.Answer.NOT_NOW

    def _spawn(
        self,
        work: Coroutine[object, object, None],
        among: "set[asyncio.Task[None]] | None" = None,
    ) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        (self._tasks if among is None else among).add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._lasting.discard(task)
        if task.cancelled() or not (error := task.exception()):
            return
        if isinstance(error, Deposed):
            self._deposed.set()
        if isinstance(error, Interrupted | esl.EslError):  # the lead ends; who is next goes on
            log.warning("cut off: %s", error)
        else:
            log.error("a task of the driver failed", exc_info=error)
