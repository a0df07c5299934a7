"""Orders to other banks, from their debit to the answer. Read here; worked on at the desk."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from banking import families, signs
from banking.admin.banks import bank_name
from banking.admin.money import journals_of
from banking.admin.parts import (
    PageAdmin,
    PresetFilter,
    When,
    figure,
    known_as,
    moment,
    page_of,
    user_of,
    who,
)
from banking.models import Customer, SettlementOrder
from banking.numbers import masked_name
from banking.settlement_desk import blind
from calendars import clock

State = SettlementOrder.State

STATES = {
    State.SUBMITTED: signs.TALK,
    State.DEBITED: signs.DUE,
    State.TO_CLAIM: signs.WARN,
    State.IN_HAND: signs.TALK,
    State.TO_CHECK: signs.WARN,
    State.SENT: signs.DUE,
    State.SUCCEEDED: signs.MET,
    State.RETURNED: signs.OFF,
    State.BOUNCED: signs.OFF,
    State.SUSPENDED: signs.BREACH,
}


def sign_of(order: SettlementOrder) -> SafeString:
    return signs.sign(STATES[State(order.state)], order.get_state_display())


class OrderDay(When):
    field = "submitted_at"


class OrderStage(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("All states")), *((s.value, s.label) for s in State)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.chosen() == "all" else queryset.filter(state=self.chosen())


@admin.register(SettlementOrder)
class SettlementOrderAdmin(PageAdmin):
    list_display = (
        *("submitted", "receipt", "customer_shown", "tails", "bank_shown", "amount_shown"),
        *("system", "session", "cut_off", "state_shown"),
    )
    list_display_links = ("submitted", "receipt")
    list_filter = (OrderDay, OrderStage, "system", "source")
    list_select_related = ("instruction__customer", "instruction__payer__card")
    search_fields = ("=instruction__receipt", "=instruction__customer__number", "=bank_code")
    search_help_text = _("Receipt number, customer number or bank code")
    change_form_template = "banking/settlement_order.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SettlementOrder]:
        found: QuerySet[SettlementOrder] = super().get_queryset(request)
        return blind.marked(found, user_of(request), "instruction", at=clock.now())

    @admin.display(description=_("submitted at"), ordering="submitted_at")
    def submitted(self, row: SettlementOrder) -> str:
        return moment(row.submitted_at)

    @admin.display(description=_("receipt number"))
    def receipt(self, row: SettlementOrder) -> str:
        return row.instruction.receipt

    @admin.display(description=_("customer"))
    def customer_shown(self, row: SettlementOrder) -> str:
        return who(row.instruction.customer)

    @admin.display(description=_("payer → payee"))
    def tails(self, row: SettlementOrder) -> str:
        payer = row.instruction.payer
        return f"{payer.tail if payer else '—'} → {row.payee_last4}"

    @admin.display(description=_("bank code"), ordering="bank_code")
    def bank_shown(self, row: SettlementOrder) -> str:
        return row.bank_code

    @admin.display(description=_("amount"), ordering="amount")
    def amount_shown(self, row: Any) -> str:
        return figure(row.amount, is_blind=row.is_blind)

    @admin.display(description=_("cut-off"), ordering="cut_off_at")
    def cut_off(self, row: SettlementOrder) -> str:
        return moment(row.cut_off_at)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: SettlementOrder) -> SafeString:
        return sign_of(row)

    def customers_of(self, subject: SettlementOrder) -> Iterable[Customer]:
        return [subject.instruction.customer] if subject.instruction.customer else []

    def reason(self, subject: SettlementOrder) -> str:
        return gettext("opened settlement order %(number)s") % {"number": subject}

    def facts(self, request: HttpRequest, subject: SettlementOrder) -> dict[str, Any]:
        order = subject.instruction
        return {
            "order": subject,
            "is_blind": blind.hides(user_of(request), subject, at=clock.now()),
            "instruction": order,
            "state": sign_of(subject),
            "way": [mark for mark in _way(subject) if mark.at],
            "customer": who(order.customer),
            "payer": known_as(order.payer) if order.payer else "—",
            "payee": f"{masked_name(subject.payee_name)} {subject.masked_payee}",
            "bank": bank_name(subject.bank_code),
            "instruction_url": page_of(order)
            if request.user.has_perm("banking.view_instruction")
            else "",
            "steps": subject.steps.select_related("by"),
            "files": [(item, page_of(item.file)) for item in subject.items.select_related("file")],
            "sees_files": request.user.has_perm("banking.view_clearingfile"),
            **journals_of(request, families.of_order(order)),
        }


def _way(row: SettlementOrder) -> list[signs.Mark]:
    """Where it was, in order."""
    end = State.BOUNCED if row.state == State.BOUNCED else State.RETURNED
    return [
        signs.Mark(str(State.SUBMITTED.label), row.submitted_at),
        signs.Mark(pgettext("of a settlement order", "debited"), row.debited_at),
        signs.Mark(pgettext("of a settlement order", "claimed"), row.claimed_at),
        signs.Mark(pgettext("of a settlement order", "made"), row.made_at),
        signs.Mark(pgettext("of a settlement order", "checked"), row.checked_at),
        signs.Mark(pgettext("of a settlement order", "checked again"), row.second_checked_at),
        signs.Mark(str(State.SENT.label), row.sent_at),
        signs.Mark(str(State.SUCCEEDED.label), row.settled_at),
        signs.Mark(str(end.label), row.returned_at),
    ]
