"""How a draft is tried: on the test phone by a token, and by calls that were saved."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models import User
from telephony.models.calls import Call
from telephony.models.menus import MenuVersion


class TrialToken(models.Model):
    """Whoever keys it after the bank's number hears the draft, once, as a test customer."""

    code = models.CharField(_("token"), max_length=8, unique=True)
    version = models.ForeignKey(
        MenuVersion, verbose_name=_("menu version"), on_delete=models.PROTECT, related_name="tokens"
    )
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(User, verbose_name=_("made by"), on_delete=models.PROTECT)
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)
    call = models.OneToOneField(
        Call, verbose_name=_("call"), null=True, on_delete=models.PROTECT, related_name="token"
    )

    class Meta:
        verbose_name = _("token for the test phone")
        verbose_name_plural = _("tokens for the test phone")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at=None, call=None) | Q(used_at__isnull=False, call__isnull=False),
                name="token_used_by_a_call",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="token_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.code}"


class SavedCall(models.Model):
    """A call that a version must pass: keys in, prompts, journals and queue out.

    `keys` are groups apart by blanks, each keyed when the bank has had its say and waits;
    `-` is silence. `{card}` and the like stand for what the caller of `rehearsal.world` owns.
    """

    version = models.ForeignKey(
        MenuVersion,
        verbose_name=_("menu version"),
        on_delete=models.CASCADE,
        related_name="saved_calls",
    )
    name = models.CharField(_("name"), max_length=60)
    number = models.CharField(_("number dialled"), max_length=20)
    at = models.DateTimeField(_("at"))  # the hour at which she calls
    keys = models.CharField(_("keys"), max_length=200, blank=True)
    expected = models.JSONField(_("expected"), default=list)  # of lines (rehearsal.outcome)
    came = models.JSONField(_("what came"), null=True)
    ran_at = models.DateTimeField(_("run at"), null=True)

    class Meta:
        verbose_name = _("saved call")
        verbose_name_plural = _("saved calls")
        ordering = ["version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="one_saved_call_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
