"""Menus: drafted, published, retired, and read as the trees that the walker walks."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from people.models import User
from telephony.ivr import registry
from telephony.ivr.menus import Entry, Node, Tree
from telephony.models import Menu, MenuEntry, MenuNode, MenuVersion

Plan = Mapping[str, tuple[str, bool, Mapping[str, tuple[str, str]]]]


class MenuIncomplete(Refusal):
    text = _("The menu can't be published: %(problems)s")


def load(version_id: int) -> Tree:
    """The tree of one version. Raises MenuNode.DoesNotExist if it has no root."""
    nodes = list(MenuNode.objects.filter(version=version_id).prefetch_related("entries__target"))
    parents = {
        entry.target.slug: node.slug
        for node in nodes
        for entry in node.entries.all()
        if entry.target
    }
    root = next((node.slug for node in nodes if node.is_root), None)
    if root is None:
        raise MenuNode.DoesNotExist(f"menu version {version_id} has no root")
    return Tree(
        version_id,
        root,
        {
            node.slug: Node(
                slug=node.slug,
                title=node.title,
                identified=node.identified,
                parent=parents.get(node.slug, ""),
                entries=tuple(
                    Entry(
                        digit=entry.digit,
                        title=entry.title,
                        prompt=entry.prompt,
                        target=entry.target.slug if entry.target else "",
                        flow=entry.flow,
                    )
                    for entry in node.entries.all()
                ),
            )
            for node in nodes
        },
    )


@transaction.atomic(durable=True)
def draft(
    menu: Menu, tree: Mapping[str, tuple[str, bool, Mapping[str, tuple[str, str]]]]
) -> MenuVersion:
    """A new draft from values: slug → (title, identified, key → (title, slug or flow)).

    The first slug is the root. What is no slug of the tree is a flow's name.
    """
    last = MenuVersion.objects.select_for_update().filter(menu=menu).first()
    version = MenuVersion.objects.create(menu=menu, number=last.number + 1 if last else 1)
    nodes = {
        slug: MenuNode.objects.create(
            version=version, slug=slug, title=title, identified=identified, is_root=not i
        )
        for i, (slug, (title, identified, _entries)) in enumerate(tree.items())
    }
    for slug, (_title, _identified, entries) in tree.items():
        for digit, (title, leads) in entries.items():
            target = nodes.get(leads)
            MenuEntry.objects.create(
                node=nodes[slug],
                digit=digit,
                title=title,
                kind=MenuEntry.Kind.MENU if target else MenuEntry.Kind.FLOW,
                target=target,
                flow="" if target else leads,
                prompt=f"menu.{slug.replace('-', '_')}.{digit}",
            )
    return version


@transaction.atomic(durable=True)
def publish(version_id: int, *, by: User | None, at: datetime) -> MenuVersion:
    """Make a draft what callers hear from their next call on; calls in progress keep theirs.

    Raises MenuIncomplete, naming what is wrong.
    """
    version = MenuVersion.objects.select_for_update().get(pk=version_id)
    if problems := problems_of(load(version_id)):
        raise MenuIncomplete(problems="; ".join(problems))
    MenuVersion.objects.filter(menu=version.menu, state=MenuVersion.State.PUBLISHED).update(
        state=MenuVersion.State.RETIRED
    )
    version.state, version.published_at, version.published_by = "published", at, by
    version.save(update_fields=["state", "published_at", "published_by"])
    return version


def problems_of(tree: Tree) -> list[str]:
    """What keeps a tree from being published."""
    problems = []
    built = registry.names()
    if not tree.offered(tree.nodes[tree.root], built):
        problems.append(f"{tree.root}: no entry leads anywhere")
    for node in tree.nodes.values():
        if node.slug != tree.root and not node.parent:
            problems.append(f"{node.slug}: no entry leads here")
        if len(node.entries) > 5:
            problems.append(f"{node.slug}: {len(node.entries)} options, at most 5")
    return problems
