"""From when to when callers were offered each language."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from banking.models.customers import Language


class OfferedLanguage(models.Model):
    """A span in which new callers could choose a language; open while they can."""

    lang = models.CharField(_("language"), max_length=3, choices=Language.choices)
    since = models.DateTimeField(_("offered since"))
    until = models.DateTimeField(_("withdrawn at"), null=True)
    lacked = models.PositiveIntegerField(_("recordings that were missing then"), default=0)

    class Meta:
        verbose_name = _("language that callers are offered")
        verbose_name_plural = _("languages that callers are offered")
        ordering = ["-since", "lang"]
        constraints = [
            models.UniqueConstraint(
                fields=["lang"], condition=Q(until=None), name="language_offered_once"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="language_withdrawn_after_offered",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_lang_display())

    @classmethod
    def withdrawn(cls) -> list[Self]:
        """The last span of each language that was offered and is no more."""
        last = cls.objects.order_by("lang", "-since").distinct("lang")
        return [span for span in last if span.until is not None]
