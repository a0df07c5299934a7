"""A call as its phone hears it, line by line, with what is secret masked as it is keyed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from telephony.phone.speech import Part, Speech
from telephony.simswitch.phone import Heard

HIDDEN = "*"
TAIL = 4
ENDS = ("#", "*")


class Entry(Enum):
    """What a prompt asks for, as far as the keys may be shown."""

    KEY = auto()  # one key of a menu
    PLAIN = auto()  # an amount, a telephone number
    NUMBER = auto()  # a card, an account, an identity number: the last four, once it is ended
    SECRET = auto()  # a password: how many keys it had


# The prompts that ask for more than one key; tests/telephony/test_phone.py compares them with
# what the flows ask.
ENTRIES: Mapping[str, Entry] = {
    "identify.card": Entry.NUMBER,
    "identify.pin": Entry.SECRET,
    "transfer.payee_card": Entry.NUMBER,
    "transfer.payee_card_again": Entry.NUMBER,
    "transfer.amount": Entry.PLAIN,
    "order.pin": Entry.SECRET,
    "loss.card_or": Entry.NUMBER,
    "loss.id_number": Entry.NUMBER,
    "agent.callback_enter": Entry.PLAIN,
    "password.new_query": Entry.SECRET,
    "password.new_transaction": Entry.SECRET,
    "password.again": Entry.SECRET,
    "activate.code": Entry.SECRET,
    "unlock.card": Entry.NUMBER,
    "stop.card": Entry.NUMBER,
    "period.first": Entry.PLAIN,
    "period.last": Entry.PLAIN,
    "limits.single": Entry.PLAIN,
    "limits.daily": Entry.PLAIN,
    "bills.contract_phone": Entry.PLAIN,
    "bills.contract_phone_again": Entry.PLAIN,
    "bills.contract_water": Entry.PLAIN,
    "bills.contract_electricity": Entry.PLAIN,
    "bills.contract_gas": Entry.PLAIN,
    "bills.contract_cable": Entry.PLAIN,
    "bills.part_amount": Entry.PLAIN,
    "deposit.amount": Entry.PLAIN,
    "deposit.monthly": Entry.PLAIN,
    "redeem.amount": Entry.PLAIN,
    "notice.amount": Entry.PLAIN,
    "loan.amount": Entry.PLAIN,
    "loan.part_amount": Entry.PLAIN,
}


@dataclass(frozen=True, slots=True)
class Playing:
    """Something is being said. `at` is in seconds of the call, here and below."""

    line: int
    at: float
    parts: tuple[Part, ...]
    seconds: float

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class Played:
    """It was heard for so long; `interrupted` by a key."""

    line: int
    at: float
    heard_s: float
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Keyed:
    """What was keyed on this line so far, as it may be shown."""

    line: int
    at: float
    shown: str


@dataclass(frozen=True, slots=True)
class Stage:
    """The line itself: ringing, answered, onhold, …"""

    at: float
    what: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over. `by` is phone, bank or switch."""

    at: float
    cause: str
    by: str


Update = Playing | Played | Keyed | Stage | Ended


class Transcript:
    """One call. Fed with what its phone hears and what is keyed on it, in order."""

    def __init__(self, speech: Speech, began: float) -> None:
        self._speech, self._began = speech, began
        self._lines = 0
        self._playing = 0  # the line that is being said, if any
        self._entry = Entry.KEY
        self._open = False  # something asks, and has not got its answer
        self._typed = ""
        self._typing = 0  # the line that keys go to, if any

    @property
    def is_speaking(self) -> bool:
        return bool(self._playing)

    def hear(self, heard: Heard) -> Update | None:
        """What an event adds; None when there is nothing to show."""
        at = heard.at - self._began
        match heard.event:
            case "playing":
                return self._begin(at, heard)
            case "played":
                line, self._playing = self._playing, 0
                done = heard.what
                return Played(line, at, float(done["heard_s"]), bool(done["barged"]))
            case "hangup":
                return Ended(at, str(heard.what.get("cause", "")), str(heard.what.get("by", "")))
            case "held":
                return None  # between two steps of a conversation, nothing that she would notice
        return Stage(at, heard.event)

    def press(self, key: str, at: float) -> Keyed:
        """One key pressed at this switch time. A password is never shown, nor a key ahead.

        What is keyed before it is asked for may be a password: it is hidden as well.
        """
        if not self._typing:
            self._typing = self._next()
            self._typed = ""
        if not self._open:
            self._typed += HIDDEN
            return Keyed(self._typing, at - self._began, self._typed)
        self._typed += key
        # In an amount the star is the point; elsewhere it clears, and the prompt comes again.
        ended = self._entry is Entry.KEY or key == "#"
        ended = ended or (key == "*" and self._entry is not Entry.PLAIN)
        shown = _mask(self._typed, self._entry, ended=ended)
        done = Keyed(self._typing, at - self._began, shown)
        if ended:
            self._open, self._typing = False, 0
        return done

    def _begin(self, at: float, heard: Heard) -> Playing:
        self._playing = self._next()
        self._entry = ENTRIES.get(self._speech.last_prompt(heard.files), Entry.KEY)
        self._open, self._typing = True, 0
        return Playing(
            self._playing,
            at,
            self._speech.parts(heard.files),
            float(heard.what.get("seconds", 0.0)),
        )

    def _next(self) -> int:
        self._lines += 1
        return self._lines


def _mask(typed: str, entry: Entry, *, ended: bool) -> str:
    if entry in (Entry.KEY, Entry.PLAIN):
        return typed
    digits, last = (typed[:-1], typed[-1]) if typed.endswith(ENDS) else (typed, "")
    shown = HIDDEN * len(digits)
    if entry is Entry.NUMBER and ended and len(digits) > 2 * TAIL:
        shown = HIDDEN * (len(digits) - TAIL) + digits[-TAIL:]
    return shown + last
