"""The directory of banks, and payees there: registered at a branch, ended, never deleted."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from banking import banks, signs
from banking.admin.parts import STYLES, OnRecord, PresetFilter, page_of, who
from banking.errors import BankCodeInvalid, BankingError
from banking.models import Bank, Customer, ExternalPayee
from banking.numbers import is_bank_code, masked_account, masked_name
from banking.secret import Secret
from calendars import clock
from people.office import OfficeAdmin


class BankForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not is_bank_code(code):
            raise ValidationError(_("The twelfth digit does not fit the other eleven."))
        return code


@admin.register(Bank)
class BankAdmin(OfficeAdmin):
    """By 行号, name or city; a branch that closes is ended, since orders name it."""

    form = BankForm
    list_display = ("code", "name", "short", "city", "is_own", "ended_on")
    list_display_links = ("code", "name")
    list_filter = ("city", "is_own")
    search_fields = ("^code", "name", "short", "city")
    search_help_text = _("Bank code, name or city")
    fields = ("code", "name", "short", "city", "is_own", "ended_on")
    empty_value_display = "—"

    class Media:
        css = STYLES

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _text(label: Any, length: int, **attributes: Any) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget({"autocomplete": "off", **attributes})
    return forms.CharField(label=label, max_length=length, widget=widget)


class RegisterForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    """Numbers are posted: they come into no address and no history."""

    customer = _text(_("Customer number"), 10, autofocus=True)
    bank_code = _text(_("Bank code"), 12)
    number = _text(_("Payee's account"), 40)
    name = _text(_("Payee's name"), 60)

    def clean_customer(self) -> Customer:
        found = Customer.objects.filter(number=self.cleaned_data["customer"].strip()).first()
        if found is None:
            raise ValidationError(_("Nobody here has this number."))
        return found

    def clean(self) -> dict[str, Any]:
        """Registers, so that what stands in the way is said beside the fields."""
        row: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.payee = banks.register(
                    row["customer"],
                    bank_code=row["bank_code"].strip(),
                    number=Secret("".join(row["number"].split())),
                    name=row["name"].strip(),
                    on=clock.bank_day(clock.now()),
                )
            except BankCodeInvalid as wrong:
                self.add_error("bank_code", str(wrong))
            except BankingError as refusal:
                self.add_error("number", str(refusal))
        return row


class EndForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    pass


class Standing(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("force", _("In force")), ("ended", _("Ended")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.chosen():
            case "force":
                return queryset.filter(ended_on=None)
            case "ended":
                return queryset.exclude(ended_on=None)
        return queryset


@admin.register(ExternalPayee)
class ExternalPayeeAdmin(OnRecord):
    list_display = (
        "customer_shown",
        "name_shown",
        "account_shown",
        "bank_shown",
        "registered_on",
        "state_shown",
    )
    list_display_links = ("account_shown",)
    list_filter = (Standing,)
    list_select_related = ("customer",)
    search_fields = ("=customer__number", "=bank_code", "=last4")
    search_help_text = _("Customer number, bank code or the last four of the account")
    fields = (
        "customer_shown",
        "name_shown",
        "account_shown",
        "bank_shown",
        "registered_on",
        "ended_on",
        "state_shown",
    )
    readonly_fields = fields
    actions_list = ("register",)
    actions_detail = ("end",)

    @admin.display(description=_("customer"), ordering="customer__number")
    def customer_shown(self, row: ExternalPayee) -> str:
        return who(row.customer)

    @admin.display(description=_("payee's name"))
    def name_shown(self, row: ExternalPayee) -> str:
        return masked_name(row.name)

    @admin.display(description=_("account"))
    def account_shown(self, row: ExternalPayee) -> str:
        return masked_account(row.last4)

    @admin.display(description=_("bank"), ordering="bank_code")
    def bank_shown(self, row: ExternalPayee) -> str:
        return bank_name(row.bank_code)

    @admin.display(description=_("state"))
    def state_shown(self, row: ExternalPayee) -> SafeString:
        if row.ended_on:
            return signs.sign(signs.OFF, gettext("ended"))
        return signs.sign(signs.READY, gettext("in force"))

    def customer_of(self, row: ExternalPayee) -> Customer:
        return row.customer

    def reason(self, row: ExternalPayee) -> str:
        return gettext("opened payee %(masked)s") % {"masked": masked_account(row.last4)}

    @action(  # type: ignore[untyped-decorator]
        description=_("Register a payee"),
        icon="person_add",
        permissions=["banking.add_externalpayee"],
        dialog={
            "title": _("Register a payee at another bank"),
            "description": _("As the customer writes it on the form, with her ID card beside it."),
            "form_class": RegisterForm,
            "form_submit_text": _("Register"),
        },
    )
    def register(self, request: HttpRequest, form: RegisterForm) -> HttpResponse:
        messages.success(request, _("The payee is registered and can be paid by telephone."))
        return HttpResponse(headers={"HX-Redirect": page_of(form.payee)})

    @action(  # type: ignore[untyped-decorator]
        description=_("End the registration"),
        icon="person_remove",
        permissions=["banking.change_externalpayee"],
        dialog={
            "title": _("End the registration"),
            "description": _("Orders for later to this payee are then refused when they are due."),
            "form_class": EndForm,
            "form_submit_text": _("End"),
        },
    )
    def end(self, request: HttpRequest, form: EndForm, object_id: str) -> HttpResponse:
        payee = banks.end(int(object_id), on=clock.bank_day(clock.now()))
        messages.success(request, _("The payee can't be paid any more."))
        return HttpResponse(headers={"HX-Redirect": page_of(payee)})


def bank_name(code: str) -> str:
    """As the directory has it; else the code, which somebody has to look up."""
    found = banks.bank_of(code)
    return f"{found} {code}" if found else code
