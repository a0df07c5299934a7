"""Billers (缴费单位), and what became of each payment to one of them."""

from datetime import time
from decimal import Decimal

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from banking.guards import Forbid, Frozen, Path
from banking.models.ledger import Journal
from banking.models.orders import Instruction
from banking.numbers import luhn_digit
from live.facts import Fact
from live.fences import FencedTable

LONGEST_CONTRACT = 20  # digits
MOST_TOP_UPS = 5  # a menu has no more keys


@pghistory.track()
class Biller(models.Model):
    """Who is paid: which contract numbers are its own, what it takes, and how it is reached."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("telephone and mobile")
        WATER = "water", _("water")
        ELECTRICITY = "electricity", _("electricity")
        GAS = "gas", _("gas")
        CABLE = "cable", _("cable television")

    class Check(models.TextChoices):
        """What the last digit of a contract number is."""

        NONE = "none", _("no check digit")
        LUHN = "luhn", _("Luhn check digit")  # ISO/IEC 7812-1, annex B

    code = models.CharField(
        _("biller code"),
        max_length=10,
        unique=True,
        validators=[RegexValidator("^[A-Z0-9]+$", _("Capital letters and digits only."))],
    )
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices)
    is_active = models.BooleanField(_("takes payments"), default=True)
    least_digits = models.PositiveSmallIntegerField(
        _("digits at least"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_CONTRACT)],
    )
    most_digits = models.PositiveSmallIntegerField(
        _("digits at most"), default=8, validators=[MaxValueValidator(LONGEST_CONTRACT)]
    )
    prefixes = ArrayField(
        models.CharField(max_length=6, validators=[RegexValidator("^[0-9]+$")]),
        verbose_name=_("numbers begin with"),
        default=list,
        blank=True,
        help_text=_("Separated by commas; empty: with anything."),
    )
    check_digit = models.CharField(
        _("check digit"), max_length=4, choices=Check.choices, default=Check.NONE
    )
    part_allowed = models.BooleanField(_("takes a part of a bill"), default=False)
    top_ups = ArrayField(
        models.PositiveIntegerField(validators=[MinValueValidator(1)]),
        verbose_name=_("top-up amounts"),
        size=MOST_TOP_UPS,
        default=list,
        blank=True,
        help_text=_("Whole yuan, at most five, separated by commas; empty: bills are paid."),
    )
    interface = models.CharField(
        _("interface"),
        max_length=80,
        default="banking.billers.embedded.EmbeddedBiller",
        help_text=_("The Python class that speaks with the biller."),
    )
    # The caller waits for it in silence: two seconds are what she bears (interface.md).
    timeout_s = models.PositiveSmallIntegerField(
        _("waits for an answer, s"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
    )
    file_at = models.TimeField(
        _("file of the day before, made at"),
        default=time(0, 30),
        help_text=_("Only where payments go by file."),
    )

    class Meta:
        verbose_name = _("biller")
        verbose_name_plural = _("billers")
        ordering = ["kind", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    least_digits__gte=1,
                    most_digits__gte=F("least_digits"),
                    most_digits__lte=LONGEST_CONTRACT,
                ),
                name="biller_digits",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def knows(self, contract: str) -> bool:
        """Whether a number may be one of its contracts, by its shape alone."""
        return (
            self.least_digits <= len(contract) <= self.most_digits
            and (not self.prefixes or contract.startswith(tuple(self.prefixes)))
            and (self.check_digit == self.Check.NONE or luhn_digit(contract[:-1]) == contract[-1])
        )


class BillerFile(Fact):
    """A day's payments to a biller that takes them by file, as they were sent."""

    biller = models.ForeignKey(Biller, verbose_name=_("biller"), on_delete=models.PROTECT)
    day = models.DateField(_("day"))  # of the payments in it
    made_at = models.DateTimeField(_("file made at"))
    count = models.PositiveIntegerField(_("payments in the file"))
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)  # yuan
    text = models.TextField(_("content"))

    class Meta(Fact.Meta):
        verbose_name = _("file to a biller")
        verbose_name_plural = _("files to billers")
        ordering = ["-day", "biller"]
        constraints = [
            models.UniqueConstraint(fields=["biller", "day"], name="one_biller_file_a_day"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.biller.code}-{self.day:%Y%m%d}.txt"


class BillerReply(Fact):
    """What a biller answered to a file: which payments it took, and which it rejects."""

    file = models.OneToOneField(BillerFile, verbose_name=_("file"), on_delete=models.PROTECT)
    taken_at = models.DateTimeField(_("taken in at"))
    paid_count = models.PositiveIntegerField(_("payments accepted"))
    paid_amount = models.DecimalField(_("amount accepted"), max_digits=18, decimal_places=2)
    rejected_count = models.PositiveIntegerField(_("payments rejected"))
    rejected_amount = models.DecimalField(_("amount rejected"), max_digits=18, decimal_places=2)
    text = models.TextField(_("content"))

    class Meta(Fact.Meta):
        verbose_name = _("reply of a biller")
        verbose_name_plural = _("replies of billers")
        ordering = ["-taken_at"]

    def __str__(self) -> str:
        return str(self.file)


class BillPayment(models.Model):
    """A debited bill: whether its biller has it. Its order's key is the key for the biller too.

    `asked` is 待查 as long as no answer comes: it is enquired after, never sent again.
    """

    class State(models.TextChoices):
        DEBITED = "debited", _("debited, the biller not asked yet")
        ASKED = "asked", _("being checked with the biller")
        QUEUED = "queued", _("goes with the day's file")
        SENT = "sent", _("sent in a file")
        PAID = "paid", _("paid to the biller")
        REJECTED = "rejected", _("rejected, money returned")

    order = models.OneToOneField(
        Instruction, verbose_name=_("instruction"), primary_key=True, on_delete=models.PROTECT
    )
    biller = models.ForeignKey(Biller, verbose_name=_("biller"), on_delete=models.PROTECT)
    contract = models.CharField(_("contract number"), max_length=LONGEST_CONTRACT)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)  # yuan
    booked_on = models.DateField(_("booked on"))
    journal = models.OneToOneField(
        Journal, verbose_name=_("journal"), on_delete=models.PROTECT, related_name="bill"
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DEBITED)
    asked_at = models.DateTimeField(_("biller asked at"), null=True)
    enquired_at = models.DateTimeField(_("last enquiry at"), null=True)
    enquiries = models.PositiveIntegerField(_("enquiries"), default=0)
    settled_at = models.DateTimeField(_("final answer at"), null=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True)  # the biller's words
    file = models.ForeignKey(
        BillerFile, verbose_name=_("file"), null=True, on_delete=models.PROTECT
    )
    reversal = models.OneToOneField(
        Journal,
        verbose_name=_("reversal"),
        null=True,
        on_delete=models.PROTECT,
        related_name="reversed_bill",
    )

    class Meta:
        verbose_name = _("bill payment")
        verbose_name_plural = _("bill payments")
        ordering = ["-journal_id"]
        permissions = [
            ("settle_billpayment", "Can say what a biller told of a payment"),
            ("decide_billpayment", "Can decide on what a biller told of a payment"),
        ]
        indexes = [
            models.Index(fields=["biller", "booked_on"], name="bill_payment_day"),
            models.Index(
                fields=["asked_at"],
                condition=Q(state__in=["debited", "asked"]),
                name="bill_payment_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="rejected", reversal__isnull=False)
                | (~Q(state="rejected") & Q(reversal=None)),
                name="rejected_with_reversal",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["paid", "rejected"], settled_at__isnull=False)
                | (~Q(state__in=["paid", "rejected"]) & Q(settled_at=None)),
                name="bill_settled_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(file__isnull=False), name="sent_in_a_file"
            ),
        ]
        triggers = [
            FencedTable(),
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="what",
                fields=["order", "biller", "contract", "amount", "booked_on", "journal"],
            ),
            Forbid(
                name="begins",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.state <> 'debited'"),
            ),
            Path(
                name="path",
                field="state",
                transitions=[
                    ("debited", "asked"),
                    *(("asked", after) for after in ("queued", "paid", "rejected")),
                    ("queued", "sent"),
                    *(("sent", after) for after in ("paid", "rejected")),
                ],
            ),
        ]

    def __str__(self) -> str:
        return str(self.order)

    @property
    def is_settled(self) -> bool:
        return self.state in {self.State.PAID, self.State.REJECTED}


class BillerDay(models.Model):
    """A day with a biller, by count and amount: our books beside its own. Yuan.

    `checked_at` is the last look; a day that is open or differs is looked at again.
    """

    biller = models.ForeignKey(Biller, verbose_name=_("biller"), on_delete=models.PROTECT)
    day = models.DateField(_("day"))
    checked_at = models.DateTimeField(_("reconciled at"))
    paid_count = models.PositiveIntegerField(_("payments made"))
    paid_amount = models.DecimalField(_("amount paid"), max_digits=18, decimal_places=2)
    rejected_count = models.PositiveIntegerField(_("payments rejected"))
    rejected_amount = models.DecimalField(_("amount rejected"), max_digits=18, decimal_places=2)
    open_count = models.PositiveIntegerField(_("payments open"))
    open_amount = models.DecimalField(_("amount open"), max_digits=18, decimal_places=2)
    owed = models.DecimalField(  # what the day's journals put on the account of the billers
        _("owed in our books"), max_digits=18, decimal_places=2
    )
    # Null: the biller hasn't said.
    their_count = models.PositiveIntegerField(_("biller's count"), null=True)
    their_amount = models.DecimalField(
        _("biller's amount"), max_digits=18, decimal_places=2, null=True
    )

    class Meta:
        verbose_name = _("day with a biller")
        verbose_name_plural = _("days with billers")
        ordering = ["-day", "biller"]
        constraints = [
            models.UniqueConstraint(fields=["biller", "day"], name="one_row_a_biller_day"),
        ]

    def __str__(self) -> str:
        return f"{self.biller} {self.day}"

    @property
    def books_agree(self) -> bool:
        """What the journals say is owed is what was paid and what is still open."""
        return self.owed == self.paid_amount + self.open_amount

    @property
    def difference(self) -> Decimal | None:
        """The biller's amount above ours; None while it hasn't said."""
        return None if self.their_amount is None else self.their_amount - self.paid_amount

    @property
    def is_balanced(self) -> bool:
        return (
            self.books_agree
            and self.open_count == 0
            and (self.their_count, self.their_amount) == (self.paid_count, self.paid_amount)
        )
