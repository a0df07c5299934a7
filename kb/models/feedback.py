"""What agents say of the answers, and what they found none for."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Path
from kb.models.articles import Article, ArticleVersion
from live.facts import Fact
from telephony.models import Call


class Opinion(Fact):
    """Of one wording: of use or not. Words of correction go to the article's owner."""

    version = models.ForeignKey(
        ArticleVersion,
        verbose_name=_("version"),
        on_delete=models.PROTECT,
        related_name="opinions",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("agent"), on_delete=models.PROTECT
    )
    call = models.ForeignKey(
        Call,
        verbose_name=_("call"),
        null=True,
        on_delete=models.PROTECT,
        related_name="opinions",
    )
    at = models.DateTimeField(_("time"))
    useful = models.BooleanField(pgettext_lazy("an article", "of use"))
    words = models.CharField(_("correction"), max_length=500, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("opinion on an article")
        verbose_name_plural = _("opinions on articles")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.words or str(self.version)


class Verdict(Fact):
    """What an editor says to a correction; who made it reads the word on her desk."""

    opinion = models.OneToOneField(
        Opinion, verbose_name=_("correction"), on_delete=models.PROTECT, related_name="verdict"
    )
    taken_up = models.BooleanField(_("taken up"))
    word = models.CharField(_("word back"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("editor"), on_delete=models.PROTECT
    )
    at = models.DateTimeField(_("time"))

    class Meta(Fact.Meta):
        verbose_name = _("answer to a correction")
        verbose_name_plural = _("answers to corrections")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.word


class Gap(models.Model):
    """A question that nothing answers, in whatever words agents reported it."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("a gap", "open")
        WRITING = "writing", pgettext_lazy("a gap", "being written")
        CLOSED = "closed", pgettext_lazy("a gap", "answered")
        DISMISSED = "dismissed", pgettext_lazy("a gap", "dismissed")

    # As it was reported first, and its words, sorted: what is alike meets here.
    asked = models.CharField(pgettext_lazy("a search", "asked for"), max_length=200)
    cuts = ArrayField(models.CharField(max_length=200))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(_("reported first"))
    article = models.ForeignKey(
        Article,
        verbose_name=_("article"),
        null=True,
        on_delete=models.PROTECT,
        related_name="gaps",
    )
    why = models.CharField(_("reason"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("editor"), null=True, on_delete=models.PROTECT
    )
    decided_at = models.DateTimeField(pgettext_lazy("a gap", "decided at"), null=True)

    class Meta:
        verbose_name = _("knowledge gap")
        verbose_name_plural = _("knowledge gaps")
        ordering = ["opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["cuts"], condition=Q(state__in=["open", "writing"]), name="gap_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", article=None)
                | Q(state__in=["writing", "closed"], article__isnull=False)
                | Q(state="dismissed") & ~Q(why=""),
                name="gap_ends_with_an_article_or_a_reason",
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Path(
                name="path",
                field="state",
                transitions=[
                    ("open", "writing"),
                    ("open", "dismissed"),
                    ("writing", "open"),
                    ("writing", "closed"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.asked


class GapReport(Fact):
    """One agent, in one call, found nothing that fits."""

    gap = models.ForeignKey(
        Gap, verbose_name=_("knowledge gap"), on_delete=models.PROTECT, related_name="reports"
    )
    asked = models.CharField(pgettext_lazy("a search", "asked for"), max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("agent"), on_delete=models.PROTECT
    )
    call = models.ForeignKey(
        Call, verbose_name=_("call"), null=True, on_delete=models.PROTECT, related_name="gaps"
    )
    at = models.DateTimeField(_("time"))

    class Meta(Fact.Meta):
        verbose_name = _("report of a gap")
        verbose_name_plural = _("reports of gaps")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.asked
