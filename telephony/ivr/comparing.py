"""What one tree has that another has not (pure): added, removed, moved, changed.

An entry is known by what it leads to: a service that got another key or another menu has moved,
and a menu keeps its short name whatever it is called.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from telephony.ivr.menus import Entry, Node, Tree


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Place:
    """An entry where it stands."""

    node: str
    entry: Entry

    @property
    def leads(self) -> str:
        return self.entry.target or self.entry.flow


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one entry; `before` or `after` is None where it was not, or is not."""

    kind: Kind
    before: Place | None
    after: Place | None


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A menu that both trees have, with another title, log-in or queue."""

    before: Node
    after: Node


@dataclass(frozen=True, slots=True)
class Difference:
    """`entries` in the order in which the trees are read, the new one first."""

    entries: tuple[Change, ...]
    nodes: tuple[NodeChange, ...]

    def __len__(self) -> int:
        return len(self.entries) + len(self.nodes)

    def at(self, node: str, digit: str) -> Change | None:
        """What became of the entry that stands there now."""
        for change in self.entries:
            after = change.after
            if after and (after.node, after.entry.digit) == (node, digit):
                return change
        return None

    def of(self, node: str) -> NodeChange | None:
        return next((change for change in self.nodes if change.after.slug == node), None)

    def removed_from(self, node: str) -> tuple[Place, ...]:
        """Entries that this menu had and that are nowhere now."""
        return tuple(
            change.before
            for change in self.entries
            if change.kind is Kind.REMOVED and change.before and change.before.node == node
        )


def compare(old: Tree, new: Tree) -> Difference:
    """From the old tree to the new one; nothing between a tree and itself."""
    pairs = _pairs(list(_places(old)), list(_places(new)))
    entries = tuple(
        Change(kind, before, after)
        for before, after in pairs
        if (kind := _kind(before, after)) is not None
    )
    nodes = tuple(
        NodeChange(old.nodes[node.slug], node)
        for node in new.nodes.values()
        if node.slug in old.nodes and _named(old.nodes[node.slug]) != _named(node)
    )
    return Difference(entries, nodes)


def _named(node: Node) -> tuple[object, ...]:
    return node.title, node.title_en, node.identified, node.queue


def _places(tree: Tree) -> Iterator[Place]:
    for node in tree.nodes.values():
        for entry in node.entries:
            yield Place(node.slug, entry)


def _pairs(old: list[Place], new: list[Place]) -> list[tuple[Place | None, Place | None]]:
    """Each entry with itself in the other tree: first where it stands still, then by its menu."""
    left: dict[str, list[Place]] = defaultdict(list)
    for place in old:
        left[place.leads].append(place)
    found: dict[int, Place] = {}
    for same in (_same_key, _same_menu, _anywhere):
        for i, place in enumerate(new):
            if i in found:
                continue
            if before := next((b for b in left[place.leads] if same(b, place)), None):
                left[place.leads].remove(before)
                found[i] = before
    pairs: list[tuple[Place | None, Place | None]] = [
        (found.get(i), place) for i, place in enumerate(new)
    ]
    return pairs + [(place, None) for place in old if place in left[place.leads]]


def _same_key(before: Place, after: Place) -> bool:
    return _same_menu(before, after) and before.entry.digit == after.entry.digit


def _same_menu(before: Place, after: Place) -> bool:
    return before.node == after.node


def _anywhere(before: Place, after: Place) -> bool:
    return True


def _kind(before: Place | None, after: Place | None) -> Kind | None:
    if before is None:
        return Kind.ADDED
    if after is None:
        return Kind.REMOVED
    if not _same_key(before, after):
        return Kind.MOVED
    return None if before.entry == after.entry else Kind.CHANGED
