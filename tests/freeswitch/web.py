"""The product's web process on the suite's database, for a switch that asks it things."""

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from django.conf import settings


@asynccontextmanager
async def web(database: str, **env: str):
    """Its address. Requests wait in the socket until it serves."""
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
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            process.kill()
            await process.wait()
