"""Panels of the agent's page: each app registers its own in `<app>/panels.py`.

The page (`desktop/`) shows what is registered and names none of it: knowledge, complaints and
offers add theirs without touching it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from people.models import User
from routing import floor
from routing.floor import Line
from routing.offers import Current
from telephony import story
from telephony.models import Call


class Column(StrEnum):
    """Left the call and its buttons, middle the customer, right what helps."""

    CALL = "call"
    CUSTOMER = "customer"
    HELP = "help"


class Place(StrEnum):
    """How much of its column's width a panel takes; a `SIDE` stands left of the next `REST`."""

    WHOLE = "whole"
    SIDE = "side"
    REST = "rest"


@dataclass(slots=True)
class Reader:
    """Who looks, when and from where. Keeps what several panels read of one call."""

    user: User
    at: datetime
    address: str | None = None
    current: Current | None = None  # the caller whom she has, is offered or writes up
    _stories: dict[int, story.Story] = field(default_factory=dict)
    _lines: list[Line] = field(default_factory=list)

    def story(self, call: Call) -> story.Story:
        """The call's record, read once a look."""
        if call.pk not in self._stories:
            self._stories[call.pk] = story.tell(call)
        return self._stories[call.pk]

    def lines(self) -> list[Line]:
        """The queues as they stand, read once a look."""
        if not self._lines:
            self._lines = floor.queues(self.at)
        return self._lines


Look = Callable[[Call | None, Reader], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """One section of the page. `look` gives its template's context; None: not shown now.

    `key` is the letter that goes to it: its cap stands at the heading's right end.
    """

    name: str
    column: Column
    order: int
    title: str | Promise
    template: str
    look: Look
    key: str = ""
    place: Place = Place.WHOLE


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel to the page. Two of one name are a fault at start-up."""
    if panel.name in _panels:
        raise ValueError(f"two panels are called {panel.name!r}")
    _panels[panel.name] = panel


def of(column: Column) -> list[Panel]:
    """A column from top to bottom."""
    return sorted(
        (panel for panel in _panels.values() if panel.column is column), key=lambda p: p.order
    )
