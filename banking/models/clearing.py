"""When clearing takes what, as dated rows, and the files that went out and came in."""

import pghistory
import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banking.guards import Forbid, Frozen
from live.facts import Fact


class System(models.TextChoices):
    """By what a payment leaves the bank."""

    CITY = "city_exchange", _("same-city exchange")  # 同城票据交换
    SMALL = "small_value", _("small-value batch")  # 小额批量
    LARGE = "large_value", _("large-value real time")  # 大额实时


@pghistory.track()
class ExchangeSession(models.Model):
    """A session (场次) of the city's exchange on each working day.

    The sessions of a day are all rows of the newest date that has begun.
    """

    valid_from = models.DateField(_("valid from"))
    number = models.PositiveSmallIntegerField(pgettext_lazy("of clearing", "session"))
    cut_off = models.TimeField(_("cut-off"))
    returns_by = models.TimeField(_("returns until"))
    returns_next_day = models.BooleanField(
        _("returns on the next working day"),
        default=False,
        help_text=_("What is not returned by then is paid."),
    )

    class Meta:
        verbose_name = _("exchange session")
        verbose_name_plural = _("exchange sessions")
        ordering = ["-valid_from", "number"]
        constraints = [
            models.UniqueConstraint(fields=["valid_from", "number"], name="exchange_session_once"),
            models.CheckConstraint(
                condition=Q(returns_next_day=True) | Q(returns_by__gt=F("cut_off")),
                name="exchange_returns_after_cut_off",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from} {self.number}"


@pghistory.track()
class LargeValueHours(models.Model):
    """The business day of the large-value system, which may begin on the evening before."""

    valid_from = models.DateField(_("valid from"), unique=True)
    opens = models.TimeField(_("opens"))
    evening_before = models.BooleanField(
        _("opens on the evening before"),
        default=False,
        help_text=_("Of the previous calendar day, also where that is a holiday."),
    )
    closes = models.TimeField(_("closes"))
    within_min = models.PositiveSmallIntegerField(
        _("paid within, minutes"), validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("large-value hours")
        verbose_name_plural = _("large-value hours")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(evening_before=True) | Q(closes__gt=F("opens")),
                name="large_value_closes_later",
            ),
            models.CheckConstraint(condition=Q(within_min__gt=0), name="large_value_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}"


@pghistory.track()
class SmallValueBatch(models.Model):
    """The small-value system, day and night: how much at most, and how often a batch leaves."""

    valid_from = models.DateField(_("valid from"), unique=True)
    cap = models.DecimalField(_("at most"), max_digits=18, decimal_places=2)  # yuan an item
    every_min = models.PositiveSmallIntegerField(
        _("a batch every, minutes"), validators=[MinValueValidator(1)]
    )
    within_min = models.PositiveSmallIntegerField(
        _("paid within, minutes"), validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("small-value batches")
        verbose_name_plural = _("small-value batches")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cap__gt=0, every_min__gt=0, within_min__gt=0),
                name="small_value_positive",
            )
        ]

    def __str__(self) -> str:
        return f"{self.cap} / {self.every_min}"


@pghistory.track()
class TransferRule(models.Model):
    """What else holds for money on its way to a payee."""

    valid_from = models.DateField(_("valid from"), unique=True)
    ordinary_min = models.PositiveSmallIntegerField(
        _("ordinary transfers debited after, minutes"),
        help_text=_("普通到账 (银发〔2016〕261号 leaves the time to the bank)."),
    )
    desk_above = models.DecimalField(
        _("to the settlement desk above"), max_digits=18, decimal_places=2
    )  # yuan
    fee_back = models.BooleanField(_("fee given back for what another bank returns"), default=False)

    class Meta:
        verbose_name = _("rule for transfers")
        verbose_name_plural = _("rules for transfers")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(condition=Q(desk_above__gte=0), name="desk_above_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.valid_from}"


class ClearingFile(models.Model):
    """A file handed to clearing, or taken from it: sealed whole, since it holds account numbers.

    One that could not be read has its `fault`, and no items.
    """

    class Direction(models.TextChoices):
        OUT = "out", _("to clearing")
        RESULTS = "results", _("from clearing")

    class Fault(models.TextChoices):
        """Why nothing in it was believed."""

        LINE = "line", _("a line that can't be read")
        HEADER = "header", _("no header of this kind of file")
        TRAILER = "trailer", _("no trailer: it is cut off")
        BANK = "bank", _("for another bank")
        COUNT = "count", _("another number of items than its trailer says")
        SUM = "sum", _("another sum than its trailer says")
        DIGEST = "digest", _("another content than its digest says")
        NAME = "name", _("another file of this name came before")

    direction = models.CharField(_("direction"), max_length=7, choices=Direction.choices)
    name = models.CharField(_("file name"), max_length=60)
    system = models.CharField(
        _("clearing system"), max_length=13, choices=System.choices, blank=True
    )
    session = models.CharField(pgettext_lazy("of clearing", "session"), max_length=12, blank=True)
    at = models.DateTimeField(_("time"))
    count = models.PositiveIntegerField(_("items"))
    total = models.DecimalField(_("sum"), max_digits=18, decimal_places=2)  # yuan
    sha256 = models.CharField(_("digest"), max_length=64)  # of the whole file
    fault = models.CharField(_("why it was refused"), max_length=7, choices=Fault, blank=True)
    box = models.BinaryField(editable=False)
    key_version = models.PositiveSmallIntegerField(editable=False)
    delivered_at = models.DateTimeField(_("handed over at"), null=True)  # one of ours

    class Meta:
        verbose_name = _("clearing file")
        verbose_name_plural = _("clearing files")
        ordering = ["-id"]
        triggers = [
            Forbid(name="kept", operation=pgtrigger.Delete),
            Frozen(
                name="content",
                fields=[
                    *("direction", "name", "system", "session", "at", "count", "total"),
                    *("sha256", "fault", "box", "key_version"),
                ],
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["direction", "sha256"], name="clearing_file_once"),
            models.UniqueConstraint(
                fields=["direction", "name"], condition=Q(fault=""), name="clearing_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ClearingItem(Fact):
    """A line of a clearing file, and what it did to the order that it names."""

    class Outcome(models.TextChoices):
        SENT = "sent", pgettext_lazy("of a payment", "sent")
        PAID = "paid", pgettext_lazy("of a payment", "paid")
        RETURNED = "returned", pgettext_lazy("of a payment", "returned")
        ODD = "odd", _("does not fit")  # left alone: `problem` says why

    class Problem(models.TextChoices):
        UNKNOWN = "unknown", _("no such order")
        AMOUNT = "amount", _("another amount")
        STATE = "state", _("the order was not under way")

    file = models.ForeignKey(
        ClearingFile, verbose_name=_("file"), on_delete=models.PROTECT, related_name="items"
    )
    line = models.PositiveIntegerField(pgettext_lazy("of a file", "line"))
    receipt = models.CharField(_("receipt number"), max_length=12)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    order = models.ForeignKey(
        "banking.SettlementOrder",
        verbose_name=_("settlement order"),
        null=True,
        on_delete=models.PROTECT,
        related_name="items",
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    reason = models.CharField(_("reason"), max_length=8, blank=True)
    problem = models.CharField(_("problem"), max_length=7, choices=Problem.choices, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("item of a clearing file")
        verbose_name_plural = _("items of clearing files")
        ordering = ["file", "line"]
        constraints = [
            models.UniqueConstraint(fields=["file", "line"], name="clearing_line_once"),
            *(
                models.UniqueConstraint(
                    fields=["order"], condition=Q(outcome=outcome), name=f"clearing_{outcome}_once"
                )
                for outcome in ("sent", "paid", "returned")
            ),
            models.CheckConstraint(
                condition=Q(outcome="odd") ^ Q(problem=""), name="clearing_odd_says_why"
            ),
            models.CheckConstraint(
                condition=Q(outcome="odd") | Q(order__isnull=False), name="clearing_of_an_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.line}"
