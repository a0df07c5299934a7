"""Menus: versions as the trees that the walker walks, new drafts, and what is wrong with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from people.models import User
from telephony.ivr.menus import Entry, Node, Tree
from telephony.models import Menu, MenuEntry, MenuNode, MenuVersion, SavedCall

# slug → (title, log-in first, key → (title, slug or flow))
Plan = Mapping[str, tuple[str, bool, Mapping[str, tuple[str, str]]]]

State = MenuVersion.State


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A saved call of a plan (`models.SavedCall`)."""

    name: str
    number: str
    at: datetime
    keys: str
    expected: tuple[str, ...]


class MenuFixed(Refusal):
    text = _("%(version)s is no draft: what callers heard does not change. Begin a new draft.")


class NothingPublished(Refusal):
    text = _("No version of this menu is published.")


def load(version_id: int) -> Tree:
    """The tree of one version. Raises MenuNode.DoesNotExist if it has no root."""
    nodes = list(
        MenuNode.objects.filter(version=version_id)
        .select_related("version")
        .prefetch_related("entries__target")
    )
    parents = {
        entry.target.slug: node.slug
        for node in nodes
        for entry in node.entries.all()
        if entry.target
    }
    root = next((node for node in nodes if node.is_root), None)
    if root is None:
        raise MenuNode.DoesNotExist(f"menu version {version_id} has no root")
    return Tree(
        version_id,
        root.slug,
        {
            node.slug: Node(
                slug=node.slug,
                title=node.title,
                title_en=node.title_en,
                identified=node.identified,
                parent=parents.get(node.slug, ""),
                queue=node.queue,
                entries=tuple(_entry(entry) for entry in node.entries.all()),
            )
            for node in nodes
        },
        is_fixed=root.version.state != State.DRAFT,
    )


def _entry(row: MenuEntry) -> Entry:
    return Entry(
        digit=row.digit,
        title=row.title,
        title_en=row.title_en,
        prompt=row.prompt,
        target=row.target.slug if row.target else "",
        flow=row.flow,
    )


def published(menu: Menu) -> MenuVersion:
    """What callers hear now. Raises NothingPublished."""
    version = menu.versions.filter(state=State.PUBLISHED).first()
    if version is None:
        raise NothingPublished
    return version


def lock_draft(version_id: int) -> MenuVersion:
    """The draft, to be changed in this transaction. Raises MenuFixed."""
    version = MenuVersion.objects.select_for_update().get(pk=version_id)
    if version.state != State.DRAFT:
        raise MenuFixed(version=version)
    return version


@transaction.atomic(durable=True)
def draft(
    menu: Menu,
    plan: Plan,
    *,
    english: Mapping[str, str] | None = None,
    queues: Mapping[str, str] | None = None,
    calls: Iterable[PlannedCall] = (),
    plan_digest: str = "",
) -> MenuVersion:
    """A new draft from values; the first slug is the root.

    What is no slug of the plan is a flow's name. `english` has the titles in English by the
    Chinese ones; `queues` says by slug where `0` leads; `calls` is what the version must pass.
    """
    english, queues = english or {}, queues or {}
    version = _new(menu, plan_digest=plan_digest)
    nodes = {
        slug: MenuNode(
            version=version,
            slug=slug,
            title=title,
            title_en=english.get(title, ""),
            identified=identified,
            is_root=not i,
            queue=queues.get(slug, ""),
        )
        for i, (slug, (title, identified, _entries)) in enumerate(plan.items())
    }
    MenuNode.objects.bulk_create(nodes.values())
    MenuEntry.objects.bulk_create(
        MenuEntry(
            node=nodes[slug],
            digit=digit,
            title=title,
            title_en=english.get(title, ""),
            kind=MenuEntry.Kind.MENU if leads in nodes else MenuEntry.Kind.FLOW,
            target=nodes.get(leads),
            flow="" if leads in nodes else leads,
            prompt=prompt_of(slug, digit),
        )
        for slug, (_title, _identified, entries) in plan.items()
        for digit, (title, leads) in entries.items()
    )
    SavedCall.objects.bulk_create(
        SavedCall(
            version=version,
            name=call.name,
            number=call.number,
            at=call.at,
            keys=call.keys,
            expected=list(call.expected),
        )
        for call in calls
    )
    return version


def prompt_of(slug: str, digit: str) -> str:
    """The key of the words that ship for this entry, if any do."""
    return f"menu.{slug.replace('-', '_')}.{digit}"


@transaction.atomic(durable=True)
def copy(version_id: int, *, by: User, at: datetime) -> MenuVersion:
    """A new draft that says what this version says, with its saved calls."""
    source = MenuVersion.objects.select_related("menu").get(pk=version_id)
    version = _new(source.menu, edited_by=by, edited_at=at)
    rows = list(source.nodes.prefetch_related("entries"))
    nodes = {
        row.pk: MenuNode(
            version=version,
            slug=row.slug,
            title=row.title,
            title_en=row.title_en,
            is_root=row.is_root,
            identified=row.identified,
            queue=row.queue,
        )
        for row in rows
    }
    MenuNode.objects.bulk_create(nodes.values())
    MenuEntry.objects.bulk_create(
        MenuEntry(
            node=nodes[row.pk],
            digit=entry.digit,
            title=entry.title,
            title_en=entry.title_en,
            kind=entry.kind,
            target=nodes[entry.target_id] if entry.target_id else None,
            flow=entry.flow,
            prompt=entry.prompt,
        )
        for row in rows
        for entry in row.entries.all()
    )
    SavedCall.objects.bulk_create(
        SavedCall(
            version=version,
            name=saved.name,
            number=saved.number,
            at=saved.at,
            keys=saved.keys,
            expected=saved.expected,
        )
        for saved in source.saved_calls.all()
    )
    return version


@transaction.atomic(durable=True)
def drop(version_id: int) -> MenuVersion:
    """A draft that nobody will publish. Raises MenuFixed."""
    version = lock_draft(version_id)
    version.state, version.due_at, version.due_by = State.DROPPED, None, None
    version.save(update_fields=["state", "due_at", "due_by"])
    return version


def _new(menu: Menu, **values: object) -> MenuVersion:
    Menu.objects.select_for_update().get(pk=menu.pk)  # two drafts don't get one number
    last = menu.versions.aggregate(last=Max("number"))["last"] or 0
    return MenuVersion.objects.create(menu=menu, number=last + 1, **values)
