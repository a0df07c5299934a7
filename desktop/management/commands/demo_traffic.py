"""`manage.py demo_traffic`: simulated callers and agents, so that every page lives."""

import asyncio
import signal
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from desktop import demo
from desktop.traffic import wishes
from desktop.traffic.dice import Dice
from desktop.traffic.scene import Scene
from people.errors import Refusal
from telephony.phone import line
from telephony.worker.gateway import Gateway

AGAIN_S = 2.0  # after the database or the switch was lost


class Command(BaseCommand):
    help = "Simulated callers and agents on the simulated switch, until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--calls-per-minute", type=float, metavar="N")
        parser.add_argument("--seed", type=int, default=961202)
        parser.add_argument(
            "--on-request", action="store_true", help="as much as the home page asks for"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked, on_request = options["calls_per_minute"], options["on_request"]
        if (asked is None) == (not on_request):
            raise CommandError("Give --calls-per-minute N, or --on-request.")
        if asked is not None and not 0 < asked <= wishes.MOST:
            raise CommandError(f"--calls-per-minute is from 1 to {wishes.MOST}.")
        settings.PHONE_URL = settings.PHONE_URL or line.of_this_checkout()
        if not demo.exists():
            raise CommandError("There is no demo bank here: run `manage.py demo` first.")
        self._dice = Dice(options["seed"])
        work = self._on_request() if on_request else self._play(asked)
        try:
            asyncio.run(_until_told(work))
        except* Refusal as refused:
            raise CommandError(str(refused.exceptions[0])) from None

    async def _play(self, calls_per_minute: float) -> None:
        gateway = Gateway(threads=4)
        try:
            await Scene(gateway, self._dice, self._say).play(calls_per_minute)
        finally:
            await gateway.close()

    async def _on_request(self) -> None:
        """Listen to the row; whatever is lost is tried again."""
        while True:
            with suppress(psycopg.OperationalError):
                await self._listen()
            await asyncio.sleep(AGAIN_S)

    async def _listen(self) -> None:
        session = await psycopg.AsyncConnection.connect(
            settings.DATABASE_DIRECT_URL, autocommit=True, application_name="demo_traffic"
        )
        gateway, playing, plays = Gateway(threads=1), None, 0
        try:
            async with session:
                await session.execute(f"LISTEN {wishes.CHANNEL}")
                while True:
                    wanted = await gateway(wishes.wanted)
                    if wanted != plays or (wanted and playing and playing.done()):
                        await _stop(playing)
                        playing, plays = self._start(wanted), wanted
                    async for _ in session.notifies(timeout=AGAIN_S, stop_after=1):
                        pass
        finally:
            await _stop(playing)
            await gateway.close()

    def _start(self, wanted: int) -> "asyncio.Task[None] | None":
        return asyncio.create_task(self._play(wanted)) if wanted else None

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


async def _stop(playing: "asyncio.Task[None] | None") -> None:
    if playing is not None:
        playing.cancel()
        await asyncio.wait([playing])


async def _until_told(work: Any) -> None:
    task = asyncio.ensure_future(work)
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
