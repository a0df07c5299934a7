"""Who works here: branches, users by staff number, and the log of who looked at whom."""

import pghistory
from django.contrib.auth.models import AbstractUser
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


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractUser):
    """A member of staff; `username` is the staff number (工号)."""

    first_name = last_name = None  # type: ignore[assignment]  # Chinese names are one field
    name = models.CharField(_("name"), max_length=40)
    branch = models.ForeignKey(
        Branch, verbose_name=_("branch"), null=True, blank=True, on_delete=models.PROTECT
    )

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
