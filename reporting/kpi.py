"""What every figure means: each KPI once, values in, values out. No page computes its own.

Ratios are fractions of one, durations are seconds, both as Decimal and never rounded here;
None where there is nothing to divide by (no call yet is not 0 %). Sources: GB/T 32312-2015
(ASA from the start of queueing, after-call work is part of handling) and domain.md §3.
"""

from dataclasses import dataclass, fields
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of callers who asked for a person in a span; sums over spans and queues.

    A wish belongs to the span and the queue in which it began, whenever it ends. A caller sent
    on to another queue is a new wish there. Test calls are no part.
    """

    answered: int = 0
    answered_in_time: int = 0  # wait ≤ the queue's threshold; exactly the threshold counts
    abandoned: int = 0  # short ones included
    abandoned_in_time: int = 0  # hung up at or before the threshold
    abandoned_short: int = 0  # hung up before 5 s (`CountingRule.short_s`): shown apart
    callbacks: int = 0  # preferred to be called back
    overflowed: int = 0  # sent to another queue while waiting
    waiting: int = 0  # neither answered nor over
    waited_s: Decimal = NONE  # Σ waits of those answered
    handled: int = 0  # answered, and the wrap-up is over as well
    talk_s: Decimal = NONE  # of those handled
    hold_s: Decimal = NONE
    wrap_up_s: Decimal = NONE

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def offered(self) -> int:
        """进入人工量: answered or abandoned. Call-backs, overflow, still waiting are apart."""
        return self.answered + self.abandoned


@dataclass(frozen=True, slots=True)
class Spent:
    """Agents' time within a span, in seconds, cut at its ends."""

    talk_s: Decimal = NONE
    hold_s: Decimal = NONE
    wrap_up_s: Decimal = NONE
    idle_s: Decimal = NONE  # ready, reserved and ringing: ring time is idle
    paused_s: Decimal = NONE

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def busy_s(self) -> Decimal:
        return self.talk_s + self.hold_s + self.wrap_up_s

    @property
    def paid_s(self) -> Decimal:
        """Signed in, pauses included; once there are rosters, what they say (D)."""
        return self.busy_s + self.idle_s + self.paused_s


@dataclass(frozen=True, slots=True)
class Calls:
    """What became of calls that came in, by the moment they rang."""

    came: int = 0
    over: int = 0
    served: int = 0  # by the IVR, without a person

    def __add__(self, other: "Calls") -> "Calls":
        return Calls(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Walks:
    """How callers fared in a place of the menu: a menu, a service, or the whole tree.

    A call counts once in each place that it came to. Test calls are no part.
    """

    entered: int = 0  # calls that came here
    over: int = 0  # of them, those that have ended
    hung_up: int = 0  # whose last step was here, and who ended it herself
    misdialled: int = 0  # that heard here that a key was none, or that nothing was keyed
    asked: int = 0  # that entered a queue later than they came here
    served: int = 0  # that the IVR served without a person


@dataclass(frozen=True, slots=True)
class Ratings:
    """What callers said of the agents they had talked to, by the moment they were asked.

    Test calls are no part.
    """

    asked: int = 0
    rated: int = 0  # keyed a score
    satisfied: int = 0  # 4 or 5 out of 5

    def __add__(self, other: "Ratings") -> "Ratings":
        return Ratings(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


class ServiceLevel(TextChoices):
    """The four variants in use; which one holds is a dated row (`CountingRule`)."""

    F1 = "F1", _("(answered + abandoned in time) ÷ (answered + abandoned)")
    F2 = "F2", _("answered in time ÷ answered")
    F3 = "F3", _("answered in time ÷ (answered + abandoned)")
    F4 = "F4", _("answered in time ÷ (answered + abandoned after the threshold)")


def connect_rate(c: Counts) -> Decimal | None:
    """人工接通率 = answered ÷ offered, offered = answered + abandoned.

    None while nobody was offered. With `abandonment` it makes one. Source: domain.md §3 [20].
    """
    return _ratio(c.answered, c.offered)


def abandonment(c: Counts) -> Decimal | None:
    """放弃率 = abandoned ÷ offered, short ones included.

    None while nobody was offered. Source: domain.md §3.
    """
    return _ratio(c.abandoned, c.offered)


def short_abandonment(c: Counts) -> Decimal | None:
    """Abandoned before 5 s ÷ offered: the part of `abandonment` that nobody could prevent.

    Exactly 5 s is not short. None while nobody was offered. Source: domain.md §3.
    """
    return _ratio(c.abandoned_short, c.offered)


def service_level(c: Counts, formula: str = ServiceLevel.F3) -> Decimal | None:
    """服务水平: the share answered within the threshold, by the variant the bank chose.

    F1 (ans ≤ Y + aband ≤ Y) ÷ (ans + aband); F2 ans ≤ Y ÷ ans; F3 ans ≤ Y ÷ (ans + aband),
    the default; F4 ans ≤ Y ÷ (ans + aband > Y). Answered at exactly Y counts. None where the
    divisor is 0. Source: domain.md §3 [21].
    """
    match ServiceLevel(formula):
        case ServiceLevel.F1:
            return _ratio(c.answered_in_time + c.abandoned_in_time, c.offered)
        case ServiceLevel.F2:
            return _ratio(c.answered_in_time, c.answered)
        case ServiceLevel.F3:
            return _ratio(c.answered_in_time, c.offered)
        case ServiceLevel.F4:
            return _ratio(c.answered_in_time, c.offered - c.abandoned_in_time)


def asa(c: Counts) -> Decimal | None:
    """平均应答, average speed of answer = Σ waits of those answered ÷ answered, seconds.

    From the start of queueing to the agent's pick-up; IVR time and the waits of those who hung
    up are no part. None while nobody was answered. Source: GB/T 32312-2015 [19].
    """
    return _ratio(c.waited_s, c.answered)


def aht(c: Counts) -> Decimal | None:
    """平均处理, average handling time = (talk + hold + wrap-up) ÷ handled, seconds.

    A call that is still talked or written up is not handled yet: neither its time nor its
    number counts. None while none is. Source: domain.md §3.
    """
    return _ratio(c.talk_s + c.hold_s + c.wrap_up_s, c.handled)


def mean_wrap_up(c: Counts) -> Decimal | None:
    """平均话后, mean after-call work = wrap-up ÷ handled, seconds.

    None while none is handled. Source: GB/T 32312-2015 [19].
    """
    return _ratio(c.wrap_up_s, c.handled)


def occupancy(s: Spent) -> Decimal | None:
    """占用率 = (talk + hold + wrap-up) ÷ (that + idle). Ringing is idle, pauses are no part.

    None while nobody took calls. Source: domain.md §3.
    """
    return _ratio(s.busy_s, s.busy_s + s.idle_s)


def utilisation(s: Spent) -> Decimal | None:
    """工时利用率 = (talk + hold + wrap-up + idle) ÷ paid time.

    Paid is the time signed in, pauses included (D). None while nobody was. Source: domain.md §3.
    """
    return _ratio(s.busy_s + s.idle_s, s.paid_s)


def satisfaction(r: Ratings) -> Decimal | None:
    """满意度 = satisfied (4 and 5) ÷ rated; who keyed nothing is no part.

    None while nobody rated. Source: domain.md §3 [20].
    """
    return _ratio(r.satisfied, r.rated)


def participation(r: Ratings) -> Decimal | None:
    """参评率 = rated ÷ asked: says how much `satisfaction` is worth. None while nobody was asked.

    Source: domain.md §3 [20].
    """
    return _ratio(r.rated, r.asked)


def ivr_share(c: Calls) -> Decimal | None:
    """自助占比 = calls the IVR served without a person ÷ calls that are over.

    None while none is over. Source: domain.md §9 (D).
    """
    return _ratio(c.served, c.over)


def against_forecast(came: int, expected: Decimal) -> Decimal | None:
    """来电偏差 = calls so far ÷ calls expected so far − 1; above 0 there are more than forecast.

    Of the hour that goes on, the part that has passed is expected. None while nothing is
    expected. (D)
    """
    ratio = _ratio(came, expected)
    return None if ratio is None else ratio - 1


def choice_rate(w: Walks, above: Walks) -> Decimal | None:
    """选择占比 = calls that came here ÷ calls that came to the menu above; at most all of them.

    More may come here than by that menu, by a key of another one. None while nobody came (D).
    """
    share = _ratio(w.entered, above.entered)
    return None if share is None else min(share, Decimal(1))


def drop_rate(w: Walks) -> Decimal | None:
    """挂断率 = calls that ended here by the caller's hang-up ÷ calls that came here and are over.

    Of a service it holds those as well who had heard what they wanted (D). None while none is
    over.
    """
    return _ratio(w.hung_up, w.over)


def misdial_rate(w: Walks) -> Decimal | None:
    """误按率 = calls with an invalid key or a silence here ÷ calls that came here.

    None while nobody came (D).
    """
    return _ratio(w.misdialled, w.entered)


def person_rate(w: Walks) -> Decimal | None:
    """转人工率 = calls that entered a queue after they came here ÷ calls that came here.

    None while nobody came (D).
    """
    return _ratio(w.asked, w.entered)


def containment(w: Walks) -> Decimal | None:
    """自助办结率 = calls that came here and that the IVR served without a person ÷ those over.

    None while none is over (D).
    """
    return _ratio(w.served, w.over)


class Kpi(TextChoices):
    """What can have a target: the KPIs above, and what is watched as it happens (domain.md §9)."""

    SERVICE_LEVEL = "service_level", _("Service level")
    CONNECT_RATE = "connect_rate", _("Answered calls")
    ASA = "asa", _("ASA")
    AHT = "aht", _("AHT")
    ABANDONMENT = "abandonment", _("Abandonment")
    OCCUPANCY = "occupancy", _("Occupancy")
    UTILISATION = "utilisation", _("Utilisation")
    WAITING = "waiting", _("Callers waiting in a queue")
    WAIT = "wait", _("Waiting time")
    TALK = "talk", _("Talking time")
    HOLD = "hold", _("Time on hold")
    WRAP_UP = "wrap_up", _("Wrap-up time")
    VOLUME = "volume", _("Calls above forecast")
    SATISFACTION = "satisfaction", _("Satisfaction")


# Fractions that people read as per cent; the rest are seconds, or callers.
SHARES = frozenset(
    {
        *(Kpi.SERVICE_LEVEL, Kpi.CONNECT_RATE, Kpi.ABANDONMENT),
        *(Kpi.OCCUPANCY, Kpi.UTILISATION, Kpi.VOLUME, Kpi.SATISFACTION),
    }
)


def _ratio(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole else None
