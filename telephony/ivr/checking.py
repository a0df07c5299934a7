"""What is wrong with a tree of menus (pure): errors keep it from being published, hints do not."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _

from telephony.ivr.menus import Entry, Node, Tree

MOST_OPTIONS = 5  # a menu that is longer is not remembered (domain.md §1)
SPOKEN_KEY = re.compile(r"\d+")


class Fault(Enum):
    """A sentence each; `values` of the problem fill it."""

    NOTHING = _("The main menu offers nothing.")
    EMPTY = _("“%(menu)s” is a dead end: it offers nothing.")
    ORPHAN = _("No key leads to “%(menu)s” any more.")
    CIRCLE = _("“%(entry)s” leads back to a menu above; that is what * does.")
    TWICE = _("“%(menu)s” has key %(key)s twice.")
    MANY = _("“%(menu)s” has %(count)s options, at most %(most)s.")
    UNKNOWN_FLOW = _("“%(entry)s” names a service that does not exist: %(flow)s.")
    UNBUILT_FLOW = _("“%(entry)s” stays silent: its service is not built yet.")
    NO_WORDS = _("“%(entry)s” has no words in %(language)s.")
    NO_AUDIO = _("“%(entry)s” has no recording in %(language)s.")
    OTHER_KEY = _("“%(entry)s” is key %(key)s, but its words in %(language)s say %(said)s.")
    NO_QUEUE = _("Key 0 in “%(menu)s” leads to a queue that does not exist: %(queue)s.")
    # Who is not served there is served by the general queue; beyond that there is nobody.
    UNTRAINED = _(
        "Key 0 in “%(menu)s” leads to the queue %(queue)s, for which no agent is trained."
    )
    NOBODY = _("Key 0 reaches nobody: no agent is trained for the queue %(queue)s.")
    SHUT = _(
        "Key 0 reaches nobody on %(when)s: %(number)s is open then, the queue %(queue)s is closed."
    )


HINTS = frozenset({Fault.UNBUILT_FLOW, Fault.UNTRAINED})
LANGUAGES = {"zh": _("Mandarin"), "en": _("English"), "yue": _("Cantonese")}


@dataclass(frozen=True, slots=True)
class Problem:
    """`node` and `digit` say where it is to be mended; no digit: the menu itself."""

    fault: Fault
    node: str
    digit: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        return self.fault not in HINTS

    def __str__(self) -> str:
        return str(self.fault.value) % self.values


@dataclass(frozen=True, slots=True)
class Words:
    """A prompt in one language: what it says, and whether it can be heard."""

    text: str
    is_recorded: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What a tree is held against. `general` is where `0` leads if no menu says otherwise."""

    built: frozenset[str]  # flows that run
    planned: frozenset[str]  # flows that the shipped menu names, built or not
    prompts: Mapping[str, Mapping[str, Words]]  # by language that is offered, then by key
    queues: Mapping[str, bool]  # in use, by short name: whether some agent is trained for it
    names: Mapping[str, str]  # of queues, as people call them
    general: str
    # By number, the first moment at which people should answer it and the general queue is closed.
    shut: Mapping[str, datetime] = field(default_factory=dict)


def problems(tree: Tree, facts: Facts) -> list[Problem]:
    """In the order in which the tree is read."""
    found = []
    if not tree.offered(tree.nodes[tree.root], facts.built):
        found.append(Problem(Fault.NOTHING, tree.root))
    queue = facts.names.get(facts.general, facts.general)
    for number, at in facts.shut.items():
        when = f"{at:%Y-%m-%d %H:%M}"
        found.append(
            Problem(Fault.SHUT, tree.root, "", {"number": number, "when": when, "queue": queue})
        )
    for node in tree.nodes.values():
        found += _of_menu(tree, node, facts)
        for entry in node.entries:
            found += _of_entry(tree, node, entry, facts)
    return found


def _of_menu(tree: Tree, node: Node, facts: Facts) -> Iterator[Problem]:
    def problem(fault: Fault, digit: str = "", **values: Any) -> Problem:
        return Problem(fault, node.slug, digit, {"menu": node.name, **values})

    if node.slug != tree.root and not tree.offered(node, facts.built):
        yield problem(Fault.EMPTY)
    if node.slug != tree.root and not node.parent:
        yield problem(Fault.ORPHAN)
    if len(node.entries) > MOST_OPTIONS:
        yield problem(Fault.MANY, count=len(node.entries), most=MOST_OPTIONS)
    digits = [entry.digit for entry in node.entries]
    for digit in sorted({d for d in digits if digits.count(d) > 1}):
        yield problem(Fault.TWICE, digit, key=digit)
    if node.queue or node.slug == tree.root:
        queue = node.queue or facts.general
        if queue not in facts.queues:
            yield problem(Fault.NO_QUEUE, queue=queue)
        elif not facts.queues[queue]:
            fault = Fault.NOBODY if queue == facts.general else Fault.UNTRAINED
            yield problem(fault, queue=facts.names.get(queue, queue))


def _of_entry(tree: Tree, node: Node, entry: Entry, facts: Facts) -> Iterator[Problem]:
    def problem(fault: Fault, **values: Any) -> Problem:
        return Problem(fault, node.slug, entry.digit, {"entry": entry.name, **values})

    if entry.target in {above.slug for above in tree.above(node.slug)}:
        yield problem(Fault.CIRCLE)
    if entry.flow and entry.flow not in facts.built:
        planned = entry.flow in facts.planned
        yield problem(Fault.UNBUILT_FLOW if planned else Fault.UNKNOWN_FLOW, flow=entry.flow)
    for language, prompts in facts.prompts.items():
        name = LANGUAGES[language]
        words = prompts.get(entry.prompt)
        if words is None:
            yield problem(Fault.NO_WORDS, language=name)
            continue
        if not words.is_recorded:
            yield problem(Fault.NO_AUDIO, language=name)
        said = SPOKEN_KEY.findall(words.text)
        if said and entry.digit not in said:
            yield problem(Fault.OTHER_KEY, language=name, key=entry.digit, said=", ".join(said))
