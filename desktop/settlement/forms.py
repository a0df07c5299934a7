"""What the settlement desk's page sends: shape only; what may be is the services' to say."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from banking.models.clearing import System
from banking.secret import Secret
from banking.settlement_desk.making import REASONS, Keyed

INCOMPLETE = _("Something is missing or not as it should be. Nothing was changed.")


class Nothing(forms.Form):
    pass


class Words(forms.Form):
    words = forms.CharField(max_length=60)


class Why(forms.Form):
    reason = forms.ChoiceField(choices=[(reason.value, reason.label) for reason in REASONS])


class Make(forms.Form):
    bank_code = forms.CharField(max_length=12)
    system = forms.ChoiceField(choices=System.choices)
    postscript = forms.CharField(max_length=60, required=False)
    number = forms.CharField(max_length=40, required=False)
    amount = forms.CharField(max_length=20, required=False)

    def clean(self) -> dict[str, Any]:
        """What was keyed again, in one; an amount that is none is one that doesn't fit."""
        values = super().clean() or {}
        number, amount = values.pop("number", ""), values.pop("amount", "")
        keyed = Keyed(Secret(number.replace(" ", "")), _yuan(amount)) if number or amount else None
        return {**values, "keyed": keyed}


class Payout(forms.Form):
    account = forms.RegexField(r"^[0-9]{8,19}$")
    reason = forms.CharField(max_length=200)


def _yuan(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
