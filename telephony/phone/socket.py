"""What every page that is a phone has of a socket: who may, in which language, and its end."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, ParamSpec, TypeVar
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings

from people.models import User
from telephony.simswitch.phone import Phone

P = ParamSpec("P")
T = TypeVar("T")


class PhoneSocket(AsyncJsonWebsocketConsumer):
    """For whom has `permission`. `line`, a call or a registration, ends with the socket."""

    permission: ClassVar[str]
    user: User
    phone: Phone | None = None
    line: asyncio.Task[None] | None = None
    language = settings.LANGUAGE_CODE

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The line ends with the socket, whether the page left or the server is stopping."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.line:
                self.line.cancel()
                with suppress(asyncio.CancelledError):
                    await self.line

    async def connect(self) -> None:
        user: object = self.scope.get("user")
        if not isinstance(user, User) or not await self.db(user.has_perm, self.permission):
            raise DenyConnection
        self.user = user
        asked = parse_qs(self.scope.get("query_string", b"").decode()).get("language", [""])[0]
        if asked in dict(settings.LANGUAGES):
            self.language = asked
        await self.accept()

    async def db(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one service, in a thread."""
        return await database_sync_to_async(service)(*args, **kwargs)


def parsed(text: str | None) -> Any:
    """What the page sent; None if it is no JSON."""
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError):
        return None
