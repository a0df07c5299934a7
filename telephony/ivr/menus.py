"""Menus as the walker reads them: frozen trees, values only."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from routing.models.names import local

OWN = "menu.own."  # begins the key of a prompt that the bank added


@dataclass(frozen=True, slots=True)
class Entry:
    """A key: leads to the node `target` or runs `flow` (one of the two)."""

    digit: str
    title: str
    prompt: str
    target: str = ""
    flow: str = ""
    title_en: str = ""

    @property
    def name(self) -> str:
        """The title for who reads now; of an entry that has none in English, the Chinese."""
        return local(self.title, self.title_en)


@dataclass(frozen=True, slots=True)
class Node:
    """A menu that is read out. `parent` is the slug `*` leads to ("" at the root)."""

    slug: str
    title: str
    identified: bool
    entries: tuple[Entry, ...]
    parent: str = ""
    queue: str = ""  # where `0` leads; empty: as above
    title_en: str = ""

    @property
    def name(self) -> str:
        """As of an entry."""
        return local(self.title, self.title_en)


@dataclass(frozen=True)
class Tree:
    """One version of a menu. `offered` is what a caller can reach with the flows built."""

    version_id: int
    root: str
    nodes: dict[str, Node] = field(repr=False)
    is_fixed: bool = True  # published once: it never changes again

    @cached_property
    def own_prompts(self) -> frozenset[str]:
        """The prompts of its entries that do not ship."""
        entries = (entry for node in self.nodes.values() for entry in node.entries)
        return frozenset(entry.prompt for entry in entries if entry.prompt.startswith(OWN))

    def queue_of(self, slug: str) -> str:
        """The queue that `0` leads to from this menu; "" where no menu above names one."""
        for node in self.above(slug):
            if node.queue:
                return node.queue
        return ""

    def above(self, slug: str) -> Iterator[Node]:
        """This menu and those that lead to it, up to the root."""
        seen: set[str] = set()
        while slug and slug not in seen:
            seen.add(slug)
            yield self.nodes[slug]
            slug = self.nodes[slug].parent

    def path(self, slug: str) -> tuple[str, ...]:
        """The titles of the menus that lead here, this one last; the root's only at the root."""
        names = [node.name for node in self.above(slug) if node.slug != self.root]
        return tuple(reversed(names)) or (self.nodes[slug].name,)

    def reached(self, built: frozenset[str]) -> Iterator[tuple[str, Entry]]:
        """Each entry that runs a flow, with the keys that lead there from the root; the nearest
        first."""
        there, seen = deque([("", self.root)]), {self.root}
        while there:
            keys, slug = there.popleft()
            for entry in self.nodes[slug].entries:
                if entry.flow in built:
                    yield keys + entry.digit, entry
                elif entry.target and entry.target not in seen:
                    seen.add(entry.target)
                    there.append((keys + entry.digit, entry.target))

    def offered(self, node: Node, built: frozenset[str]) -> tuple[Entry, ...]:
        """The entries that lead to something; the others are silent and keys never move."""
        return tuple(entry for entry in node.entries if self._leads(entry, built, frozenset()))

    def _leads(self, entry: Entry, built: frozenset[str], seen: frozenset[str]) -> bool:
        if entry.flow:
            return entry.flow in built
        target = self.nodes[entry.target]
        return target.slug not in seen and any(
            self._leads(below, built, seen | {target.slug}) for below in target.entries
        )
