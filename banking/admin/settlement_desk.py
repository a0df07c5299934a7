"""The settlement desk's rule, and how each of its days came out."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from banking import signs
from banking.admin.clearing import CalendarAdmin
from banking.admin.parts import PageAdmin, figure, moment, page_of, user_of
from banking.models import (
    Customer,
    DeskRule,
    SettlementDay,
    SettlementOrder,
    SettlementSum,
)
from banking.models.clearing import System
from banking.settlement_desk import balancing, blind
from banking.settlement_desk.ageing import Band
from calendars import clock

DRAW = "banking.draw_settlementday"


@admin.register(DeskRule)
class DeskRuleAdmin(CalendarAdmin):
    list_display = (
        *("valid_from", "lease_min", "rekey_shown", "second_shown", "skew_s", "state_shown"),
    )
    fields = ("valid_from", "lease_min", "rekey_above", "second_above", "skew_s")

    @admin.display(description=_("account and amount keyed again above"))
    def rekey_shown(self, row: DeskRule) -> str:
        return figure(row.rekey_above)

    @admin.display(description=_("a second checker above"))
    def second_shown(self, row: DeskRule) -> str:
        return figure(row.second_above)


def part_of(line: SettlementSum) -> str:
    """The system, the state or the age that a line is of, as it is read."""
    known = {
        **dict(System.choices),
        **dict(SettlementOrder.State.choices),
        **dict(Band.choices),
    }
    return str(known.get(line.part, gettext("all")))


def _is_open(line: SettlementSum) -> bool:
    """Whether it sums what is on the desk: of one order its figure."""
    by_state = line.book == SettlementSum.Book.STATES and line.part in blind.ON_DESK
    return by_state or line.book == SettlementSum.Book.SUSPENDED


def sign_of(found: int) -> SafeString:
    """How many differences a day has, as a state."""
    if found:
        return signs.sign(signs.BREACH, gettext("%(count)s differences") % {"count": found})
    return signs.sign(signs.MET, gettext("in balance"))


@admin.register(SettlementDay)
class SettlementDayAdmin(PageAdmin):
    """Orders, journals and clearing files of each day; what does not tie has its name."""

    list_display = ("day", "drawn", "state_shown")
    change_form_template = "banking/settlement_day.html"
    actions_detail = ("draw_up",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SettlementDay]:
        found: QuerySet[SettlementDay] = super().get_queryset(request)
        return found.annotate(found=Count("differences"))

    @admin.display(description=_("drawn up at"), ordering="drawn_at")
    def drawn(self, row: SettlementDay) -> str:
        return moment(row.drawn_at)

    @admin.display(description=_("state"))
    def state_shown(self, row: Any) -> SafeString:
        return sign_of(row.found)

    def customers_of(self, subject: SettlementDay) -> Iterable[Customer]:
        return ()  # receipts and amounts: nobody is known by them

    def reason(self, subject: SettlementDay) -> str:
        return gettext("opened the balancing of %(day)s") % {"day": subject}

    def facts(self, request: HttpRequest, subject: SettlementDay) -> dict[str, Any]:
        differences = list(subject.differences.select_related("order__instruction"))
        hidden = blind.hidden_from(user_of(request), at=clock.now())
        return {
            "hidden": set(hidden.values_list("pk", flat=True)),
            "day": subject,
            "state": sign_of(len(differences)),
            "sums": [(line, part_of(line), _is_open(line)) for line in subject.sums.all()],
            "differences": [(row, page_of(row.order) if row.order else "") for row in differences],
            "sees_orders": request.user.has_perm("banking.view_settlementorder"),
        }

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Draw up again"),
        icon="refresh",
        permissions=[DRAW],
        dialog={
            "title": _("Draw up the day again"),
            "description": _("What is open is named as it stands now."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Draw up"),
        },
    )
    def draw_up(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        day = SettlementDay.objects.get(pk=object_id)
        balancing.draw_up(day.day, at=clock.now())
        messages.success(request, _("The day is drawn up again."))
        return HttpResponse(headers={"HX-Redirect": page_of(day)})
