"""The end of each of the bank's days: what was due, what was posted, and why not."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from banking.guards import Forbid
from banking.models.ledger import Account, Journal
from live.facts import Fact


class InterestSettlement(Fact):
    """结息: what a demand account earned in a quarter. Without a journal it came to nothing."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.PROTECT,
        related_name="settlements",
        db_index=False,
    )
    settled_on = models.DateField(_("settled on"))  # the last day that counts
    since = models.DateField(_("since"))
    products = models.DecimalField(_("sum of daily balances"), max_digits=24, decimal_places=0)
    percent = models.DecimalField(_("per cent a year"), max_digits=7, decimal_places=4)
    interest = models.DecimalField(_("interest"), max_digits=18, decimal_places=2)
    tax = models.DecimalField(_("interest tax"), max_digits=18, decimal_places=2)
    journal = models.ForeignKey(
        Journal,
        verbose_name=_("journal"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    class Meta(Fact.Meta):
        verbose_name = _("settlement of interest")
        verbose_name_plural = _("settlements of interest")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["settled_on", "account"], name="interest_settled_once"),
            models.CheckConstraint(
                condition=Q(interest__gte=0, tax__gte=0, tax__lte=F("interest")),
                name="interest_settled_not_negative",
            ),
        ]


class Night(models.Model):
    """The closing of one day (日终): run again, it goes on where it stopped."""

    day = models.DateField(_("day"), unique=True)
    began_at = models.DateTimeField(_("began at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("end of day")
        verbose_name_plural = _("ends of day")
        ordering = ["-day"]
        triggers = [Forbid(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.day.isoformat()


class NightTask(models.Model):
    """One work of a night. Finished only where all that was due is accounted for."""

    class Task(models.TextChoices):
        INTEREST = "interest", _("interest on demand accounts")
        PAYOUTS = "payouts", _("interest of interest-drawing deposits")
        MATURITIES = "maturities", _("maturing deposits")
        NOTICES = "notices", _("notices not used")
        LOANS = "loans", _("loan instalments due")

    night = models.ForeignKey(
        Night, verbose_name=_("end of day"), on_delete=models.PROTECT, related_name="tasks"
    )
    task = models.CharField(_("nightly work"), max_length=10, choices=Task.choices)
    eligible = models.PositiveIntegerField(_("accounts due"), default=0)
    posted = models.PositiveIntegerField(_("accounts done"), default=0)
    named = models.PositiveIntegerField(_("named with a reason"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("task of a night")
        verbose_name_plural = _("tasks of a night")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["night", "task"], name="night_task_once"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(eligible=F("posted") + F("named")),
                name="night_task_accounts_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.night} {self.get_task_display()}"


class Unposted(models.Model):
    """An account that was due and got nothing in a night, and why."""

    class Why(models.TextChoices):
        FROZEN = "frozen", _("the account is frozen")
        HELD = "held", _("money of it is held")
        PAYEE_CLOSED = "payee_closed", _("the account it pays to is closed")
        NO_RATE = "no_rate", _("no rate is in force for it")
        PAYER_CLOSED = "payer_closed", _("the account that pays it is closed")
        SHORT = "short", _("the account that pays it has too little money")

    task = models.ForeignKey(
        NightTask, verbose_name=_("nightly work"), on_delete=models.PROTECT, related_name="unposted"
    )
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="+"
    )
    why = models.CharField(_("reason"), max_length=12, choices=Why.choices)

    class Meta:
        verbose_name = _("account not posted")
        verbose_name_plural = _("accounts not posted")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "account"], name="unposted_once"),
        ]

    def __str__(self) -> str:
        return self.get_why_display()
