"""Self-service machines (自助设备): where each stands and how it is."""

from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import Branch

LOW_CASH_PCT = 20  # below: amber; empty: red (domain.md §9)
OFFLINE_ALARM = timedelta(minutes=5)  # longer than this: red


class Atm(models.Model):
    """A machine as its feed last told it. Nobody edits it by hand."""

    class State(models.TextChoices):
        ONLINE = "online", _("online")
        OFFLINE = "offline", _("offline")
        NO_CASH = "no_cash", _("out of cash")
        JAMMED = "jammed", _("notes jammed")
        RETAINED = "retained", _("card retained")
        FAULT = "fault", _("faulty")
        MAINTENANCE = "maintenance", _("in maintenance")

    class Alarm(models.TextChoices):
        """How urgent it is; the value is the shape that pages show."""

        BROKEN = "st-breach"
        NEAR = "st-warn"
        OFF = "st-off"
        NONE = "st-ready"

    code = models.CharField(_("machine"), max_length=12, unique=True)
    branch = models.ForeignKey(Branch, verbose_name=_("branch"), on_delete=models.PROTECT)
    place = models.CharField(_("place"), max_length=40)
    state = models.CharField(_("state"), max_length=11, choices=State.choices, default=State.ONLINE)
    since = models.DateTimeField(_("since"))
    cassette_pct = models.PositiveSmallIntegerField(
        _("cash left, %"), validators=[MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("self-service machine")
        verbose_name_plural = _("self-service machines")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cassette_pct__lte=100), name="cassette_holds_100_pct"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.branch.name} {self.place}"

    def alarm(self, at: datetime) -> Alarm:
        """How urgent it is at a moment: an offline line may come back by itself."""
        match self.state:
            case Atm.State.MAINTENANCE:
                return Atm.Alarm.OFF
            case Atm.State.FAULT | Atm.State.JAMMED:
                return Atm.Alarm.BROKEN
            case Atm.State.OFFLINE if at - self.since > OFFLINE_ALARM:
                return Atm.Alarm.BROKEN
            case Atm.State.OFFLINE | Atm.State.RETAINED:
                return Atm.Alarm.NEAR
        if self.cassette_pct == 0:
            return Atm.Alarm.BROKEN
        if self.state == Atm.State.NO_CASH or self.cassette_pct < LOW_CASH_PCT:
            return Atm.Alarm.NEAR
        return Atm.Alarm.NONE
