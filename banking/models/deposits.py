"""Deposits beside the demand account, what they earn by dated rows, and what became of each."""

from datetime import date

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen, Guard, Path
from banking.interest import Basis as Counting
from banking.models.ledger import Account, Journal
from live.facts import Fact
from live.fences import FencedTable


class Product(models.TextChoices):
    """The values are those of the account's kind."""

    DEMAND = "demand", _("demand")
    TIME = "time", _("time deposit")  # 整存整取
    INSTALMENT = "instalment", _("instalment deposit")  # 零存整取
    DRAWING = "drawing", _("interest-drawing deposit")  # 存本取息
    NOTICE = "notice", _("notice deposit")  # 通知存款


class Term(models.TextChoices):
    NONE = "", _("no term")
    D1 = "1d", _("1 day's notice")
    D7 = "7d", _("7 days' notice")
    M3 = "3m", _("3 months")
    M6 = "6m", _("6 months")
    Y1 = "1y", _("1 year")
    Y2 = "2y", _("2 years")
    Y3 = "3y", _("3 years")
    Y5 = "5y", _("5 years")

    @property
    def months(self) -> int:
        """0 of what has no term."""
        unit = {"m": 1, "y": 12}.get(self.value[-1:], 0)
        return int(self.value[:-1]) * unit if unit else 0

    @property
    def notice_days(self) -> int:
        """0 of what needs no notice."""
        return int(self.value[:-1]) if self.value.endswith("d") else 0


class Basis(models.TextChoices):
    PERIODS = Counting.PERIODS.value, _("whole months, odd days by 360")
    ACTUAL = Counting.ACTUAL.value, _("actual days by 360")


@pghistory.track()
class DepositRate(models.Model):
    """What a product earns from a day on. One that is not offered still serves who has it."""

    product = models.CharField(
        pgettext_lazy("of a deposit", "product"), max_length=10, choices=Product.choices
    )
    term = models.CharField(
        pgettext_lazy("of a deposit", "term"), max_length=2, choices=Term.choices, blank=True
    )
    valid_from = models.DateField(_("valid from"))
    percent = models.DecimalField(_("per cent a year"), max_digits=7, decimal_places=4)
    offered = models.BooleanField(_("offered to new deposits"), default=True)

    class Meta:
        verbose_name = _("deposit rate")
        verbose_name_plural = _("deposit rates")
        ordering = ["product", "term", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "term", "valid_from"], name="deposit_rate_once"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lt=100), name="deposit_rate_is_per_cent"
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.get_product_display()} {self.get_term_display()} {self.percent.normalize():f}"
        )


@pghistory.track()
class DepositTerms(models.Model):
    """The conditions of a product from a day on; what is open keeps those of its opening."""

    product = models.CharField(
        pgettext_lazy("of a deposit", "product"), max_length=10, choices=Product.choices
    )
    valid_from = models.DateField(_("valid from"))
    minimum = models.DecimalField(  # yuan to open with, and to leave; of a notice, to draw
        pgettext_lazy("of a deposit", "minimum"), max_digits=18, decimal_places=2
    )
    partials = models.PositiveSmallIntegerField(
        _("partial withdrawals in a term"), null=True, blank=True
    )  # null: as many as she likes
    every_months = models.PositiveSmallIntegerField(
        _("months between interest payments"), null=True, blank=True
    )
    basis = models.CharField(
        _("counting of days"), max_length=7, choices=Basis.choices, default=Basis.PERIODS
    )

    class Meta:
        verbose_name = _("deposit terms")
        verbose_name_plural = _("deposit terms")
        ordering = ["product", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["product", "valid_from"], name="deposit_terms_once"),
            models.CheckConstraint(
                condition=(Q(product="drawing") & Q(every_months__gt=0))
                | (~Q(product="drawing") & Q(every_months=None)),
                name="drawing_is_paid_every_so_often",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_product_display()} {self.valid_from}"


@pghistory.track()
class InterestTax(models.Model):
    """Withheld from interest that accrues from a day on (利息税)."""

    valid_from = models.DateField(_("valid from"), unique=True)
    percent = models.DecimalField(_("per cent of the interest"), max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = _("interest tax")
        verbose_name_plural = _("interest tax")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lt=100), name="interest_tax_is_per_cent"
            )
        ]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f}"


class Deposit(models.Model):
    """A deposit with an account of its own. Its principal is that account's balance.

    `began_on` is the first day that counts: of the term that runs, which a rollover moves on.
    """

    account = models.OneToOneField(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="deposit"
    )
    product = models.CharField(
        pgettext_lazy("of a deposit", "product"), max_length=10, choices=Product.choices
    )
    term = models.CharField(
        pgettext_lazy("of a deposit", "term"), max_length=2, choices=Term.choices
    )
    percent = models.DecimalField(  # null: the rate of the day it is drawn on
        _("per cent a year"), max_digits=7, decimal_places=4, null=True
    )
    basis = models.CharField(_("counting of days"), max_length=7, choices=Basis.choices)
    began_on = models.DateField(_("began on"))
    matures_on = models.DateField(_("matures on"), null=True)
    renews = models.BooleanField(_("rolled over"), default=False)
    pays_to = models.ForeignKey(
        Account,
        verbose_name=_("pays to"),
        on_delete=models.PROTECT,
        related_name="deposits_paying",
    )
    monthly = models.DecimalField(
        _("monthly instalment"), max_digits=18, decimal_places=2, null=True
    )
    every_months = models.PositiveSmallIntegerField(
        _("months between interest payments"), null=True
    )
    pays_next_on = models.DateField(_("next interest payment"), null=True)
    instruction = models.OneToOneField(
        "banking.Instruction", verbose_name=_("instruction"), null=True, on_delete=models.PROTECT
    )
    closed_on = models.DateField(_("closed on"), null=True)

    class Meta:
        verbose_name = _("deposit")
        verbose_name_plural = _("deposits")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["matures_on", "account"],
                condition=Q(closed_on=None),
                name="deposit_matures",
            ),
            models.Index(
                fields=["pays_next_on", "account"],
                condition=Q(closed_on=None),
                name="deposit_pays",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(product="demand"), name="deposit_is_no_demand"),
            models.CheckConstraint(
                condition=Q(product="notice", matures_on=None, percent=None)
                | (~Q(product="notice") & Q(matures_on__gt=F("began_on"), percent__isnull=False)),
                name="deposit_matures_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(product="instalment", monthly__gt=0)
                | (~Q(product="instalment") & Q(monthly=None)),
                name="deposit_instalment",
            ),
            models.CheckConstraint(
                condition=Q(product="drawing", every_months__gt=0)
                | (~Q(product="drawing") & Q(every_months=None, pays_next_on=None)),
                name="deposit_pays_interest",
            ),
            models.CheckConstraint(
                condition=Q(renews=False) | Q(product="time"), name="deposit_renews"
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="agreed",
                fields=["account", "product", "term", "basis", "monthly", "instruction"],
            ),
            Forbid(
                name="closed_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.closed_on IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_product_display()} {self.get_term_display()}"


class DepositEntry(Fact):
    """What happened to a deposit: its own statement, and the proof that it happened once."""

    class What(models.TextChoices):
        OPENED = "opened", pgettext_lazy("of a deposit", "opened")
        INSTALMENT = "instalment", pgettext_lazy("of a deposit", "instalment")
        WITHDRAWN = "withdrawn", pgettext_lazy("of a deposit", "withdrawn")
        PAID_OUT = "paid_out", _("interest paid out")
        ROLLED = "rolled", _("rolled over")
        MATURED = "matured", _("paid at maturity")

    NIGHTLY = (What.PAID_OUT, What.ROLLED, What.MATURED)

    deposit = models.ForeignKey(
        Deposit, verbose_name=_("deposit"), on_delete=models.PROTECT, related_name="entries"
    )
    what = models.CharField(_("event"), max_length=10, choices=What.choices)
    on = models.DateField(_("day"))
    principal = models.DecimalField(  # yuan in or out; what was rolled over
        _("principal"), max_digits=18, decimal_places=2
    )
    interest = models.DecimalField(  # below zero: clawed back
        _("interest"), max_digits=18, decimal_places=2, default=0
    )
    tax = models.DecimalField(_("interest tax"), max_digits=18, decimal_places=2, default=0)
    percent = models.DecimalField(_("per cent a year"), max_digits=7, decimal_places=4, null=True)
    # The one that moved the principal, or the interest where that alone moved; null: nothing did.
    journal = models.ForeignKey(
        Journal, verbose_name=_("journal"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Fact.Meta):
        verbose_name = _("entry of a deposit")
        verbose_name_plural = _("entries of deposits")
        ordering = ["-id"]
        indexes = [models.Index(fields=["on", "what"], name="deposit_entry_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["deposit", "what", "on"],
                condition=Q(what__in=["paid_out", "rolled", "matured"]),
                name="deposit_night_once",
            ),
        ]


class Notice(models.Model):
    """支取通知: so much will be drawn on that day. One stands at a time."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a deposit", "announced")
        USED = "used", pgettext_lazy("of a deposit", "drawn")
        CANCELLED = "cancelled", pgettext_lazy("of a deposit", "cancelled")
        LAPSED = "lapsed", _("not used")

    class Earns(models.TextChoices):
        NOTHING = "nothing", _("no interest")
        DEMAND = "demand", _("demand rate")

    number = models.CharField(_("receipt number"), max_length=12, unique=True, editable=False)
    deposit = models.ForeignKey(
        Deposit, verbose_name=_("deposit"), on_delete=models.PROTECT, related_name="notices"
    )
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    announced_at = models.DateTimeField(_("announced at"))
    due_on = models.DateField(_("to be drawn on"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    ended_on = models.DateField(_("ended on"), null=True)
    call_ref = models.CharField(max_length=64, blank=True)
    # What it cost, until a withdrawal has paid for it: these yuan earn less in [since, until).
    forfeit = models.DecimalField(
        _("forfeits interest on"), max_digits=18, decimal_places=2, default=0
    )
    forfeit_since = models.DateField(_("forfeited from"), null=True)
    forfeit_until = models.DateField(_("forfeited until"), null=True)
    forfeit_earns = models.CharField(
        _("earns instead"), max_length=7, choices=Earns.choices, blank=True
    )

    class Meta:
        verbose_name = _("notice of withdrawal")
        verbose_name_plural = _("notices of withdrawal")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state="open"), name="notice_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["deposit"], condition=Q(state="open"), name="one_open_notice_a_deposit"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="notice_positive"),
            models.CheckConstraint(
                condition=Q(forfeit=0)
                | (Q(forfeit__gt=0, forfeit_until__gte=F("forfeit_since")) & ~Q(forfeit_earns="")),
                name="notice_forfeits_a_span",
            ),
        ]
        triggers = [
            FencedTable(),
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(name="made", fields=["number", "deposit", "announced_at", "call_ref"]),
            Path(
                name="path",
                field="state",
                transitions=[("open", "used"), ("open", "cancelled"), ("open", "lapsed")],
            ),
            Guard(
                name="number",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    NEW.number := to_char(NEW.announced_at AT TIME ZONE 'Asia/Shanghai', 'YYMMDD')
                        || lpad(nextval('public.banking_receipt')::text, 6, '0');
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def stands(self, day: date) -> bool:
        return self.state == self.State.OPEN and day <= self.due_on
