"""What the bank means to reach, and how it counts: dated rows, a change is a new row."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reporting.kpi import Kpi, ServiceLevel


@pghistory.track()
class Target(models.Model):
    """Between which bounds a KPI is met, and beyond which it is broken; between them it warns.

    In the unit that people read: per cent, seconds, or callers. Exactly on a bound is within it.
    A queue's own service level and threshold stand on the queue.
    """

    kpi = models.CharField(_("KPI"), max_length=16, choices=Kpi.choices)
    valid_from = models.DateField(_("valid from"))
    at_least = models.DecimalField(
        _("at least"), max_digits=7, decimal_places=1, null=True, blank=True
    )
    at_most = models.DecimalField(
        _("at most"), max_digits=7, decimal_places=1, null=True, blank=True
    )
    breach_below = models.DecimalField(
        _("broken below"), max_digits=7, decimal_places=1, null=True, blank=True
    )
    breach_above = models.DecimalField(
        _("broken above"), max_digits=7, decimal_places=1, null=True, blank=True
    )

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["kpi", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["kpi", "valid_from"], name="one_target_a_day"),
            models.CheckConstraint(
                condition=Q(at_least__isnull=False) | Q(at_most__isnull=False),
                name="target_has_a_bound",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kpi_display()} {self.valid_from}"


@pghistory.track()
class CountingRule(models.Model):
    """Which of the service level's variants the bank reports, and what a short abandonment is."""

    valid_from = models.DateField(_("valid from"), unique=True)
    service_level = models.CharField(
        _("service level"), max_length=2, choices=ServiceLevel.choices, default=ServiceLevel.F3
    )
    short_s = models.PositiveSmallIntegerField(_("short before, seconds"), default=5)

    class Meta:
        verbose_name = _("counting rule")
        verbose_name_plural = _("counting rules")
        ordering = ["-valid_from"]

    def __str__(self) -> str:
        return f"{self.service_level} {self.valid_from}"
