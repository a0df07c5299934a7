"""What every caller hears before the greeting while something is wrong."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models import User
from telephony.models.menus import Number


class Announcement(models.Model):
    """An emergency announcement (紧急公告): on from the next call, off by itself at `until`."""

    prompt = models.CharField(_("prompt"), max_length=60)  # announcement.…
    number = models.ForeignKey(
        Number,
        verbose_name=_("number"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text=_("Empty: on all numbers."),
    )
    on_at = models.DateTimeField(_("switched on at"))
    on_by = models.ForeignKey(
        User,
        verbose_name=_("switched on by"),
        on_delete=models.PROTECT,
        related_name="announcements_switched_on",
    )
    until = models.DateTimeField(_("until"))
    off_at = models.DateTimeField(_("switched off at"), null=True)  # before its time
    off_by = models.ForeignKey(
        User,
        verbose_name=_("switched off by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="announcements_switched_off",
    )

    class Meta:
        verbose_name = _("emergency announcement")
        verbose_name_plural = _("emergency announcements")
        ordering = ["-on_at"]
        indexes = [models.Index(fields=["until"], condition=Q(off_at=None), name="announced_now")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("on_at")), name="announced_for_a_while"),
            models.CheckConstraint(
                condition=Q(off_at=None, off_by=None)
                | Q(off_at__isnull=False, off_by__isnull=False),
                name="announcement_off_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.prompt
