"""Whether a day's books agree, and each thing by which they don't. Pure: values in, values out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from banking.models.settlement_desk import SettlementDifference

Kind = SettlementDifference.Kind


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a book under the name by which the other book knows it. Yuan."""

    name: str
    amount: Decimal
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A clearing file: what its trailer said, and what was written down of it."""

    name: str
    is_results: bool
    is_refused: bool
    count: int
    total: Decimal
    items: int
    items_total: Decimal


@dataclass(frozen=True, slots=True)
class Open:
    """What must be gone by the end of the day, and is not."""

    kind: Kind
    name: str
    amount: Decimal
    since: datetime
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """All of one day of the bank; what is open is as of now."""

    debited: tuple[Entry, ...]  # orders, by receipt
    outward: tuple[Entry, ...]  # journals, by number: the same
    given_back: tuple[Entry, ...]  # orders, by the number of the journal that gave back
    returned: tuple[Entry, ...]  # those journals
    sent: tuple[Entry, ...]  # orders, by receipt
    filed: tuple[Entry, ...]  # items of files to clearing
    files: tuple[File, ...] = ()
    odd: tuple[Entry, ...] = ()  # results that did not fit
    open: tuple[Open, ...] = ()
    suspense: Decimal = Decimal(0)  # what the account has
    explained: Decimal = Decimal(0)  # what its open items come to
    clearing: Decimal = Decimal(0)  # what the clearing account has
    under_way: Decimal = Decimal(0)  # what was debited to it for orders, and not given back


@dataclass(frozen=True, slots=True)
class Difference:
    """`ours` is what orders say, `theirs` what journals, files or accounts do."""

    kind: Kind
    name: str
    ours: Decimal | None = None
    theirs: Decimal | None = None
    since: datetime | None = None
    order_id: int | None = None


def differences(books: Books) -> list[Difference]:
    """Every one; none: the day ties."""
    return [
        *_pair(books.debited, books.outward, Kind.NO_JOURNAL, Kind.NO_ORDER, Kind.AMOUNT),
        *_pair(books.given_back, books.returned, Kind.NO_RETURN, Kind.STRAY_RETURN, Kind.AMOUNT),
        *_pair(books.sent, books.filed, Kind.NOT_FILED, Kind.NOT_SENT, Kind.FILED_AMOUNT),
        *(found for file in books.files for found in _file(file)),
        *(Difference(Kind.ODD_ITEM, e.name, None, e.amount, None, e.order_id) for e in books.odd),
        *(Difference(o.kind, o.name, o.amount, None, o.since, o.order_id) for o in books.open),
        *_account(Kind.UNEXPLAINED, books.explained, books.suspense),
        *_account(Kind.CLEARING, books.under_way, books.clearing),
    ]


def _pair(
    ours: Iterable[Entry], theirs: Iterable[Entry], lacking: Kind, stray: Kind, differs: Kind
) -> Iterator[Difference]:
    """Two books that say the same of each name, or don't; a name that stands twice is summed."""
    here, there = _by_name(ours), _by_name(theirs)
    for name in sorted(here.keys() | there.keys()):
        one, other = here.get(name), there.get(name)
        if one is None and other is not None:
            yield Difference(stray, name, None, other.amount, None, other.order_id)
        elif one is not None and other is None:
            yield Difference(lacking, name, one.amount, None, None, one.order_id)
        elif one is not None and other is not None and one.amount != other.amount:
            yield Difference(differs, name, one.amount, other.amount, None, one.order_id)


def _by_name(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    orders: dict[str, int | None] = {}
    for entry in entries:
        sums[entry.name] += entry.amount
        orders[entry.name] = entry.order_id
    return {name: Entry(name, amount, orders[name]) for name, amount in sums.items()}


def _file(file: File) -> Iterator[Difference]:
    if file.is_refused:
        yield Difference(Kind.FILE_REFUSED, file.name)
    elif file.is_results and file.items < file.count:
        yield Difference(Kind.FILE_UNREAD, file.name, file.items_total, file.total)
    elif (file.items, file.items_total) != (file.count, file.total):
        yield Difference(Kind.FILE_TOTAL, file.name, file.items_total, file.total)


def _account(kind: Kind, explained: Decimal, balance: Decimal) -> Iterator[Difference]:
    """One of the bank's own accounts, by what explains it and by what it has."""
    if balance != explained:
        yield Difference(kind, "", explained, balance)
