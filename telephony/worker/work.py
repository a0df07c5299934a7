"""The worker process: leads a node while it can, stands by while another does."""

import asyncio
import gc
import logging
import signal
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import psycopg
from django.conf import settings

from routing import news
from telephony import esl, laying, wording
from telephony.ivr import flows
from telephony.ivr.signals import Interrupted
from telephony.worker import dispatch
from telephony.worker.driver import Driver
from telephony.worker.fallback import AFTER_S
from telephony.worker.gateway import Gateway
from telephony.worker.lead import Lead

log = logging.getLogger(__name__)

AGAIN_S = 0.5  # between attempts to lead; a database that restarts is back within seconds
THREADS = 8
EVENTS = ("CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_ANSWER")
FILTERS = (("variable_bankline", "1"),)  # calls that the dialplan holds for us
LOSSES = (Interrupted, psycopg.OperationalError, esl.EslError, OSError)


class Worker:
    """`await run()` until TERM: then conversations get `drain_s` seconds to end.

    `notice_after_s`: how long a caller is left in silence at most if this process dies.
    """

    def __init__(self, node: str, *, drain_s: float, notice_after_s: float = AFTER_S) -> None:
        self.node, self.drain_s, self.notice_after_s = node, drain_s, notice_after_s
        self.stopping = asyncio.Event()
        self.leading = asyncio.Event()  # calls are taken
        wording.prompts()  # read before the first call comes
        self.driver: Driver | None = None
        flows.register()

    async def run(self) -> None:
        """Lead, lose the lead, lead again. Raises AuthenticationFailed: a password is wrong."""
        gc.collect()
        gc.freeze()  # or a full collection walks all of Django while callers listen
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.stopping.set)
        stopping = asyncio.create_task(self.stopping.wait())
        while not stopping.done():
            leading = asyncio.create_task(self.lead())
            await asyncio.wait([leading, stopping], return_when=asyncio.FIRST_COMPLETED)
            if stopping.done() and self.driver is not None:
                await self.driver.drain(self.drain_s)
            leading.cancel()
            with suppress(asyncio.CancelledError):
                await leading
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    await asyncio.shield(stopping)

    async def lead(self) -> None:
        """One lead: a session that holds the lock, one connection to the switch, one Driver.

        Whatever is lost first ends it; nothing goes on half.
        """
        try:
            async with Lead(self.node) as lead:
                gateway = Gateway(threads=THREADS, fence=lead.fence)
                try:
                    await gateway.surely(laying.lay_out)  # where this switch finds it
                    await self._drive(lead, gateway)
                finally:
                    self.driver = None
                    self.leading.clear()
                    await gateway.close()
        except* LOSSES as lost:
            for error in lost.exceptions:
                if isinstance(error, esl.AuthenticationFailed):
                    raise error from None
            log.warning("lost the lead of %s: %s", self.node, lost.exceptions)

    async def _drive(self, lead: Lead, gateway: Gateway) -> None:
        address = urlsplit(settings.FREESWITCH_URL)
        connected = asyncio.Event()
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def on_connected() -> None:
            connected.set()

        def on_event(event: esl.Event) -> None:
            driver.told(event)

        def on_lost(lost: esl.Lost) -> None:
            if not gone.done():
                gone.set_exception(Interrupted(str(lost)))

        switch = esl.Client(
            address.hostname or "127.0.0.1",
            address.port or 8021,
            unquote(address.password or ""),
            events=EVENTS,
            filters=FILTERS,
            on_event=on_event,
            on_connected=on_connected,
            on_lost=on_lost,
        )
        driver = self.driver = Driver(lead, switch, gateway, notice_after_s=self.notice_after_s)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(switch.run())
                tasks.create_task(_woken(lead, driver))
                await connected.wait()
                tasks.create_task(driver.run(self.leading))
                await gone
        finally:
            await driver.stop()


async def _woken(lead: Lead, driver: Driver) -> None:
    """The lock's session also listens: its end is the end of the lead."""
    async for channel in lead.wakes():
        match channel:
            case news.WAKE:
                driver.dispatcher.wake.set()
            case dispatch.RING:
                driver.agents.ring.set()
            case _:
                driver.wake.set()
