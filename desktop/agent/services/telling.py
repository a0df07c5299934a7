"""What comes of a service at the desk: what to tell her, and figures to read to her."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import pgettext

from calendars.clock import SHANGHAI
from telephony.deeds import Deed


@dataclass(frozen=True, slots=True)
class Table:
    """Figures as text; the columns of `figures`, counted from 0, stand to the right."""

    heads: tuple[str | Promise, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Done:
    """What was done or found. `says` are sentences to tell her, `number` the receipt.

    `customer_id` is whose data it was where the caller has not proved who she is. `older` and
    `newer` are the `pages` of the form that show what stands beside these figures; None: nothing.
    """

    deed: Deed
    says: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    number: str = ""
    customer_id: int | None = None
    older: str | None = None
    newer: str | None = None


def table(
    heads: Iterable[str | Promise], rows: Iterable[Iterable[object]], *, figures: Iterable[int] = ()
) -> Table:
    """Nothing (None, "") is written as a dash."""
    written = (tuple("—" if cell in (None, "") else str(cell) for cell in row) for row in rows)
    return Table(tuple(heads), tuple(written), frozenset(figures))


def moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def clock_time(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%H:%M}"


def day(on: date | None) -> str:
    return on.isoformat() if on else ""


def percent(rate: Decimal | None) -> str:
    """A rate in per cent a year, with two places or what more it has: 3.5 → 3.50%."""
    if rate is None:
        return ""
    written = f"{rate:.4f}"
    return f"{written[:-2]}{written[-2:].rstrip('0')}%"


def parts(*said: str) -> str:
    """One after the other, as a remark."""
    return pgettext("between the parts of a remark", ", ").join(said)
