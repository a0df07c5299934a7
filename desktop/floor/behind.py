"""From a figure to the calls behind it: the admin's list of calls, its chips set."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from reporting.lost import Lost
from routing.states import State
from routing.wishes import What

STATES = {
    State.RINGING: What.RINGING,
    State.TALKING: What.TALKING,
    State.HELD: What.HELD,
    State.WRAP_UP: What.WRAP_UP,
}


@dataclass(frozen=True, slots=True)
class Reader:
    """What decides how the page looks: readers alike get the same text."""

    language: str
    queue: str = ""  # short name; "" for the whole floor
    opens_calls: bool = False
    asks_callbacks: bool = False


def today(reader: Reader, what: str, *, queue: str = "") -> str:
    """Who asked today; `queue` "" is all of them. "" for who may not open calls."""
    return _calls(reader, asked=what, queue=queue, when="today")


def half_hour(reader: Reader, what: str, *, queue: str = "") -> str:
    """Who asked in the last half-hour."""
    return _calls(reader, asked=what, queue=queue, when="half-hour")


def waiting(reader: Reader, *, queue: str = "") -> str:
    """Who waits now, since whenever; test callers too, for an agent will be offered to them."""
    return _calls(reader, asked=What.WAITING, queue=queue, when="all", whose="all")


def in_state(reader: Reader, state: State, *, team: str = "") -> str:
    """Whom agents ring, talk to, hold or write up now; "" for a state without a caller."""
    if (what := STATES.get(state)) is None:
        return ""
    return _calls(reader, asked=what, team=team, when="all", whose="all")


def short(seconds: int) -> str:
    """Who gave up sooner than anybody could have answered (`CountingRule.short_s`)."""
    return f"{What.ABANDONED_SHORT}-{seconds}"


def these(reader: Reader, lost: list[Lost]) -> str:
    """The very calls that a list names."""
    calls = [str(gone.call_id) for gone in lost if gone.call_id is not None]
    return _calls(reader, id__in=",".join(calls), when="all", whose="all") if calls else ""


def _calls(reader: Reader, **chips: str) -> str:
    if not reader.opens_calls:
        return ""
    chosen = {chip: value for chip, value in chips.items() if value}
    return f"{reverse('admin:telephony_call_changelist')}?{urlencode(chosen)}"
