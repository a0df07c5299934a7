"""The emergency announcement: switched on in a step, heard from the next call on."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from people.models import User
from telephony import wording
from telephony.models import Announcement, Number

PREFIX = "announcement."


class NoSuchAnnouncement(Refusal):
    text = _("There is no such announcement in every language that callers are offered.")


class EndsBefore(Refusal):
    text = _("An announcement ends after it begins.")


class NotOn(Refusal):
    text = _("This announcement is off already.")


def texts(language: str = "zh") -> dict[str, str]:
    """What can be announced: key to words; it is recorded in every language that is offered."""
    words = wording.words()
    return {
        key: said.text
        for key, said in words.get(language, {}).items()
        if key.startswith(PREFIX)
        and all(key in other and other[key].is_recorded for other in words.values())
    }


@transaction.atomic(durable=True)
def switch_on(
    prompt: str, *, number: Number | None, until: datetime, by: User, at: datetime
) -> Announcement:
    """On, in place of what was on there. Raises NoSuchAnnouncement, EndsBefore."""
    if prompt not in texts():
        raise NoSuchAnnouncement
    if until <= at:
        raise EndsBefore
    on(at).filter(number=number).update(off_at=at, off_by=by)
    return Announcement.objects.create(
        prompt=prompt, number=number, on_at=at, on_by=by, until=until
    )


@transaction.atomic(durable=True)
def switch_off(pk: int, *, by: User, at: datetime) -> None:
    """Before its time. Raises NotOn."""
    if not on(at).filter(pk=pk).update(off_at=at, off_by=by):
        raise NotOn


def on(at: datetime) -> QuerySet[Announcement]:
    """What callers hear now."""
    return Announcement.objects.filter(off_at=None, on_at__lte=at, until__gt=at)
