"""Which rule of the fraud guard stops an order, and how: facts in, a decision out. Pure.

A rule is a kind with thresholds. Of those that apply the strictest action counts, of several with
it the one of the first priority; the decision names that one, and all that applied beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from statistics import median
from typing import Any, ClassVar, get_args, get_type_hints

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.errors import ThresholdInvalid
from banking.numbers import age_on
from calendars.clock import SHANGHAI, bank_day

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
Seen = dict[str, str | int]  # what a rule saw that made it apply; JSON


class Action(TextChoices):
    """From the mildest to the strictest."""

    ALLOW = "allow", _("let pass")
    WARN = "warn", pgettext_lazy("of a fraud rule", "warn")
    HOLD = "hold", pgettext_lazy("of a fraud rule", "hold for review")
    AGENT = "agent", pgettext_lazy("of a fraud rule", "hand to an agent")
    REFUSE = "refuse", pgettext_lazy("of a fraud rule", "refuse")


_STRICTNESS = {action: place for place, action in enumerate(Action)}


class Caller(TextChoices):
    """What the number that she calls from says. It is a signal, never proof."""

    BOUND = "bound", _("bound to the customer")
    OWN = "own", _("the customer's mobile, not bound")
    STRANGE = "strange", _("not known of this customer")
    WITHHELD = "withheld", _("withheld")
    NONE = "none", _("not by telephone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Somebody else who is to be paid."""

    paid_before: bool
    registered_on: date | None  # at a branch
    watched: bool  # account or card is on the watch list


@dataclass(frozen=True, slots=True)
class Past:
    """An order that she confirmed before; yuan."""

    at: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when an order is judged."""

    at: datetime
    amount: Decimal  # yuan
    born_on: date
    payee: Paid | None  # None: nobody who could be known or watched, as with a bill
    past: tuple[Past, ...]  # as far back as any rule asks; not this order
    caller: Caller
    caller_watched: bool

    @property
    def age(self) -> int:
        return age_on(bank_day(self.at), self.born_on)

    def since(self, span: timedelta) -> list[Past]:
        return [order for order in self.past if self.at - span < order.at <= self.at]

    def stored(self) -> dict[str, Any]:
        """As a decision keeps them, JSON; what was seen of the past stands with each rule."""
        return {
            "amount": str(self.amount),
            "age": self.age,
            "caller": self.caller.value,
            "caller_watched": self.caller_watched,
            "payee": self.payee
            and {
                "paid_before": self.payee.paid_before,
                "registered_on": self.payee.registered_on and str(self.payee.registered_on),
                "watched": self.payee.watched,
            },
            "orders": len(self.past),
        }


# -- the kinds of rules ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayee:
    """Somebody never paid before, or registered less than `days` ago; above `above` yuan."""

    kind: ClassVar[str] = "new_payee"

    days: int = 0
    above: Decimal = ZERO

    def seen(self, facts: Facts) -> Seen | None:
        payee = facts.payee
        if payee is None or facts.amount <= self.above:
            return None
        if payee.registered_on is not None:
            known = (bank_day(facts.at) - payee.registered_on).days
            if known < self.days:
                return {"registered_days": known}
        return None if payee.paid_before else {"paid_before": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """With this one `orders` orders, or `total` yuan, in `minutes` minutes."""

    kind: ClassVar[str] = "burst"

    minutes: int
    orders: int | None = None
    total: Decimal | None = None

    def __post_init__(self) -> None:
        if self.minutes < 1:
            raise ThresholdInvalid(name="minutes")
        if self.orders is None and self.total is None:
            raise ThresholdInvalid(name="orders")

    def seen(self, facts: Facts) -> Seen | None:
        recent = facts.since(timedelta(minutes=self.minutes))
        orders = len(recent) + 1
        total = sum((order.amount for order in recent), facts.amount)
        many = self.orders is not None and orders >= self.orders
        much = self.total is not None and total >= self.total
        return {"orders": orders, "total": str(total)} if many or much else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """From `starts` until `ends`, over midnight where that is earlier; above `above` yuan."""

    kind: ClassVar[str] = "night"

    starts: time
    ends: time
    above: Decimal = ZERO

    def __post_init__(self) -> None:
        if self.starts == self.ends:
            raise ThresholdInvalid(name="ends")

    def seen(self, facts: Facts) -> Seen | None:
        hour = facts.at.astimezone(SHANGHAI).time()
        if self.starts < self.ends:
            within = self.starts <= hour < self.ends
        else:
            within = hour >= self.starts or hour < self.ends
        return {"time": f"{hour:%H:%M}"} if within and facts.amount > self.above else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """A customer of `age` years or older who sends more than `above` yuan."""

    kind: ClassVar[str] = "age"

    age: int
    above: Decimal = ZERO

    def seen(self, facts: Facts) -> Seen | None:
        old = facts.age >= self.age and facts.amount > self.above
        return {"age": facts.age} if old else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """More than `times` her usual amount: the median of the last `days` days.

    Who has fewer than `least` orders in them has no habit yet.
    """

    kind: ClassVar[str] = "habit"

    times: Decimal
    days: int = 180
    least: int = 3
    above: Decimal = ZERO

    def __post_init__(self) -> None:
        for name in ("times", "days", "least"):
            if getattr(self, name) < 1:
                raise ThresholdInvalid(name=name)

    def seen(self, facts: Facts) -> Seen | None:
        usual = [order.amount for order in facts.since(timedelta(days=self.days))]
        if len(usual) < self.least or facts.amount <= self.above:
            return None
        middle = Decimal(median(usual)).quantize(CENT)
        return {"usual": str(middle)} if facts.amount > self.times * middle else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchList:
    """The payee's account or card, or the caller's number, is on the watch list."""

    kind: ClassVar[str] = "watch_list"

    def seen(self, facts: Facts) -> Seen | None:
        if facts.payee is not None and facts.payee.watched:
            return {"watched": "payee"}
        return {"watched": "caller"} if facts.caller_watched else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerNumber:
    """A caller whose number is withheld, or is not known of this customer; above `above` yuan."""

    kind: ClassVar[str] = "caller_number"

    withheld: bool = True
    strange: bool = True
    above: Decimal = ZERO

    def __post_init__(self) -> None:
        if not self.withheld and not self.strange:
            raise ThresholdInvalid(name="withheld")

    def seen(self, facts: Facts) -> Seen | None:
        odd = (self.withheld and facts.caller == Caller.WITHHELD) or (
            self.strange and facts.caller == Caller.STRANGE
        )
        return {"caller": facts.caller.value} if odd and facts.amount > self.above else None


Threshold = NewPayee | Burst | Night | Age | Habit | WatchList | CallerNumber
KINDS: dict[str, type[Threshold]] = {kind.kind: kind for kind in get_args(Threshold)}


def thresholds(kind: str, values: Mapping[str, Any]) -> Threshold:
    """A kind with its values as JSON has them: amounts and times as text. Raises ThresholdInvalid.

    What is not given keeps its default; what the kind does not know is refused.
    """
    shape = KINDS[kind]
    types = get_type_hints(shape)
    known = {field.name: field for field in fields(shape)}
    for name in values:
        if name not in known:
            raise ThresholdInvalid(name=name)
    for name, field in known.items():
        if name not in values and field.default is MISSING:
            raise ThresholdInvalid(name=name)
    read = {name: _read(name, types[name], value) for name, value in values.items()}
    return shape(**read)


def stored(threshold: Threshold) -> dict[str, Any]:
    """As JSON; `thresholds` is the way back."""
    values = ((field.name, getattr(threshold, field.name)) for field in fields(threshold))
    return {name: plain(value) for name, value in values if value is not None}


def plain(value: Any) -> Any:
    match value:
        case Decimal():
            return str(value)
        case time():
            return f"{value:%H:%M}"
        case _:
            return value


def _read(name: str, kind: Any, value: Any) -> Any:
    """One value of a threshold, by its type. Raises ThresholdInvalid."""
    wanted = (set(get_args(kind)) or {kind}) - {type(None)}
    try:
        if bool in wanted and isinstance(value, bool):
            return value
        if int in wanted and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        if Decimal in wanted and isinstance(value, str):
            amount = Decimal(value)
            if amount.is_finite() and amount >= 0:
                return amount
        if time in wanted and isinstance(value, str):
            return time.fromisoformat(value)
    except (InvalidOperation, ValueError):
        pass
    raise ThresholdInvalid(name=name)


# -- the decision ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in force. `priority` 1 comes before 2."""

    id: int
    action: Action
    priority: int
    threshold: Threshold


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that applied, and what it saw."""

    rule: Rule
    seen: Seen


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the order. `by` is the rule that decided; None: none applied."""

    action: Action
    by: Rule | None
    hits: tuple[Hit, ...]

    @property
    def kind(self) -> str:
        """Of the rule that decided."""
        return self.by.threshold.kind if self.by else ""


def decide(rules: Iterable[Rule], facts: Facts) -> Decision:
    """The strictest action of the rules that apply; among equals the first by priority."""
    hits = [Hit(rule, seen) for rule in rules if (seen := rule.threshold.seen(facts)) is not None]
    hits.sort(key=lambda hit: (-_STRICTNESS[hit.rule.action], hit.rule.priority, hit.rule.id))
    first = hits[0].rule if hits else None
    return Decision(first.action if first else Action.ALLOW, first, tuple(hits))


def reach(rules: Iterable[Rule]) -> timedelta:
    """How far back the rules look."""
    spans = [timedelta(0)]
    for rule in rules:
        match rule.threshold:
            case Burst(minutes=minutes):
                spans.append(timedelta(minutes=minutes))
            case Habit(days=days):
                spans.append(timedelta(days=days))
    return max(spans)
