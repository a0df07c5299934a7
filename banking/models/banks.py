"""The other banks, and whom of their customers ours may pay."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.models.customers import Customer
from banking.models.orders import Channel

CITY = slice(3, 7)  # of a bank code: 3 bank, 4 city, 4 branch, 1 check digit


@pghistory.track()
class Bank(models.Model):
    """A branch that takes part in clearing, under its 行号. One row is our own."""

    code = models.CharField(_("bank code"), max_length=12, unique=True)
    name = models.CharField(pgettext_lazy("of a bank", "name"), max_length=80)
    short = models.CharField(_("abbreviation"), max_length=20)
    city = models.CharField(_("city"), max_length=20)
    is_own = models.BooleanField(_("our own"), default=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    class Meta:
        verbose_name = _("bank")
        verbose_name_plural = _("banks")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{12}$"), name="bank_code_shape"),
            models.UniqueConstraint(fields=["is_own"], condition=Q(is_own=True), name="one_is_own"),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class ExternalPayee(models.Model):
    """A payee at another bank. Registered at a branch: the only ones the phone pays there.

    One that a customer named by internet banking is paid from there alone.
    The account's number is sealed as a card's is; the name is compared by the payee's bank. The
    code may be of a branch that our directory doesn't know yet.
    """

    PURPOSE = "external"  # bound into the sealed number

    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="external_payees",
    )
    bank_code = models.CharField(_("bank code"), max_length=12)
    number_box = models.BinaryField(editable=False)
    number_lookup = models.BinaryField(max_length=32, editable=False)
    last4 = models.CharField(_("last four"), max_length=4)
    number_key_version = models.PositiveSmallIntegerField(editable=False)
    name = models.CharField(_("payee's name"), max_length=60)
    channel = models.CharField(
        _("channel"), max_length=7, choices=Channel.choices, default=Channel.COUNTER
    )
    registered_on = models.DateField(_("registered on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    class Meta:
        verbose_name = _("payee at another bank")
        verbose_name_plural = _("payees at other banks")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(bank_code__regex=r"^[0-9]{12}$"), name="external_payee_bank_shape"
            ),
            models.UniqueConstraint(
                fields=["customer", "bank_code", "number_lookup"],
                condition=Q(ended_on=None, channel="counter"),
                name="external_payee_registered_once",
            ),
            models.UniqueConstraint(
                fields=["customer", "bank_code", "number_lookup", "name"],
                condition=Q(ended_on=None, channel="online"),
                name="external_payee_named_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.last4}"

    @property
    def city_code(self) -> str:
        return self.bank_code[CITY]
