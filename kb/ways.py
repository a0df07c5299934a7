"""How a caller helps herself: the keys of an article's services in the menus that she hears now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from telephony import attended, menus
from telephony.ivr import registry
from telephony.ivr.menus import Tree
from telephony.models import MenuVersion, Number

MOST = 3
NO_SERVICES = _("The telephone bank has no service %(said)s.")


@dataclass(frozen=True, slots=True)
class ByKeys:
    """A service of the telephone bank: where to dial and, after the language, what to press."""

    number: str
    keys: str  # 1-2-1
    name: str  # for who reads now


def of(flows: Sequence[str], *, limit: int = MOST) -> list[ByKeys]:
    """Of those that the published menus offer, in their order; never of one that leads to people.
    A service under another name in another menu (挂失, 信用卡挂失) is another way.

    What no menu offers any more has no keys, so that no article can name wrong ones.
    """
    wanted = [flow for flow in flows if not attended.why_not(flow)]
    if not wanted:
        return []
    found: dict[tuple[str, str], ByKeys] = {}
    for number, tree in _heard():
        for keys, entry in tree.reached(registry.names()):
            if entry.flow in wanted:
                way = ByKeys(number, "-".join(keys), entry.name)
                found.setdefault((entry.flow, entry.name), way)
    ranked = sorted(found, key=lambda key: wanted.index(key[0]))
    return [found[key] for key in ranked[:limit]]


def names() -> dict[str, str]:
    """What callers know each service as, in the menus' order, for who reads now.

    Of several names the shortest (挂失 before 信用卡挂失). Two services of one name are told
    apart by their keys; one of no menu has none.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for _number, tree in _heard():
        for keys, entry in tree.reached(registry.names()):
            found.setdefault(entry.flow, []).append((entry.name, "-".join(keys)))
    one = {flow: min(hers, key=lambda hers: len(hers[0])) for flow, hers in found.items()}
    often = Counter(name for name, _keys in one.values())
    return {
        flow: f"{name} ({keys})" if often[name] > 1 else name
        for flow, (name, keys) in sorted(one.items(), key=lambda item: item[1][1])
    }


def called(flows: Sequence[str]) -> list[str]:
    """Each by its name; by its own word what no menu offers."""
    known = names()
    return [known.get(flow, flow) for flow in flows]


def unknown(flows: Sequence[str]) -> list[str]:
    """Those that the telephone bank has not built: no wording may name them."""
    return [flow for flow in flows if registry.find(flow) is None]


def _heard() -> list[tuple[str, Tree]]:
    """What is published for the numbers in service; a menu once, by the shortest of its numbers."""
    published = MenuVersion.objects.filter(state=MenuVersion.State.PUBLISHED)
    versions = dict(published.values_list("menu", "pk"))
    numbers = Number.objects.filter(is_active=True).values_list("menu", "number")
    first: dict[int, str] = {}
    for menu, number in sorted(numbers, key=lambda row: (len(row[1]), row[1])):
        if menu in versions:
            first.setdefault(menu, number)
    return [(number, menus.load(versions[menu])) for menu, number in first.items()]
