"""Who heard something that stood wrong: read from what was written down at the time.

Each function looks at [since, until), to the microsecond, by when the words were heard, not by
when the call began. It reads and writes nothing; whom a call belongs to is asked of the call.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby
from uuid import UUID

from django.db.models import Q, QuerySet

from banking.models import Instruction
from banking.models.customers import Language, Vip
from banking.models.orders import Channel
from banking.pricing import Priced, Schedule
from calendars.clock import bank_day
from kb import figures
from kb.models import ArticleVersion, Hearing, Reading, Search
from kb.rates import Rate
from kb.texts import Text
from telephony import rewording
from telephony.models import AgentDeed, Call, Recording, Step

Way = Hearing.Way
LAYS_OUT = timedelta(minutes=1)  # from the moment of new words to the first call that has them
LONGEST = timedelta(days=1)  # no call lasts so long; call references have no index
_SLOT = re.compile(r"\{[^{}]*\}")
_PIECE = re.compile(r"-\d+$")  # a prompt with values in it is recorded in numbered pieces


@dataclass(frozen=True, slots=True)
class Heard:
    """One way in which it was heard in one call; without a call, by an agent between calls."""

    way: str
    at: datetime  # the first time
    call_id: int | None
    agent_id: int | None = None  # at whose desk
    version_id: int | None = None  # in which article
    times: int = 1
    orders: tuple[UUID, ...] = ()  # whose fee it was


def of_article(version_id: int, *, since: datetime, until: datetime) -> list[Heard]:
    """In which calls a version of an article was read, and in which it was only shown.

    Source: `Reading` (opened at a desk) and `Search` (the first of a list can be read without
    opening it; the others show a question alone). In a call in which it was read, that it was
    shown as well is not told again. Between calls an agent who opened it is told; that a search of
    hers listed it is not.
    """
    return _of_versions([version_id], [version_id], since, until)


def of_figures(names: Collection[str], *, since: datetime, until: datetime) -> list[Heard]:
    """The same of every article that quotes one of the bank's figures (`kb/figures.py`).

    Shown counts where the figure is in the words to be read aloud.
    """
    begun = ArticleVersion.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=since),
        state__in=ArticleVersion.SHOWN,
        valid_from__lt=until,
    )
    found = [v for v in begun if figures.names(Text.of(v).words).intersection(names)]
    aloud = [v.pk for v in found if figures.names(v.spoken).intersection(names)]
    return _of_versions([v.pk for v in found], aloud, since, until)


def of_words(key: str, lang: str, words: str, *, since: datetime, until: datetime) -> list[Heard]:
    """In which calls a prompt was heard in these words, as catalogues have them.

    Source: `Step` (what was said, in whose words). A call keeps the words with which it began:
    where others replaced them at `until`, a call that was taken before they were laid out goes on
    hearing these, and counts. Where they were not replaced, what is said from `until` on is right.
    """
    pattern = "^" + ".+".join(re.escape(part) for part in _SLOT.split(words)) + "$"
    said = _said(key).filter(at__gte=since, text__regex=pattern)
    if rewording.words_at(lang, key, until) == words:
        said = said.filter(at__lt=until)
    else:
        said = said.filter(Q(at__lt=until) | Q(call__taken_at__lt=until + LAYS_OUT))
    alike = [
        other
        for other in Language
        if other != lang and rewording.words_at(other, key, until) == words
    ]
    return _by_call(said.exclude(call__language__in=alike, call__language_chosen=True))


def of_recording(recording: Recording, *, since: datetime, until: datetime) -> list[Heard]:
    """In which calls a recording of a prompt was heard, though its words were right.

    Source: `Step`, of calls that were taken in [since, until): each keeps the recordings with
    which it began.
    """
    said = _said(prompt_of(recording)).filter(
        at__gte=since,
        call__taken_at__gte=since,
        call__taken_at__lt=until,
        text__contains=recording.text,
    )
    return _by_call(said)


def prompt_of(recording: Recording) -> str:
    """The key of the prompt whose piece it is: zh/interbank.readback-2.wav."""
    return _PIECE.sub("", recording.file.removesuffix(".wav").partition("/")[2])


def of_fee(
    schedule: Schedule, priced: Sequence[Priced], *, since: datetime, until: datetime
) -> list[Heard]:
    """In which calls a fee of a schedule was told: read back, drafted at a desk, in an article.

    Source: the read-backs (`Step`) of the orders that it priced, whatever became of them; an order
    drafted at an agent's desk and not read back was told by her; articles with this figure. An
    order of no call, or one that the caller left before a word of it, was heard by nobody.
    """
    orders = [one.order for one in priced if one.order.call_ref]
    calls = {str(call.uuid): call for call in Call.objects.filter(uuid__in=uuids(orders))}
    heard = _read_backs(schedule.kind, {call.pk: ref for ref, call in calls.items()}, orders)
    told = {key for one in heard for key in one.orders}
    heard += _first_of(
        Heard(Way.DRAFTED, order.drafted_at, calls[order.call_ref].pk, orders=(order.key,))
        for order in orders
        if order.channel == Channel.AGENT and order.call_ref in calls and order.key not in told
    )
    names = [
        f"fee:{schedule.kind}.{one.value}" for one in Channel if one.priced_as == schedule.channel
    ]

    @cache
    def is_quoted(day: date) -> bool:
        """Articles quote what an ordinary customer pays."""
        return schedule.holds_for(Vip.ORDINARY, day)

    quoted = of_figures(names, since=since, until=until)
    return heard + [one for one in quoted if is_quoted(bank_day(one.at))]


def of_rate(rate: Rate, *, since: datetime, until: datetime) -> list[Heard]:
    """In which calls a published rate was told: said, shown at a desk, in an article.

    Source: `Step` (its prompts, where they say this term and per cent), `AgentDeed` (the desk's
    table of rates) and the articles with this figure. What a deposit earns by it is the ledger's.
    """
    said = _said(*rate.prompts).filter(at__gte=since, at__lt=until, text__regex=rate.said())
    shown = AgentDeed.objects.filter(service=rate.service, at__gte=since, at__lt=until)
    return [
        *_by_call(said),
        *_first_of(
            Heard(Way.TABLE, deed.at, deed.call_id, deed.by_id) for deed in shown.order_by("at")
        ),
        *of_figures([rate.figure], since=since, until=until),
    ]


def _of_versions(
    read: Sequence[int], shown: Sequence[int], since: datetime, until: datetime
) -> list[Heard]:
    opened = Reading.objects.filter(version__in=read, at__gte=since, at__lt=until).order_by("at")
    found = _first_of(
        Heard(Way.READ, row.at, row.call_id, row.by_id, row.version_id) for row in opened
    )
    known = {one.call_id for one in found}
    listed = Search.objects.filter(
        found__0__in=shown, call__isnull=False, at__gte=since, at__lt=until
    )
    return found + _first_of(
        Heard(Way.SHOWN, row.at, row.call_id, row.by_id, row.found[0])
        for row in listed.exclude(call__in=known - {None}).order_by("at")
    )


def _first_of(heard: Iterable[Heard]) -> list[Heard]:
    """Once a call and version, between calls once an agent and version; in order of time."""
    found: dict[object, list[Heard]] = {}
    for one in heard:
        place = (one.call_id, one.agent_id if one.call_id is None else None, one.version_id)
        found.setdefault(place, []).append(one)
    return [_counted(same) for same in found.values()]


def _counted(same: Sequence[Heard]) -> Heard:
    orders = dict.fromkeys(key for one in same for key in one.orders)
    return replace(same[0], times=len(same), orders=tuple(orders))


def _said(*keys: str) -> QuerySet[Step]:
    """Any of it was heard. A key that answers at once leaves a line with nothing heard."""
    return Step.objects.filter(kind=Step.Kind.HEARD, prompt__in=keys, heard_s__gt=0)


def _by_call(said: QuerySet[Step]) -> list[Heard]:
    rows = said.order_by("at").values_list("at", "call_id")
    return _first_of(Heard(Way.SAID, at, call_id) for at, call_id in rows)


def uuids(orders: Iterable[Instruction]) -> list[UUID]:
    """Of the calls they were given in; a reference of another channel is none."""
    found = []
    for order in orders:
        try:
            found.append(UUID(order.call_ref))
        except ValueError:
            continue
    return found


def _read_backs(kind: str, refs: dict[int, str], orders: Sequence[Instruction]) -> list[Heard]:
    """Read-backs of these orders. One is of the order of its kind that was drafted last."""
    priced = {order.key for order in orders}
    if not orders:
        return []
    times = [order.drafted_at for order in orders]
    drafted = Instruction.objects.filter(
        kind=kind,
        call_ref__in=refs.values(),
        drafted_at__gte=min(times) - LONGEST,
        drafted_at__lt=max(times) + LONGEST,
    )
    by_call = {
        ref: list(rows)
        for ref, rows in groupby(
            drafted.order_by("call_ref", "drafted_at"), key=lambda order: order.call_ref
        )
    }
    steps = _said(f"{kind}.readback", f"{kind}.readback_later").filter(call__in=refs)
    found = []
    for at, call_id in steps.order_by("at").values_list("at", "call_id"):
        before = [order for order in by_call.get(refs[call_id], ()) if order.drafted_at <= at]
        if before and before[-1].key in priced:
            found.append(Heard(Way.READ_BACK, at, call_id, orders=(before[-1].key,)))
    return _first_of(found)
