"""Urgent changes: read by every agent before she takes calls again, and who has read them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from kb.errors import NotAnswered, ReadFirst
from kb.models import ArticleVersion, Receipt
from people.models import User
from people.words import listed
from routing.models import Agent

ASKED_FOR = timedelta(days=30)  # then it is no news; who is hired later learns it with the rest


def pending(user: User, *, at: datetime) -> QuerySet[ArticleVersion]:
    """Urgent, answered now, and not read by her; the oldest first."""
    urgent = ArticleVersion.objects.in_force(at).filter(urgent=True, valid_from__gt=at - ASKED_FOR)
    return urgent.exclude(receipts__by=user).order_by("valid_from", "pk")


def require(user: User, *, at: datetime) -> None:
    """Before she takes calls. Raises ReadFirst with their questions."""
    if questions := list(pending(user, at=at).values_list("question", flat=True)):
        raise ReadFirst(questions=listed(questions))


@transaction.atomic
def read(version_id: int, *, by: User, at: datetime) -> Receipt:
    """She has read it; said again, the first time holds. Raises NotAnswered: none is asked for."""
    if not ArticleVersion.objects.filter(pk=version_id, urgent=True).exists():
        raise NotAnswered
    receipt, _made = Receipt.objects.get_or_create(
        version_id=version_id, by=by, defaults={"at": at}
    )
    return receipt


@dataclass(frozen=True, slots=True)
class Asked:
    """An agent and when she read it; None: not yet."""

    user: User
    read_at: datetime | None


def asked_of(version: ArticleVersion) -> list[Asked]:
    """All who take calls: those who have not read it first."""
    read_at = dict(version.receipts.values_list("by", "at"))
    agents = Agent.objects.filter(is_active=True).select_related("user").order_by("user__username")
    found = [Asked(agent.user, read_at.get(agent.pk)) for agent in agents]
    return sorted(found, key=lambda one: one.read_at is not None)
