"""Who watches that nothing gets stuck: the dispatcher's pulse, and what was put right."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from live.facts import Fact
from live.fences import FencedTable
from routing.models.names import moment


class Dispatcher(models.Model):
    """The dispatcher's pulse, one row: pages and `/readyz` read when it last beat."""

    name = models.CharField(primary_key=True, max_length=20, default="dispatcher")
    holder = models.CharField(_("held by"), max_length=80)
    beat_at = models.DateTimeField(_("last beat"))
    round_ms = models.DecimalField(_("last round, ms"), max_digits=9, decimal_places=1)
    rounds = models.BigIntegerField(_("rounds"), default=0)
    waiting = models.PositiveIntegerField(_("callers waiting"), default=0)
    ready = models.PositiveIntegerField(_("agents ready"), default=0)

    class Meta:
        verbose_name = _("dispatcher")
        verbose_name_plural = _("dispatcher")
        triggers = [FencedTable()]

    def __str__(self) -> str:
        return self.holder


class Repair(Fact):
    """A row that did not agree with the switch, and what was done about it."""

    class Kind(models.TextChoices):
        EXPIRED = "expired", _("a lease that ran out")
        NO_CHANNEL = "no_channel", _("a caller without a channel")
        NO_LEG = "no_leg", _("an agent in a call without a leg")
        STRAY_LEG = "stray_leg", _("a leg without a reservation")
        NO_PULSE = "no_pulse", _("an agent whose page was lost")

    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    subject = models.CharField(_("subject"), max_length=80)  # "routing.reservation:17"
    facts = models.JSONField(_("what was seen"), default=dict)  # what was seen, for the explanation

    class Meta(Fact.Meta):
        verbose_name = _("repair")
        verbose_name_plural = _("repairs")
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at"])]
        triggers = [*Fact.Meta.triggers, FencedTable()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {moment(self.at)}"
