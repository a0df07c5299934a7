"""What callers said on tape: the file lies below settings.RECORDINGS, what is known of it here."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from live.facts import Fact
from live.fences import FencedTable
from telephony.models.calls import Call


class CallRecording(Fact):
    """One recording of a call (录音), as it was when it was kept: `sha256` would tell a change."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("message after the tone")

    call = models.ForeignKey(
        Call, verbose_name=_("call"), on_delete=models.PROTECT, related_name="recordings"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    file = models.CharField(_("file"), max_length=200, unique=True)
    seconds = models.DecimalField(_("length, seconds"), max_digits=6, decimal_places=1)
    sha256 = models.CharField(max_length=64, editable=False)
    kept_at = models.DateTimeField(_("kept at"))

    class Meta(Fact.Meta):
        verbose_name = _("recording of a call")
        verbose_name_plural = _("recordings of calls")
        ordering = ["call", "kept_at"]
        constraints = [
            models.CheckConstraint(condition=Q(seconds__gt=0), name="recording_holds_something"),
        ]
        triggers = [*Fact.Meta.triggers, FencedTable()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.kept_at:%Y-%m-%d %H:%M}"
