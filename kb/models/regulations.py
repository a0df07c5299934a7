"""The centre's regulations (规章制度): issued in versions, each attested by whom it applies to."""

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Guard
from kb.models.versions import (
    Step,
    Subject,
    Version,
    VersionQuerySet,
    guards,
    laws,
    one_in_force,
    one_published,
)
from live.facts import Fact


@pghistory.track()
class Regulation(Subject):
    """What the centre is ruled by. Its words are in the versions."""

    class Meta:
        verbose_name = _("regulation")
        verbose_name_plural = _("regulations")
        ordering = ["key"]


@pghistory.track()
class RegulationVersion(Version):
    """One wording of a regulation. It is read from its publication, which may be before its day."""

    of = "regulation"

    regulation = models.ForeignKey(
        Regulation, verbose_name=_("regulation"), on_delete=models.PROTECT, related_name="versions"
    )
    title = models.CharField(pgettext_lazy("of a procedure", "title"), max_length=60)
    document_number = models.CharField(_("document number"), max_length=40)
    text = models.TextField(pgettext_lazy("of a regulation", "text"), max_length=40_000)
    roles = ArrayField(  # of people.roles.Role
        models.CharField(max_length=20),
        verbose_name=pgettext_lazy("a regulation", "applies to"),
    )
    force_on = models.DateField(
        pgettext_lazy("a regulation", "in force from"), null=True, blank=True
    )  # null: at once
    attest_days = models.PositiveSmallIntegerField(
        _("to be attested within, days"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )

    objects = VersionQuerySet["RegulationVersion"].as_manager()

    class Meta:
        verbose_name = _("version of a regulation")
        verbose_name_plural = _("versions of regulations")
        ordering = ["regulation", "-number"]
        constraints = [
            *laws("regulation"),
            one_published("regulation"),
            one_in_force("regulation"),
        ]
        triggers = guards(
            ("title", "document_number", "text", "source", "roles", "force_on", "attest_days")
        )

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"


class RegulationStep(Step):
    version = models.ForeignKey(
        RegulationVersion,
        verbose_name=_("version"),
        on_delete=models.PROTECT,
        related_name="history",
    )

    class Meta(Step.Meta):
        verbose_name = _("step of a regulation")
        verbose_name_plural = _("steps of regulations")


class Attestation(Fact):
    """She has read a version and will keep to it: once, of what is published."""

    version = models.ForeignKey(
        RegulationVersion,
        verbose_name=_("version"),
        on_delete=models.PROTECT,
        related_name="attestations",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff"), on_delete=models.PROTECT
    )
    at = models.DateTimeField(_("time"))

    class Meta(Fact.Meta):
        verbose_name = _("attestation")
        verbose_name_plural = _("attestations")
        ordering = ["version", "at"]
        permissions = [("attest_regulation", "Can attest to have read a regulation")]
        constraints = [
            models.UniqueConstraint(fields=["version", "by"], name="attested_once"),
        ]
        triggers = [
            *Fact.Meta.triggers,
            Guard(
                name="of_what_is_published",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM public.kb_regulationversion
                        WHERE id = NEW.version_id AND state = 'published'
                        FOR SHARE
                    ) THEN
                        RAISE EXCEPTION 'of_what_is_published: there is nothing to attest';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.by_id}"
