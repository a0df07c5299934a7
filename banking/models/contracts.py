"""The books of a biller that the bank keeps for it: contracts, bills, and what it was paid.

Only `banking.billers` looks at them; where a biller answers for itself they are its own.
"""

from decimal import Decimal

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from banking.models.billers import LONGEST_CONTRACT, Biller
from live.facts import Fact


@pghistory.track()
class BillerContract(models.Model):
    """A customer of a biller, by the number on her bill."""

    class Answer(models.TextChoices):
        """How the biller answers to a payment for it: a rehearsal has all of them."""

        TAKES = "takes", _("takes the payment")
        REJECTS = "rejects", _("rejects the payment")
        SILENT = "silent", _("takes it, and the answer is lost")
        LOST = "lost", _("never gets the payment")
        DOWN = "down", _("answers to nothing")

    biller = models.ForeignKey(Biller, verbose_name=_("biller"), on_delete=models.PROTECT)
    number = models.CharField(_("contract number"), max_length=LONGEST_CONTRACT)
    holder = models.CharField(_("holder"), max_length=40, blank=True)
    answer = models.CharField(
        _("answer to payments"), max_length=7, choices=Answer.choices, default=Answer.TAKES
    )

    class Meta:
        verbose_name = _("contract with a biller")
        verbose_name_plural = _("contracts with billers")
        ordering = ["biller", "number"]
        constraints = [
            models.UniqueConstraint(fields=["biller", "number"], name="contract_once"),
        ]

    def __str__(self) -> str:
        return self.number


@pghistory.track()
class Bill(models.Model):
    """What a contract owes for a period; the oldest is paid first. Yuan."""

    contract = models.ForeignKey(
        BillerContract,
        verbose_name=_("contract number"),
        on_delete=models.CASCADE,
        related_name="bills",
    )
    period = models.DateField(_("period from"))
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    paid = models.DecimalField(
        _("amount paid"), max_digits=18, decimal_places=2, default=Decimal(0)
    )

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        ordering = ["contract", "period"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "period"], name="bill_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, paid__gte=0, paid__lte=F("amount")),
                name="bill_never_overpaid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.period}"

    @property
    def owed(self) -> Decimal:
        return self.amount - self.paid


class BillerEntry(Fact):
    """A payment as the biller has it, or a key that it will take no more."""

    key = models.UUIDField(_("key"), primary_key=True)
    biller = models.ForeignKey(Biller, verbose_name=_("biller"), on_delete=models.PROTECT)
    contract = models.CharField(_("contract number"), max_length=LONGEST_CONTRACT)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    day = models.DateField(_("day"))  # of the bank
    at = models.DateTimeField(_("time"))
    accepted = models.BooleanField(_("taken by the biller"))
    reason = models.CharField(_("reason"), max_length=60, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("entry in a biller's books")
        verbose_name_plural = _("entries in billers' books")
        ordering = ["-at"]
        indexes = [models.Index(fields=["biller", "day"], name="biller_entry_day")]

    def __str__(self) -> str:
        return str(self.key)
