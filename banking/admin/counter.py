"""At the counter, with the customer present: a code is issued, and what needs two is asked."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from banking import activation, two_eyes, unlocking
from banking.access import Name, rule
from banking.admin.parts import page_of, user_of
from banking.models import Card, Customer
from banking.models.orders import Channel
from calendars import clock
from calendars.clock import bank_day
from people import access
from people.errors import Refusal
from people.models import Approval
from people.office import in_dialog


def customer_of(object_id: Any) -> Customer:
    """Raises Http404."""
    key = str(object_id)
    found = Customer.objects.filter(pk=key).first() if key.isdecimal() else None
    if found is None:
        raise Http404
    return found


class CounterForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    """A verb on a customer's page; `reason` is what who decides will read."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        error_messages={"required": access.NoReason.text},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer_of(self.object_id)


class CardForm(CounterForm):
    card = forms.ChoiceField(label=_("Card"), widget=UnfoldAdminSelectWidget)
    field_order = ("card", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [card for card in self.customer.cards.all() if self.offers(card)]
        self.fields["card"].choices = [(card.pk, str(card)) for card in offered]

    def offers(self, card: Card) -> bool:
        return card.status == Card.Status.ACTIVE

    def clean_card(self) -> Card:
        chosen: Card = self.customer.cards.get(pk=self.cleaned_data["card"])
        return chosen


class LockedCardForm(CardForm):
    def offers(self, card: Card) -> bool:
        return bool(unlocking.locked(card, at=clock.now()))


class RaiseForm(CounterForm):
    channel = forms.ChoiceField(
        label=_("Channel"), choices=Channel.choices, widget=UnfoldAdminSelectWidget
    )
    single = forms.DecimalField(
        label=_("Single transfer, yuan"),
        min_value=Decimal(0),
        max_digits=18,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    daily = forms.DecimalField(
        label=_("A day, yuan"),
        min_value=Decimal(0),
        max_digits=18,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    field_order = ("channel", "single", "daily", "reason")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        single, daily = given.get("single"), given.get("daily")
        if single is not None and daily is not None and single > daily:
            raise ValidationError(_("A single transfer can't be more than a day's."))
        return given


class CounterVerbs:
    """Mixed into a customer's page."""

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Issue an activation code"),
        icon="key",
        permissions=["banking.issue_code"],
        dialog={
            "title": _("Issue an activation code"),
            "description": _(
                "For the customer at the counter. It is shown once; her old query password and "
                "an older code stop at once."
            ),
            "form_class": CardForm,
            "form_submit_text": _("Issue"),
        },
    )
    def issue_code(self, request: HttpRequest, form: CardForm, object_id: str) -> HttpResponse:
        """Shown in the dialog itself: in no message, cookie or cache."""
        card, at = form.cleaned_data["card"], clock.now()
        try:
            code = activation.issue(card.pk, by=user_of(request), at=at)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return _back(form.customer)
        access.record(
            user_of(request),
            "reveal",
            form.customer,
            field=f"activation code of card {card.pk}",
            reason=form.cleaned_data["reason"],
            address=request.META.get("REMOTE_ADDR"),
            at=at,
        )
        hours = rule(Name.CODE_HOURS, day=bank_day(at))
        masked = gettext("Activation code of card %(card)s, for %(hours)s hours") % {
            "card": card,
            "hours": hours,
        }
        number = code.reveal()
        return in_dialog(
            request,
            "banking/revealed.html",
            {"masked": masked, "number": f"{number[:4]} {number[4:]}"},
        )

    @action(  # type: ignore[untyped-decorator]
        description=_("Ask to unlock"),
        icon="lock_open",
        permissions=["banking.ask_unlock"],
        dialog={
            "title": _("Ask to unlock"),
            "description": _("Her identity was checked at the counter. A colleague decides."),
            "form_class": LockedCardForm,
            "form_submit_text": _("Ask"),
        },
    )
    def ask_unlock(
        self, request: HttpRequest, form: LockedCardForm, object_id: str
    ) -> HttpResponse:
        return asked(
            request,
            form.customer,
            lambda: two_eyes.ask_unlock(
                form.cleaned_data["card"].pk,
                by=user_of(request),
                reason=form.cleaned_data["reason"],
                at=clock.now(),
            ),
        )

    @action(  # type: ignore[untyped-decorator]
        description=_("Ask to raise limits"),
        icon="trending_up",
        permissions=["banking.ask_raise"],
        dialog={
            "title": _("Ask to raise limits"),
            "description": _("Her identity was checked at the counter. A colleague decides."),
            "form_class": RaiseForm,
            "form_submit_text": _("Ask"),
        },
    )
    def ask_raise(self, request: HttpRequest, form: RaiseForm, object_id: str) -> HttpResponse:
        given = form.cleaned_data
        return asked(
            request,
            form.customer,
            lambda: two_eyes.ask_raise(
                form.customer,
                Channel(given["channel"]),
                single=given["single"],
                daily=given["daily"],
                by=user_of(request),
                reason=given["reason"],
                at=clock.now(),
            ),
        )

    @action(  # type: ignore[untyped-decorator]
        description=_("Ask to allow debits by telephone"),
        icon="phone_enabled",
        permissions=["banking.ask_phone_on"],
        dialog={
            "title": _("Ask to allow debits by telephone"),
            "description": _("Her identity was checked at the counter. A colleague decides."),
            "form_class": CounterForm,
            "form_submit_text": _("Ask"),
        },
    )
    def ask_phone_on(self, request: HttpRequest, form: CounterForm, object_id: str) -> HttpResponse:
        return asked(
            request,
            form.customer,
            lambda: two_eyes.ask_phone_on(
                form.customer,
                by=user_of(request),
                reason=form.cleaned_data["reason"],
                at=clock.now(),
            ),
        )


def asked(request: HttpRequest, customer: Customer, ask: Callable[[], Approval]) -> HttpResponse:
    """Ask, say so, and back to her page."""
    try:
        ask()
        messages.success(request, gettext("Asked. A colleague decides."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return _back(customer)


def _back(customer: Customer) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": page_of(customer)})
