"""The product's worker on the suite's short prompts, in a process that can be killed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.freeswitch.switch import PASSWORD, Switch

DRAIN_S = 5.0
ROOT = Path(__file__).resolve().parent.parent.parent


class WorkerProcess:
    """`manage.py telephony` but for where its prompts lie."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._leads = asyncio.Event()

    async def leads(self, within_s: float = 60) -> None:
        """Until it says that it took over the switch's calls; then it takes new ones."""
        self._log = asyncio.create_task(self._say_what_it_logs())
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._leads.wait()
                return
        raise AssertionError("It does not lead: see what it logged.")

    async def _say_what_it_logs(self) -> None:
        assert self._process.stderr
        while line := (await self._process.stderr.readline()).decode():
            sys.stderr.write(line)  # shown with the test, should it fail
            if "took over" in line:
                self._leads.set()

    async def ends(self, within_s: float = 20) -> None:
        """Asked by TERM: every call that is over is written down."""
        self._process.terminate()
        async with asyncio.timeout(within_s):
            await self._process.wait()

    async def kill(self) -> None:
        """As kill -9 does."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


def worker(switch: Switch, database: str) -> AbstractAsyncContextManager[WorkerProcess]:
    """One more worker of this switch; where another leads, it stands by."""
    made = switch.configuration
    folder = str(made.recordings)
    return employed(made.prompts, made.event_port, PASSWORD, database, TEST_RECORDINGS=folder)


@asynccontextmanager
async def employed(
    prompts: Path, event_port: int, password: str, database: str, **env: str
) -> AsyncIterator[WorkerProcess]:
    """A worker of whichever switch listens there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.freeswitch.worker", str(prompts)),
        cwd=ROOT,
        env=os.environ
        | {
            # The suite's server, but the database that the suite made for itself.
            "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=database).geturl(),
            "FREESWITCH_URL": f"esl://:{quote(password)}@127.0.0.1:{event_port}",
            "SWITCH_PROMPTS": str(prompts),
            **env,
        },
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    running = WorkerProcess(process)
    try:
        yield running
    finally:
        await running.kill()


def main(audio: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    import uvloop
    from django.conf import settings

    from telephony.worker.work import Worker

    settings.PROMPTS = Path(audio)
    settings.RECORDINGS = Path(os.environ.get("TEST_RECORDINGS", settings.RECORDINGS))
    uvloop.run(Worker(settings.SWITCH_NODE, drain_s=DRAIN_S).run())


if __name__ == "__main__":
    main(sys.argv[1])
