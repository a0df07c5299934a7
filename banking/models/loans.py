"""Loans: the contract, its schedule of repayment, and the dated rows that price it.

What is owed of the principal is the balance of the loan's account, below zero; the schedule says
when it comes due. Who writes either holds the account's lock (`ledger.lock`).
"""

import pghistory
import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen
from banking.models.ledger import Account


class Product(models.TextChoices):
    HOME = "home", _("home loan")  # 个人住房贷款
    CONSUMER = "consumer", _("consumer loan")  # 个人消费贷款
    BUSINESS = "business", _("business loan")  # 个人经营贷款


class Series(models.TextChoices):
    """Rates that somebody else publishes and loans follow."""

    LPR_1Y = "lpr_1y", _("loan prime rate, 1 year")  # 贷款市场报价利率
    LPR_5Y = "lpr_5y", _("loan prime rate, over 5 years")
    FUND_SHORT = "fund_short", _("housing fund, up to 5 years")  # 住房公积金贷款
    FUND_LONG = "fund_long", _("housing fund, over 5 years")


@pghistory.track()
class LoanRate(models.Model):
    """A published rate from a day on, until the next row of its series."""

    series = models.CharField(_("rate of"), max_length=10, choices=Series.choices)
    valid_from = models.DateField(_("valid from"))
    percent = models.DecimalField(_("per cent a year"), max_digits=7, decimal_places=4)

    class Meta:
        verbose_name = _("loan rate")
        verbose_name_plural = _("loan rates")
        ordering = ["series", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["series", "valid_from"], name="loan_rate_once"),
            models.CheckConstraint(condition=Q(percent__gte=0), name="loan_rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_series_display()} {self.valid_from}"


@pghistory.track()
class LendingTerm(models.Model):
    """What a product's loans cost beside their interest, from a day on."""

    product = models.CharField(_("product"), max_length=10, choices=Product.choices)
    valid_from = models.DateField(_("valid from"))
    # 银发〔2003〕251号: 30 to 50 per cent of the loan's own rate.
    penalty = models.DecimalField(
        _("penalty, per cent of the rate"), max_digits=5, decimal_places=2, default=50
    )
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=0)
    # For paying back before it is due, within so many months after the loan was paid out.
    early_fee = models.DecimalField(
        _("early repayment fee, per cent"), max_digits=5, decimal_places=2, default=0
    )
    early_fee_months = models.PositiveSmallIntegerField(_("early repayment fee, months"), default=0)
    least_part = models.DecimalField(
        _("least early repayment"), max_digits=18, decimal_places=2, default=0
    )  # yuan of principal

    class Meta:
        verbose_name = _("lending term")
        verbose_name_plural = _("lending terms")
        ordering = ["product", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["product", "valid_from"], name="lending_term_once"),
            models.CheckConstraint(
                condition=Q(penalty__gte=0, early_fee__gte=0, least_part__gte=0),
                name="lending_term_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_product_display()} {self.valid_from}"


# What changes as the loan lives; the rest is as it was signed.
@pghistory.track(
    fields=["percent", "reprices_on", "same", "overdue_since", "pays_from"], model_name="LoanEvent"
)
class Loan(models.Model):
    """A loan as it was signed. Its account's balance, below zero, is the principal owed."""

    class Method(models.TextChoices):
        ANNUITY = "annuity", _("equal instalments")  # 等额本息
        LINEAR = "linear", _("equal principal")  # 等额本金

    account = models.OneToOneField(
        Account,
        verbose_name=_("account"),
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="loan",
    )
    product = models.CharField(_("product"), max_length=10, choices=Product.choices)
    principal = models.DecimalField(_("principal"), max_digits=18, decimal_places=2)  # yuan lent
    method = models.CharField(_("repaid by"), max_length=7, choices=Method.choices)
    months = models.PositiveSmallIntegerField(_("months"))
    repay_day = models.PositiveSmallIntegerField(
        _("repayment day"), validators=[MinValueValidator(1), MaxValueValidator(28)]
    )
    lent_on = models.DateField(_("paid out on"))
    # Floating: the series on the day of repricing, and the margin. "": fixed.
    series = models.CharField(_("follows"), max_length=10, choices=Series.choices, blank=True)
    margin = models.DecimalField(
        _("margin, percentage points"), max_digits=7, decimal_places=4, default=0
    )
    percent = models.DecimalField(_("per cent a year"), max_digits=7, decimal_places=4)
    reprices_on = models.DateField(_("repriced on"), null=True)  # next; null: fixed
    # What stays the same each month: the sum (等额本息) or the principal in it (等额本金).
    same = models.DecimalField(_("same each month"), max_digits=18, decimal_places=2)
    pays_from = models.ForeignKey(
        Account,
        verbose_name=_("debited account"),
        on_delete=models.PROTECT,
        related_name="pays_loans",
    )
    overdue_since = models.DateField(_("overdue since"), null=True)  # as of the last night

    class Meta:
        verbose_name = _("loan")
        verbose_name_plural = _("loans")
        ordering = ["-lent_on", "account_id"]
        indexes = [
            models.Index(
                fields=["overdue_since"],
                condition=Q(overdue_since__isnull=False),
                name="loan_overdue",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(principal__gt=0, months__gt=0, percent__gte=0, same__gte=0),
                name="loan_figures",
            ),
            models.CheckConstraint(
                condition=Q(repay_day__gte=1, repay_day__lte=28), name="loan_repay_day"
            ),
            models.CheckConstraint(
                condition=Q(series="", reprices_on=None)
                | (~Q(series="") & Q(reprices_on__isnull=False)),
                name="loan_fixed_or_floating",
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="contract",
                fields=[
                    *("account", "product", "principal", "method", "months", "repay_day"),
                    *("lent_on", "series", "margin"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_product_display()} {self.account}"


class ScheduleLine(models.Model):
    """An instalment (期): what comes due, and what of it was paid. Yuan.

    A line that a later schedule replaced stays, marked; it counts no more.
    """

    loan = models.ForeignKey(
        Loan, verbose_name=_("loan"), on_delete=models.PROTECT, related_name="lines"
    )
    number = models.PositiveSmallIntegerField(_("number of the instalment"))
    due_on = models.DateField(_("due on"))
    principal = models.DecimalField(_("principal"), max_digits=18, decimal_places=2)
    interest = models.DecimalField(_("interest"), max_digits=18, decimal_places=2)
    principal_paid = models.DecimalField(
        _("principal paid"), max_digits=18, decimal_places=2, default=0
    )
    interest_paid = models.DecimalField(
        pgettext_lazy("of a loan", "interest paid"), max_digits=18, decimal_places=2, default=0
    )
    # Reckoned up to `penalty_to` when something was last paid; since then by the day.
    penalty = models.DecimalField(_("penalty"), max_digits=18, decimal_places=2, default=0)
    penalty_paid = models.DecimalField(
        _("penalty paid"), max_digits=18, decimal_places=2, default=0
    )
    penalty_to = models.DateField(_("penalty reckoned to"), null=True)
    paid_on = models.DateField(_("paid on"), null=True)  # all of it
    replaced_at = models.DateTimeField(_("replaced at"), null=True)

    class Meta:
        verbose_name = _("instalment of a loan")
        verbose_name_plural = _("instalments of loans")
        ordering = ["loan", "number"]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=Q(paid_on=None, replaced_at=None),
                name="instalment_open",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "number"], condition=Q(replaced_at=None), name="instalment_once"
            ),
            models.CheckConstraint(
                condition=Q(principal__gte=0, interest__gte=0, penalty__gte=0)
                & Q(principal_paid__gte=0, interest_paid__gte=0, penalty_paid__gte=0),
                name="instalment_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(principal_paid__lte=F("principal"))
                & Q(interest_paid__lte=F("interest"))
                & Q(penalty_paid__lte=F("penalty")),
                name="instalment_not_overpaid",
            ),
            models.CheckConstraint(
                condition=Q(paid_on=None)
                | Q(
                    principal_paid=F("principal"),
                    interest_paid=F("interest"),
                    penalty_paid=F("penalty"),
                ),
                name="instalment_paid_whole",
            ),
        ]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(name="schedule", fields=["loan", "number", "due_on", "principal", "interest"]),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.due_on}"
