"""Queues, who waits in them, and whom each was offered to and why."""

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.models.customers import Vip
from live.fences import FencedTable
from routing.models.agents import Agent, Session, Skill
from routing.models.guards import kept
from routing.models.names import local, moment


@pghistory.track()
class Queue(models.Model):
    """Callers who want the same skill wait here (队列)."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=40)
    skill = models.ForeignKey(Skill, verbose_name=_("skill"), on_delete=models.PROTECT)
    language = models.CharField(_("language"), max_length=3, default="zh")
    hours = models.SlugField(_("opening hours"), max_length=40, blank=True)  # empty: always open
    threshold_s = models.PositiveSmallIntegerField(
        _("service level within, seconds"), default=20, validators=[MinValueValidator(1)]
    )
    target_pct = models.PositiveSmallIntegerField(
        _("service level target, %"), default=80, validators=[MaxValueValidator(100)]
    )
    ring_s = models.PositiveSmallIntegerField(
        _("rings for, seconds"), default=15, validators=[MinValueValidator(5)]
    )
    is_active = models.BooleanField(_("in use"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return local(self.name, self.name_en)


@pghistory.track()
class WaitingCredit(models.Model):
    """Seconds of waiting that a customer level is granted at entry, by date.

    A real bank's centre credits 90 s to priority customers (domain.md §3, Technion 1999).
    """

    vip = models.CharField(_("customer level"), max_length=10, choices=Vip.choices)
    valid_from = models.DateField(_("valid from"))
    seconds = models.PositiveSmallIntegerField(_("seconds"))

    class Meta:
        verbose_name = _("waiting credit")
        verbose_name_plural = _("waiting credits")
        ordering = ["vip", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["vip", "valid_from"], name="one_credit_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_vip_display()} {self.seconds}"


class QueueEntry(models.Model):
    """One caller's wish for a person, from asking to its end, however often she is offered.

    `entered_at` never changes: who comes back after a lost agent has the place that she had.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        OFFERED = "offered", _("offered to an agent")
        TALKING = "talking", _("with an agent")
        ENDED = "ended", _("ended")

    class Outcome(models.TextChoices):
        """How it ended. Answered and abandoned make up what was offered (domain.md §3)."""

        ANSWERED = "answered", pgettext_lazy("outcome", "answered")
        ABANDONED = "abandoned", pgettext_lazy("outcome", "abandoned")
        CALLBACK = "callback", _("asked for a call-back")
        OVERFLOW = "overflow", _("sent to another queue while waiting")

    call_ref = models.UUIDField(_("call"))  # the caller's channel; telephony's key
    node = models.CharField(_("switch"), max_length=40)
    queue = models.ForeignKey(Queue, verbose_name=_("queue"), on_delete=models.PROTECT)
    caller = models.CharField(_("caller"), max_length=32, blank=True)
    customer_id = models.BigIntegerField(_("customer"), null=True)
    vip = models.CharField(_("customer level"), max_length=10, choices=Vip.choices, blank=True)
    language = models.CharField(_("language"), max_length=3, default="zh")
    is_test = models.BooleanField(_("test call"), default=False)  # kept out of every KPI

    entered_at = models.DateTimeField(_("asked for a person"))
    credited_at = models.DateTimeField(_("counts as waiting since"))  # entered_at − credit
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    answered_at = models.DateTimeField(_("answered by an agent at"), null=True)  # the first time
    answered_by = models.ForeignKey(
        Agent, verbose_name=_("answered by"), null=True, on_delete=models.PROTECT
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    returned = models.PositiveSmallIntegerField(_("times back in the queue"), default=0)
    after = models.ForeignKey(
        "self", verbose_name=_("transferred from"), null=True, on_delete=models.PROTECT
    )

    class Meta:
        verbose_name = _("queued caller")
        verbose_name_plural = _("queued callers")
        ordering = ["-entered_at"]
        indexes = [
            models.Index(
                fields=["queue", "credited_at"], condition=Q(state="waiting"), name="waits"
            ),
            models.Index(fields=["node"], condition=Q(ended_at=None), name="entry_live"),
            models.Index(fields=["entered_at"]),
            models.Index(
                fields=["queue", "-ended_at"], condition=Q(outcome="answered"), name="talks"
            ),
            models.Index(fields=["customer_id", "-entered_at"]),
            models.Index(fields=["call_ref"]),  # the wishes of one call
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["call_ref"], condition=Q(ended_at=None), name="one_wish_a_call"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) & ~Q(outcome="")
                | ~Q(state="ended") & Q(ended_at=None, outcome=""),
                name="an_end_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="answered") | Q(answered_at__isnull=False),
                name="answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_at__gte=F("entered_at")),
                name="answered_after_entry",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(ended_at__gte=F("entered_at"))
                & (Q(answered_at=None) | Q(ended_at__gte=F("answered_at"))),
                name="entry_ends_after_all",
            ),
        ]
        triggers = [
            FencedTable(),
            *kept("call_ref", "node", "queue", "entered_at", "credited_at", "is_test", "after"),
        ]

    def __str__(self) -> str:
        return moment(self.entered_at)


class Reservation(models.Model):
    """A caller offered to an agent: a lease, with the reason for the choice."""

    class End(models.TextChoices):
        ANSWERED = "answered", _("answered, and over")
        TIMED_OUT = "timed_out", _("not answered in time")
        DECLINED = "declined", _("declined")
        UNREACHABLE = "unreachable", _("phone not reachable")
        CALLER_LEFT = "caller_left", _("the caller left")
        LEG_LOST = "leg_lost", _("the agent's line was lost")
        REPAIRED = "repaired", _("put right by the reconciler")

    entry = models.ForeignKey(
        QueueEntry,
        verbose_name=_("caller"),
        on_delete=models.PROTECT,
        related_name="reservations",
    )
    agent = models.ForeignKey(Agent, verbose_name=_("agent"), on_delete=models.PROTECT)
    session = models.ForeignKey(Session, verbose_name=_("session"), on_delete=models.PROTECT)
    leg = models.UUIDField(_("agent's channel"), unique=True)  # named before it exists
    made_at = models.DateTimeField(_("offered at"))
    expires_at = models.DateTimeField(_("lease ends"))  # renewed by the answer
    rung_at = models.DateTimeField(_("rung at"), null=True)
    answered_at = models.DateTimeField(_("answered by an agent at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end = models.CharField(_("end"), max_length=12, choices=End.choices, blank=True)

    # Why she, why now: what a supervisor asks.
    among = models.PositiveSmallIntegerField(_("agents able"), default=1)
    level = models.PositiveSmallIntegerField(_("her level"), default=1)
    waited_s = models.DecimalField(_("caller waited, seconds"), max_digits=9, decimal_places=3)
    credit_s = models.PositiveIntegerField(_("credit, seconds"), default=0)
    idle_s = models.DecimalField(_("agent idle, seconds"), max_digits=9, decimal_places=3)

    class Meta:
        verbose_name = _("offer to an agent")
        verbose_name_plural = _("offers to agents")
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(ended_at=None), name="one_caller_an_agent"
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(ended_at=None), name="one_agent_a_caller"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | Q(ended_at__isnull=False) & ~Q(end=""),
                name="reservation_end_has_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("made_at")),
                name="reservation_ends_after_start",
            ),
        ]
        triggers = [
            FencedTable(),
            *kept(
                *("entry", "agent", "session", "made_at"),
                *("among", "level", "waited_s", "credit_s", "idle_s"),
            ),
        ]

    def __str__(self) -> str:
        return moment(self.made_at)
