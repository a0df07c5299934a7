"""Agents: what they can do, when they are signed in, and every state they were in."""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from live.fences import FencedTable
from people.models import User
from routing.models.guards import PresencePath, kept
from routing.models.names import local, moment
from routing.states import State


@pghistory.track()
class Skill(models.Model):
    """What a queue asks for and an agent has (技能)."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["slug"]

    def __str__(self) -> str:
        return local(self.name, self.name_en)


@pghistory.track()
class Agent(models.Model):
    """A member of staff who takes calls (坐席). Its row is the lock of all that is hers."""

    user = models.OneToOneField(
        User, verbose_name=_("staff"), primary_key=True, on_delete=models.PROTECT
    )
    is_active = models.BooleanField(_("takes calls"), default=True)

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ["user__username"]
        permissions = [
            ("take_calls", "Can sign in as an agent and take calls"),
            ("watch_floor", "Can watch the floor"),
        ]

    def __str__(self) -> str:
        return str(self.user)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class AgentSkill(models.Model):
    """How well an agent knows a skill: 9 is an expert, 1 the last resort."""

    agent = models.ForeignKey(
        Agent, verbose_name=_("agent"), on_delete=models.CASCADE, related_name="skills"
    )
    skill = models.ForeignKey(Skill, verbose_name=_("skill"), on_delete=models.PROTECT)
    level = models.PositiveSmallIntegerField(
        _("level"), default=5, validators=[MinValueValidator(1), MaxValueValidator(9)]
    )

    class Meta:
        verbose_name = _("skill of an agent")
        verbose_name_plural = _("skills of agents")
        ordering = ["agent", "skill"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "skill"], name="one_level_a_skill"),
            models.CheckConstraint(condition=Q(level__range=(1, 9)), name="skill_level_1_to_9"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.level}"


@pghistory.track()
class PauseReason(models.Model):
    """Why an agent takes no calls (小休原因). The system's own can't be chosen by her."""

    slug = models.SlugField(_("short name"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=20)
    name_en = models.CharField(_("name in English"), max_length=40)
    limit_s = models.PositiveIntegerField(_("limit, seconds"), null=True, blank=True)
    by_system = models.BooleanField(_("set by the system"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("pause reason")
        verbose_name_plural = _("pause reasons")
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return local(self.name, self.name_en)


class Session(models.Model):
    """An agent at her page, from signing in to signing out. A lease: it ends unless renewed."""

    agent = models.ForeignKey(
        Agent, verbose_name=_("agent"), on_delete=models.PROTECT, related_name="sessions"
    )
    tab = models.UUIDField(_("browser tab"))  # the one page that acts; others only look
    started_at = models.DateTimeField(_("signed in"))
    ended_at = models.DateTimeField(_("signed out"), null=True)
    heartbeat_at = models.DateTimeField(_("last heard of"))
    phone_at = models.DateTimeField(_("phone last registered"), null=True)
    sip_hash = models.CharField(max_length=32, blank=True)  # HA1 of this sign-in's SIP secret
    pause_wanted = models.ForeignKey(
        PauseReason,
        verbose_name=_("pauses after this call"),
        null=True,
        on_delete=models.PROTECT,
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(ended_at=None), name="one_session_an_agent"
            ),
        ]
        triggers = [FencedTable()]

    def __str__(self) -> str:
        return moment(self.started_at)


class Presence(models.Model):
    """One state of one agent, [started, ended); the open one is what she does now."""

    agent = models.ForeignKey(
        Agent, verbose_name=_("agent"), on_delete=models.PROTECT, related_name="presences"
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    reason = models.ForeignKey(
        PauseReason, verbose_name=_("reason"), null=True, on_delete=models.PROTECT
    )
    entry = models.ForeignKey(
        "routing.QueueEntry",
        verbose_name=_("caller"),
        null=True,
        on_delete=models.PROTECT,
        related_name="presences",
    )
    started_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("agent state")
        verbose_name_plural = _("agent states")
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["agent", "-started_at"]),
            models.Index(fields=["started_at"]),
            models.Index(fields=["entry"]),
            models.Index(fields=["state"], condition=Q(ended_at=None), name="presence_now"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(ended_at=None), name="one_state_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="presence_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(state=State.PAUSED, reason__isnull=False)
                | (~Q(state=State.PAUSED) & Q(reason=None)),
                name="a_pause_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(entry=None)
                | Q(state__in=["reserved", "ringing", "talking", "held", "wrap_up"]),
                name="presence_caller_only_in_a_call",
            ),
            ExclusionConstraint(
                name="presence_no_overlap",
                expressions=[
                    ("agent", RangeOperators.EQUAL),
                    (
                        Func(
                            F("started_at"),
                            F("ended_at"),
                            RangeBoundary(),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = [
            FencedTable(),
            *kept("agent", "state", "reason", "entry", "started_at"),
            PresencePath(),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {moment(self.started_at)}"
