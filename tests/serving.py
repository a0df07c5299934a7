"""Web processes of a test's own: with a clock of their own, killed and started again."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from types import TracebackType

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.browser.conftest import _as_url


def clock_from(at: datetime, rate: float) -> dict[str, str]:
    """Variables by which a process's business time is `at` just now and runs `rate` times life's.

    now = epoch + (real − epoch) × rate (calendars/clock.py), solved for the epoch.
    """
    real = datetime.now(UTC)
    epoch = real - timedelta(seconds=(real - at).total_seconds() / (1 - rate))
    return {"CLOCK_RATE": str(rate), "CLOCK_EPOCH": epoch.isoformat()}


class Web:
    """A daphne on a port of its own, on the suite's database."""

    def __init__(self, at: datetime | None = None, rate: float = 0.99) -> None:
        self.port = 0
        self._clock = clock_from(at, rate) if at else {}
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Web":
        """Connections wait from now on; again, they wait at the same port."""
        url = make_conninfo(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"])
        with socket.create_server(("127.0.0.1", self.port)) as listening:
            self.port = listening.getsockname()[1]
            handed = str(listening.fileno())
            self._server = subprocess.Popen(
                [sys.executable, "-m", "daphne", "--fd", handed, "config.asgi:application"],
                env={**os.environ, **self._clock, "DATABASE_URL": _as_url(url)},
                pass_fds=[listening.fileno()],
                cwd=settings.BASE_DIR,
                stdout=subprocess.DEVNULL,  # its access log
            )
        return self

    def kill(self) -> None:
        """As the kernel does when memory runs out."""
        assert self._server is not None
        self._server.kill()
        self._server.wait(timeout=10)

    def __enter__(self) -> "Web":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None and self._server.poll() is None:
            self._server.terminate()
            self._server.wait(timeout=10)
