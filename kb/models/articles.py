"""What the bank answers: an article is its versions, each in force for an interval of time."""

from datetime import datetime, timedelta

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kb.models.versions import Reviewed, Subject, VersionQuerySet, guards, laws, one_in_force
from live.facts import Fact


@pghistory.track()
class Category(models.Model):
    """One of the subjects that the knowledge base is divided into (domain.md §5: ten)."""

    code = models.SlugField(_("short name"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=20, unique=True)
    name_en = models.CharField(_("name in English"), max_length=40)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("knowledge category")
        verbose_name_plural = _("knowledge categories")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name


@pghistory.track()
class Article(Subject):
    """A question that the bank answers. What it answers is in the versions."""

    category = models.ForeignKey(Category, verbose_name=_("category"), on_delete=models.PROTECT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("an article", "owner"),
        null=True,
        on_delete=models.PROTECT,
        related_name="articles_owned",
    )

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["category", "key"]


# What an editor words; fixed from the moment it goes to its review.
WORDED = (
    *("question", "phrasings", "spoken", "answer", "steps", "source", "customers", "branches"),
    *("services", "keywords", "public", "reverify_days", "starts_at", "expires_at"),
)


class ArticleVersionQuerySet(VersionQuerySet["ArticleVersion"]):
    def overdue(self, at: datetime) -> "ArticleVersionQuerySet":
        """Which their owner should have looked at again by then."""
        due = ExpressionWrapper(
            F("verified_at") + F("reverify_days") * timedelta(days=1),
            output_field=models.DateTimeField(),
        )
        return self.alias(verify_by_then=due).filter(verify_by_then__lte=at)


@pghistory.track()
class ArticleVersion(Reviewed):
    """One wording of an article: it may begin later, and it may expire."""

    of = "article"

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("an article", "draft")
        REVIEW = "review", pgettext_lazy("an article", "to be reviewed")
        PUBLISHED = "published", pgettext_lazy("an article", "published")
        REVISED = "revised", pgettext_lazy("an article", "replaced")
        EXPIRED = "expired", pgettext_lazy("an article", "expired")
        WITHDRAWN = "withdrawn", pgettext_lazy("an article", "withdrawn")
        DROPPED = "dropped", pgettext_lazy("an article", "dropped")  # a draft nobody published

    SHOWN = (State.PUBLISHED, State.REVISED, State.EXPIRED, State.WITHDRAWN)

    class Customers(models.TextChoices):
        ALL = "all", _("all customers")
        PERSONAL = "personal", _("personal customers")
        CORPORATE = "corporate", _("corporate customers")

    article = models.ForeignKey(
        Article, verbose_name=_("article"), on_delete=models.PROTECT, related_name="versions"
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)

    question = models.CharField(_("standard question"), max_length=100)
    phrasings = ArrayField(
        models.CharField(max_length=100), verbose_name=_("other phrasings"), default=list
    )
    spoken = models.CharField(_("answer to read aloud"), max_length=160)
    answer = models.TextField(_("full answer"), max_length=4000)
    steps = ArrayField(
        models.CharField(max_length=400), verbose_name=_("steps"), default=list, blank=True
    )
    customers = models.CharField(
        _("for"), max_length=9, choices=Customers.choices, default=Customers.ALL
    )
    branches = ArrayField(  # codes; none: everywhere
        models.CharField(max_length=6), verbose_name=_("at branches"), default=list, blank=True
    )
    services = ArrayField(  # flows of docs/services.md
        models.CharField(max_length=40), verbose_name=_("services"), default=list, blank=True
    )
    keywords = ArrayField(models.CharField(max_length=20), verbose_name=_("keywords"), default=list)
    public = models.BooleanField(_("on the public page"), default=False)
    reverify_days = models.PositiveSmallIntegerField(
        _("to be verified every, days"),
        default=180,
        validators=[MinValueValidator(1), MaxValueValidator(730)],
    )
    starts_at = models.DateTimeField(_("publish at"), null=True, blank=True)  # null: at once
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)  # null: never

    urgent = models.BooleanField(_("urgent"), default=False)  # every agent confirms to have read it
    verified_at = models.DateTimeField(_("verified at"), null=True)

    objects = ArticleVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of an article")
        verbose_name_plural = _("versions of articles")
        ordering = ["article", "-number"]
        permissions = [
            ("write_article", "Can write articles and submit them"),
            ("review_article", "Can approve, send back and withdraw articles"),
        ]
        indexes = [
            GinIndex(fields=["services"], name="article_of_services"),
            models.Index(fields=["valid_from"], condition=Q(urgent=True), name="article_urgent"),
        ]
        constraints = [
            *laws("article", published=Q(verified_at__isnull=False)),
            one_in_force("article"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="article_ends_after_it_begins",
            ),
        ]
        triggers = guards(WORDED, ends=("revised", "expired", "withdrawn"))

    def __str__(self) -> str:
        return f"{self.question} v{self.number}"

    @property
    def verify_by(self) -> datetime | None:
        """Until when its owner stands by it; None of what was never published."""
        if self.verified_at is None:
            return None
        return self.verified_at + timedelta(days=self.reverify_days)

    def is_overdue(self, at: datetime) -> bool:
        return self.verify_by is not None and self.verify_by <= at


class ArticleStep(Fact):
    """What was done with a version, when and by whom; nobody: by the clock, or as shipped."""

    class What(models.TextChoices):
        DRAFTED = "drafted", pgettext_lazy("an article", "Drafted")
        SUBMITTED = "submitted", pgettext_lazy("an article", "Submitted")
        RETURNED = "returned", pgettext_lazy("an article", "Sent back")
        APPROVED = "approved", pgettext_lazy("an article", "Approved")
        SHIPPED = "shipped", pgettext_lazy("an article", "Shipped")
        REPLACED = "replaced", pgettext_lazy("an article", "Replaced")
        EXPIRED = "expired", pgettext_lazy("an article", "Expired")
        WITHDRAWN = "withdrawn", pgettext_lazy("an article", "Withdrawn")
        VERIFIED = "verified", pgettext_lazy("an article", "Verified")
        DROPPED = "dropped", pgettext_lazy("an article", "Dropped")
        HANDED = "handed", pgettext_lazy("an article", "Handed over")
        ATTACHED = "attached", pgettext_lazy("a file", "Attached")
        DETACHED = "detached", pgettext_lazy("a file", "Removed")

    version = models.ForeignKey(
        ArticleVersion,
        verbose_name=_("version"),
        on_delete=models.PROTECT,
        related_name="history",
    )
    what = models.CharField(_("step"), max_length=10, choices=What.choices)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff"), null=True, on_delete=models.PROTECT
    )
    note = models.TextField(_("note"), blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("step of an article")
        verbose_name_plural = _("steps of articles")
        ordering = ["version", "at", "id"]

    def __str__(self) -> str:
        return f"{self.version_id} {self.get_what_display()}"
