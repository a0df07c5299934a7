"""Words that callers use for the same thing."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@pghistory.track()
class Synonyms(models.Model):
    """A word and what else is said for it. By itself: a word that dictionaries don't cut out."""

    word = models.CharField(pgettext_lazy("of callers", "word"), max_length=20, unique=True)
    others = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("also said for it"),
        default=list,
        blank=True,
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("words for the same thing")
        verbose_name_plural = _("words for the same thing")
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word
