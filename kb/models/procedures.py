"""Guides through a service: a procedure is its versions; a walk is one way through a version."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Path
from banking.models import Instruction
from kb.guides import Way
from kb.models.articles import Category, as_reviewed
from live.facts import Fact
from telephony.models import AgentDeed, Call


@pghistory.track()
class Procedure(models.Model):
    """What an agent is led through. How is in the versions."""

    key = models.CharField(
        pgettext_lazy("of an article", "key"),
        max_length=60,
        unique=True,
        validators=[RegexValidator("^[a-z0-9]+(-[a-z0-9]+)*$", _("Small letters, digits and -."))],
    )
    category = models.ForeignKey(Category, verbose_name=_("category"), on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("procedure")
        verbose_name_plural = _("procedures")
        ordering = ["category", "key"]

    def __str__(self) -> str:
        return self.key


# What an editor words; fixed from the moment it goes to its review.
WORDED = ("title", "keywords", "services", "source", "guide")


@pghistory.track()
class ProcedureVersion(models.Model):
    """One wording of a procedure, walked in [valid_from, valid_to), the end null while open."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("an article", "draft")
        REVIEW = "review", pgettext_lazy("an article", "to be reviewed")
        PUBLISHED = "published", pgettext_lazy("an article", "published")
        REPLACED = "replaced", pgettext_lazy("an article", "replaced")
        WITHDRAWN = "withdrawn", pgettext_lazy("an article", "withdrawn")
        DROPPED = "dropped", pgettext_lazy("an article", "dropped")

    SHOWN: ClassVar = (State.PUBLISHED, State.REPLACED, State.WITHDRAWN)

    procedure = models.ForeignKey(
        Procedure, verbose_name=_("procedure"), on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)

    title = models.CharField(pgettext_lazy("of a procedure", "title"), max_length=60)
    keywords = ArrayField(
        models.CharField(max_length=20), verbose_name=_("keywords"), default=list, blank=True
    )
    services = ArrayField(  # flows of docs/services.md, by which it is suggested
        models.CharField(max_length=40), verbose_name=_("services"), default=list, blank=True
    )
    source = models.CharField(_("stands on"), max_length=200)
    guide = models.TextField(pgettext_lazy("of a procedure", "guide"), max_length=12_000)

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        on_delete=models.PROTECT,
        related_name="procedures_written",
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewer"),
        null=True,
        on_delete=models.PROTECT,
        related_name="procedures_reviewed",
    )
    shipped_digest = models.CharField(max_length=64, blank=True, editable=False)
    edited_at = models.DateTimeField(_("edited at"))
    valid_from = models.DateTimeField(_("valid from"), null=True)
    valid_to = models.DateTimeField(_("valid to"), null=True)

    class Meta:
        verbose_name = _("version of a procedure")
        verbose_name_plural = _("versions of procedures")
        ordering = ["procedure", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="procedure_version_once"),
            models.UniqueConstraint(
                fields=["procedure"],
                condition=Q(state__in=["draft", "review"]),
                name="procedure_one_draft",
            ),
            models.UniqueConstraint(
                fields=["procedure"], condition=Q(state="published"), name="procedure_one_published"
            ),
            models.CheckConstraint(
                condition=Q(reviewer=None) | ~Q(reviewer=models.F("author")),
                name="procedure_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "review", "dropped"])
                | Q(valid_from__isnull=False)
                & (
                    Q(author__isnull=False, reviewer__isnull=False)
                    | Q(author=None, reviewer=None) & ~Q(shipped_digest="")
                ),
                name="procedure_published_by_two",
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            as_reviewed(WORDED),
            Path(
                name="path",
                field="state",
                transitions=[
                    ("draft", "review"),
                    ("draft", "dropped"),
                    ("review", "draft"),
                    ("review", "published"),
                    ("published", "replaced"),
                    ("published", "withdrawn"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    def before(self) -> "ProcedureVersion | None":
        """The version that it changes; None of the first."""
        earlier = self.procedure.versions.filter(number__lt=self.number)
        return earlier.exclude(state=self.State.DROPPED).first()


class ProcedureStep(Fact):
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

    version = models.ForeignKey(
        ProcedureVersion,
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
        verbose_name = _("step of a procedure")
        verbose_name_plural = _("steps of procedures")
        ordering = ["version", "id"]

    def __str__(self) -> str:
        return f"{self.version_id} {self.get_what_display()}"


class Walk(Fact):
    """An agent began a procedure, in a call or between two. Without an end it was left."""

    version = models.ForeignKey(
        ProcedureVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="walks"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("agent"), on_delete=models.PROTECT
    )
    call = models.ForeignKey(
        Call, verbose_name=_("call"), null=True, on_delete=models.PROTECT, related_name="walks"
    )
    at = models.DateTimeField(_("time"))

    class Meta(Fact.Meta):
        verbose_name = _("walk through a procedure")
        verbose_name_plural = _("walks through procedures")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.version)


class WalkStep(Fact):
    """An answer that was chosen at a node, or the way back from it (`answer` "")."""

    walk = models.ForeignKey(Walk, on_delete=models.PROTECT, related_name="steps")
    seq = models.PositiveSmallIntegerField()  # of the walk, from 1
    node = models.CharField(max_length=100)
    answer = models.CharField(max_length=200, blank=True)  # as she saw it
    place = models.PositiveSmallIntegerField(null=True)  # of the answer; null: of a field, or back
    value = models.CharField(max_length=200, blank=True)  # what the field was filled with
    at = models.DateTimeField(_("time"))

    class Meta(Fact.Meta):
        ordering = ["walk", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["walk", "seq"], name="walk_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.node}: {self.answer}"


class WalkEnd(Fact):
    """How a walk ended, once: with what was done, ordered or filed, where something was."""

    walk = models.OneToOneField(Walk, on_delete=models.PROTECT, related_name="end")
    at = models.DateTimeField(_("time"))
    way = models.CharField(_("ended in"), max_length=9, choices=[(way, way) for way in Way])
    name = models.CharField(max_length=60, blank=True)  # of the service, article or queue
    deed = models.ForeignKey(AgentDeed, null=True, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Instruction, null=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=20, blank=True)  # of a complaint

    class Meta(Fact.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(deed=None) | Q(order=None), name="walk_ends_in_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.name}".strip()
