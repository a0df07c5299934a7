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
from people.models import User
from routing import news
from routing.errors import NotSignedIn, SignedInElsewhere


class DeskConsumer(AsyncJsonWebsocketConsumer):
    """One browser tab of one agent. Events carry no data: the page reads what it shows."""

    user: User

    async def connect(self) -> None:
        user: object = self.scope.get("user")
        if not isinstance(user, User) or not await database_sync_to_async(user.has_perm)(
            PERMISSION
        ):
            raise DenyConnection
        self.user = user
        for topic in (news.AGENT.format(agent=user.pk), news.FLOOR):  # listen first,
            await self.channel_layer.group_add(topic, self.channel_name)
            self.groups.append(topic)  # left on disconnect
        await self.accept()
        await self._tell("desk")  # then look: no gap

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

    async def topic_changed(self, event: dict[str, Any]) -> None:
        await self._tell("floor" if event["topic"] == news.FLOOR else "desk")

    async def layer_resync(self, event: dict[str, Any]) -> None:
        """Something may have been missed."""
        await self._tell("desk")

    async def _tell(self, what: str) -> None:
        """With the server's time, by which the page's clocks go."""
        await self.send_json({"event": what, "at": clock.now().isoformat()})
