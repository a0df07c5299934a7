"""The page's live end: its heartbeat goes in, and that something changed comes out."""

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from calendars import clock
from desktop.agent import desk
from desktop.agent.views import PERMISSION
from desktop.floor.look import Floor
from live.shared import Outlet, View, watch
from people.models import User
from routing import news
from routing.errors import NotSignedIn, SignedInElsewhere


def _queues(seen: Floor) -> dict[str, Any]:
    """Who waits where, and whether anybody matches callers and agents."""
    return {
        "lines": [
            {
                "slug": line.queue.slug,
                "waiting": line.waiting,
                "since": line.since.isoformat() if line.since else None,
                "ready": line.ready,
                "signed_in": line.signed_in,
            }
            for line in seen.lines
        ],
        "dispatched": seen.pulse.ok,
    }


QUEUES = View(news.FLOOR, "desk", _queues)  # one look and one text for every desk


class DeskConsumer(AsyncJsonWebsocketConsumer):
    """One browser tab of one agent. That her desk changed carries no data: the page reads it."""

    user: User
    outlet: Outlet | None = None

    async def connect(self) -> None:
        user: object = self.scope.get("user")
        if not isinstance(user, User) or not await database_sync_to_async(user.has_perm)(
            PERMISSION
        ):
            raise DenyConnection
        self.user = user
        topic = news.AGENT.format(agent=user.pk)
        await self.channel_layer.group_add(topic, self.channel_name)  # listen first,
        self.groups.append(topic)  # left on disconnect
        await self.accept()
        await self._tell("desk")  # then look: no gap
        self.outlet = Outlet(self.send)
        await watch(news.FLOOR).join(QUEUES, self.outlet)

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        """None for what is no JSON."""
        with suppress(ValueError, RecursionError):
            return json.loads(text_data)
        return None

    async def receive_json(self, content: Any, **_: Any) -> None:
        """``{"tab": "…", "phone": true}`` every five seconds. Anything else is no heartbeat."""
        if not isinstance(content, dict):
            return
        with suppress(ValueError):
            tab = UUID(str(content.get("tab")))
            await self._tell(await self._beat(tab, phone=content.get("phone") is True))

    async def _beat(self, tab: UUID, *, phone: bool) -> str:
        """ "beat", or why this tab keeps nothing alive: "over", "elsewhere"."""
        at = clock.now()
        try:
            session = await database_sync_to_async(desk.acting)(self.user, tab)
            lives = await database_sync_to_async(desk.beat)(session, phone=phone, at=at)
        except NotSignedIn:
            return "over"
        except SignedInElsewhere:
            return "elsewhere"
        return "beat" if lives else "over"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Its queues are left with the socket, whether the page went or the server is stopping."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.outlet is not None:
                await watch(news.FLOOR).leave(QUEUES, self.outlet)
                await self.outlet.close()

    async def topic_changed(self, event: dict[str, Any]) -> None:
        await self._tell("desk")

    async def layer_resync(self, event: dict[str, Any]) -> None:
        """Something may have been missed."""
        await self._tell("desk")

    async def _tell(self, what: str) -> None:
        """With the server's time, by which the page's clocks go."""
        await self.send_json({"event": what, "at": clock.now().isoformat()})
