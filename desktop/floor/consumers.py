"""The supervisor's live page."""

from urllib.parse import parse_qs

from channels.db import database_sync_to_async

from desktop.floor import view as floor_view
from desktop.floor.views import WATCH, reader_of
from live.shared import SharedConsumer, View
from people.models import User


class FloorConsumer(SharedConsumer):
    async def view(self) -> View | None:
        return await database_sync_to_async(self._view)()

    def _view(self) -> View | None:
        user: object = self.scope.get("user")
        if not isinstance(user, User) or not user.has_perm(WATCH):
            return None
        asked = parse_qs(self.scope.get("query_string", b"").decode())
        reader = reader_of(
            user,
            language=asked.get("language", [""])[0],
            queue=asked.get("queue", [""])[0],
        )
        return floor_view.view(reader)
