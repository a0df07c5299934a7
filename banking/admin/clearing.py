"""When clearing takes what, and the files that went out and came in."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin.parts import PageAdmin, When, figure, moment, page_of
from banking.admin.terms import ProposedAdmin
from banking.models import (
    ClearingFile,
    ClearingItem,
    Customer,
    ExchangeSession,
    LargeValueHours,
    SmallValueBatch,
    TransferRule,
)


class CalendarAdmin(ProposedAdmin):
    """All rows of one date replace the earlier ones."""

    same = ()


@admin.register(ExchangeSession)
class ExchangeSessionAdmin(CalendarAdmin):
    list_display = (
        *("valid_from", "number", "cut_off_shown", "returns_shown", "returns_next_day"),
        "state_shown",
    )
    fields = ("valid_from", "number", "cut_off", "returns_by", "returns_next_day")

    @admin.display(description=_("cut-off"))
    def cut_off_shown(self, row: ExchangeSession) -> str:
        return f"{row.cut_off:%H:%M}"

    @admin.display(description=_("returns until"))
    def returns_shown(self, row: ExchangeSession) -> str:
        return f"{row.returns_by:%H:%M}"


@admin.register(LargeValueHours)
class LargeValueHoursAdmin(CalendarAdmin):
    list_display = (
        *("valid_from", "opens_shown", "evening_before", "closes_shown", "within_min"),
        "state_shown",
    )
    fields = ("valid_from", "opens", "evening_before", "closes", "within_min")

    @admin.display(description=_("opens"))
    def opens_shown(self, row: LargeValueHours) -> str:
        return f"{row.opens:%H:%M}"

    @admin.display(description=_("closes"))
    def closes_shown(self, row: LargeValueHours) -> str:
        return f"{row.closes:%H:%M}"


@admin.register(SmallValueBatch)
class SmallValueBatchAdmin(CalendarAdmin):
    list_display = ("valid_from", "cap_shown", "every_min", "within_min", "state_shown")
    fields = ("valid_from", "cap", "every_min", "within_min")

    @admin.display(description=_("at most"))
    def cap_shown(self, row: SmallValueBatch) -> str:
        return figure(row.cap)


@admin.register(TransferRule)
class TransferRuleAdmin(CalendarAdmin):
    list_display = ("valid_from", "ordinary_min", "desk_above_shown", "fee_back", "state_shown")
    fields = ("valid_from", "ordinary_min", "desk_above", "fee_back")

    @admin.display(description=_("to the settlement desk above"))
    def desk_above_shown(self, row: TransferRule) -> str:
        return figure(row.desk_above)


class FileDay(When):
    field = "at"


def state_of(file: Any) -> SafeString:
    """Whole or not; `looked_at` and `odd` are counts of its items."""
    if file.fault:
        return signs.sign(signs.BREACH, file.get_fault_display())
    if file.looked_at < file.count:
        return signs.sign(signs.WARN, gettext("not wholly read"))
    if file.odd:
        return signs.sign(signs.WARN, gettext("%(count)s do not fit") % {"count": file.odd})
    if file.direction == ClearingFile.Direction.OUT and file.delivered_at is None:
        return signs.sign(signs.DUE, gettext("to be handed over"))
    return signs.sign(signs.MET, gettext("in order"))


@admin.register(ClearingFile)
class ClearingFileAdmin(PageAdmin):
    """By count and sum. What stands in a file stays sealed: the orders show it masked."""

    list_display = (
        *("time", "direction", "name", "system", "session", "count", "amount_shown"),
        *("delivered", "state_shown"),
    )
    list_display_links = ("time", "name")
    list_filter = (FileDay, "direction", "system")
    search_fields = ("name", "=session", "=items__receipt")
    search_help_text = _("File name, session or receipt number")
    change_form_template = "banking/clearing_file.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClearingFile]:
        found: QuerySet[ClearingFile] = super().get_queryset(request)
        odd = Q(items__outcome=ClearingItem.Outcome.ODD)
        return found.annotate(
            looked_at=Count("items", distinct=True),
            odd=Count("items", filter=odd, distinct=True),
        )

    @admin.display(description=_("time"), ordering="id")
    def time(self, row: ClearingFile) -> str:
        return moment(row.at)

    @admin.display(description=_("sum"), ordering="total")
    def amount_shown(self, row: ClearingFile) -> str:
        return figure(row.total)

    @admin.display(description=_("handed over at"))
    def delivered(self, row: ClearingFile) -> str:
        return moment(row.delivered_at)

    @admin.display(description=_("state"))
    def state_shown(self, row: ClearingFile) -> SafeString:
        return state_of(row)

    def customers_of(self, subject: ClearingFile) -> Iterable[Customer]:
        return ()  # receipts and amounts: nobody is known by them

    def reason(self, subject: ClearingFile) -> str:
        return gettext("opened clearing file %(name)s") % {"name": subject}

    def facts(self, request: HttpRequest, subject: Any) -> dict[str, Any]:
        items = subject.items.select_related("order").order_by("line")
        return {
            "file": subject,
            "state": state_of(subject),
            "items": [(item, page_of(item.order) if item.order else "") for item in items],
            "sees_orders": request.user.has_perm("banking.view_settlementorder"),
        }
