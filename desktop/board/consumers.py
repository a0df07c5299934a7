"""A wallboard's socket: the floor's six facts, until its link is revoked."""

import json
from typing import Any

from channels.db import database_sync_to_async
from channels.exceptions import DenyConnection

from desktop.board import boards
from desktop.board import view as board_view
from desktop.models import Board
from live.shared import SharedConsumer, View

REVOKED = 4410  # close code


class BoardConsumer(SharedConsumer):
    board: Board

    async def connect(self) -> None:
        found = await database_sync_to_async(boards.by_link)(self.link)
        if found is None:
            raise DenyConnection
        self.board = found
        topic = boards.TOPIC.format(board=found.pk)
        await self.channel_layer.group_add(topic, self.channel_name)  # listen first,
        self.groups.append(topic)
        if await database_sync_to_async(boards.is_revoked)(found.pk):  # then look: no gap
            await self.accept()
            await self._stop()
        else:
            await super().connect()

    @property
    def link(self) -> str:
        return str(self.scope["url_route"]["kwargs"]["link"])

    async def view(self) -> View:
        return board_view.view(self.board)

    async def topic_changed(self, event: dict[str, Any]) -> None:
        """Nothing else is ever told about a board than that it was revoked; look all the same."""
        if await database_sync_to_async(boards.is_revoked)(self.board.pk):
            await self._stop()

    async def layer_resync(self, event: dict[str, Any]) -> None:
        await self.topic_changed(event)

    async def _stop(self) -> None:
        """The page says so and does not come again."""
        await self.send(json.dumps({"revoked": True}))
        await self.close(REVOKED)
