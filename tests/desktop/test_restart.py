"""Web is killed under fifty open pages and started again: all of them show the floor anew.

An agent's page says as well that it lives: nobody loses her seat with her connection.
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from desktop.board import boards
from people import staff
from people.models import User
from people.roles import Role
from routing import shipped
from routing.models import Presence, Session
from routing.states import State
from tests.cast import NOON
from tests.desktop import seats
from tests.desktop.floors import TEN_PAST
from tests.live.test_layer import in_thread
from tests.reporting.stories import asks
from tests.serving import Web
from tests.websocket import Closed, Refused, Socket

BOARDS, FLOORS, DESKS = 30, 10, 10
SOON_S = 60  # one daphne starts on a busy machine
BACK_OFF_S = 0.05


@dataclass(kw_only=True)
class Page:
    """An open page: connects, shows what it hears, connects again when it is cut off."""

    web: Web
    path: str
    headers: dict[str, str]
    before: str = 'data-part="agents"'  # what it shows at first,
    after: str = "1 人"  # and once somebody waits
    shown: str = ""
    heard: asyncio.Condition = field(default_factory=asyncio.Condition)
    cut_off: asyncio.Event = field(default_factory=asyncio.Event)

    async def live(self) -> None:
        while True:
            with suppress(OSError, Refused, Closed):
                socket = await Socket.open(self.web.port, self.path, self.headers)
                self.opened(socket)
                while True:
                    said = json.loads(await socket.text())
                    async with self.heard:
                        self.show(said)
                        self.heard.notify_all()
            if self.shown:
                self.cut_off.set()
            await asyncio.sleep(BACK_OFF_S)  # as a page does, if more patiently

    def opened(self, socket: Socket) -> None:
        """It is connected, once more."""

    def show(self, said: dict[str, Any]) -> None:
        self.shown = "".join(said["data"].values())

    async def shows(self, words: str) -> None:
        async with self.heard:
            await self.heard.wait_for(lambda: words in self.shown)


@dataclass(kw_only=True)
class Desk(Page):
    """An agent's page: it beats when it is connected, and shows the answer and her queues."""

    tab: UUID
    before: str = "beat loan 0"
    after: str = "beat loan 1"
    answer: str = ""
    loan: int = -1

    def opened(self, socket: Socket) -> None:
        self.answer = ""
        socket.say(json.dumps({"tab": str(self.tab), "phone": True}))

    def show(self, said: dict[str, Any]) -> None:
        if "data" in said:
            [self.loan] = [
                line["waiting"] for line in said["data"]["lines"] if line["slug"] == "loan"
            ]
        elif said["event"] != "desk":  # which only says that there is something to look at
            self.answer = said["event"]
        self.shown = f"{self.answer} loan {self.loan}"


def cookie(user: User) -> dict[str, str]:
    """What a browser sends who is logged in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return {"Cookie": f"sessionid={session.session_key}"}


def opened(web: Web) -> list[Page]:
    """Boards, a supervisor's floor many times, and each agent's desk."""
    shipped.install(at=NOON)
    user = staff.hire(number="1901", name="王丽", branch=None, roles=[Role.SUPERVISOR])
    _board, link = boards.create(name="一号厅", language="zh-hans", queues=[], by=user, at=NOON)
    pages = [Page(web=web, path=f"/ws/board/{link}/", headers={}) for _ in range(BOARDS)]
    hers = cookie(user)
    pages += [
        Page(web=web, path="/ws/floor/?language=zh-hans", headers=hers) for _ in range(FLOORS)
    ]
    for number in range(DESKS):
        agent = seats.hire(f"{1001 + number}", f"坐席{number}")
        session = seats.sits_down(agent, at=TEN_PAST)
        pages.append(Desk(web=web, path="/ws/desk/", headers=cookie(agent), tab=session.tab))
    return pages


def beats() -> list[datetime]:
    """When each agent's page was last heard of, of those who are there and ready."""
    ready = Presence.objects.filter(ended_at=None, state=State.READY).values("agent")
    found = Session.objects.filter(ended_at=None, agent__in=ready).order_by("agent")
    return list(found.values_list("heartbeat_at", flat=True))


@pytest.mark.django_db(transaction=True)
async def test_fifty_pages_survive_a_killed_web():
    web = await in_thread(Web(at=TEN_PAST).start)
    pages = await in_thread(opened, web)
    tasks = [asyncio.create_task(page.live()) for page in pages]
    try:
        async with asyncio.timeout(SOON_S):
            await asyncio.gather(*(page.shows(page.before) for page in pages))
        web.kill()
        async with asyncio.timeout(SOON_S):
            await asyncio.gather(*(page.cut_off.wait() for page in pages))
        before = await in_thread(beats)
        await in_thread(asks, TEN_PAST, "loan")  # while nobody looks
        assert not any("个贷</" in page.shown and "1 人" in page.shown for page in pages)
        await in_thread(web.start)
        async with asyncio.timeout(SOON_S):
            await asyncio.gather(*(page.shows(page.after) for page in pages))
        after = await in_thread(beats)
        assert len(before) == len(after) == DESKS
        assert all(then < now for then, now in zip(before, after, strict=True))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        web.kill()
