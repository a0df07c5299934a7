"""What was asked of the knowledge base and what was read of it: facts, each with its call."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kb.models.articles import ArticleVersion
from live.facts import Fact
from telephony.models import Call


class Search(Fact):
    """Something looked for, as it stood when she had stopped typing, and what she was shown."""

    asked = models.CharField(pgettext_lazy("a search", "asked for"), max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("agent"), on_delete=models.PROTECT
    )
    call = models.ForeignKey(
        Call,
        verbose_name=_("call"),
        null=True,  # between calls
        on_delete=models.PROTECT,
        related_name="searches",
    )
    at = models.DateTimeField(_("time"))
    # Versions as they stood in the list: the answer of the first was read without opening it.
    found = ArrayField(
        models.BigIntegerField(), verbose_name=pgettext_lazy("a search", "found"), default=list
    )

    class Meta(Fact.Meta):
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["at"], name="search_at"),
            models.Index(fields=["by", "-id"], name="search_last_of"),
        ]

    def __str__(self) -> str:
        return self.asked


class Receipt(Fact):
    """An agent has read an urgent change: until then she takes no calls."""

    version = models.ForeignKey(
        ArticleVersion,
        verbose_name=_("version"),
        on_delete=models.PROTECT,
        related_name="receipts",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("agent"), on_delete=models.PROTECT
    )
    at = models.DateTimeField(_("time"))

    class Meta(Fact.Meta):
        verbose_name = _("read receipt")
        verbose_name_plural = _("read receipts")
        ordering = ["version", "at"]
        constraints = [
            models.UniqueConstraint(fields=["version", "by"], name="receipt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.by_id}"


class Reading(Fact):
    """An answer opened at a desk: who was told the wrong thing is asked of these."""

    version = models.ForeignKey(
        ArticleVersion,
        verbose_name=_("version"),
        on_delete=models.PROTECT,
        related_name="readings",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("agent"), on_delete=models.PROTECT
    )
    call = models.ForeignKey(
        Call,
        verbose_name=_("call"),
        null=True,  # between calls
        on_delete=models.PROTECT,
        related_name="readings",
    )
    at = models.DateTimeField(_("time"))
    search = models.ForeignKey(  # null: it was suggested
        Search,
        verbose_name=_("search"),
        null=True,
        on_delete=models.PROTECT,
        related_name="readings",
    )

    class Meta(Fact.Meta):
        verbose_name = _("reading of an article")
        verbose_name_plural = _("readings of articles")
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["version", "at"], name="reading_of"),
            models.Index(fields=["at"], name="reading_at"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.by_id}"
