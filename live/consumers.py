"""A socket that shows topics: the listening part of every live page."""

from abc import ABC, abstractmethod
from typing import Any

from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from live.topics import Snapshot, snapshot


class TopicConsumer(ABC, AsyncJsonWebsocketConsumer):
    """Joins its topics, sends each one's snapshot, then one more for each change.

    A page subclasses it and says in `topics` what this user may watch.
    """

    @abstractmethod
    async def topics(self) -> list[str]:
        """What this socket watches. Raise DenyConnection, or return nothing, to refuse it."""

    async def connect(self) -> None:
        self.shown: dict[str, int] = {}
        watched = await self.topics()
        if not watched:
            raise DenyConnection
        for topic in watched:  # listen first,
            await self.channel_layer.group_add(topic, self.channel_name)
            self.groups.append(topic)  # left on disconnect
        await self.accept()
        await self.layer_resync({})  # then look: no gap

    async def topic_changed(self, event: dict[str, Any]) -> None:
        """One look may answer several events: what was shown already is not read again."""
        topic, version = event["topic"], event["version"]
        if version > self.shown.get(topic, -1):
            await self._show(await snapshot(topic, at_least=version))

    async def layer_resync(self, event: dict[str, Any]) -> None:
        """Something may have been missed: every topic anew."""
        for topic in self.groups:
            await self._show(await snapshot(topic))

    async def _show(self, seen: Snapshot) -> None:
        self.shown[seen.topic] = seen.version
        await self.send_json({"topic": seen.topic, "version": seen.version, "data": seen.data})
