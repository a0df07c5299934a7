"""The history of one object: who changed what, when, from what to what (pghistory's events)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ForeignKey, Model
from django.utils.translation import gettext as _

from people.models import User
from people.roles import Role
from people.words import listed


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    by: str  # empty: the system itself, or the command line
    created: bool
    differences: tuple[Difference, ...]


def changes(subject: Model, *, limit: int = 200) -> list[Change]:
    """The latest changes of a tracked object, newest first; of an untracked one none."""
    if not hasattr(subject, "events"):
        return []
    events = list(subject.events.select_related("pgh_context").order_by("-pgh_id")[: limit + 1])
    names = _names(events)
    pairs = zip(events, [*events[1:], None], strict=True)
    return [
        Change(
            at=event.pgh_created_at,
            by=names.get(_user_of(event), ""),
            created=event.pgh_label == "insert",
            differences=tuple(_differences(subject, before, event)),
        )
        for event, before in pairs
        if before is not None or event.pgh_label == "insert"
    ][:limit]


def changes_of_parts(whole: Model, part: type[Model]) -> list[Change]:
    """Each change of the rows of `part` that belong to `whole`, also of those that are gone.

    A row is shown as it reads: 综合 5 becomes 综合 7. Newest first; of untracked ones none.
    """
    if not hasattr(part, "events"):
        return []
    kept: Any = part.events.rel.related_model  # pghistory's
    link = next(f.attname for f in part._meta.concrete_fields if f.related_model is type(whole))
    of_whole = kept.objects.filter(**{link: whole.pk}).select_related("pgh_context")
    events = list(of_whole.order_by("pgh_id"))
    names = _names(events)
    found, last = [], dict[Any, Any]()
    for event in events:
        before = last.get(event.pgh_obj_id)
        last[event.pgh_obj_id] = event
        found.append(
            Change(
                at=event.pgh_created_at,
                by=names.get(_user_of(event), ""),
                created=event.pgh_label == "insert",
                differences=tuple(_of_part(part, before, event)),
            )
        )
    return found[::-1]


def _of_part(part: type[Model], before: Any, event: Any) -> Iterator[Difference]:
    """From what to what; where it reads the same as before, the fields that differ."""
    name = str(part._meta.verbose_name)
    if event.pgh_label == "delete":
        yield Difference(field=name, before=_read(part, event), after="—")
        return
    old = "" if before is None else _read(part, before)
    new = _read(part, event)
    if old != new:
        yield Difference(field=name, before=old, after=new)
        return
    for one in _differences(part, before, event):
        yield Difference(field=f"{new} · {one.field}", before=one.before, after=one.after)


def _read(part: type[Model], event: Any) -> str:
    """How the row read then; its values, where what it named is gone."""
    fields = [field for field in part._meta.concrete_fields if not field.primary_key]
    values = {field.attname: getattr(event, field.attname) for field in fields}
    try:
        return str(part(**values))
    except ObjectDoesNotExist:
        return " ".join(_shown(field, values[field.attname]) for field in fields)


def role_changes(user: User) -> list[Change]:
    """Each role given to `user` or taken away, newest first."""
    given_and_taken: Any = apps.get_model("people", "RoleOfUserEvent")  # pghistory's
    events = list(
        given_and_taken.objects.filter(user_id=user.pk)
        .select_related("pgh_context", "group")
        .order_by("-pgh_id")
    )
    names = _names(events)
    return [
        Change(
            at=event.pgh_created_at,
            by=names.get(_user_of(event), ""),
            created=False,
            differences=(_role(event),),
        )
        for event in events
    ]


def _role(event: Any) -> Difference:
    role = str(Role(event.group.name).label)
    before, after = ("—", role) if event.pgh_label == "given" else (role, "—")
    return Difference(field=_("role"), before=before, after=after)


def _differences(subject: Model | type[Model], before: Any, after: Any) -> Iterator[Difference]:
    for field in subject._meta.concrete_fields:
        if field.primary_key or not hasattr(after, field.attname):
            continue
        old = getattr(before, field.attname) if before is not None else None
        new = getattr(after, field.attname)
        if before is None and new in (None, ""):
            continue
        if old != new:
            yield Difference(
                field=str(field.verbose_name),
                before="" if before is None else _shown(field, old),
                after=_shown(field, new),
            )


def _shown(field: Any, value: Any) -> str:
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, bytes | memoryview):
        return "•••"  # sealed
    if isinstance(field, ForeignKey):
        related: Any = field.related_model
        found = related._base_manager.filter(pk=value).first()
        return str(found) if found else str(value)
    if isinstance(value, list):
        return listed(value)
    return str(dict(field.flatchoices).get(value, value))


def _user_of(event: Any) -> Any:
    return (event.pgh_context.metadata or {}).get("user") if event.pgh_context else None


def _names(events: Iterable[Any]) -> dict[Any, str]:
    users = {user for event in events if (user := _user_of(event)) is not None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=users)}
