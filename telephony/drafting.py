"""Editing a draft: one verb each, each a transaction of its own, each noted on the version."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from people.models import User
from telephony import menus
from telephony.models import MenuEntry, MenuNode, MenuVersion

P = ParamSpec("P")
T = TypeVar("T")
KEYS = frozenset("12345678")  # 0, 9 and * mean the same in every menu
SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")


class NoSuchPlace(Refusal):
    text = _("The draft has no such entry any more. Load the page anew.")


class KeyTaken(Refusal):
    text = _("Key %(key)s of “%(menu)s” leads to “%(entry)s” already. Nothing was changed.")


class NoKey(Refusal):
    text = _("A key of a menu is 1 to 8; 0, 9 and * mean the same everywhere.")


class SlugTaken(Refusal):
    text = _("A menu of this draft has the short name %(slug)s already.")


class SlugInvalid(Refusal):
    text = _("A short name is of small letters, digits and hyphens, and begins with a letter.")


class UnderItself(Refusal):
    text = _("“%(entry)s” can't be moved below itself.")


def edit(
    verb: Callable[Concatenate[MenuVersion, P], T],
) -> Callable[Concatenate[int, P], T]:
    """A change of a draft, written down on its version; what was due is due no more.

    The verb is called with the version's id, `by` and `at`. Raises MenuFixed.
    """

    @wraps(verb)
    def edited(version_id: int, /, *args: P.args, **kwargs: P.kwargs) -> T:
        by, at = kwargs["by"], kwargs["at"]
        with transaction.atomic(durable=True):
            version = menus.lock_draft(version_id)
            done = verb(version, *args, **kwargs)
            version.edited_by, version.edited_at = by, at  # type: ignore[assignment]
            version.due_at = version.due_by = version.refused_at = None  # to be looked at again
            version.save(update_fields=["edited_by", "edited_at", "due_at", "due_by", "refused_at"])
            return done

    return edited


@edit
def add_menu(
    version: MenuVersion,
    *,
    node: str,
    digit: str,
    slug: str,
    title: str,
    title_en: str = "",
    by: User,
    at: datetime,
) -> MenuEntry:
    """An empty menu under a key. Raises NoSuchPlace, KeyTaken, NoKey, SlugTaken, SlugInvalid."""
    if not SLUG.fullmatch(slug):
        raise SlugInvalid
    if version.nodes.filter(slug=slug).exists():
        raise SlugTaken(slug=slug)
    above = _node(version, node)
    target = MenuNode.objects.create(
        version=version,
        slug=slug,
        title=title,
        title_en=title_en,
        identified=above.identified,
    )
    return _add(above, digit, title, title_en, kind=MenuEntry.Kind.MENU, target=target)


@edit
def add_service(
    version: MenuVersion,
    *,
    node: str,
    digit: str,
    flow: str,
    title: str,
    title_en: str = "",
    by: User,
    at: datetime,
) -> MenuEntry:
    """A service under a key. Raises NoSuchPlace, KeyTaken, NoKey."""
    return _add(_node(version, node), digit, title, title_en, kind=MenuEntry.Kind.FLOW, flow=flow)


@edit
def rename(
    version: MenuVersion,
    *,
    node: str,
    digit: str,
    title: str,
    title_en: str = "",
    by: User,
    at: datetime,
) -> None:
    """An entry's titles, and those of the menu it leads to; without a digit the menu's own.

    Raises NoSuchPlace.
    """
    if not digit:
        _node(version, node)
        version.nodes.filter(slug=node).update(title=title, title_en=title_en)
        return
    entry = _entry(version, node, digit)
    entry.title, entry.title_en = title, title_en
    entry.save(update_fields=["title", "title_en"])
    if menu := entry.target:
        menu.title, menu.title_en = title, title_en
        menu.save(update_fields=["title", "title_en"])


@edit
def move(
    version: MenuVersion,
    *,
    node: str,
    digit: str,
    to_node: str,
    to_digit: str,
    by: User,
    at: datetime,
) -> MenuEntry:
    """An entry to another key or another menu, with all that is below it.

    Its words stay the same: where they say another key, the checks tell.
    Raises NoSuchPlace, KeyTaken, NoKey, UnderItself.
    """
    entry, above = _entry(version, node, digit), _node(version, to_node)
    if entry.target and to_node in _below(version.pk, entry.target.slug):
        raise UnderItself(entry=entry.name)
    if (to_node, to_digit) != (node, digit):
        _free(above, to_digit)
    entry.node, entry.digit = above, to_digit
    entry.save(update_fields=["node", "digit"])
    return entry


@edit
def remove(version: MenuVersion, *, node: str, digit: str, by: User, at: datetime) -> None:
    """An entry, and the menus that nothing leads to any more. Raises NoSuchPlace."""
    entry = _entry(version, node, digit)
    target = entry.target
    entry.delete()
    if target and not target.reached_by.exists():
        _remove_menu(target)


@edit
def set_menu(
    version: MenuVersion, *, node: str, identified: bool, queue: str, by: User, at: datetime
) -> None:
    """Whether a menu wants a log-in, and the queue that `0` leads to. Raises NoSuchPlace."""
    row = _node(version, node)
    row.identified, row.queue = identified, queue
    row.save(update_fields=["identified", "queue"])


@edit
def set_service(
    version: MenuVersion, *, node: str, digit: str, flow: str, by: User, at: datetime
) -> None:
    """What a key runs. Raises NoSuchPlace."""
    entry = _entry(version, node, digit)
    if entry.target:
        raise NoSuchPlace
    entry.flow = flow
    entry.save(update_fields=["flow"])


@edit
def set_prompt(
    version: MenuVersion, *, node: str, digit: str, prompt: str, by: User, at: datetime
) -> None:
    """The words by which an entry is offered. Raises NoSuchPlace."""
    entry = _entry(version, node, digit)
    entry.prompt = prompt
    entry.save(update_fields=["prompt"])


def _node(version: MenuVersion, slug: str) -> MenuNode:
    row = version.nodes.filter(slug=slug).first()
    if row is None:
        raise NoSuchPlace
    return row


def _entry(version: MenuVersion, node: str, digit: str) -> MenuEntry:
    row = (
        MenuEntry.objects.select_related("target", "node")
        .filter(node__version=version, node__slug=node, digit=digit)
        .first()
    )
    if row is None:
        raise NoSuchPlace
    return row


def _add(above: MenuNode, digit: str, title: str, title_en: str, **leads: object) -> MenuEntry:
    _free(above, digit)
    titles = {"title": title, "title_en": title_en}
    prompt = menus.prompt_of(above.slug, digit)
    return MenuEntry.objects.create(node=above, digit=digit, prompt=prompt, **titles, **leads)


def _free(above: MenuNode, digit: str) -> None:
    if digit not in KEYS:
        raise NoKey
    if there := above.entries.filter(digit=digit).first():
        raise KeyTaken(key=digit, menu=above, entry=there.name)


def _remove_menu(menu: MenuNode) -> None:
    below = [entry.target for entry in menu.entries.select_related("target") if entry.target]
    menu.delete()
    for target in below:
        if not target.reached_by.exists():
            _remove_menu(target)


def _below(version_id: int, slug: str) -> set[str]:
    """A menu and all that hang below it."""
    tree, found, left = menus.load(version_id), set[str](), [slug]
    while left:
        if (here := left.pop()) not in found:
            found.add(here)
            left += [entry.target for entry in tree.nodes[here].entries if entry.target]
    return found
