"""Every service of the telephone bank, read off the code's own registries: docs/services.md.

A service is a flow that the shipped menu leads to. What it may book comes from the operations
of its orders (`banking/operations.py`), whose tests hold them to what they declare; what an agent
does for her at the desk, from what the desk registered (`telephony/attended.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from banking import operations
from banking.limits import ALLOWED_BY
from banking.models import Journal
from telephony import attended
from telephony.ivr import registry
from telephony.shipped import TREE

HEAD = """\
# Services of the telephone bank

Written by `manage.py services` from the shipped menu, the flows, the operations and the desk; \
`tests/docs/test_services.py` refuses another text. Keys are those after the language; `0` is a \
person everywhere. A *limit* is a dated row, of the channel or of her own, and what a password \
alone may move in a day; what she moves among her own accounts is exempt. *At the desk* is what \
an agent does for her caller under the same terms, by its name in `desktop/agent/services/`. \
What happens at maturity (`maturity`) is keyed when a deposit is opened and changed at the desk \
alone: the menu of deposits has no key left, and no caller finds hers moved.

| # | service | keys | flow | who | order | limit | fee | journals | at the desk |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Service:
    """One flow and every way of keys that leads to it from the root."""

    flow: registry.Flow
    title: str  # as the menu names it
    ways: tuple[str, ...]

    @property
    def operations(self) -> list[operations.Operation[Any]]:
        return [operations.of(kind) for kind in self.flow.orders]

    @property
    def journals(self) -> list[str]:
        """Kinds of journal in the order of the ledger's own list."""
        written = frozenset[str]().union(*(each.journals for each in self.operations))
        return [kind.value for kind in Journal.Kind if kind in written]


def services() -> list[Service]:
    """What callers can reach, in the order of the keys."""
    ways: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for keys, title, name in _entries("root", ""):
        ways.setdefault(name, []).append(keys)
        titles.setdefault(name, title)
    built = {name: registry.find(name) for name in ways}
    return [Service(flow, titles[name], tuple(ways[name])) for name, flow in built.items() if flow]


def page() -> str:
    """docs/services.md."""
    rows = [_row(number, service) for number, service in enumerate(services(), start=1)]
    return HEAD + "".join(rows)


def _entries(slug: str, keys: str) -> Iterator[tuple[str, str, str]]:
    """Keys, title and flow of every entry below a node; a menu is a tree."""
    for digit, (title, leads) in TREE[slug][2].items():
        if leads in TREE:
            yield from _entries(leads, keys + digit)
        else:
            yield keys + digit, title, leads


def _row(number: int, service: Service) -> str:
    flow, made = service.flow, service.operations
    cells = (
        str(number),
        service.title,
        ", ".join(" ".join(way) for way in service.ways),
        f"`{flow.name}`: {flow.about}",
        "card and query password" if flow.identified else "anybody",
        ", ".join(flow.orders) + ", with the transaction password" if made else "—",
        _limit(made),
        ("by the schedule" if "fee" in service.journals else "free") if made else "—",
        ", ".join(service.journals) or "—",
        _at_the_desk(flow),
    )
    return "| " + " | ".join(cells) + " |\n"


def _limit(made: Sequence[operations.Operation[Any]]) -> str:
    """Where it is kept what may leave at once and in a day; orders among her own are exempt."""
    if not made:
        return "—"
    if not any(each.counted for each in made):
        return "exempt"
    return ", ".join(f"`{kept}`" for kept in ALLOWED_BY)


def _at_the_desk(flow: registry.Flow) -> str:
    """What the desk offers for it, or why nothing. Raises LookupError: it was forgotten."""
    offered = attended.offering(flow.name)
    if not offered and not attended.why_not(flow.name):
        raise LookupError(f"the desk neither offers {flow.name!r} nor says why not")
    names = ", ".join(f"`{service.name}`" for service in offered)
    if flow.unheard:
        return f"{names}: handed to the IVR and back"
    return names or f"no: {attended.why_not(flow.name)}"
