"""What complaints are about, and how long each step may take: data, kept in the admin."""

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class Category(models.Model):
    """A place on one of the three axes of JR/T 0169-2018; the codes are the bank's own."""

    class Axis(models.TextChoices):
        CHANNEL = "channel", _("channel")
        BUSINESS = "business", _("business")
        REASON = "reason", _("reason")

    axis = models.CharField(_("axis"), max_length=8, choices=Axis.choices)
    code = models.CharField(_("code"), max_length=8)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=60)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("complaint category")
        verbose_name_plural = _("complaint categories")
        ordering = ["axis", "code"]
        constraints = [models.UniqueConstraint(fields=["axis", "code"], name="category_once")]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name


@pghistory.track()
class ClockRule(models.Model):
    """The clocks of complaints received from a day on (银行业保险业消费投诉处理管理办法, 2020).

    Days are calendar days counted from the day after receipt, the branch's are working days.
    """

    valid_from = models.DateField(_("valid from"), unique=True)
    acknowledge_days = models.PositiveSmallIntegerField(_("acknowledged within, days"))
    reply_days = models.PositiveSmallIntegerField(_("branch replies within, working days"))
    decide_days = models.PositiveSmallIntegerField(_("decided and told within, days"))
    complex_days = models.PositiveSmallIntegerField(_("complex cases within, days"))
    duplicate_days = models.PositiveSmallIntegerField(_("the same matter again within, days"))

    class Meta:
        verbose_name = _("complaint clock")
        verbose_name_plural = _("complaint clocks")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledge_days__gt=0, reply_days__gt=0, decide_days__gt=0)
                & Q(complex_days__gte=F("decide_days")),
                name="clock_runs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from}"
