"""Limits, fees and terms as dated rows: a change is a new row; what was in force stays."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import limits, signs
from banking.admin.parts import STYLES, figure, who
from banking.admin.proposed import Proposed, ReasonedForm
from banking.models import AccessRule, FeeTier, LossTerm, TransferLimit
from calendars import clock
from people.office import Leads, OfficeAdmin


class DatedForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    """The past is not rewritten, and nothing changes under a caller who heard it today."""

    notice = timedelta(days=1)

    def clean_valid_from(self) -> date:
        begins: date = self.cleaned_data["valid_from"]
        earliest = clock.bank_day(clock.now()) + self.notice
        if begins < earliest:
            raise ValidationError(
                _("It can take effect from %(day)s on."), params={"day": earliest.isoformat()}
            )
        return begins


class ProposedForm(ReasonedForm, DatedForm):
    """A dated row that one asks for and another decides on."""


class LimitForm(ProposedForm):
    """A customer's own are only lowered here: higher ones need two (banking/two_eyes.py)."""

    notice = timedelta(0)  # who asks for a lower one has it at once

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:
            self.fields["reason"].required = False  # of a limit for all alone

    def clean(self) -> dict[str, Any]:
        row = super().clean() or {}
        single, daily = row.get("single"), row.get("daily")
        if single is None or daily is None:
            return row
        if single > daily:
            self.add_error("single", _("A single transfer can't be more than a day's."))
        customer, channel, day = (row.get(name) for name in ("customer", "channel", "valid_from"))
        if customer and channel and day:
            now = limits.allowance(customer.pk, channel, day=day)
            if single > now.single or daily > now.daily:
                words = _(
                    "Higher limits are asked for on the customer's page, and decided by another."
                )
                self.add_error("customer", words)
        return row


class FeeForm(ProposedForm):
    class Meta:
        help_texts = {
            "valid_from": _(
                "A schedule is all rows of one date, and replaces the earlier ones whole: "
                "enter each of its steps."
            ),
            "rate": _("A share of the amount: 0.0003 is 0.03 %."),
        }

    def clean_rate(self) -> Any:
        rate = self.cleaned_data["rate"]
        if rate >= 1:
            raise ValidationError(_("A rate is a share of the amount, below 1."))
        return rate


class TermForm(ProposedForm):
    def clean_days(self) -> int:
        days: int = self.cleaned_data["days"]
        if days < 1:
            raise ValidationError(_("It holds for one day at least."))
        return days


class DatedAdmin(OfficeAdmin):
    """Rows are added and never touched again. `same` are the fields that a later row replaces."""

    same: ClassVar[tuple[str, ...]]
    list_filter: Any = ()
    sortable_by: Any = ()  # in the order of the schedule, the newest first
    empty_value_display = "—"

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With `current`: the date of the row that is in force in its place today."""
        found: QuerySet[Any] = super().get_queryset(request)
        rivals = self.model._default_manager.filter(valid_from__lte=clock.bank_day(clock.now()))
        for field in self.same:
            place = f"{field}_or_all"
            rivals = rivals.alias(**{place: _place(F(field), field)}).filter(
                **{place: _place(OuterRef(field), field)}
            )
        newest = rivals.order_by("-valid_from").values("valid_from")[:1]
        shown: QuerySet[Any] = found.annotate(current=Subquery(newest))
        return shown

    @admin.display(description=_("state"))
    def state_shown(self, row: Any) -> str:
        if row.valid_from > clock.bank_day(clock.now()):
            return signs.sign(signs.DUE, gettext("not yet in force"))
        if row.valid_from == row.current:
            return signs.sign(signs.READY, gettext("in force"))
        return signs.sign(signs.OFF, gettext("replaced"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a new row says what is new

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ProposedAdmin(Proposed, DatedAdmin):
    """Dated rows by the word of two."""

    form = ProposedForm


def _place(value: Any, field: str) -> Any:
    """A limit of no customer is everybody's: a place of its own, though NULL equals nothing."""
    return Coalesce(value, Value(0)) if field == "customer" else value


@admin.register(TransferLimit)
class TransferLimitAdmin(ProposedAdmin):
    form = LimitForm
    same = ("customer", "channel")
    list_display = (
        "channel",
        "customer_shown",
        "single_shown",
        "daily_shown",
        "valid_from",
        "state_shown",
    )
    list_filter = ("channel",)
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    search_help_text = _("Customer number")
    fields = ("channel", "customer", "valid_from", "single", "daily")
    autocomplete_fields = ("customer",)

    def needs_two(self, row: TransferLimit) -> bool:
        return row.customer_id is None  # her own is only lowered here

    @admin.display(description=_("customer"), ordering="customer__number")
    def customer_shown(self, row: TransferLimit) -> str:
        return who(row.customer) if row.customer else gettext("all without their own")

    @admin.display(description=_("single transfer"), ordering="single")
    def single_shown(self, row: TransferLimit) -> str:
        return figure(row.single)

    @admin.display(description=_("a day"), ordering="daily")
    def daily_shown(self, row: TransferLimit) -> str:
        return figure(row.daily)


@admin.register(FeeTier)
class FeeTierAdmin(Leads, ProposedAdmin):
    form = FeeForm
    same = ("kind", "channel", "vip")
    list_display = (
        "kind",
        "channel",
        "vip_shown",
        "above_shown",
        "flat_shown",
        "rate_shown",
        "cap_shown",
        "valid_from",
        "state_shown",
    )
    list_filter = ("kind", "channel", "vip")
    fields = ("kind", "channel", "vip", "valid_from", "above", "flat", "rate", "cap")

    @admin.display(description=_("VIP level"), ordering="vip")
    def vip_shown(self, row: FeeTier) -> str:
        return row.get_vip_display() if row.vip else gettext("all without their own")

    @admin.display(description=_("amounts above"), ordering="above")
    def above_shown(self, row: FeeTier) -> str:
        return figure(row.above)

    @admin.display(description=_("flat fee"), ordering="flat")
    def flat_shown(self, row: FeeTier) -> str:
        return figure(row.flat)

    @admin.display(description=_("rate"), ordering="rate")
    def rate_shown(self, row: FeeTier) -> str:
        return f"{(row.rate * 100).normalize():f} %" if row.rate else "—"

    @admin.display(description=_("at most"), ordering="cap")
    def cap_shown(self, row: FeeTier) -> str:
        return figure(row.cap)


@admin.register(LossTerm)
class LossTermAdmin(ProposedAdmin):
    form = TermForm
    same = ("instrument",)
    list_display = ("instrument", "days", "valid_from", "state_shown")
    fields = ("instrument", "valid_from", "days")


@admin.register(AccessRule)
class AccessRuleAdmin(ProposedAdmin):
    same = ("name",)
    list_display = ("name", "value", "valid_from", "state_shown")
    fields = ("name", "valid_from", "value")
