"""Files of articles that editors bring."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen, Path


class ArticleFile(models.Model):
    """A sheet of articles as it was read: looked at, then its good rows are taken, or none.

    What its rows mean is not kept: it follows from them and the articles of the moment
    (`kb.importing.plan`), until they are taken; `outcome` is how many of each kind there were then.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("a file of articles", "to be decided")
        TAKEN = "taken", pgettext_lazy("a file of articles", "taken")
        LEFT = "left", pgettext_lazy("a file of articles", "left")

    name = models.CharField(_("file"), max_length=120)
    rows = models.JSONField()  # [number, {column: cell}, [columns with a formula]] each
    row_count = models.PositiveIntegerField(_("rows"))
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    brought_at = models.DateTimeField(_("uploaded at"))
    state = models.CharField(_("state"), max_length=5, choices=State.choices, default=State.OPEN)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    outcome = models.JSONField(default=dict)  # kb.importing.Kind → how many

    class Meta:
        verbose_name = _("file of articles")
        verbose_name_plural = _("files of articles")
        ordering = ["-brought_at"]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(name="as_brought", fields=["name", "rows", "brought_by", "brought_at"]),
            Path(name="path", field="state", transitions=[("open", "taken"), ("open", "left")]),
        ]

    def __str__(self) -> str:
        return self.name
