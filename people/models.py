"""Who works here: branches, users by staff number, and the log of who looked at whom."""

from typing import Any, ClassVar

import pghistory
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

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
