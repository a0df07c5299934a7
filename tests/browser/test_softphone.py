"""The simulated softphone in a browser: through a call, a restart of web, and a second window."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import BrowserContext, Page
from psycopg.conninfo import make_conninfo

from calendars import clock
from people.models import User
from people.roles import Role
from routing import presence
from routing.models import Agent
from tests.browser.conftest import _as_url
from tests.contracts import audio
from tests.contracts.rig import PASSWORD
from tests.contracts.simulated import Process

LISTENS = """async () => {
  const { softphone } = await import("/static/js/phone/softphone.js")
  window.told = []
  window.phone = await softphone("simulated")
  for (const name of ["registered", "unregistered", "ringing", "answered", "ended", "failed"])
    window.phone.addEventListener(name, ({ detail }) => window.told.push({ name, ...detail }))
  window.phone.start({ user: "1001" })
}"""
TAKES = """name => {
  const at = window.told.findIndex(told => told.name === name)
  return at >= 0 && window.told.splice(0, at + 1).at(-1)
}"""
SOON_S = 20


class Web:
    """Daphne on one socket: callers wait in it while no process serves."""

    def __init__(self, listening: socket.socket, env: dict[str, str]) -> None:
        self._listening, self._env = listening, env
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.start()

    def start(self) -> None:
        fd = self._listening.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "daphne", "--fd", str(fd), "config.asgi:application"],
            env=self._env,
            cwd=settings.BASE_DIR,
            pass_fds=[fd],
            stdout=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[Process]:
    audio.write_all(tmp_path / "prompts")
    running = Process(tmp_path, tmp_path / "prompts", "--clock", "real")
    yield running
    running.stop()


@pytest.fixture
def web(transactional_db: None, switch: Process) -> Iterator[Web]:
    url = make_conninfo(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"])
    env = os.environ | {
        "DATABASE_URL": _as_url(url),
        "PHONE_URL": f"phone://:{PASSWORD}@127.0.0.1:{switch.phone_port}",
    }
    with socket.create_server(("127.0.0.1", 0)) as listening:
        running = Web(listening, env)
        yield running
        running.kill()


@pytest.fixture
def agent(log_in: Callable[..., User]) -> User:
    """A signed-in agent, whose number the pages' phones give."""
    user = log_in(Role.AGENT)
    User.objects.filter(pk=user.pk).update(username="1001")
    user.refresh_from_db()
    Agent.objects.create(user=user)
    presence.sign_in(user, tab=uuid4(), at=clock.now())
    return user


def opens(page: Page, web: Web) -> None:
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))  # JSON names none
    page.goto(f"{web.address}/healthz")
    page.evaluate(LISTENS)


def tells(page: Page, name: str) -> dict[str, str]:
    """The next event of that name."""
    found = page.wait_for_function(TAKES, arg=name, timeout=SOON_S * 1000, polling=20)
    return dict(found.json_value())


def calls(switch: Process) -> str:
    """Have the agent's phone rung, as a worker does; the leg's name."""
    leg = str(uuid4())
    hold = "&endless_playback(silence_stream://-1)"
    with socket.create_connection(("127.0.0.1", switch.esl_port), timeout=SOON_S) as wire:
        line = wire.makefile("rwb")
        line.write(f"auth {PASSWORD}\n\n".encode())
        line.write(f"bgapi originate {{origination_uuid={leg}}}user/1001 {hold}\n\n".encode())
        line.write(b"exit\n\n")
        line.flush()
        assert b"Job-UUID" in line.read()
    return leg


def test_a_phone_through_a_restart_of_web(page: Page, agent: User, web: Web, switch: Process):
    opens(page, web)
    tells(page, "registered")
    leg = calls(switch)
    assert tells(page, "ringing")["leg"] == leg
    page.evaluate("window.phone.answer()")
    assert tells(page, "answered")["leg"] == leg

    web.kill()
    tells(page, "unregistered")
    assert tells(page, "ended") == {"name": "ended", "leg": leg, "cause": "lost"}
    web.start()
    tells(page, "registered")

    again = calls(switch)
    assert tells(page, "ringing")["leg"] == again
    page.evaluate("window.phone.hangUp()")
    assert tells(page, "ended")["cause"] == "hung-up"


def test_the_newer_window_has_the_phone(
    page: Page, context: BrowserContext, agent: User, web: Web, switch: Process
):
    opens(page, web)
    tells(page, "registered")
    newer = context.new_page()
    opens(newer, web)
    tells(newer, "registered")

    failed = tells(page, "failed")
    assert failed["why"] == "superseded"
    assert failed["text"]
    leg = calls(switch)
    assert tells(newer, "ringing")["leg"] == leg
    assert page.evaluate("window.told.at(-1).name") == "unregistered"

    newer.evaluate("window.phone.stop()")
    tells(newer, "unregistered")
    assert tells(newer, "ended") == {"name": "ended", "leg": leg, "cause": "lost"}
