"""What goes with a wording of an article: forms to fill in, price lists, pictures."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Frozen, Guard
from kb.models.articles import ArticleVersion
from live.facts import Fact

# Looked at by the trigger under a lock, so that no file slips in while the draft is submitted.
ONLY_OF_A_DRAFT = """
                    SELECT state INTO stands FROM public.kb_articleversion
                        WHERE id = COALESCE(NEW.version_id, OLD.version_id) FOR SHARE;
                    IF stands <> 'draft' THEN
                        RAISE EXCEPTION 'of_a_draft: what goes with an article is fixed with it';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """


class Document(Fact):
    """A file as it was brought, once; versions that carry it point here."""

    class Kind(models.TextChoices):
        """As `kb.attaching` found it to be by what is in it; the value is how its name ends."""

        PDF = "pdf", "PDF"
        PNG = "png", pgettext_lazy("a kind of file", "Picture (PNG)")
        JPEG = "jpg", pgettext_lazy("a kind of file", "Picture (JPEG)")
        DOCX = "docx", pgettext_lazy("a kind of file", "Word document")
        XLSX = "xlsx", pgettext_lazy("a kind of file", "Excel workbook")
        TEXT = "txt", pgettext_lazy("a kind of file", "Plain text")
        CSV = "csv", pgettext_lazy("a kind of file", "Table (CSV)")

    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices)
    size = models.PositiveIntegerField(_("size"))  # bytes
    content = models.BinaryField()
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    brought_at = models.DateTimeField(_("uploaded at"))

    class Meta(Fact.Meta):
        verbose_name = _("attached file")
        verbose_name_plural = _("attached files")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="document_holds_something")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sha256[:8]}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Attachment(models.Model):
    """A document under the name that readers see; its number is its address."""

    version = models.ForeignKey(
        ArticleVersion,
        verbose_name=_("version"),
        on_delete=models.PROTECT,
        related_name="attachments",
    )
    document = models.ForeignKey(Document, verbose_name=_("file"), on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=120)
    is_form = models.BooleanField(_("a form to fill in"), default=False)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["version", "-is_form", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="attachment_name_once")
        ]
        triggers = [
            Frozen(name="as_attached", fields=["version", "document", "name"]),
            Guard(
                name="of_a_draft",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("stands", "TEXT")],
                func=ONLY_OF_A_DRAFT,
            ),
        ]

    def __str__(self) -> str:
        return self.name
