"""Which conversation says which prompt, read from the code that runs: nobody keeps a list.

A function names a prompt by a constant, or makes its key of a beginning (`f"refused.{name}"`) or
of an end (`f"{order.kind}.readback"`); what it calls of ours names more.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

from people.errors import Refusal
from telephony import nobody
from telephony.ivr import call, queue, registry, walker
from telephony.worker import agents, driver, fallback, waiting

_OURS = ("telephony.ivr.", "complaints.flows", "quality.flows")
_PART_OF_KEY = re.compile(r"[a-z0-9_.]+")
_EVERY_CALL = (walker, call, queue, driver, waiting, agents, fallback)


@dataclass(slots=True)
class _Named:
    """What a piece of code names, with all that it leads to."""

    whole: set[str] = field(default_factory=set)
    begins: set[str] = field(default_factory=set)  # "loan.": of a key that is completed
    ends: set[str] = field(default_factory=set)  # ".readback": of a kind of order's

    def says(self, key: str, orders: Iterable[str] = ()) -> bool:
        """`orders`: the kinds of order that the conversation ends in."""
        return (
            key in self.whole
            or any(
                _completes(key.removeprefix(b), orders) for b in self.begins if key[: len(b)] == b
            )
            or any(_of_order(key, kind, end) for end in self.ends for kind in orders)
        )


def _of_order(key: str, kind: str, end: str) -> bool:
    """`kind.done` and the like; where the end is a dot alone, the outcome is made up too."""
    return key.startswith(f"{kind}.") if end == "." else key == kind + end


def _completes(rest: str, orders: Iterable[str]) -> bool:
    """Whether a beginning is completed here: of orders of its own, a flow says no other kind's."""
    kinds = {k for k in _kinds_of_order() if rest == k or rest.startswith(f"{k}_")}
    return not orders or not kinds or not kinds.isdisjoint(orders)


@cache
def _kinds_of_order() -> frozenset[str]:
    flows = [registry.find(name) for name in registry.names()]
    return frozenset(kind for flow in flows if flow for kind in flow.orders)


@dataclass(frozen=True, slots=True)
class Users:
    """Who says a prompt: flows by name, or what all calls share."""

    flows: tuple[str, ...]
    every_call: bool
    refusal: bool
    nobody: bool  # heard of the switch itself, while no worker is there

    def __bool__(self) -> bool:
        return bool(self.flows or self.every_call or self.refusal or self.nobody)


def users(key: str) -> Users:
    """Who says it, as the code stands."""
    flows = [
        name
        for name, named in _by_flow().items()
        if named.says(key, getattr(registry.find(name), "orders", ()))
    ]
    refusal = key in {kind.prompt for kind in _refusals(Refusal)}
    every_call = _of_every_call().says(key)
    if every_call or refusal:  # what all share tells nothing of one
        flows = []
    return Users(tuple(sorted(flows)), every_call, refusal, key in vars(nobody).values())


@cache
def _by_flow() -> dict[str, _Named]:
    found = {}
    for name in registry.names():
        flow = registry.find(name)
        assert flow
        found[name] = _reach([flow.run])
    return found


@cache
def _of_every_call() -> _Named:
    return _reach(_EVERY_CALL)


def _refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _refusals(below)


def _reach(roots: Iterable[Any]) -> _Named:
    named, waiting, seen = _Named(), list(roots), set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, str):
            _constant(thing, named)
        elif isinstance(thing, ModuleType):
            own = [
                t for t in vars(thing).values() if getattr(t, "__module__", "") == thing.__name__
            ]
            waiting += own
        elif isinstance(thing, type):
            waiting += [f for f in vars(thing).values() if isinstance(f, FunctionType)]
        elif isinstance(thing, FunctionType):
            code = thing.__code__
            _read(code, named)
            _constant(thing.__defaults__ or (), named)
            _constant(tuple((thing.__kwdefaults__ or {}).values()), named)
            waiting += _used(code, thing.__globals__)
        elif isinstance(thing, dict | list | tuple | set | frozenset):
            values = [*thing, *thing.values()] if isinstance(thing, dict) else list(thing)
            for value in values:
                _constant(value, named)
            waiting += [v for v in values if isinstance(v, tuple | list | dict)]
    return named


def _read(code: CodeType, named: _Named) -> None:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _read(constant, named)
        else:
            _constant(constant, named)


def _constant(value: object, named: _Named) -> None:
    if isinstance(value, tuple | frozenset):
        for inner in value:
            _constant(inner, named)
    elif isinstance(value, str) and _PART_OF_KEY.fullmatch(value):
        if value.startswith("."):
            named.ends.add(value)
        elif "." in value and value.endswith((".", "_")):
            named.begins.add(value)
        else:
            named.whole.add(value)


def _used(code: CodeType, around: dict[str, Any]) -> Iterator[Any]:
    """The functions and constants of ours that this code names."""
    names = set(_names(code))
    for name in names:
        found = around.get(name)
        if isinstance(found, ModuleType) and found.__name__.startswith(_OURS):
            yield from (vars(found)[n] for n in names if n in vars(found))
        elif isinstance(found, FunctionType):
            if found.__module__.startswith(_OURS):
                yield found
        elif isinstance(found, str | dict | list | tuple | set | frozenset):
            yield found


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
