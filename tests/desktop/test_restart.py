"""Web is killed under fifty open pages and started again: all of them show the floor anew."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from desktop.board import boards
from people import staff
from people.roles import Role
from routing import shipped
from tests.cast import NOON
from tests.desktop.floors import TEN_PAST
from tests.live.test_layer import in_thread
from tests.reporting.stories import asks
from tests.serving import Web
from tests.websocket import Closed, Refused, Socket

BOARDS, FLOORS = 40, 10
SOON_S = 60  # one daphne starts on a busy machine
BACK_OFF_S = 0.05


@dataclass
class Page:
    """An open page: connects, shows what it hears, connects again when it is cut off."""

    web: Web
    path: str
    headers: dict[str, str]
    shown: str = ""
    heard: asyncio.Condition = field(default_factory=asyncio.Condition)
    cut_off: asyncio.Event = field(default_factory=asyncio.Event)

    async def live(self) -> None:
        while True:
            with suppress(OSError, Refused, Closed):
                socket = await Socket.open(self.web.port, self.path, self.headers)
                while True:
                    text = await socket.text()
                    async with self.heard:
                        self.shown = "".join(json.loads(text)["data"].values())
                        self.heard.notify_all()
            if self.shown:
                self.cut_off.set()
            await asyncio.sleep(BACK_OFF_S)  # as a page does, if more patiently

    async def shows(self, words: str) -> None:
        async with self.heard:
            await self.heard.wait_for(lambda: words in self.shown)


def prepare() -> tuple[str, str]:
    """A board's link, and a supervisor's session."""
    shipped.install(at=NOON)
    user = staff.hire(number="1901", name="王丽", branch=None, roles=[Role.SUPERVISOR])
    _board, link = boards.create(name="一号厅", language="zh-hans", queues=[], by=user, at=NOON)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return link, session.session_key


@pytest.mark.django_db(transaction=True)
async def test_fifty_pages_survive_a_killed_web():
    link, session = await in_thread(prepare)
    web = await in_thread(Web(at=TEN_PAST).start)
    pages = [Page(web, f"/ws/board/{link}/", {}) for _ in range(BOARDS)] + [
        Page(web, "/ws/floor/?language=zh-hans", {"Cookie": f"sessionid={session}"})
        for _ in range(FLOORS)
    ]
    tasks = [asyncio.create_task(page.live()) for page in pages]
    try:
        async with asyncio.timeout(SOON_S):
            await asyncio.gather(*(page.shows('data-part="agents"') for page in pages))
        web.kill()
        async with asyncio.timeout(SOON_S):
            await asyncio.gather(*(page.cut_off.wait() for page in pages))
        await in_thread(asks, TEN_PAST, "loan")  # while nobody looks
        assert not any("个贷</" in page.shown and "1 人" in page.shown for page in pages)
        await in_thread(web.start)
        async with asyncio.timeout(SOON_S):
            await asyncio.gather(*(page.shows("1 人") for page in pages))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        web.kill()
