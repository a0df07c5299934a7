"""A real browser on a real server: daphne on an ephemeral port, on the suite's own database."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import BrowserContext, Page
from psycopg.conninfo import make_conninfo

from people import staff
from people.models import User
from people.roles import Role

CHROMIUM = shutil.which("chromium")  # without it these tests are skipped (tests/available.py)
WRONG = ("Content Security Policy", "404 (Not Found)")  # what the console says
NAMES = {Role.SUPERVISOR: "赵敏", Role.BACK_OFFICE: "何静", Role.AGENT: "林晓"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests are marked by their folder. They come last: Playwright's event loop stays
    in this thread once it was started, and asynchronous tests can't have theirs after it."""
    here = {item for item in items if Path(__file__).parent in item.path.parents}
    for item in here:
        item.add_marker("browser")
    items.sort(key=here.__contains__)


@pytest.fixture(scope="session", autouse=True)
def _orm_beside_playwright() -> None:
    """Playwright's loop runs in this thread, to the end, and is never in the ORM's way."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def base_url(django_db_setup: None) -> Iterator[str]:
    """The address of a daphne that serves the suite's database."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = make_conninfo(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"])
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "daphne",
                "--fd",
                str(listening.fileno()),
                "config.asgi:application",
            ],
            env={**os.environ, "DATABASE_URL": _as_url(url)},
            pass_fds=[listening.fileno()],
            cwd=settings.BASE_DIR,
            stdout=subprocess.DEVNULL,  # its access log
        )
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.terminate()
            server.wait(timeout=10)


def _as_url(conninfo: str) -> str:
    from urllib.parse import quote

    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(conninfo)
    return "postgresql://{user}@/{dbname}?host={host}".format(
        **{name: quote(str(value), safe="/") for name, value in parts.items()}
    )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-gpu",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "reduced_motion": "reduce",
    }


@pytest.fixture
def context(context: BrowserContext) -> Iterator[BrowserContext]:
    """No page wants what its own policy blocks, or what is not there, on any way through it."""
    said: list[str] = []
    context.on("console", lambda message: said.append(f"{message.text} {message.location}"))
    yield context
    assert [words for words in said if any(wrong in words for wrong in WRONG)] == []


@pytest.fixture
def log_in(transactional_db: None, context: BrowserContext, base_url: str) -> Callable[..., User]:
    """``log_in(Role.AGENT)``: the browser is hers from then on, without the log-in page."""

    def as_(*roles: Role, name: str = "") -> User:
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        number = f"3{User.objects.count():03}"
        user = staff.hire(
            number=number, name=name or NAMES.get(roles[0], "员工"), branch=None, roles=roles
        )
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": base_url}])
        return user

    return as_


@pytest.fixture
def shoot(page: Page) -> Callable[[str], None]:
    """``shoot("home")`` writes a picture where SHOTS names a folder; else it does nothing."""

    def picture(name: str) -> None:
        if folder := os.environ.get("SHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}.png"))

    return picture
