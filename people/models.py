"""Who works here, who looked at whom, and what one asks and another decides."""

from datetime import datetime
from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from live.facts import Fact


@pghistory.track()
class Branch(models.Model):
    """A branch or a department of the bank (支行、部门)."""

    code = models.CharField(_("branch code"), max_length=6, unique=True)
    name = models.CharField(_("name"), max_length=40, unique=True)
    district = models.CharField(_("district"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=100, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class StaffManager(UserManager["User"]):
    def create_user(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> "User":
        """Everybody here works in the back office; what they may do there is their roles'."""
        fields.setdefault("is_staff", True)
        return super().create_user(username, email, password, **fields)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractUser):
    """A member of staff; `username` is the staff number (工号)."""

    first_name = last_name = None  # type: ignore[assignment]  # Chinese names are one field
    username = models.CharField(
        _("staff number"),
        max_length=10,
        unique=True,
        validators=[RegexValidator("^[0-9A-Za-z]+$", _("Letters and digits only."))],
        error_messages={"unique": _("Somebody has this staff number already.")},
    )
    name = models.CharField(_("full name"), max_length=40)
    branch = models.ForeignKey(
        Branch, verbose_name=_("branch"), null=True, blank=True, on_delete=models.PROTECT
    )
    is_staff = models.BooleanField(_("may log in"), default=True)
    must_change_password = models.BooleanField(_("must choose a new password"), default=False)

    objects: ClassVar[StaffManager] = StaffManager()
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        ordering = ["username"]

    def __str__(self) -> str:
        return f"{self.name} {self.username}"

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def set_password(self, raw_password: str | None) -> None:
        """Whoever chooses a password has done what was asked."""
        super().set_password(raw_password)
        self.must_change_password = False


@pghistory.track(pghistory.InsertEvent("given"), pghistory.DeleteEvent("taken"), obj_field=None)
class RoleOfUser(User.groups.through):  # type: ignore[name-defined,misc]
    """Which roles somebody has; only here so that giving and taking one leaves its history."""

    class Meta:
        proxy = True


class AccessLog(Fact):
    """Who looked at which customer's data, when and why. Written by `people.access.record`."""

    class What(models.TextChoices):
        VIEW = "view", _("viewed")
        REVEAL = "reveal", _("revealed")

    at = models.DateTimeField(_("time"))
    user = models.ForeignKey(User, verbose_name=_("staff"), on_delete=models.PROTECT)
    what = models.CharField(_("action"), max_length=10, choices=What.choices)
    subject = models.CharField(_("subject"), max_length=60)  # "banking.customer:17"
    field = models.CharField(_("field"), max_length=40, blank=True)  # of a reveal
    reason = models.CharField(_("reason"), max_length=200)
    address = models.GenericIPAddressField(_("address"), null=True)

    class Meta(Fact.Meta):
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")
        ordering = ["-at"]
        indexes = [models.Index(fields=["subject", "at"])]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="access_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.get_what_display()}"


class Approval(models.Model):
    """What one member of staff asks and another decides (双人复核), once.

    `kind` is registered in `people.approvals`; `details` are what its handler needs to carry it
    out, JSON without a secret in it.
    """

    class State(models.TextChoices):
        OPEN = "open", _("waits for a decision")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("a request", "withdrawn")
        LAPSED = "lapsed", _("lapsed")

    kind = models.CharField(_("kind"), max_length=30)
    subject = models.CharField(_("subject"), max_length=60)  # "banking.card:17"
    details = models.JSONField(_("details"), default=dict)
    reason = models.CharField(_("reason"), max_length=200)
    asked_by = models.ForeignKey(
        User,
        verbose_name=pgettext_lazy("a request", "asked by"),
        on_delete=models.PROTECT,
        related_name="approvals_asked",
    )
    asked_at = models.DateTimeField(_("asked at"))
    expires_at = models.DateTimeField(_("lapses at"), null=True)  # null: it waits for ever
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        User,
        verbose_name=_("decided by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="approvals_decided",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)  # or withdrawn, or found lapsed
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "asked_at"], condition=Q(state="open"), name="asked_open")
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=F("asked_by")), name="decided_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "refused"], decided_by__isnull=False)
                | (~Q(state__in=["approved", "refused"]) & Q(decided_by=None)),
                name="decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="decided_when",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="asked_with_a_reason"),
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(state="open"), name="asked_once"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="asked_first",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.state <> 'open'"),
            ),
            pgtrigger.ReadOnly(
                name="as_asked",
                fields=[
                    *("kind", "subject", "details", "reason"),
                    *("asked_by", "asked_at", "expires_at"),
                ],
            ),
            pgtrigger.Protect(
                name="decided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'open'"),
            ),
        ]

    def __str__(self) -> str:
        from people import approvals  # which is written of this model

        kind = approvals.kinds().get(self.kind)
        return f"{kind.title if kind else self.kind} {self.pk}"

    def has_lapsed(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be decided."""
        return self.state == self.State.OPEN and not self.has_lapsed(at)
