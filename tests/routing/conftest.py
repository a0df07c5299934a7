"""Agents and callers of routing's own stories, on the services alone: no switch, no page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from people import staff
from people.models import User
from people.roles import Role
from routing import entries, offers, presence, rounds, shipped
from routing.entries import Wish
from routing.models import Agent, AgentSkill, QueueEntry, Session, Skill
from routing.offers import Offer
from tests import cast, database

NODE = "node1"


@dataclass
class Seat:
    """An agent at her desk."""

    user: User
    session: Session

    @property
    def pk(self) -> int:
        return self.user.pk

    @property
    def state(self) -> str:
        return presence.state_of(self.user.pk)

    def beats(self, at: datetime, *, phone: bool = True) -> bool:
        return presence.heartbeat(self.session.pk, phone=phone, at=at)

    def is_ready(self, at: datetime) -> "Seat":
        self.beats(at)
        presence.ready(self.user.pk, at=at)
        return self


@pytest.fixture
def shipped_floor(transactional_db) -> None:
    """The shipped queues, skills, reasons and credits."""
    database.again("floor", partial(shipped.install, at=cast.NOON))


@pytest.fixture
def hire(shipped_floor) -> Callable[..., User]:
    """Hire an agent: ``hire("林晓", general=5)``."""
    numbers = iter(range(1001, 1999))

    def new(name: str, *, is_active: bool = True, **levels: int) -> User:
        user = staff.hire(number=str(next(numbers)), name=name, branch=None, roles=[Role.AGENT])
        agent = Agent.objects.create(user=user, is_active=is_active)
        for slug, level in (levels or {"general": 5}).items():
            AgentSkill.objects.create(agent=agent, skill=Skill.objects.get(slug=slug), level=level)
        return user

    return new


@pytest.fixture
def seat(hire) -> Callable[..., Seat]:
    """Sign an agent in: ``seat("林晓", general=5)``."""

    def sign_in(name: str, *, at: datetime = cast.NOON, **levels: int) -> Seat:
        user = hire(name, **levels)
        return Seat(user, presence.sign_in(user, tab=uuid4(), at=at))

    return sign_in


def waits(
    queue: str = "general", *, at: datetime = cast.NOON, vip: str = "", call_ref: UUID | None = None
) -> QueueEntry:
    """A caller enters a queue."""
    wish = Wish(call_ref or uuid4(), NODE, "13800136027", "zh", vip=vip)
    return entries.enter(wish, queue, at=at)


def offered(seconds: float) -> list[Offer]:
    """A round, and every offer rung."""
    rounds.run(at=after(seconds))
    return offers.to_ring(NODE, at=after(seconds))


def answered(seconds: float) -> list[Offer]:
    """A round, and every offer answered."""
    made = offered(seconds)
    for offer in made:
        offers.answered(offer.leg, at=after(seconds))
    return made


def after(seconds: float) -> datetime:
    """So long after the story began."""
    return cast.NOON + timedelta(seconds=seconds)
