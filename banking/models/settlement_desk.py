"""The settlement desk's own rows: its dated rule, what clerks did, and how each day came out."""

import pghistory
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.models.settlement import SettlementOrder
from live.facts import Fact


@pghistory.track()
class DeskRule(models.Model):
    """How the settlement desk works from a day on."""

    valid_from = models.DateField(_("valid from"), unique=True)
    lease_min = models.PositiveSmallIntegerField(
        _("an order is a clerk's for, minutes"), validators=[MinValueValidator(1)]
    )
    rekey_above = models.DecimalField(
        _("account and amount keyed again above"), max_digits=18, decimal_places=2
    )  # yuan
    second_above = models.DecimalField(
        _("a second checker above"), max_digits=18, decimal_places=2
    )  # yuan
    skew_s = models.PositiveSmallIntegerField(
        _("clocks of others may differ by, seconds"), validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("rule of the settlement desk")
        verbose_name_plural = _("rules of the settlement desk")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lease_min__gt=0, skew_s__gt=0, rekey_above__gte=0)
                & Q(second_above__gte=F("rekey_above")),
                name="desk_rule_makes_sense",
            )
        ]

    def __str__(self) -> str:
        return f"{self.valid_from}"


class DeskStep(Fact):
    """What a clerk did to an order. `began_at`: since when it was in her hand, where it was."""

    class What(models.TextChoices):
        CLAIMED = "claimed", pgettext_lazy("of a settlement order", "claimed")
        PUT_BACK = "put_back", pgettext_lazy("of a settlement order", "put back")
        LAPSED = "lapsed", pgettext_lazy("of a settlement order", "lease lapsed")
        CLEARED = "cleared", pgettext_lazy("of a settlement order", "no duplicate")
        MISKEYED = "miskeyed", pgettext_lazy("of a settlement order", "keyed otherwise")
        LOOKED = "looked", pgettext_lazy("of a settlement order", "payer's order looked at")
        SAW = "saw", pgettext_lazy("of a settlement order", "its amount seen, to check it")
        MADE = "made", pgettext_lazy("of a settlement order", "made")
        CHECKED = "checked", pgettext_lazy("of a settlement order", "checked")
        SECONDED = "seconded", pgettext_lazy("of a settlement order", "checked again")
        SENT_BACK = "sent_back", pgettext_lazy("of a settlement order", "sent back to its maker")
        RETURNED = "returned", pgettext_lazy("of a settlement order", "given back to the payer")
        SUSPENDED = "suspended", pgettext_lazy("of a settlement order", "suspended")
        RESUMED = "resumed", pgettext_lazy("of a settlement order", "taken up again")

    order = models.ForeignKey(
        SettlementOrder,
        verbose_name=_("settlement order"),
        on_delete=models.PROTECT,
        related_name="steps",
    )
    what = models.CharField(_("step"), max_length=9, choices=What.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("clerk"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField(_("time"))
    began_at = models.DateTimeField(_("in her hand since"), null=True)
    words = models.CharField(_("reason"), max_length=60, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("step of the settlement desk")
        verbose_name_plural = _("steps of the settlement desk")
        ordering = ["id"]
        indexes = [models.Index(fields=["by", "at"], name="desk_step_of_a_clerk")]
        constraints = [
            models.CheckConstraint(
                condition=Q(began_at=None) | Q(began_at__lte=F("at")), name="desk_step_takes_time"
            )
        ]

    def __str__(self) -> str:
        return self.get_what_display()


class SettlementDay(models.Model):
    """结算日报: orders, journals and clearing files of a day of the bank, tied together.

    Drawn up at the end of the day, and again whenever somebody asks.
    """

    day = models.DateField(_("day"), unique=True)
    drawn_at = models.DateTimeField(_("drawn up at"))

    class Meta:
        verbose_name = _("balancing of a settlement day")
        verbose_name_plural = _("balancing of settlement days")
        ordering = ["-day"]
        permissions = [("draw_settlementday", "Can draw up the balancing of a day")]

    def __str__(self) -> str:
        return self.day.isoformat()


class SettlementSum(models.Model):
    """One line of a day: how many and how much, of a book, by route or state."""

    class Book(models.TextChoices):
        ORDERS = "orders", _("orders debited")
        OUTWARD = "outward", _("journals to other banks")
        SENT = "sent", _("orders sent")
        FILES = "files", _("items in files to clearing")
        GIVEN_BACK = "given_back", _("orders given back")
        RETURNED = "returned", _("journals of what came back")
        STATES = "states", _("orders of the day by state now")
        SUSPENDED = "suspended", _("orders suspended, by age")
        SUSPENSE = "suspense", _("money under suspense, by age")

    settlement_day = models.ForeignKey(
        SettlementDay, verbose_name=_("day"), on_delete=models.CASCADE, related_name="sums"
    )
    book = models.CharField(_("book"), max_length=10, choices=Book.choices)
    part = models.CharField(_("part"), max_length=13, blank=True)  # a system or a state
    count = models.PositiveIntegerField(_("number"))
    total = models.DecimalField(_("sum"), max_digits=18, decimal_places=2)  # yuan

    class Meta:
        verbose_name = _("sum of a settlement day")
        verbose_name_plural = _("sums of a settlement day")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["settlement_day", "book", "part"], name="settlement_sum_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_book_display()} {self.part}"


class SettlementDifference(models.Model):
    """One thing that does not tie, by its name; both sides in yuan, None where there is none."""

    class Kind(models.TextChoices):
        NO_ORDER = "no_order", _("a journal to another bank without an order")
        NO_JOURNAL = "no_journal", _("an order without its journal")
        AMOUNT = "amount", _("order and journal differ in amount")
        NO_RETURN = "no_return", _("a returned order without its journal")
        STRAY_RETURN = "stray_return", _("a journal of a return without an order")
        NOT_FILED = "not_filed", _("an order sent that stands in no file")
        NOT_SENT = "not_sent", _("an item of a file whose order was not sent")
        FILED_AMOUNT = "filed_amount", _("item and order differ in amount")
        FILE_TOTAL = "file_total", _("a file whose items are not what it says")
        FILE_REFUSED = "file_refused", _("a file of results that was refused")
        FILE_UNREAD = "file_unread", _("a file of results that is not wholly read")
        ODD_ITEM = "odd_item", _("a result that does not fit")
        SUSPENDED = "suspended", _("an order still suspended")
        ON_DESK = "on_desk", _("an order still on the desk after its cut-off")
        UNANSWERED = "unanswered", _("an order sent that no result answered in time")
        SUSPENSE = "suspense", _("money under suspense, not paid out")
        UNEXPLAINED = "unexplained", _("money under suspense that nothing explains")
        CLEARING = "clearing", _("the clearing account is not what its orders come to")

    settlement_day = models.ForeignKey(
        SettlementDay, verbose_name=_("day"), on_delete=models.CASCADE, related_name="differences"
    )
    kind = models.CharField(_("difference"), max_length=12, choices=Kind.choices)
    name = models.CharField(pgettext_lazy("of a difference", "name"), max_length=60)
    ours = models.DecimalField(_("here"), max_digits=18, decimal_places=2, null=True)
    theirs = models.DecimalField(_("there"), max_digits=18, decimal_places=2, null=True)
    since = models.DateTimeField(_("since"), null=True)  # of what is open
    order = models.ForeignKey(
        SettlementOrder,
        verbose_name=_("settlement order"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("difference of a settlement day")
        verbose_name_plural = _("differences of a settlement day")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
