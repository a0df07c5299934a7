"""Variables of a script: a closed list, filled from the call, or left as a blank to fill. No I/O.

``{工号}`` stands for what the desk knows while it shows the script. What it does not know, or what
only the agent can say, is shown as a blank with its name, never as braces. Figures
(``{{number:main}}``, `kb/figures.py`) are another matter and filled before.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from people.words import listed

_FIGURE = re.compile(r"\{\{[^{}]*\}\}")
_VARIABLE = re.compile(r"\{\s*([^{}]*?)\s*\}")


class Name(StrEnum):
    """As editors write it between braces, whatever language the wording is in."""

    GREETING = "问候"
    BANK = "银行"
    AGENT = "工号"
    CALLER = "称呼"
    WAITED = "等候时长"
    NUMBER = "来电号码"
    CARD = "尾号"
    SERVICE = "业务"
    RECEIPT = "流水号"
    CASE = "投诉编号"
    ANSWERED_BY = "答复日期"
    # Only the agent knows these.
    MATTER = "事项"
    REASON = "原因"
    AMOUNT = "金额"
    BY_WHEN = "时间"
    DESK = "部门"
    BRANCH = "网点"
    WAIT = "预计等候"


@dataclass(frozen=True, slots=True)
class Variable:
    """What stands in a blank of it, and an example; without one it is always a blank."""

    label: str | Promise
    sample: str | Promise = ""


KNOWN: Mapping[Name, Variable] = {
    Name.GREETING: Variable(
        pgettext_lazy("of a script", "greeting"), pgettext_lazy("before six", "Good afternoon")
    ),
    Name.BANK: Variable(
        pgettext_lazy("of a script", "the bank"), gettext_lazy("Pengcheng Commercial Bank")
    ),
    Name.AGENT: Variable(pgettext_lazy("of a script", "staff number"), "1023"),
    Name.CALLER: Variable(
        pgettext_lazy("of a script", "form of address"),
        pgettext_lazy("a sample of a script", "Mr or Ms Wang"),
    ),
    Name.WAITED: Variable(
        pgettext_lazy("of a script", "time she waited"),
        pgettext_lazy("a sample of a script", "3 minutes"),
    ),
    Name.NUMBER: Variable(pgettext_lazy("of a script", "number she calls from"), "138****6027"),
    Name.CARD: Variable(pgettext_lazy("of a script", "last four of her card"), "1234"),
    Name.SERVICE: Variable(
        pgettext_lazy("of a script", "what was done"),
        pgettext_lazy("a sample of a script", "the loss report"),
    ),
    Name.RECEIPT: Variable(pgettext_lazy("of a script", "receipt number"), "261129000018"),
    Name.CASE: Variable(pgettext_lazy("of a script", "case number"), "261129000003"),
    Name.ANSWERED_BY: Variable(
        pgettext_lazy("of a script", "day of the answer"),
        pgettext_lazy("a sample of a script", "December 14"),
    ),
    Name.MATTER: Variable(pgettext_lazy("of a script", "matter")),
    Name.REASON: Variable(pgettext_lazy("of a script", "reason")),
    Name.AMOUNT: Variable(pgettext_lazy("of a script", "amount")),
    Name.BY_WHEN: Variable(pgettext_lazy("of a script", "time")),
    Name.DESK: Variable(pgettext_lazy("of a script", "desk")),
    Name.BRANCH: Variable(pgettext_lazy("of a script", "branch")),
    Name.WAIT: Variable(pgettext_lazy("of a script", "expected wait")),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a wording. A blank's words name what is to be filled in."""

    words: str
    filled: bool = False
    blank: bool = False


def fill(words: str, values: Mapping[str, str]) -> tuple[Part, ...]:
    """With what is known; blanks are named in the active language.

    Of words that `faults` found nothing wrong with.
    """
    return tuple(_parts(words, values))


def _parts(words: str, values: Mapping[str, str]) -> Iterator[Part]:
    at = 0
    for found in _VARIABLE.finditer(words):
        if plain := words[at : found.start()]:
            yield Part(plain)
        name = Name(found[1])
        if value := values.get(name):
            yield Part(value, filled=True)
        else:
            yield Part(str(KNOWN[name].label), blank=True)
        at = found.end()
    if rest := words[at:]:
        yield Part(rest)


def plain(words: str) -> str:
    """Without what is filled in: what a search may look at."""
    return _VARIABLE.sub("", _FIGURE.sub("", words))


def samples() -> dict[str, str]:
    """A value for each that a desk could know, as an editor's page shows them."""
    return {name: str(variable.sample) for name, variable in KNOWN.items() if variable.sample}


def faults(words: str) -> Iterator[str]:
    """What is wrong with its variables, each a sentence for the editor."""
    within = _FIGURE.sub("", words)
    for name in dict.fromkeys(_VARIABLE.findall(within)):
        if name not in list(Name):
            yield _unknown(name)
    left = _VARIABLE.sub("", within)
    if "{" in left or "}" in left:
        yield _("A brace stands alone: a variable is its name between { and }.")


def _unknown(name: str) -> str:
    named = {"name": name, "names": listed(Name)}
    if near := get_close_matches(name, list(Name), n=1, cutoff=0.5):
        return _("There is no variable “%(name)s”. Did you mean “%(near)s”?") % {
            **named,
            "near": near[0],
        }
    return _("There is no variable “%(name)s”. There are: %(names)s.") % named
