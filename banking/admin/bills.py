"""Billers, payments to them, the files that go and come, and each day by count and amount."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from banking import families, signs
from banking.admin.money import told
from banking.admin.parts import (
    STYLES,
    ListAdmin,
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
from banking.bill_approvals import NAME
from banking.ledger import ZERO
from banking.models import (
    Bill,
    Biller,
    BillerContract,
    BillerDay,
    BillerFile,
    BillPayment,
    Customer,
)
from calendars import clock
from people import approvals
from people.errors import Refusal
from people.office import OfficeAdmin, ReadOnlyAdmin
from people.words import listed

State = BillPayment.State
STATES = {
    State.DEBITED: signs.TALK,
    State.ASKED: signs.BREACH,
    State.QUEUED: signs.DUE,
    State.SENT: signs.DUE,
    State.PAID: signs.MET,
    State.REJECTED: signs.WARN,
}


def hidden(contract: str) -> str:
    """A contract number by its end: a mobile's is its owner's own."""
    return f"****{contract[-4:]}"


class BillerForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    def clean_interface(self) -> str:
        name: str = self.cleaned_data["interface"]
        try:
            import_string(name)
        except ImportError:
            raise ValidationError(_("There is no such class.")) from None
        return name

    def clean(self) -> dict[str, Any]:
        row = super().clean() or {}
        if row.get("least_digits", 0) > row.get("most_digits", 0):
            self.add_error("most_digits", _("It can't be less than the least."))
        return row


@admin.register(Biller)
class BillerAdmin(OfficeAdmin):
    form = BillerForm
    list_display = (
        "code",
        "name",
        "kind",
        "numbers",
        "part_allowed",
        "top_ups_shown",
        "active_shown",
    )
    list_filter = ("kind", "is_active")
    search_fields = ("code", "name")
    fields = (
        *("code", "name", "kind", "is_active"),
        *("least_digits", "most_digits", "prefixes", "check_digit"),
        *("part_allowed", "top_ups"),
        *("interface", "timeout_s", "file_at"),
    )

    class Media:
        css = STYLES

    @admin.display(description=_("digits of a number"))
    def numbers(self, row: Biller) -> str:
        if row.least_digits == row.most_digits:
            return str(row.least_digits)
        return f"{row.least_digits}–{row.most_digits}"

    @admin.display(description=_("top-up amounts"))
    def top_ups_shown(self, row: Biller) -> str:
        return listed(row.top_ups) or "—"

    @admin.display(description=_("state"), ordering="is_active")
    def active_shown(self, row: Biller) -> SafeString:
        if row.is_active:
            return signs.sign(signs.READY, gettext("takes payments"))
        return signs.sign(signs.OFF, gettext("closed to payments"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what was paid to it stays


class BillsOfContract(TabularInline):  # type: ignore[misc]  # unfold is untyped
    model = Bill
    extra = 0
    fields = readonly_fields = ("period", "amount", "paid")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(BillerContract)
class BillerContractAdmin(ReadOnlyAdmin):
    """As the billers deliver them."""

    list_display = ("number_shown", "biller", "owed", "answer")
    list_filter = ("biller", "answer")
    list_select_related = ("biller",)
    search_fields = ("=number",)
    search_help_text = _("Contract number")
    fields = ("biller", "number_shown", "answer")
    readonly_fields = fields
    inlines = (BillsOfContract,)

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[BillerContract]:
        found: QuerySet[BillerContract] = super().get_queryset(request)
        return found.prefetch_related("bills")

    @admin.display(description=_("contract number"), ordering="number")
    def number_shown(self, row: BillerContract) -> str:
        return hidden(row.number)

    @admin.display(description=_("owed on bills"))
    def owed(self, row: BillerContract) -> SafeString:
        return figure(sum((bill.owed for bill in row.bills.all()), start=ZERO) or None)


class Booked(When):
    field = "booked_on"


class PaymentState(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("All states")), *((str(state.value), state.label) for state in State)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.chosen() == "all" else queryset.filter(state=self.chosen())


class OutcomeForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    outcome = forms.ChoiceField(
        label=_("The biller has"),
        choices=[("paid", _("got the payment")), ("rejected", _("not got it: return the money"))],
        widget=UnfoldAdminSelectWidget(),
    )
    word = forms.CharField(
        label=_("Who said so, and when"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )


@admin.register(BillPayment)
class BillPaymentAdmin(PageAdmin):
    list_display = (
        "time",
        "customer_shown",
        "biller",
        "contract_shown",
        "amount_shown",
        "state_shown",
        "receipt",
    )
    list_display_links = ("time", "receipt")
    list_filter = (Booked, PaymentState, "biller")
    list_select_related = ("order__customer", "biller", "journal")
    search_fields = ("=order__receipt", "=order__customer__number", "=contract")
    search_help_text = _("Receipt number, customer number or contract number")
    change_form_template = "banking/bill_payment.html"
    actions_detail = ("say_outcome",)

    @admin.display(description=_("time"), ordering="journal_id")
    def time(self, row: BillPayment) -> str:
        return moment(row.journal.at)

    @admin.display(description=_("customer"))
    def customer_shown(self, row: BillPayment) -> str:
        return who(row.order.customer)

    @admin.display(description=_("contract number"))
    def contract_shown(self, row: BillPayment) -> str:
        return hidden(row.contract)

    @admin.display(description=_("amount"), ordering="amount")
    def amount_shown(self, row: BillPayment) -> SafeString:
        return figure(row.amount)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: BillPayment) -> SafeString:
        return state_sign(row)

    @admin.display(description=_("receipt number"), ordering="order__receipt")
    def receipt(self, row: BillPayment) -> str:
        return row.order.receipt

    def customers_of(self, subject: BillPayment) -> Iterable[Customer]:
        return [subject.order.customer] if subject.order.customer else []

    def reason(self, subject: BillPayment) -> str:
        return gettext("opened bill payment %(number)s") % {"number": subject}

    def facts(self, request: HttpRequest, subject: BillPayment) -> dict[str, Any]:
        order, may = subject.order, request.user.has_perm
        assert order.payer is not None
        return {
            "payment": subject,
            "order": order,
            "state": state_sign(subject),
            "contract": hidden(subject.contract),
            "customer": who(order.customer),
            "customer_url": page_of(order.customer)
            if order.customer and may("banking.view_customer")
            else "",
            "payer": known_as(order.payer),
            "marks": _way(subject),
            "journals": [told(journal) for journal in families.of_order(order)],
            "order_url": page_of(order) if may("banking.view_instruction") else "",
            "sees_files": may("banking.view_billerfile"),
            "sees_journals": may("banking.view_journal"),
            "sees_accounts": may("banking.view_account"),
            "sees_calls": order.call_ref and may("telephony.view_call"),
        }

    def has_say_outcome_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Only where the biller owes the bank an answer."""
        if not request.user.has_perm("banking.settle_billpayment"):
            return False
        if object_id is None:
            return True
        payment = self.get_object(request, object_id)
        return payment is not None and payment.state == State.ASKED

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Say what came of it"),
        icon="rule",
        permissions=["say_outcome"],
        dialog={
            "title": _("Say what came of it"),
            "description": _("The biller told you itself. A colleague decides."),
            "form_class": OutcomeForm,
            "form_submit_text": _("Ask a colleague"),
        },
    )
    def say_outcome(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        payment = BillPayment.objects.get(pk=UUID(object_id))
        given = form.cleaned_data
        try:
            approvals.ask(
                NAME,
                payment,
                by=user_of(request),
                reason=given["word"],
                at=clock.now(),
                details={"outcome": given["outcome"], "word": given["word"]},
            )
            messages.success(request, gettext("A colleague is asked to decide."))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return HttpResponse(headers={"HX-Redirect": page_of(payment)})


def state_sign(row: BillPayment) -> SafeString:
    return signs.sign(STATES[State(row.state)], row.get_state_display())


def _way(row: BillPayment) -> list[signs.Mark]:
    """debited → asked → in a file, where it goes by one → paid or rejected."""
    filed = [signs.Mark(gettext("sent in a file"), row.file.made_at)] if row.file else []
    ended = State.REJECTED if row.state == State.REJECTED else State.PAID
    return [
        signs.Mark(gettext("debited for the bill"), row.journal.at),
        signs.Mark(gettext("biller asked"), row.asked_at),
        *filed,
        signs.Mark(str(ended.label), row.settled_at),
    ]


@admin.register(BillerFile)
class BillerFileAdmin(ListAdmin):
    list_display = ("name_shown", "biller", "day", "count", "amount_shown", "reply_shown")
    list_filter = ("biller", "day")
    list_select_related = ("biller", "billerreply")
    fields = ("name_shown", "biller", "day", "made_at", "count", "amount_shown", "sent", "answer")
    readonly_fields = fields

    @admin.display(description=_("file"))
    def name_shown(self, row: BillerFile) -> str:
        return row.name

    @admin.display(description=_("amount"), ordering="amount")
    def amount_shown(self, row: BillerFile) -> SafeString:
        return figure(row.amount)

    @admin.display(description=_("answer"))
    def reply_shown(self, row: BillerFile) -> SafeString:
        reply = getattr(row, "billerreply", None)
        if reply is None:
            return signs.sign(signs.DUE, gettext("not answered yet"))
        word = gettext("%(paid)s accepted, %(rejected)s rejected") % {
            "paid": reply.paid_count,
            "rejected": reply.rejected_count,
        }
        return signs.sign(signs.WARN if reply.rejected_count else signs.MET, word)

    @admin.display(description=_("content"))
    def sent(self, row: BillerFile) -> SafeString:
        return format_html("<pre>{}</pre>", row.text)

    @admin.display(description=_("answer"))
    def answer(self, row: BillerFile) -> SafeString:
        reply = getattr(row, "billerreply", None)
        return format_html("<pre>{}</pre>", reply.text) if reply else self.reply_shown(row)


@admin.register(BillerDay)
class BillerDayAdmin(ListAdmin):
    """What does not balance is first."""

    list_display = (
        "day",
        "biller",
        "paid_shown",
        "rejected_shown",
        "open_shown",
        "owed_shown",
        "theirs_shown",
        "difference_shown",
        "state_shown",
    )
    list_filter = ("biller", "day")
    list_select_related = ("biller",)
    fields = (*list_display, "checked_at")
    readonly_fields = fields

    @admin.display(description=_("paid: count, amount"), ordering="paid_amount")
    def paid_shown(self, row: BillerDay) -> SafeString:
        return _pair(row.paid_count, row.paid_amount)

    @admin.display(description=_("rejected: count, amount"), ordering="rejected_amount")
    def rejected_shown(self, row: BillerDay) -> SafeString:
        return _pair(row.rejected_count, row.rejected_amount)

    @admin.display(description=_("open: count, amount"), ordering="open_amount")
    def open_shown(self, row: BillerDay) -> SafeString:
        return _pair(row.open_count, row.open_amount)

    @admin.display(description=_("owed in our books"), ordering="owed")
    def owed_shown(self, row: BillerDay) -> SafeString:
        return figure(row.owed)

    @admin.display(description=_("biller: count, amount"), ordering="their_amount")
    def theirs_shown(self, row: BillerDay) -> SafeString:
        return _pair(row.their_count, row.their_amount)

    @admin.display(description=_("difference from the biller"))
    def difference_shown(self, row: BillerDay) -> SafeString:
        return figure(row.difference or None)

    @admin.display(description=_("state"))
    def state_shown(self, row: BillerDay) -> SafeString:
        if row.is_balanced:
            return signs.sign(signs.MET, gettext("balanced with the biller"))
        if row.open_count or row.their_count is None:
            return signs.sign(signs.DUE, gettext("still open with the biller"))
        return signs.sign(signs.BREACH, gettext("differs from the biller"))


def _pair(count: int | None, amount: Any) -> SafeString:
    if count is None:
        return SafeString("—")
    return format_html('<span class="r">{} · {}</span>', count, f"{amount:,.2f}")
