"""Ratings by callers (满意度), and of which queues they are asked."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen, Guard
from live.fences import FencedTable
from routing.models import Agent, Queue, Reservation
from telephony.models import Call

LOWEST, HIGHEST = 1, 5
SATISFIED_FROM = 4


@pghistory.track()
class AskRule(models.Model):
    """Whether callers of a queue are asked how they were served, from a day on."""

    queue = models.ForeignKey(Queue, verbose_name=_("queue"), on_delete=models.PROTECT)
    valid_from = models.DateField(_("valid from"))
    is_asked = models.BooleanField(_("callers are asked"))

    class Meta:
        verbose_name = _("rule who is asked for a rating")
        verbose_name_plural = _("rules who is asked for a rating")
        ordering = ["queue", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["queue", "valid_from"], name="ask_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.queue} {self.valid_from}"


class Rating(models.Model):
    """One question to one caller about the agent whom she talked to last; keyed once, or never."""

    call = models.OneToOneField(Call, verbose_name=_("call"), on_delete=models.PROTECT)
    reservation = models.OneToOneField(
        Reservation, verbose_name=_("talk"), on_delete=models.PROTECT
    )
    agent = models.ForeignKey(Agent, verbose_name=_("agent"), on_delete=models.PROTECT)
    queue = models.ForeignKey(Queue, verbose_name=_("queue"), on_delete=models.PROTECT)
    asked_at = models.DateTimeField(pgettext_lazy("a rating", "asked at"))
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    keyed_at = models.DateTimeField(_("keyed at"), null=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["-asked_at"]
        indexes = [
            models.Index(fields=["asked_at"]),
            models.Index(fields=["agent", "-asked_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(score=None, keyed_at=None)
                | Q(score__gte=LOWEST, score__lte=HIGHEST, keyed_at__isnull=False),
                name="rating_keyed_with_a_score",
            ),
        ]
        triggers = [
            FencedTable(),
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(name="as_asked", fields=["call", "reservation", "agent", "queue", "asked_at"]),
            Guard(
                name="keyed_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF OLD.score IS NOT NULL THEN
                        RAISE EXCEPTION 'a rating is keyed once';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.score or "—")
