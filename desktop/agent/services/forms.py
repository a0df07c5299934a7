"""What the forms of the services share: what is typed becomes a request, or says what is wrong."""

from abc import ABCMeta, abstractmethod
from datetime import datetime
from typing import Any

from django import forms
from django.forms.forms import DeclarativeFieldsMetaclass
from django.utils.translation import gettext_lazy as _

from banking import core
from banking.core import AccountView
from banking.requests import Request


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

    def choose(self, field: str, choices: list[tuple[str, str]]) -> None:
        chosen = self.fields[field]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = choices

    def account(self, field: str) -> int:
        return int(self.cleaned_data[field])


def named_tail(tail: str) -> str:
    """As the read-back and she herself call it."""
    return str(_("ending %(tail)s") % {"tail": tail})


def named(account: AccountView) -> str:
    return f"{named_tail(account.tail)} {account.nickname}".strip()


class PayerForm(OrderForm):
    """Money leaves one of her demand accounts."""

    payer = forms.ChoiceField(label=_("Pay from"))

    def prepare(self) -> None:
        self.choose("payer", self.of_kind("demand"))
