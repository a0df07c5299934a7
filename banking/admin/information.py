"""What anybody is told: exchange rates, the districts where branches are."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from banking import signs
from banking.admin.parts import STYLES, figure, moment
from banking.admin.proposed import Proposed, ReasonedForm
from banking.models import District, ExchangeRate, Outlet
from calendars import clock
from people.office import OfficeAdmin
from people.words import listed


class QuoteForm(ReasonedForm):
    class Meta:
        help_texts = {
            "units": _("100 as a rule; 10,000 of a currency whose unit is worth a few fen."),
        }

    def clean_quoted_at(self) -> datetime:
        """A quotation is of now, or announced: what was told before stays."""
        at: datetime = self.cleaned_data["quoted_at"]
        newest = ExchangeRate.objects.filter(currency=self.data.get("currency", ""))
        if (last := newest.order_by("-quoted_at").first()) and at <= last.quoted_at:
            raise ValidationError(
                _("There is a quotation of %(last)s already."),
                params={"last": moment(last.quoted_at)},
            )
        return at

    def clean(self) -> dict[str, Any]:
        row = super().clean() or {}
        cash, buy, sell = row.get("cash_buy"), row.get("buy"), row.get("sell")
        if (
            cash is not None
            and buy is not None
            and sell is not None
            and not 0 < cash <= buy <= sell
        ):
            raise ValidationError(
                _("Notes are bought for no more than money is, and sold for more.")
            )
        return row


@admin.register(ExchangeRate)
class ExchangeRateAdmin(Proposed):
    """A new quotation is a new row."""

    form = QuoteForm
    list_display = (
        "currency",
        "units",
        "buy_shown",
        "cash_shown",
        "sell_shown",
        "quoted",
        "state_shown",
    )
    list_filter = ("currency",)
    fields = ("currency", "units", "buy", "cash_buy", "sell", "quoted_at")
    ordering = ("-quoted_at", "currency")

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExchangeRate]:
        """With `current`: when the quotation in force was made."""
        rivals = ExchangeRate.objects.filter(
            currency=OuterRef("currency"), quoted_at__lte=clock.now()
        )
        newest = rivals.order_by("-quoted_at").values("quoted_at")[:1]
        found: QuerySet[ExchangeRate] = super().get_queryset(request)
        return found.annotate(current=Subquery(newest))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"quoted_at": clock.now(), **super().get_changeform_initial_data(request)}

    @admin.display(description=_("buys"), ordering="buy")
    def buy_shown(self, row: ExchangeRate) -> SafeString:
        return figure(row.buy)

    @admin.display(description=_("buys notes"), ordering="cash_buy")
    def cash_shown(self, row: ExchangeRate) -> SafeString:
        return figure(row.cash_buy)

    @admin.display(description=_("sells"), ordering="sell")
    def sell_shown(self, row: ExchangeRate) -> SafeString:
        return figure(row.sell)

    @admin.display(description=_("quoted at"), ordering="quoted_at")
    def quoted(self, row: ExchangeRate) -> str:
        return moment(row.quoted_at)

    @admin.display(description=_("state"))
    def state_shown(self, row: Any) -> SafeString:
        if row.quoted_at > clock.now():
            return signs.sign(signs.DUE, gettext("not yet in force"))
        if row.quoted_at == row.current:
            return signs.sign(signs.READY, gettext("in force"))
        return signs.sign(signs.OFF, gettext("replaced"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what was told once was told

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OutletInline(TabularInline):  # type: ignore[misc]  # unfold is untyped
    model = Outlet
    fields = ("branch",)
    extra = 1


@admin.register(District)
class DistrictAdmin(OfficeAdmin):
    list_display = ("code", "name", "outlets_shown")
    fields = ("code", "name")
    inlines = (OutletInline,)

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[District]:
        found: QuerySet[District] = super().get_queryset(request)
        return found.prefetch_related("outlets__branch")

    @admin.display(description=_("places of business"))
    def outlets_shown(self, row: District) -> str:
        return listed(outlet.branch.name for outlet in row.outlets.all()) or "—"
