"""The product's web process on the suite's database, for a switch that asks it things."""

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from urllib.request import urlopen

from django.conf import settings

STARTS_WITHIN_S = 60


@asynccontextmanager
async def web(database: str, **env: str):
    """Its address, once it serves: a switch that asks it waits for some seconds alone."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "daphne", "--fd", str(listening.fileno())),
            "config.asgi:application",
            cwd=settings.BASE_DIR,
            env=os.environ
            | {
                "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])
                ._replace(path=database)
                .geturl(),
                **env,
            },
            pass_fds=[listening.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with await asyncio.to_thread(urlopen, f"{url}/healthz", timeout=STARTS_WITHIN_S):
                yield url
        finally:
            process.kill()
            await process.wait()
