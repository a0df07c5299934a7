"""Putting a version into service: at once or at an hour, once it is fit; and taking it back."""

import logging
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from calendars import hours
from people.errors import Refusal
from people.models import User
from routing.models import AgentSkill, Queue
from telephony import languages, menus, saved_calls, wording
from telephony.ivr import registry
from telephony.ivr.checking import Facts, Problem, problems
from telephony.ivr.flows.agent import GENERAL
from telephony.models import Menu, MenuEntry, MenuVersion, Number, Publication

log = logging.getLogger(__name__)

State = MenuVersion.State
DAYS_AHEAD = 7  # in which somebody must answer whenever a number is open


class MenuIncomplete(Refusal):
    text = _("The menu can't be published: %(problems)s")


class NoCalls(Refusal):
    text = _("Save a call that this version must pass first. Nothing was published.")


class CallsRed(Refusal):
    text = _("Saved calls go otherwise than expected: %(calls)s. Nothing was published.")


class MenuChanged(Refusal):
    text = _("Somebody edited the draft while it was checked. Look at it again.")


class NotLater(Refusal):
    text = _("The hour is past. Nothing was scheduled.")


class NothingBefore(Refusal):
    text = _("There is no earlier version to go back to.")


def problems_of(version: MenuVersion, *, at: datetime) -> list[Problem]:
    """What is wrong with a version, hints included."""
    return problems(menus.load(version.pk), facts(version.menu, at=at))


def facts(menu: Menu, *, at: datetime) -> Facts:
    """What a menu is held against: flows, prompts, queues and hours, as they are now."""
    trained = set(AgentSkill.objects.values_list("skill_id", flat=True))
    queues = list(Queue.objects.filter(is_active=True))
    planned = MenuEntry.objects.exclude(node__version__plan_digest="")
    return Facts(
        built=registry.names(),
        planned=frozenset(planned.values_list("flow", flat=True)),
        prompts=wording.words(),
        queues={queue.slug: queue.skill_id in trained for queue in queues},
        names={queue.slug: str(queue) for queue in queues},
        general=GENERAL,
        shut=_shut(menu, [queue for queue in queues if queue.slug == GENERAL], at),
    )


def _shut(menu: Menu, general: list[Queue], at: datetime) -> dict[str, datetime]:
    """Of the menu's numbers: when first this week people should answer and that queue is closed."""
    if not general or not general[0].hours:
        return {}
    found = {}
    for number in Number.objects.filter(menu=menu, is_active=True).exclude(hours=""):
        moment = hours.first_uncovered(number.hours, general[0].hours, at, days=DAYS_AHEAD)
        if moment is not None:
            found[number.number] = moment
    return found


def publish(version_id: int, *, by: User, at: datetime) -> MenuVersion:
    """Make a draft what callers hear from their next call on; calls in progress keep theirs.

    Raises MenuFixed, MenuIncomplete, NoCalls, CallsRed, MenuChanged.
    """
    edited_at = check(version_id, at=at)
    return put_into_service(version_id, by=by, at=at, edited_at=edited_at)


def check(version_id: int, *, at: datetime) -> datetime | None:
    """That a draft is fit for callers, its saved calls included; when it was edited last.

    Raises MenuFixed, MenuIncomplete, NoCalls, CallsRed.
    """
    version = MenuVersion.objects.get(pk=version_id)
    if version.state != State.DRAFT:
        raise menus.MenuFixed(version=version)
    if errors := [str(p) for p in problems_of(version, at=at) if p.is_error]:
        raise MenuIncomplete(problems=" ".join(errors))
    if not version.saved_calls.exists():
        raise NoCalls
    if red := saved_calls.run(version_id, at=at):
        raise CallsRed(calls=", ".join(saved.name for saved in red))
    return version.edited_at


@transaction.atomic(durable=True)
def put_into_service(
    version_id: int, *, by: User | None, at: datetime, edited_at: datetime | None = None
) -> MenuVersion:
    """Publish without a check: what was checked just now, as it was edited last, or what ships.

    Raises MenuFixed, MenuChanged.
    """
    version = menus.lock_draft(version_id)
    if version.edited_at != edited_at:
        raise MenuChanged
    return _switch(version, by=by, at=at)


@transaction.atomic(durable=True)
def roll_back(menu_id: int, *, by: User, at: datetime) -> MenuVersion:
    """Back to what callers heard before the version that they hear now.

    Raises NothingPublished, NothingBefore.
    """
    menu = Menu.objects.select_for_update().get(pk=menu_id)
    before = version_before(menus.published(menu))
    if before is None:
        raise NothingBefore
    return _switch(MenuVersion.objects.select_for_update().get(pk=before.pk), by=by, at=at)


def version_before(version: MenuVersion) -> MenuVersion | None:
    """What callers heard before this version was published for the first time."""
    first = version.publications.order_by("at", "id").first()
    if first is None:
        return None
    earlier = (
        Publication.objects.filter(version__menu=version.menu_id, id__lt=first.pk)
        .exclude(version=version)
        .select_related("version")
        .first()
    )
    return earlier.version if earlier else None


@transaction.atomic(durable=True)
def _schedule(version_id: int, *, due_at: datetime, by: User, edited_at: datetime | None) -> None:
    version = menus.lock_draft(version_id)
    if version.edited_at != edited_at:
        raise MenuChanged
    version.due_at, version.due_by, version.refused_at = due_at, by, None
    version.save(update_fields=["due_at", "due_by", "refused_at"])


def schedule(version_id: int, *, due_at: datetime, by: User, at: datetime) -> None:
    """Publish a draft at an hour, if it is fit then as it is now.

    Raises NotLater, MenuFixed, MenuIncomplete, NoCalls, CallsRed, MenuChanged.
    """
    if due_at <= at:
        raise NotLater
    _schedule(version_id, due_at=due_at, by=by, edited_at=check(version_id, at=at))


@transaction.atomic(durable=True)
def unschedule(version_id: int) -> None:
    """A draft that is due is due no more. Raises MenuFixed."""
    version = menus.lock_draft(version_id)
    version.due_at = version.due_by = None
    version.save(update_fields=["due_at", "due_by"])


def publish_due(*, at: datetime) -> list[MenuVersion]:
    """What is due; a draft that is no longer fit stays one, and says so on its page."""
    done = []
    due = MenuVersion.objects.filter(state=State.DRAFT, due_at__lte=at).order_by("due_at")
    for version in due.select_related("due_by"):
        assert version.due_by  # PostgreSQL keeps both or none
        try:
            done.append(publish(version.pk, by=version.due_by, at=at))
        except Refusal as refusal:
            log.warning("%s was due and is not published: %s", version, refusal)
            MenuVersion.objects.filter(pk=version.pk, due_at=version.due_at).update(
                due_at=None, due_by=None, refused_at=at
            )
    return done


def _switch(version: MenuVersion, *, by: User | None, at: datetime) -> MenuVersion:
    """The one writer of what callers hear."""
    heard = MenuVersion.objects.filter(menu=version.menu_id, state=State.PUBLISHED).first()
    if heard is not None:
        heard.state = State.RETIRED
        heard.save(update_fields=["state"])
    version.state, version.published_at, version.published_by = State.PUBLISHED, at, by
    version.due_at = version.due_by = version.refused_at = None
    version.save(
        update_fields=[
            *("state", "published_at", "published_by"),
            *("due_at", "due_by", "refused_at"),
        ]
    )
    Publication.objects.create(version=version, at=at, by=by)
    transaction.on_commit(partial(languages.note, at=at))  # it may name words that one lacks
    return version
