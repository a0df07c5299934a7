"""Figures of the bank in an article: read from its dated tables, never written into the words.

``{{rate:time.1y}}`` stands for what the table says at the moment of reading, so that an article
can't contradict the telephone bank. Chinese, as the articles are, in whatever language the page is.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import override

from banking import access, clearing, fees, losses, timetables
from banking.deposits import rates
from banking.errors import ProductNotOffered
from banking.loans import terms as lending
from banking.models import CallerTerm, LendingTerm, LossTerm, TransferLimit
from banking.models.deposits import Product, Term
from banking.models.loans import Product as LoanProduct
from banking.models.loans import Series
from banking.models.orders import Channel, Instruction
from calendars.clock import bank_day
from kb.errors import UnknownFigure
from people.words import listed
from telephony.models import Number

_FIGURE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_WAN = 10_000
_NUMERALS = "一二三四五六七八九"


class NoFigure(LookupError):
    """The tables hold none of this name at this moment."""


@dataclass(frozen=True, slots=True)
class Filled:
    """An article's words with its figures, and which of these the tables don't hold."""

    words: str
    missing: tuple[str, ...] = ()


def fill(words: str, *, at: datetime) -> Filled:
    """What is missing is shown as —."""
    missing: list[str] = []

    def value(found: re.Match[str]) -> str:
        try:
            return figure(found[1], at=at)
        except NoFigure:
            missing.append(found[1])
            return "—"

    return Filled(_FIGURE.sub(value, words), tuple(missing))


def names(words: str) -> frozenset[str]:
    """Of all the figures in them."""
    return frozenset(_FIGURE.findall(words))


class Held:
    """Which figures the tables hold at one moment; each is looked up once, however many name it."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._held: dict[str, bool] = {}

    def missing(self, words: str) -> list[str]:
        """The names of those that they don't."""
        return [name for name in dict.fromkeys(_FIGURE.findall(words)) if not self._holds(name)]

    def _holds(self, name: str) -> bool:
        if name not in self._held:
            try:
                figure(name, at=self._at)
            except NoFigure:
                self._held[name] = False
            else:
                self._held[name] = True
        return self._held[name]


def check(words: str, *, at: datetime) -> None:
    """Raises UnknownFigure with the names of all that the tables don't hold."""
    if missing := fill(words, at=at).missing:
        raise UnknownFigure(figures=", ".join(dict.fromkeys(missing)))


def figure(name: str, *, at: datetime) -> str:
    """What stands for ``{{name}}``. Raises NoFigure."""
    kind, _colon, which = name.partition(":")
    try:
        with override(settings.LANGUAGE_CODE):
            return _KINDS[kind](which, at)
    except (KeyError, ValueError, IndexError, ObjectDoesNotExist, ProductNotOffered):
        raise NoFigure(name) from None


def _rate(which: str, at: datetime) -> str:
    product, _dot, term = which.partition(".")
    return _percent(rates.percent(Product(product), Term(term), day=bank_day(at)))


def _minimum(which: str, at: datetime) -> str:
    return _yuan(rates.terms(Product(which), day=bank_day(at)).minimum)


def _partials(which: str, at: datetime) -> str:
    allowed = rates.terms(Product(which), day=bank_day(at)).partials
    return _("any number of") if allowed is None else str(allowed)


def _loan(which: str, at: datetime) -> str:
    return _percent(lending.published(Series(which), day=bank_day(at)))


def _lending(show: Callable[[LendingTerm], str]) -> Callable[[str, datetime], str]:
    def read(which: str, at: datetime) -> str:
        begun = LendingTerm.objects.filter(product=LoanProduct(which), valid_from__lte=bank_day(at))
        return show(begun.latest("valid_from"))

    return read


def _fee(which: str, at: datetime) -> str:
    kind, channel = which.split(".")
    tiers = fees.schedule(Instruction.Kind(kind), Channel(channel), day=bank_day(at))
    return price_list(sorted(tiers, key=lambda tier: tier.above))


def price_list(tiers: Sequence[fees.Tier]) -> str:
    """The whole of it in a sentence; what no tier reaches is free."""
    if not tiers:
        return _("free of charge")
    parts = []
    if tiers[0].above:
        up_to = {"to": _yuan(tiers[0].above), "price": _("free of charge")}
        parts.append(_("up to %(to)s: %(price)s") % up_to)
    for tier, following in zip(tiers, [*tiers[1:], None], strict=True):
        span = {"above": _yuan(tier.above), "price": _price(tier)}
        if following is None:
            words = _("above %(above)s: %(price)s") if tier.above else "%(price)s"
            parts.append(words % span)
        else:
            span["to"] = _yuan(following.above)
            words = (
                _("above %(above)s up to %(to)s: %(price)s")
                if tier.above
                else _("up to %(to)s: %(price)s")
            )
            parts.append(words % span)
    return "；".join(parts)


def _price(tier: fees.Tier) -> str:
    if not tier.flat and not tier.rate:
        return _("free of charge")
    if not tier.rate:
        return _("%(flat)s each") % {"flat": _yuan(tier.flat)}
    parts = {"rate": _share(tier.rate * 100), "flat": _yuan(tier.flat)}
    words = (
        _("%(flat)s and %(rate)s of the amount each")
        if tier.flat
        else _("%(rate)s of the amount each")
    ) % parts
    if tier.cap is None:
        return words
    return _("%(price)s, at most %(cap)s") % {"price": words, "cap": _yuan(tier.cap)}


def _limit(which: str, at: datetime) -> str:
    channel, span = which.split(".")
    begun = TransferLimit.objects.filter(
        customer=None, channel=Channel(channel), valid_from__lte=bank_day(at)
    )
    row = begun.latest("valid_from")
    return _yuan({"single": row.single, "daily": row.daily}[span])


def _cap(which: str, at: datetime) -> str:
    name = {"password": access.Name.PASSWORD_CAP}[which]
    return _yuan(Decimal(access.rule(name, day=bank_day(at))))


def _rule(which: str, at: datetime) -> str:
    return str(access.rule(access.Name(which), day=bank_day(at)))


def _loss(which: str, at: datetime) -> str:
    begun = LossTerm.objects.filter(
        instrument=LossTerm.Instrument(which), valid_from__lte=bank_day(at)
    )
    row = begun.order_by("-valid_from").first()
    return str(row.days if row else losses.STATUTORY_DAYS)


def _hours(which: str, at: datetime) -> str:
    rows = {"large_value": timetables.timetable(bank_day(at)).hours}[which]
    row = _newest(rows, bank_day(at))[0]
    span = {"opens": f"{row.opens:%H:%M}", "closes": f"{row.closes:%H:%M}"}
    if row.evening_before:
        return _("from %(opens)s of the day before to %(closes)s") % span
    return _("from %(opens)s to %(closes)s") % span


def _small_value(which: str, at: datetime) -> str:
    row = _newest(timetables.timetable(bank_day(at)).batches, bank_day(at))[0]
    return {
        "cap": _yuan(row.cap),
        "every": str(int(row.every.total_seconds() // 60)),
    }[which]


def _exchange(which: str, at: datetime) -> str:
    rows = {"sessions": timetables.timetable(bank_day(at)).sessions}[which]
    return listed(
        _("session %(number)s until %(cut_off)s")
        % {"number": _NUMERALS[row.number - 1], "cut_off": f"{row.cut_off:%H:%M}"}
        for row in sorted(_newest(rows, bank_day(at)), key=lambda row: row.number)
    )


def _newest(rows: Iterable[clearing.D], day: date) -> list[clearing.D]:
    """All rows of the newest date that has begun. Raises NoFigure."""
    begun = [row for row in rows if row.valid_from <= day]
    if not begun:
        raise NoFigure
    newest = max(row.valid_from for row in begun)
    return [row for row in begun if row.valid_from == newest]


def _ordinary(which: str, at: datetime) -> str:
    return str(timetables.transfer_rule(bank_day(at)).ordinary_min)


def _senior(which: str, at: datetime) -> str:
    what = {"age": CallerTerm.What.SENIOR}[which]
    begun = CallerTerm.objects.filter(what=what, valid_from__lte=bank_day(at))
    return str(begun.latest("valid_from").value)


def _number(which: str, at: datetime) -> str:
    """The short one is the bank's first; the other is for where that can't be reached."""
    numbers = Number.objects.filter(is_active=True).values_list("number", flat=True)
    return sorted(numbers, key=lambda number: (len(number), number))[{"main": 0, "other": 1}[which]]


def _percent(value: Decimal) -> str:
    """Two places at least, as rates are published: 0.95%."""
    two = value.quantize(Decimal("0.01"))
    return f"{two}%" if two == value else _share(value)


def _share(percent: Decimal) -> str:
    return f"{percent.normalize():f}%"


def _yuan(amount: Decimal) -> str:
    """As one says it: 5万元, 50元, 0.50元."""
    if amount >= _WAN and amount % 1000 == 0:
        return _("%(amount)s ten thousand yuan") % {"amount": f"{(amount / _WAN).normalize():f}"}
    shown = f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"
    return _("%(amount)s yuan") % {"amount": shown}


_KINDS: dict[str, Callable[[str, datetime], str]] = {
    "rate": _rate,
    "minimum": _minimum,
    "partials": _partials,
    "loan": _loan,
    "penalty": _lending(lambda term: _share(term.penalty)),
    "early_fee": _lending(lambda term: _share(term.early_fee)),
    "early_fee_months": _lending(lambda term: str(term.early_fee_months)),
    "least_part": _lending(lambda term: _yuan(term.least_part)),
    "fee": _fee,
    "limit": _limit,
    "cap": _cap,
    "rule": _rule,
    "loss": _loss,
    "hours": _hours,
    "small_value": _small_value,
    "exchange": _exchange,
    "ordinary_min": _ordinary,
    "senior": _senior,
    "number": _number,
}
