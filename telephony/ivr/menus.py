"""Menus as the walker reads them: frozen trees, values only."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Entry:
    """A key: leads to the node `target` or runs `flow` (one of the two)."""

    digit: str
    title: str
    prompt: str
    target: str = ""
    flow: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A menu that is read out. `parent` is the slug `*` leads to ("" at the root)."""

    slug: str
    title: str
    identified: bool
    entries: tuple[Entry, ...]
    parent: str = ""


@dataclass(frozen=True)
class Tree:
    """One version of a menu. `offered` is what a caller can reach with the flows built."""

    version_id: int
    root: str
    nodes: dict[str, Node] = field(repr=False)

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
