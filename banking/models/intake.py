"""Who may hand orders in by REST, and what came: internet banking, and others like it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen
from live.facts import Fact


class IntakeClient(models.Model):
    """A system that hands orders in. Its secret is sealed, and was shown once."""

    PURPOSE = "intake"  # bound into the sealed secret

    key_id = models.CharField(_("key"), max_length=24, unique=True)
    name = models.CharField(pgettext_lazy("of a system", "name"), max_length=60)
    secret_box = models.BinaryField(editable=False)
    secret_key_version = models.PositiveSmallIntegerField(editable=False)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("issued by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("of a system", "revoked by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("system that hands orders in")
        verbose_name_plural = _("systems that hand orders in")
        ordering = ["-id"]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="issued",
                fields=[
                    *("key_id", "name", "secret_box", "secret_key_version"),
                    *("issued_at", "issued_by"),
                ],
            ),
            Forbid(
                name="revoked_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.key_id}"


class IntakeNonce(models.Model):
    """A signed request that was taken: it is not taken twice. Kept while its hour could hold."""

    client = models.ForeignKey(IntakeClient, on_delete=models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("used nonce")
        verbose_name_plural = _("used nonces")
        constraints = [
            models.UniqueConstraint(fields=["client", "nonce"], name="intake_nonce_once")
        ]

    def __str__(self) -> str:
        return self.nonce


class IntakeOrder(Fact):
    """The order that a system handed in under one of its keys: one key, one body."""

    client = models.ForeignKey(
        IntakeClient,
        verbose_name=_("handed in by"),
        on_delete=models.PROTECT,
        related_name="orders",
    )
    key = models.CharField(_("idempotency key"), max_length=64)
    sha256 = models.CharField(_("digest"), max_length=64)  # of the body
    instruction_key = models.UUIDField(_("instruction"), unique=True)
    at = models.DateTimeField(_("time"))

    class Meta(Fact.Meta):
        verbose_name = _("order handed in")
        verbose_name_plural = _("orders handed in")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="intake_key_once"),
        ]

    def __str__(self) -> str:
        return self.key
