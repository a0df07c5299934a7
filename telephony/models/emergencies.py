"""What callers left on the recorder while nobody drove (紧急留言): somebody must listen."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from live.fences import FencedTable
from people.models import User


class EmergencyMessage(models.Model):
    """A recording that the dialplan made: a caller who lost her card and found nobody there."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("taken care of")

    channel = models.UUIDField(_("switch channel"), unique=True)
    caller = models.CharField(_("caller"), max_length=32, blank=True)
    file = models.CharField(_("file"), max_length=200)  # below settings.RECORDINGS
    seconds = models.DecimalField(_("length, seconds"), max_digits=6, decimal_places=1)
    left_at = models.DateTimeField(_("left at"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    done_at = models.DateTimeField(_("taken care of at"), null=True)
    done_by = models.ForeignKey(
        User, verbose_name=_("taken care of by"), null=True, on_delete=models.PROTECT
    )

    class Meta:
        verbose_name = _("emergency message")
        verbose_name_plural = _("emergency messages")
        ordering = ["left_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", done_at=None, done_by=None)
                | Q(state="done", done_at__isnull=False, done_by__isnull=False),
                name="emergency_done_by_somebody",
            ),
        ]
        triggers = [
            FencedTable(),
            pgtrigger.FSM(name="path", field="state", transitions=[("waiting", "done")]),
        ]

    def __str__(self) -> str:
        return f"{self.channel}"
