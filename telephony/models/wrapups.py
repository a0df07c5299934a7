"""What an agent writes of a call (小结): a code out of a tree, a note, what is to follow."""

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from routing.models import Agent, QueueEntry
from telephony.models.calls import Call


@pghistory.track()
class WrapUpCode(models.Model):
    """What a call was about (小结码): a subject, or a matter under one."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("upper code"),
        null=True,
        blank=True,
        limit_choices_to={"parent": None},
        on_delete=models.PROTECT,
        related_name="matters",
    )
    name = models.CharField(_("name"), max_length=20)
    name_en = models.CharField(_("name in English"), max_length=40)
    is_active = models.BooleanField(_("in use"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("wrap-up code")
        verbose_name_plural = _("wrap-up codes")
        ordering = [F("parent__order").asc(nulls_first=True), "order", "slug"]
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="code_under_another"),
        ]

    def __str__(self) -> str:
        """ "转账汇款 › 到账查询", in the reader's language."""
        return f"{self.parent.title} › {self.title}" if self.parent else self.title

    @property
    def title(self) -> str:
        return self.name_en if get_language() == "en" else self.name


class WrapUp(models.Model):
    """One agent's part of one call: a caller who was transferred has several."""

    call = models.ForeignKey(
        Call, verbose_name=_("call"), on_delete=models.PROTECT, related_name="wrapups"
    )
    entry = models.ForeignKey(QueueEntry, verbose_name=_("queued as"), on_delete=models.PROTECT)
    agent = models.ForeignKey(Agent, verbose_name=_("agent"), on_delete=models.PROTECT)
    code = models.ForeignKey(
        WrapUpCode, verbose_name=_("wrap-up code"), null=True, on_delete=models.PROTECT
    )
    note = models.TextField(_("note"), max_length=2000, blank=True)
    drafted = models.TextField(_("note as drafted"), blank=True)  # how much of it was hers
    follow_up_at = models.DateTimeField(_("follow up by"), null=True)
    followed_up_at = models.DateTimeField(_("followed up"), null=True)
    saved_at = models.DateTimeField(_("saved"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("wrap-up")
        verbose_name_plural = _("wrap-ups")
        ordering = ["-saved_at"]
        indexes = [
            models.Index(fields=["agent", "-finished_at"]),
            models.Index(
                fields=["agent", "follow_up_at"],
                condition=Q(follow_up_at__isnull=False, followed_up_at=None),
                name="follow_up_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["entry", "agent"], name="one_wrapup_an_agent"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(code__isnull=False), name="finished_with_a_code"
            ),
        ]

    def __str__(self) -> str:
        return str(self.code or self.pk)
