"""Guides through a service: a procedure is its versions; a walk is one way through a version."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.models import Instruction
from kb.guides import Way
from kb.models.articles import Category
from kb.models.versions import Step, Subject, Version, guards, laws, one_published
from live.facts import Fact
from telephony.models import AgentDeed, Call


@pghistory.track()
class Procedure(Subject):
    """What an agent is led through. How is in the versions."""

    category = models.ForeignKey(Category, verbose_name=_("category"), on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("procedure")
        verbose_name_plural = _("procedures")
        ordering = ["category", "key"]


@pghistory.track()
class ProcedureVersion(Version):
    """One wording of a procedure, walked while it is published."""

    of = "procedure"

    procedure = models.ForeignKey(
        Procedure, verbose_name=_("procedure"), on_delete=models.PROTECT, related_name="versions"
    )
    title = models.CharField(pgettext_lazy("of a procedure", "title"), max_length=60)
    keywords = ArrayField(
        models.CharField(max_length=20), verbose_name=_("keywords"), default=list, blank=True
    )
    services = ArrayField(  # flows of docs/services.md, by which it is suggested
        models.CharField(max_length=40), verbose_name=_("services"), default=list, blank=True
    )
    guide = models.TextField(pgettext_lazy("of a procedure", "guide"), max_length=12_000)

    class Meta:
        verbose_name = _("version of a procedure")
        verbose_name_plural = _("versions of procedures")
        ordering = ["procedure", "-number"]
        constraints = [*laws("procedure"), one_published("procedure")]
        triggers = guards(("title", "keywords", "services", "source", "guide"))

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"


class ProcedureStep(Step):
    version = models.ForeignKey(
        ProcedureVersion,
        verbose_name=_("version"),
        on_delete=models.PROTECT,
        related_name="history",
    )

    class Meta(Step.Meta):
        verbose_name = _("step of a procedure")
        verbose_name_plural = _("steps of procedures")


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
