"""A version as the rows of a tree: what differs, what is wrong and how callers fare, in place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from reporting import kpi
from reporting.kpi import Walks
from reporting.walks import Place
from telephony.ivr.checking import Problem
from telephony.ivr.comparing import Change, Difference, Kind
from telephony.ivr.menus import Entry, Node, Tree

DROPS, MISDIALS = Decimal("0.08"), Decimal("0.04")  # shares above which a figure is pointed out


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one place. Shares are per cent; None where nobody came."""

    entered: int
    share: Decimal | None  # of those who came to the menu above
    dropped: Decimal | None
    misdialled: Decimal | None
    person: Decimal | None
    contained: Decimal | None

    @property
    def drops_much(self) -> bool:
        return self.dropped is not None and self.dropped > DROPS * 100

    @property
    def misdials_much(self) -> bool:
        return self.misdialled is not None and self.misdialled > MISDIALS * 100


@dataclass(frozen=True, slots=True)
class Row:
    """`rails` draws the lines to its left; `key` names the row in an address: node.digit."""

    rails: tuple[str, ...]
    node: str  # the menu in which the entry stands; of the root itself, the root
    digit: str
    name: str  # the title for who reads
    leads: str
    is_menu: bool
    identified: bool
    is_offered: bool
    is_gone: bool = False
    queue: str = ""
    change: Kind | None = None
    was: str = ""  # where it stood before: "5", "个人业务 5"
    problems: tuple[Problem, ...] = ()
    figures: Figures | None = None

    @property
    def key(self) -> str:
        return f"{self.node}.{self.digit}"

    @property
    def has_errors(self) -> bool:
        return any(problem.is_error for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the rows of one version are drawn from."""

    tree: Tree
    before: Tree | None  # what callers hear now, if that is another version
    difference: Difference
    problems: tuple[Problem, ...]
    built: frozenset[str]
    services: Mapping[str, bool]  # by flow: whether it wants a log-in
    walks: Mapping[Place, Walks] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Each menu followed by what it leads to; what is gone stands where it stood."""
        root = self.tree.nodes[self.tree.root]
        yield Row(
            rails=(),
            node=root.slug,
            digit="",
            name=root.name,
            leads=root.slug,
            is_menu=True,
            identified=root.identified,
            is_offered=True,
            queue=root.queue,
            change=Kind.CHANGED if self.difference.of(root.slug) else None,
            problems=self._wrong(root.slug, ""),
            figures=self._figures((root.slug, ""), None),
        )
        yield from self._below(root, ())
        for node in self.tree.nodes.values():  # what no key leads to is not lost
            if node.slug != self.tree.root and not node.parent:
                yield self._orphan(node)
                yield from self._below(node, ())

    def _below(self, node: Node, rails: tuple[str, ...]) -> Iterator[Row]:
        gone = [place.entry for place in self.difference.removed_from(node.slug)]
        entries = sorted(
            [(entry, False) for entry in node.entries] + [(entry, True) for entry in gone],
            key=lambda one: (one[0].digit, one[1]),
        )
        offered = self.tree.offered(node, self.built)
        for place, (entry, is_gone) in enumerate(entries):
            last = place == len(entries) - 1
            here = (*rails, "e" if last else "t")
            if is_gone:
                yield self._gone(node, entry, here)
                continue
            yield self._row(node, entry, here, is_offered=entry in offered)
            target = self.tree.nodes.get(entry.target)
            if target and target.parent == node.slug:  # one that two entries share is drawn once
                yield from self._below(target, (*rails, "g" if last else "l"))

    def _row(self, node: Node, entry: Entry, rails: tuple[str, ...], *, is_offered: bool) -> Row:
        change = self.difference.at(node.slug, entry.digit)
        target = self.tree.nodes.get(entry.target)
        kind = change.kind if change else None
        if target and kind is None and self.difference.of(target.slug):
            kind = Kind.CHANGED
        of_menu = self._wrong(target.slug, "") if target else ()
        place = (target.slug, "") if target else (node.slug, entry.flow)
        return Row(
            rails=rails,
            node=node.slug,
            digit=entry.digit,
            name=entry.name,
            leads=entry.target or entry.flow,
            is_menu=target is not None,
            identified=target.identified if target else self.services.get(entry.flow, False),
            is_offered=is_offered,
            queue=target.queue if target else "",
            change=kind,
            was=self._was(change, node.slug) if change else "",
            problems=self._wrong(node.slug, entry.digit) + of_menu,
            figures=self._figures(place, (node.slug, "")),
        )

    def _gone(self, node: Node, entry: Entry, rails: tuple[str, ...]) -> Row:
        place = (entry.target, "") if entry.target else (node.slug, entry.flow)
        return Row(
            rails=rails,
            node=node.slug,
            digit=entry.digit,
            name=entry.name,
            leads=entry.target or entry.flow,
            is_menu=bool(entry.target),
            identified=False,
            is_offered=False,
            is_gone=True,
            change=Kind.REMOVED,
            figures=self._figures(place, (node.slug, "")),
        )

    def _orphan(self, node: Node) -> Row:
        return Row(
            rails=(),
            node=node.slug,
            digit="",
            name=node.name,
            leads=node.slug,
            is_menu=True,
            identified=node.identified,
            is_offered=False,
            queue=node.queue,
            problems=self._wrong(node.slug, ""),
        )

    def _was(self, change: Change, node: str) -> str:
        if change.kind is Kind.MOVED and change.before and self.before:
            before = change.before
            if before.node == node:
                return before.entry.digit
            return f"{self.before.nodes[before.node].name} {before.entry.digit}"
        renamed = (
            change.before and change.after and change.before.entry.name != change.after.entry.name
        )
        return change.before.entry.name if renamed and change.before else ""

    def _wrong(self, node: str, digit: str) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if (p.node, p.digit) == (node, digit))

    def _figures(self, place: Place, above: Place | None) -> Figures | None:
        walks = self.walks.get(place)
        if walks is None:
            return None
        there = self.walks.get(above) if above else None
        return Figures(
            entered=walks.entered,
            share=_percent(kpi.choice_rate(walks, there)) if there else None,
            dropped=_percent(kpi.drop_rate(walks)),
            misdialled=_percent(kpi.misdial_rate(walks)),
            person=_percent(kpi.person_rate(walks)),
            contained=_percent(kpi.containment(walks)),
        )


def _percent(share: Decimal | None) -> Decimal | None:
    return None if share is None else 100 * share
