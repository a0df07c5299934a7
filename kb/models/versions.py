"""What is worded in versions: a subject, its versions, and what was done with each.

A kind of them is three tables: `Subject`, `Version` with a foreign key to it that its `of`
names (`related_name="versions"`), and `Step` with one to the version (`related_name="history"`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeBoundary
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.constraints import BaseConstraint
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Guard, Path
from live.facts import Fact

V = TypeVar("V", bound="Reviewed")


class Subject(models.Model):
    """What stays over all its versions."""

    key = models.CharField(
        pgettext_lazy("of an article", "key"),
        max_length=60,
        unique=True,
        validators=[RegexValidator("^[a-z0-9]+(-[a-z0-9]+)*$", _("Small letters, digits and -."))],
    )

    if TYPE_CHECKING:
        versions: Any  # newest first

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key


class VersionQuerySet(models.QuerySet[V], Generic[V]):
    def in_force(self, at: datetime) -> Self:
        """What holds, held or will hold at a moment: at most one of a subject."""
        begun = self.filter(state__in=self.model.SHOWN, valid_from__lte=at)
        return begun.filter(Q(valid_to=None) | Q(valid_to__gt=at))


class Reviewed(models.Model):
    """A wording and its two people. Times are [valid_from, valid_to), the end null while open."""

    of: ClassVar[str]  # the field that leads to the subject
    SHOWN: ClassVar[tuple[str, ...]]  # states of what held at some time: the interval says when

    number = models.PositiveIntegerField(_("version"))
    source = models.CharField(_("stands on"), max_length=200)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewer"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    shipped_digest = models.CharField(max_length=64, blank=True, editable=False)
    edited_at = models.DateTimeField(_("edited at"))
    valid_from = models.DateTimeField(_("valid from"), null=True)
    valid_to = models.DateTimeField(_("valid to"), null=True)

    if TYPE_CHECKING:
        history: Any  # of its steps

    class Meta:
        abstract = True

    @property
    def subject(self) -> Subject:
        found: Subject = getattr(self, self.of)
        return found

    @property
    def subject_id(self) -> int:
        found: int = getattr(self, f"{self.of}_id")
        return found

    def before(self) -> Self | None:
        """The version that it changes; None of the first."""
        earlier = self.subject.versions.filter(number__lt=self.number)
        found: Self | None = earlier.exclude(state="dropped").first()
        return found


class Version(Reviewed):
    """One wording of its subject, on the way that most kinds have."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("an article", "draft")
        REVIEW = "review", pgettext_lazy("an article", "to be reviewed")
        PUBLISHED = "published", pgettext_lazy("an article", "published")
        REPLACED = "replaced", pgettext_lazy("an article", "replaced")
        WITHDRAWN = "withdrawn", pgettext_lazy("an article", "withdrawn")
        DROPPED = "dropped", pgettext_lazy("an article", "dropped")  # a draft nobody published

    SHOWN = (State.PUBLISHED, State.REPLACED, State.WITHDRAWN)

    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)

    class Meta:
        abstract = True


# Steps of a draft, after which nobody reviews it who took one; files go with articles alone.
WROTE = ("drafted", "attached", "detached")


class Step(Fact):
    """What was done with a version, when and by whom; nobody: as shipped."""

    class What(models.TextChoices):
        DRAFTED = "drafted", pgettext_lazy("an article", "Drafted")
        SUBMITTED = "submitted", pgettext_lazy("an article", "Submitted")
        RETURNED = "returned", pgettext_lazy("an article", "Sent back")
        APPROVED = "approved", pgettext_lazy("an article", "Approved")
        SHIPPED = "shipped", pgettext_lazy("an article", "Shipped")
        REPLACED = "replaced", pgettext_lazy("an article", "Replaced")
        WITHDRAWN = "withdrawn", pgettext_lazy("an article", "Withdrawn")
        DROPPED = "dropped", pgettext_lazy("an article", "Dropped")

    what = models.CharField(_("step"), max_length=10, choices=What.choices)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff"), null=True, on_delete=models.PROTECT
    )
    note = models.TextField(_("note"), blank=True)

    if TYPE_CHECKING:
        version_id: int

    class Meta(Fact.Meta):
        abstract = True
        ordering = ["version", "id"]

    def __str__(self) -> str:
        return f"{self.version_id} {self.get_what_display()}"


# -- what PostgreSQL keeps ---------------------------------------------------------------------


def laws(of: str, *, published: Q | None = None) -> list[BaseConstraint]:
    """Of every kind: one draft at a time, published by two people or as shipped.

    `published` is what else holds of whatever was published.
    """
    held = Q(valid_from__isnull=False) & (published or Q())
    by_two = Q(author__isnull=False, reviewer__isnull=False)
    as_shipped = Q(author=None, reviewer=None) & ~Q(shipped_digest="")
    return [
        models.UniqueConstraint(fields=[of, "number"], name=f"{of}_version_once"),
        models.UniqueConstraint(
            fields=[of], condition=Q(state__in=["draft", "review"]), name=f"{of}_one_draft"
        ),
        models.CheckConstraint(
            condition=Q(reviewer=None) | ~Q(reviewer=F("author")),
            name=f"{of}_reviewed_by_another",
        ),
        models.CheckConstraint(
            condition=Q(state__in=["draft", "review", "dropped"]) | held & (by_two | as_shipped),
            name=f"{of}_published_by_two",
        ),
    ]


def one_published(of: str) -> BaseConstraint:
    """What is published is replaced by the next."""
    return models.UniqueConstraint(
        fields=[of], condition=Q(state="published"), name=f"{of}_one_published"
    )


def one_in_force(of: str) -> BaseConstraint:
    """Where one begins later than it is published: no two hold at the same moment."""
    interval = Func(
        F("valid_from"),
        F("valid_to"),
        RangeBoundary(),
        function="tstzrange",
        output_field=DateTimeRangeField(),
    )
    return ExclusionConstraint(
        name=f"{of}_one_in_force",
        expressions=[(of, RangeOperators.EQUAL), (interval, RangeOperators.OVERLAPS)],
        condition=~Q(state__in=["draft", "review", "dropped"]),
    )


def guards(worded: Iterable[str], ends: Iterable[str] = ("replaced", "withdrawn")) -> list[Any]:
    """Its way from draft to an end, and `worded`, the fields fixed once it has left its draft."""
    return [
        Forbid(name="kept", operation=pgtrigger.Delete),
        as_reviewed(worded),
        Path(
            name="path",
            field="state",
            transitions=[
                ("draft", "review"),
                ("draft", "dropped"),
                ("review", "draft"),
                ("review", "published"),
                *(("published", end) for end in ends),
            ],
        ),
    ]


def as_reviewed(fields: Iterable[str]) -> Guard:
    """Only a draft is reworded."""
    names = list(fields)
    return Guard(
        name="as_reviewed",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
                    IF OLD.state <> 'draft' AND
                        ({", ".join(f"OLD.{name}" for name in names)}) IS DISTINCT FROM
                        ({", ".join(f"NEW.{name}" for name in names)})
                    THEN
                        RAISE EXCEPTION 'as_reviewed: only a draft is reworded';
                    END IF;
                    RETURN NEW;
                """,
    )
