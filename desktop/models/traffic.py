"""Whether the demo bank is busy: one row that a click on the home page changes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import User


class Traffic(models.Model):
    """What `demo_traffic` is asked for. Beside the simulated switch alone."""

    calls_per_minute = models.PositiveSmallIntegerField(_("calls a minute"), default=0)
    asked_by = models.ForeignKey(
        User, verbose_name=_("asked by"), null=True, on_delete=models.PROTECT
    )
    asked_at = models.DateTimeField(_("asked"), null=True)

    class Meta:
        verbose_name = _("demo traffic")
        verbose_name_plural = _("demo traffic")
        permissions = [("run_traffic", "Can start and stop the demo traffic")]
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_traffic"),
            models.CheckConstraint(
                condition=Q(calls_per_minute__lte=120), name="traffic_has_a_limit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calls_per_minute}"
