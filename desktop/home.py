"""The admin's home page: today's calls and instructions as one picture. Test calls are no part.

Counts and sums hold nobody's data and everybody sees them; the rows below them, and the ways
from a figure to its rows, are for those who may open the rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banking import signs
from banking.models import Instruction, SettlementOrder
from banking.models.orders import State
from banking.numbers import masked_name
from banking.settlement_desk import blind, suspense
from calendars import clock, days
from desktop import axis
from desktop.traffic import wishes
from kb import attesting
from kb.models import Hearer
from people.models import User
from reporting import today
from reporting.today import Span
from telephony import story
from telephony.models import Call, CallbackRequest, OfferedLanguage

NEW_YEAR_IS_NEAR = timedelta(days=45)  # by then the State Council has published its arrangement
LATEST = 9  # rows of a list on this page


@dataclass(frozen=True, slots=True)
class Figure:
    """One field of the first strip. `shape` is a state's class, `url` where its rows are."""

    title: str
    value: str
    note: str
    shape: str = ""
    bad: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The day's instructions in one state."""

    state: str
    title: str
    shape: str
    count: int
    amount: Decimal  # yuan
    latest: datetime


@dataclass(frozen=True, slots=True)
class CallRow:
    at: datetime
    caller: str
    customer: str
    outcome: str
    shape: str
    lasted_s: float | None
    url: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who asked to be called back."""

    receipt: str
    asked_at: datetime
    minutes: int
    url: str

    @property
    def waits(self) -> str:
        """Hours and minutes: 01:45."""
        return f"{self.minutes // 60:02}:{self.minutes % 60:02}"


@dataclass(frozen=True, slots=True)
class Day:
    """[start, end) of the bank's day, and the moment at which it is looked at."""

    start: datetime
    end: datetime
    at: datetime

    @classmethod
    def of(cls, at: datetime) -> "Day":
        start = at.astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(start, start + timedelta(days=1), at)

    @property
    def date(self) -> date:
        return self.start.date()


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the theme shows on the home page."""
    day = Day.of(clock.now())
    calls = calls_of(day)
    orders = instructions_of(day)
    states = by_state(orders)
    may = request.user.has_perm
    return {
        **context,
        "title": _("Today"),
        "at": day.at,
        "figures": figures(day, calls, states, request),
        "hours": axis.hours(),
        "now_x": axis.now_line(day.at),
        "calls": _lane(calls.values_list("started_at", flat=True)),
        "executed": _lane(_moments(orders.filter(state=State.EXECUTED), "executed_at")),
        "refused": _lane(
            _moments(orders.filter(state__in=[State.REFUSED, State.UNKNOWN]), "confirmed_at")
        ),
        "asked": _lane(callbacks_of(day).values_list("asked_at", flat=True)),
        "states": states,
        "states_count": sum(row.count for row in states),
        "states_amount": sum((row.amount for row in states), Decimal(0)),
        "states_url": _url(request, "banking", "instruction"),
        "latest": latest_calls(calls) if may("telephony.view_call") else None,
        "latest_url": _url(request, "telephony", "call"),
        "waiting": waiting_callbacks(day.at) if may("telephony.view_callbackrequest") else None,
        "waiting_url": _url(request, "telephony", "callbackrequest"),
        "traffic": traffic_of(request),
    }


def traffic_of(request: HttpRequest) -> dict[str, int] | None:
    """What the demo traffic's button says; None where there is nothing to click."""
    if not request.user.has_perm("desktop.run_traffic") or not wishes.possible():
        return None
    return {"now": wishes.wanted(), "usual": wishes.USUAL}


def calls_of(day: Day) -> QuerySet[Call]:
    return Call.objects.filter(is_test=False, started_at__gte=day.start, started_at__lt=day.end)


def instructions_of(day: Day) -> QuerySet[Instruction]:
    return Instruction.objects.filter(
        customer__is_test=False, drafted_at__gte=day.start, drafted_at__lt=day.end
    )


def callbacks_of(day: Day) -> QuerySet[CallbackRequest]:
    return CallbackRequest.objects.filter(
        call__is_test=False, asked_at__gte=day.start, asked_at__lt=day.end
    )


def figures(
    day: Day, calls: QuerySet[Call], states: list[Row], request: HttpRequest
) -> list[Figure]:
    """What to look at first: what is wrong, then how the day goes."""
    outcomes = dict(calls.values_list("outcome").annotate(Count("pk")).order_by())
    counted = today.calls(Span(day.start, day.end)).total()
    live = calls.filter(ended_at=None).count()
    identified = calls.exclude(customer=None).count()
    call_list = _url(request, "telephony", "call")
    order_list = _url(request, "banking", "instruction")
    rows = {row.state: row for row in states}
    executed, refused = rows.get(State.EXECUTED), rows.get(State.REFUSED)
    return [
        *_holidays_missing(day.date, request),
        *_languages_withdrawn(request),
        *_open_ends(order_list),
        *_unsettled(day, request),
        *_settlement_desk(request, at=day.at),
        *_calls_back(request),
        *_to_attest(day, request),
        Figure(
            _("Calls today"),
            f"{counted.came:,}",
            ngettext("%(count)s call now", "%(count)s calls now", live) % {"count": live},
            url=call_list,
        ),
        Figure(
            _("Identified"),
            f"{identified:,}",
            _("password refused %(locked)s") % {"locked": outcomes.get(Call.Outcome.LOCKED, 0)},
            url=call_list,
        ),
        Figure(
            _("Served by the IVR"),
            f"{counted.served:,}",
            _("call-backs %(callbacks)s, dropped %(dropped)s")
            % {
                "callbacks": outcomes.get(Call.Outcome.CALLBACK, 0),
                "dropped": outcomes.get(Call.Outcome.DROPPED, 0),
            },
            url=call_list,
        ),
        Figure(
            _("Orders carried out today"),
            f"{executed.amount if executed else 0:,.2f}",
            _counted(executed.count if executed else 0),
            url=order_list,
        ),
        Figure(
            _("Refused"),
            f"{refused.count if refused else 0:,}",
            _("%(amount)s yuan, no debit") % {"amount": f"{refused.amount if refused else 0:,.2f}"},
            url=order_list,
        ),
    ]


def by_state(orders: QuerySet[Instruction]) -> list[Row]:
    """The day's instructions by state, in the order of an instruction's life."""
    found = {
        state: (number, amount, latest)
        for state, number, amount, latest in orders.values_list("state")
        .annotate(Count("pk"), Sum("amount"), Max("drafted_at"))
        .order_by()
    }
    return [
        Row(state, str(State(state).label), shape, *found[state])
        for state, shape in signs.ORDERS.items()
        if state in found
    ]


def latest_calls(calls: QuerySet[Call]) -> list[CallRow]:
    return [
        CallRow(
            at=call.started_at,
            caller=story.masked_caller(call.caller) or "—",
            customer=masked_name(call.customer.name) if call.customer else "—",
            outcome=story.outcome(call),
            shape=story.OUTCOMES[call.outcome],
            lasted_s=story.lasted_s(call),
            url=reverse("admin:telephony_call_change", args=[call.pk]),
        )
        for call in calls.select_related("customer").order_by("-started_at")[:LATEST]
    ]


def waiting_callbacks(at: datetime) -> list[Waiting]:
    """Whoever waits for a call, the longest first; also those of earlier days."""
    waiting = CallbackRequest.objects.filter(
        state=CallbackRequest.State.WAITING, call__is_test=False
    )
    return [
        Waiting(
            receipt=request.receipt,
            asked_at=request.asked_at,
            minutes=max(0, int((at - request.asked_at).total_seconds() // 60)),
            url=reverse("admin:telephony_callbackrequest_change", args=[request.pk]),
        )
        for request in waiting.order_by("asked_at")[:LATEST]
    ]


def _open_ends(url: str) -> Iterable[Figure]:
    """Money whose end the customer does not know, of whatever day; nothing when there is none."""
    real = Instruction.objects.filter(customer__is_test=False)
    unknown = real.filter(state=State.UNKNOWN).aggregate(n=Count("pk"), yuan=Sum("amount"))
    untold = real.filter(state=State.EXECUTED, told_at=None).aggregate(
        n=Count("pk"), yuan=Sum("amount")
    )
    if unknown["n"]:
        yield Figure(
            _("Outcome unknown"),
            _counted(unknown["n"]),
            _("%(amount)s yuan, enquire") % {"amount": f"{unknown['yuan']:,.2f}"},
            shape="st-breach",
            bad=True,
            url=url,
        )
    if untold["n"]:
        yield Figure(
            _("Done, not yet told"),
            _counted(untold["n"]),
            _("%(amount)s yuan, to be told") % {"amount": f"{untold['yuan']:,.2f}"},
            shape="st-warn",
            url=url,
        )


def _unsettled(day: Day, request: HttpRequest) -> Iterable[Figure]:
    """Suspense, which is zero by the end of the day: until it is, for whoever answers for it."""
    if not request.user.has_perm("banking.view_settlementday"):
        return
    if found := suspense.unsettled():
        assert found.since is not None
        works_there = request.user.has_perm("banking.work_settlement_desk")
        yield Figure(
            _("To be zero by the end of the day"),
            f"{len(found.items) + len(found.orders):,}",
            _("under suspense %(total)s yuan, the oldest since %(since)s")
            % {
                "total": f"{found.total:,.2f}",
                "since": f"{found.since.astimezone(clock.SHANGHAI):%m-%d %H:%M}",
            },
            shape="st-breach" if found.is_carried(day.date) else "st-warn",
            bad=found.is_carried(day.date),
            url=reverse("settlement:handover")
            if works_there
            else _url(request, "banking", "settlementday"),
        )


def _settlement_desk(request: HttpRequest, *, at: datetime) -> Iterable[Figure]:
    """What waits there, for who works there; no sum to who is to key a figure of it again."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("banking.work_settlement_desk"):
        return
    waiting = SettlementOrder.objects.filter(
        state__in=[SettlementOrder.State.TO_CLAIM, SettlementOrder.State.TO_CHECK]
    ).aggregate(n=Count("pk"), yuan=Sum("amount"))
    suspended = SettlementOrder.objects.filter(state=SettlementOrder.State.SUSPENDED).count()
    is_blind = blind.hidden_from(user, at=at).exists()
    amount = blind.MASK if is_blind else f"{waiting['yuan'] or 0:,.2f}"
    yield Figure(
        _("At the settlement desk"),
        f"{waiting['n']:,}",
        _("%(amount)s yuan, %(suspended)s suspended") % {"amount": amount, "suspended": suspended},
        shape="st-breach" if suspended else "",
        bad=bool(suspended),
        url=reverse("settlement:desk"),
    )


def _calls_back(request: HttpRequest) -> Iterable[Figure]:
    """Who heard something wrong and does not know yet, for who calls them back."""
    if not request.user.has_perm("kb.work_hearer"):
        return
    open_ = Hearer.objects.filter(state__in=Hearer.OPEN)
    found = open_.aggregate(n=Count("pk"), yuan=Sum("at_stake"))
    if found["n"]:
        yield Figure(
            _("Heard something wrong"),
            f"{found['n']:,}",
            _("%(amount)s yuan at stake, to be called back") % {"amount": f"{found['yuan']:,.2f}"},
            shape="st-warn",
            url=_url(request, "kb", "hearer"),
        )


def _to_attest(day: Day, request: HttpRequest) -> Iterable[Figure]:
    """Regulations that she has not confirmed yet."""
    user = request.user
    if not isinstance(user, User) or not (open_ := attesting.open_of(user)):
        return
    late = open_[0].is_overdue(day.date)
    yield Figure(
        _("Regulations to attest"),
        f"{len(open_):,}",
        _("overdue since %(day)s") % {"day": f"{open_[0].late_from:%m-%d}"}
        if late
        else _("by %(day)s") % {"day": f"{open_[0].due_on:%m-%d}"},
        shape="st-breach" if late else "st-warn",
        bad=late,
        url=f"{_url(request, 'kb', 'regulationversion')}?todo=mine",
    )


def _holidays_missing(day: date, request: HttpRequest) -> Iterable[Figure]:
    """Of a year without rows only the weekends are known: terms and hours would be wrong."""
    for year in sorted({day.year, (day + NEW_YEAR_IS_NEAR).year}):
        if not days.is_known(year):
            yield Figure(
                _("Holidays missing"),
                f"{year}",
                _("weekends only"),
                shape="st-warn",
                url=_url(request, "calendars", "specialday"),
            )


def _languages_withdrawn(request: HttpRequest) -> Iterable[Figure]:
    """A word was changed and its recording is missing: callers are not offered the language."""
    url = _url(request, "telephony", "offeredlanguage")
    for span in OfferedLanguage.withdrawn() if url else ():
        yield Figure(
            _("Language withdrawn"),
            str(span),
            ngettext("%(count)s recording missing", "%(count)s recordings missing", span.lacked)
            % {"count": span.lacked},
            shape="st-breach",
            bad=True,
            url=url,
        )


def _counted(number: int) -> str:
    return ngettext("%(count)s order", "%(count)s orders", number) % {"count": f"{number:,}"}


def _moments(orders: QuerySet[Instruction], field: str) -> Iterable[datetime]:
    return orders.exclude(**{field: None}).values_list(field, flat=True)


def _lane(moments: Iterable[datetime]) -> dict[str, Any]:
    counts = axis.count(moments)
    return {"bars": axis.bars(counts), "before": counts.before, "after": counts.after}


def _url(request: HttpRequest, app: str, model: str) -> str:
    """The model's list, if it has one and the reader may open it."""
    if not request.user.has_perm(f"{app}.view_{model}"):
        return ""
    try:
        return reverse(f"admin:{app}_{model}_changelist")
    except NoReverseMatch:
        return ""
