"""Who banks here: found by what she can show, masked until somebody says why not."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from banking import limits, signs, vault
from banking.admin.banks import bank_name
from banking.admin.counter import CounterVerbs, customer_of
from banking.admin.parts import PageAdmin, known_as, page_of, user_of
from banking.models import Card, Customer, Instruction, LossReport, Passbook
from banking.models.customers import Purpose, Vip
from banking.models.orders import Channel
from banking.numbers import is_card_number, is_id_number, masked_account, masked_name
from banking.secret import Secret
from banking.settlement_desk import blind
from calendars import clock
from people import access, history
from people.office import in_dialog

RECENT = 10  # instructions on a customer's page


def holder(number: Secret) -> Customer | None:
    """By 证件号, card, passbook or account number, each of them exact; closed ones too."""
    return (
        Customer.objects.filter(
            Q(id_lookup__in=vault.lookups(number, "id"))
            | Q(cards__pan_lookup__in=vault.lookups(number, "card"))
            | Q(accounts__number=number.reveal())
            | Q(accounts__passbook__number=number.reveal())
        )
        .distinct()
        .first()
    )


class FindForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    """The number is posted, not part of an address: it comes into no log and no history."""

    number = forms.CharField(
        label=_("ID, card, passbook or account number"),
        max_length=24,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "autofocus": True}),
    )

    def clean_number(self) -> str:
        number = "".join(self.cleaned_data["number"].split()).upper()
        found = holder(Secret(number))
        if found is None:
            raise ValidationError(_("Nobody here has this number."))
        self.found = found
        return number


class RevealForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    what = forms.ChoiceField(label=_("Show"), widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        error_messages={"required": access.NoReason.text},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer_of(self.object_id)
        self.fields["what"].choices = [
            (key, masked) for key, masked, _number in sealed_of(self.customer)
        ]


def sealed_of(customer: Customer) -> Iterator[tuple[str, str, Any]]:
    """What of hers is masked: its key, how it looks, and how it is come by."""
    yield (
        "id",
        gettext("ID number %(masked)s") % {"masked": customer.masked_id},
        lambda: vault.unseal(bytes(customer.id_box), customer.id_key_version, "id").reveal(),
    )
    if customer.mobile:
        mobile = customer.mobile
        yield (
            "mobile",
            gettext("Mobile %(masked)s") % {"masked": customer.masked_mobile},
            lambda: mobile,
        )
    if customer.email:
        email = customer.email
        yield (
            "email",
            gettext("E-mail %(masked)s") % {"masked": customer.masked_email},
            lambda: email,
        )
    for card in customer.cards.all():
        yield f"card {card.pk}", gettext("Card %(masked)s") % {"masked": card}, _pan(card)
    for account in customer.accounts.all():
        yield (
            f"account {account.pk}",
            gettext("Account %(masked)s") % {"masked": account},
            lambda number=account.number: number,
        )


def _pan(card: Card) -> Any:
    return lambda: vault.unseal(bytes(card.pan_box), card.pan_key_version, "card").reveal()


@admin.register(Customer)
class CustomerAdmin(CounterVerbs, PageAdmin):
    list_display = (
        "number",
        "name",
        "level",
        "mobile_shown",
        "id_shown",
        "years",
        "accounts_count",
        "test",
    )
    list_display_links = ("number", "name")
    list_filter = ("vip", "is_test", "language")
    search_fields = ("=number", "name", "=mobile")
    search_help_text = _("Customer number, name or mobile")
    change_form_template = "banking/customer.html"
    actions_list = ("find",)
    actions_detail = ("reveal", "issue_code", "ask_unlock", "ask_raise", "ask_phone_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        found: QuerySet[Customer] = super().get_queryset(request)
        return found.annotate(account_count=Count("accounts"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        """What is searched stands in the page's address: no place for a card or ID number."""
        bare = "".join(search_term.split()).upper()
        if is_card_number(bare) or is_id_number(bare):
            words = _("Card and ID numbers are found by the button “Find by number” alone.")
            messages.warning(request, words)
            return queryset.none(), False
        found: tuple[QuerySet[Customer], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

    @admin.display(description=_("VIP level"), ordering="vip")
    def level(self, customer: Customer) -> str:
        return "—" if customer.vip == Vip.ORDINARY else customer.get_vip_display()

    @admin.display(description=_("mobile"))
    def mobile_shown(self, customer: Customer) -> str:
        return customer.masked_mobile if customer.mobile else "—"

    @admin.display(description=_("ID number"))
    def id_shown(self, customer: Customer) -> str:
        return customer.masked_id

    @admin.display(description=_("age"), ordering="-born_on")
    def years(self, customer: Customer) -> str:
        return str(customer.age(clock.bank_day(clock.now())))

    @admin.display(description=_("accounts"), ordering="account_count")
    def accounts_count(self, customer: Any) -> str:
        return str(customer.account_count)

    @admin.display(description=_("test customer"), ordering="is_test")
    def test(self, customer: Customer) -> str:
        return gettext("test") if customer.is_test else "—"

    def customers_of(self, subject: Customer) -> Iterable[Customer]:
        return [subject]

    def reason(self, subject: Customer) -> str:
        return gettext("opened the customer's page")

    def facts(self, request: HttpRequest, subject: Customer) -> dict[str, Any]:
        at = clock.now()
        day = clock.bank_day(at)
        orders = blind.marked(
            Instruction.objects.filter(customer=subject).select_related("payer__card"),
            user_of(request),
            "pk",
            at=at,
        )
        return {
            "customer": subject,
            "masked_id": subject.masked_id,
            "age": subject.age(day),
            "accounts": [
                (row, str(row), signs.account(row, at))
                for row in subject.accounts.select_related("card", "branch").order_by("opened_on")
            ],
            "cards": [
                (
                    card,
                    signs.card(card, at),
                    signs.pin(card, Purpose.QUERY, at),
                    signs.pin(card, Purpose.TRANSACTION, at),
                )
                for card in subject.cards.all()
            ],
            "passbooks": [
                (row, str(row.account), signs.passbook(row, at))
                for row in Passbook.objects.filter(account__customer=subject).select_related(
                    "account"
                )
            ],
            "payees": [
                (row, masked_name(row.name), known_as(row.account))
                for row in subject.payees.select_related("account__card")
            ],
            "payees_elsewhere": [
                (row, masked_name(row.name), masked_account(row.last4), bank_name(row.bank_code))
                for row in subject.external_payees.all()
            ],
            "losses": [
                (row, str(row.lost), signs.loss(row, at))
                for row in LossReport.objects.filter(customer=subject).select_related(
                    "card", "passbook"
                )
            ],
            "orders": [
                (row, page_of(row), signs.order(row), signs.told(row))
                for row in orders.order_by("-drafted_at")[:RECENT]
            ],
            "allowances": [
                (channel.label, allowance)
                for channel in Channel
                if (allowance := limits.allowance(subject.pk, channel.value, day=day)).single
            ],
            "phone": signs.phone_debits(subject),
            "sees_accounts": request.user.has_perm("banking.view_account"),
            "sees_losses": request.user.has_perm("banking.view_lossreport"),
        }

    def get_changes(self, subject: Model) -> list[history.Change]:
        """Her history is masked as her page is."""
        return list(_masked(super().get_changes(subject)))

    @action(  # type: ignore[untyped-decorator]
        description=_("Find by number"),
        icon="person_search",
        permissions=["banking.view_customer"],
        dialog={
            "title": _("Find by number"),
            "description": _("Whole and exact. It comes into no log and into no address."),
            "form_class": FindForm,
            "form_submit_text": _("Find"),
        },
    )
    def find(self, request: HttpRequest, form: FindForm) -> HttpResponse:
        return HttpResponse(headers={"HX-Redirect": page_of(form.found)})

    @action(  # type: ignore[untyped-decorator]
        description=_("Show in full"),
        icon="visibility",
        permissions=["banking.reveal_customer"],
        dialog={
            "title": _("Show in full"),
            "description": _("It is written down who saw what, when and why."),
            "form_class": RevealForm,
            "form_submit_text": _("Show"),
        },
    )
    def reveal(self, request: HttpRequest, form: RevealForm, object_id: str) -> HttpResponse:
        """Shown in the dialog itself: in no message, cookie or cache."""
        wanted = form.cleaned_data["what"]
        sealed = {key: (masked, number) for key, masked, number in sealed_of(form.customer)}
        masked, number = sealed[wanted]
        access.record(
            user_of(request),
            "reveal",
            form.customer,
            field=wanted,
            reason=form.cleaned_data["reason"],
            address=request.META.get("REMOTE_ADDR"),
            at=clock.now(),
        )
        return in_dialog(
            request, "banking/revealed.html", {"masked": masked, "number": grouped(number())}
        )


def grouped(number: str) -> str:
    """As it is read out: a mobile as 3-4-4, an ID number as 6-8-4, the rest in fours."""
    if len(number) == 11:
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    if is_id_number(number):
        return f"{number[:6]} {number[6:14]} {number[14:]}"
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def _masked(found: Iterable[history.Change]) -> Iterator[history.Change]:
    """The mobile and the birth date are hidden, what they were as well as what they are; how
    the ID number is sealed is nobody's business."""
    for change in found:
        shown = tuple(
            history.Difference(one.field, _hide(one.before), _hide(one.after))
            if one.field in _named("mobile", "email", "born_on")
            else one
            for one in change.differences
            if one.field not in _named("id_box", "id_lookup", "id_key_version")
        )
        if shown:
            yield history.Change(change.at, change.by, change.created, shown)


def _named(*fields: str) -> set[str]:
    return {str(Customer._meta.get_field(field).verbose_name) for field in fields}  # type: ignore[union-attr]


def _hide(value: str) -> str:
    """A mobile but for its last four, a date altogether."""
    return f"****{value[-4:]}" if len(value) == 11 else "****" if value not in ("", "—") else value
