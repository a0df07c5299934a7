"""The forms of the services: what is typed becomes a request, or says what is wrong with it."""

from abc import ABCMeta, abstractmethod
from datetime import datetime
from typing import Any

from django import forms
from django.forms.forms import DeclarativeFieldsMetaclass
from django.utils.translation import gettext_lazy as _

from banking import core
from banking.core import AccountView
from banking.errors import BankingError
from banking.requests import InBankTransfer, OwnTransfer, Request
from banking.secret import Secret

OTHER = "other"  # a payee who is not registered


class AbstractForm(ABCMeta, DeclarativeFieldsMetaclass):
    """The metaclass of forms that leave something to their subclasses to say."""


def amount_field() -> forms.DecimalField:
    """Yuan, in whole fen."""
    return forms.DecimalField(
        label=_("Amount"),
        max_digits=14,
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )


class OrderForm(forms.Form, metaclass=AbstractForm):
    """What one kind of order asks, of one customer, now."""

    def __init__(self, *args: Any, customer_id: int, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer_id, self.at = customer_id, at
        self.bank = core.default()
        self.accounts = self.bank.accounts(customer_id, at=at)
        self.prepare()
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True

    @abstractmethod
    def prepare(self) -> None:
        """Fill the choices with what is hers."""

    @abstractmethod
    def request(self) -> Request:
        """What a valid form asks of the bank."""

    def of_kind(self, *kinds: str) -> list[tuple[str, str]]:
        """Her accounts of these kinds, as choices."""
        return [(str(row.id), named(row)) for row in self.accounts if row.kind in kinds]

    def account(self, field: str) -> int:
        return int(self.cleaned_data[field])


def named(account: AccountView) -> str:
    """As the read-back and she herself call it."""
    name = str(_("ending %(tail)s") % {"tail": account.tail})
    return f"{name} {account.nickname}".strip()


class PayerForm(OrderForm):
    """Money leaves one of her demand accounts."""

    payer = forms.ChoiceField(label=_("Pay from"))

    def prepare(self) -> None:
        self.choose("payer", self.of_kind("demand"))

    def choose(self, field: str, choices: list[tuple[str, str]]) -> None:
        chosen = self.fields[field]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = choices


class TransferForm(PayerForm):
    """行内转账."""

    payee = forms.ChoiceField(label=_("Pay to"))
    number = forms.CharField(
        label=_("Another card or account"),
        required=False,
        max_length=23,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    amount = amount_field()

    def prepare(self) -> None:
        super().prepare()
        registered = self.bank.payees(self.customer_id, at=self.at)
        choices = [(str(row.account_id), f"{row.name} {row.tail}") for row in registered]
        self.choose("payee", [*choices, (OTHER, str(_("Not registered: by number")))])

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("payee") == OTHER:
            digits = "".join(typed.get("number", "").split())
            if not digits.isdecimal():
                self.add_error("number", _("Enter the payee's card or account number."))
                return typed
            try:
                payee = self.bank.find_payee(Secret(digits), at=self.at)
            except BankingError as refusal:
                self.add_error("number", str(refusal))
            else:
                typed["payee"] = str(payee.account_id)
        return typed

    def request(self) -> Request:
        return InBankTransfer(
            payer_id=self.account("payer"),
            payee_id=self.account("payee"),
            amount=self.cleaned_data["amount"],
        )


class OwnForm(PayerForm):
    """本人账户互转."""

    payee = forms.ChoiceField(label=_("Pay to"))
    amount = amount_field()

    def prepare(self) -> None:
        super().prepare()
        self.choose("payee", self.of_kind("demand"))

    def request(self) -> Request:
        return OwnTransfer(
            payer_id=self.account("payer"),
            payee_id=self.account("payee"),
            amount=self.cleaned_data["amount"],
        )
