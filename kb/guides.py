"""A procedure's guide: the lines that an editor writes, and the values that they mean. No I/O.

A guide is nodes, the first where it begins. A node says something and leads on, or ends::

    [Matured?]                     a node, by its name
    > Has your deposit matured?    words to say aloud, with figures as in articles
    * Look at "Her deposits".      a note for the agent
    - Yes -> Draw                  an answer, by the key of its place, and where it leads
    - No (renews=on) -> Loss       what it fills in of the service at the end

    [Account]
    ? redeem.payee -> Amount       a field of a service's form, asked here

    [Draw]
    = service redeem               how it ends: service, article, queue, complaint or done
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from django.utils.translation import gettext as _

MOST_ANSWERS = 9  # keys 1 to 9; 0 goes back
LONGEST = 400  # characters of what is said at once

_NODE = re.compile(r"\[(?P<name>[^\[\]]+)\]")
_SETS = r"(?:\s*\((?P<sets>[a-z_]+=[^()]*)\))?"
_ANSWER = re.compile(rf"-\s*(?P<words>.+?){_SETS}\s*->\s*(?P<to>.+)")
_ASK = re.compile(r"\?\s*(?P<service>[a-z-]+)\.(?P<field>[a-z_]+)\s*->\s*(?P<to>.+)")
_END = re.compile(rf"=\s*(?P<way>[a-z]+)(?:\s+(?P<name>[a-z0-9-]+))?{_SETS}")

Sets = tuple[tuple[str, str], ...]


class Way(StrEnum):
    """How a guide ends."""

    SERVICE = "service"
    ARTICLE = "article"
    QUEUE = "queue"
    COMPLAINT = "complaint"
    DONE = "done"


NAMED = frozenset({Way.SERVICE, Way.ARTICLE, Way.QUEUE})  # which one has to be said


@dataclass(frozen=True, slots=True)
class Answer:
    """What she may say. `sets` is what it fills in: field and value."""

    words: str
    to: str
    sets: Sets = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A field of a service's form, asked as the form asks it."""

    service: str
    field: str
    to: str


@dataclass(frozen=True, slots=True)
class End:
    way: Way
    name: str = ""
    sets: Sets = ()


@dataclass(frozen=True, slots=True)
class Node:
    name: str
    say: str = ""
    note: str = ""
    answers: tuple[Answer, ...] = ()
    ask: Ask | None = None
    end: End | None = None

    @property
    def leads_to(self) -> tuple[str, ...]:
        found = [answer.to for answer in self.answers]
        return tuple(dict.fromkeys([*found, self.ask.to] if self.ask else found))


@dataclass(frozen=True, slots=True)
class Guide:
    """At least one node, where nothing is wrong with it."""

    nodes: tuple[Node, ...]

    def node(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)

    @property
    def words(self) -> str:
        """All in which a figure may stand."""
        return "\n".join(f"{node.say}\n{node.note}" for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Branch:
    """A node as an outline shows it; `again`: it stands in full further up."""

    answer: str
    node: Node
    branches: tuple["Branch", ...] = ()
    again: bool = False


@lru_cache(maxsize=256)
def read(text: str) -> Guide:
    """One that was checked when it was written."""
    return _lines(text, [])


def check(text: str) -> tuple[Guide, list[str]]:
    """The guide as far as it can be read, and all that is wrong with it, each a sentence."""
    wrong: list[str] = []
    guide = _lines(text, wrong)
    wrong += _shape(guide)
    return guide, wrong


def outline(guide: Guide) -> Branch:
    """From the first node on, each in full where it is met first. Of a guide without faults."""
    met: set[str] = set()

    def branch(answer: str, name: str) -> Branch:
        node = guide.node(name)
        if name in met:
            return Branch(answer, node, again=True)
        met.add(name)
        further = [(one.words, one.to) for one in node.answers]
        if node.ask:
            further.append(("", node.ask.to))
        return Branch(answer, node, tuple(branch(*one) for one in further))

    return branch("", guide.nodes[0].name)


# -- reading -----------------------------------------------------------------------------------


def _lines(text: str, wrong: list[str]) -> Guide:
    nodes: list[Node] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not (line := line.strip().replace("→", "->")):
            continue
        if found := _NODE.fullmatch(line):
            nodes.append(Node(found["name"].strip()))
        elif nodes and (further := _further(nodes[-1], line)):
            nodes[-1] = further
        else:
            wrong.append(_("Line %(n)s is not understood: %(line)s") % {"n": number, "line": line})
    return Guide(tuple(nodes))


def _further(node: Node, line: str) -> Node | None:
    """The node with what the line says of it; None: it says nothing."""
    if line[0] in ">*" and (words := line[1:].strip()):
        if line[0] == ">":
            return replace(node, say=f"{node.say}\n{words}".strip())
        return replace(node, note=f"{node.note}\n{words}".strip())
    if found := _ANSWER.fullmatch(line):
        answer = Answer(found["words"], found["to"].strip(), _sets(found["sets"]))
        return replace(node, answers=(*node.answers, answer))
    if not node.ask and (found := _ASK.fullmatch(line)):
        return replace(node, ask=Ask(found["service"], found["field"], found["to"].strip()))
    if not node.end and (found := _END.fullmatch(line)) and found["way"] in list(Way):
        way, name = Way(found["way"]), found["name"] or ""
        if (way in NAMED) == bool(name):
            return replace(node, end=End(way, name, _sets(found["sets"])))
    return None


def _sets(said: str | None) -> Sets:
    pairs = (pair.partition("=") for pair in (said or "").split(",") if pair.strip())
    return tuple((field.strip(), value.strip()) for field, _equals, value in pairs)


# -- checking ----------------------------------------------------------------------------------


def _shape(guide: Guide) -> Iterator[str]:
    """Every node is reached, leads to one that is there, and comes to an end."""
    if not guide.nodes:
        yield _("A guide has at least one node: its name in square brackets.")
        return
    names = [node.name for node in guide.nodes]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield _("Two nodes are called “%(node)s”.") % {"node": name}
    for node in guide.nodes:
        yield from _node(node, frozenset(names))
    reached, comes_again = _walked(guide)
    for name in names:
        if name not in reached:
            yield _("Nothing leads to “%(node)s”.") % {"node": name}
    for name in comes_again:
        yield _("From “%(node)s” the way comes back to where it has been: 0 goes back.") % {
            "node": name
        }


def _node(node: Node, names: frozenset[str]) -> Iterator[str]:
    named = {"node": node.name}
    if not node.say and not node.note:
        yield _("“%(node)s” says nothing.") % named
    if len(node.say) > LONGEST:
        yield _("“%(node)s” says more than %(longest)s characters at once.") % {
            **named,
            "longest": LONGEST,
        }
    ways = bool(node.answers) + bool(node.ask) + bool(node.end)
    if ways == 0:
        yield _("“%(node)s” leads nowhere and is no end.") % named
    if ways > 1:
        yield _("“%(node)s” has answers, a field or an end: only one of them.") % named
    if len(node.answers) > MOST_ANSWERS:
        yield _("“%(node)s” has more than %(most)s answers.") % {**named, "most": MOST_ANSWERS}
    for to in node.leads_to:
        if to not in names:
            yield _("“%(node)s” leads to “%(to)s”, which is not there.") % {**named, "to": to}


def _walked(guide: Guide) -> tuple[set[str], list[str]]:
    """The nodes that are reached, and those from which a way leads back to itself."""
    nodes = {node.name: node for node in guide.nodes}
    done: set[str] = set()
    comes_again: list[str] = []

    def go(name: str, way: frozenset[str]) -> None:
        for to in nodes[name].leads_to:
            if to in way:
                comes_again.append(name)
            elif to in nodes and to not in done:
                go(to, way | {to})
        done.add(name)

    first = guide.nodes[0].name
    go(first, frozenset({first}))
    return done, comes_again
