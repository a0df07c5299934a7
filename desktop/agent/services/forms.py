"""What the forms of the services share: what is typed becomes a request or a deed, or says why not.

A form asks what its flow asks, of the same core. An `OrderForm` ends in an order that she
confirms in the IVR; a `DeedForm` does what she asks, after a read-back where the flow has one.
"""

from abc import ABCMeta, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django import forms
from django.forms.forms import DeclarativeFieldsMetaclass
from django.utils.translation import gettext_lazy as _

from banking import core
from banking.core import AccountView
from banking.requests import Request
from banking.secret import Secret
from desktop.agent.services.telling import Done
from people.errors import Refusal
from telephony.models import Call

NOTHING: Mapping[str, str] = MappingProxyType({})


class NotIdentified(Refusal):
    text = _("She has not identified herself. Send her to the IVR for card and query password.")


class NothingOfThat(Refusal):
    text = _("She has nothing of the kind.")


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


OTHER = "other"  # a choice of none of hers: the page then asks for a number


def number_field(label: Any, *, longest: int = 23, required: bool = False) -> forms.CharField:
    """A number as it is dictated, with spaces or without.

    Beside a choice with `OTHER` in it one that is not required is shown only with that chosen.
    """
    attributes = {"autocomplete": "off"} | ({} if required else {"data-other": ""})
    widget = forms.TextInput(attributes)
    return forms.CharField(label=label, required=required, max_length=longest, widget=widget)


class CallForm(forms.Form, metaclass=AbstractForm):
    """What one service asks of the agent, for the caller she has, now."""

    def __init__(
        self,
        *args: Any,
        call: Call,
        at: datetime,
        filled: Mapping[str, str] = NOTHING,
        **kwargs: Any,
    ) -> None:
        """`filled` stands in the fields to begin with; what she has not is in `unfilled`."""
        super().__init__(*args, **kwargs)
        self.call, self.at = call, at
        self.bank = core.default()
        self.prepare()
        self.unfilled = [] if self.is_bound else self._fill(filled)
        shown = self.visible_fields()
        left = [field for field in shown if field.name not in self.initial]
        for first in (left or shown)[:1]:
            first.field.widget.attrs["autofocus"] = True

    def _fill(self, filled: Mapping[str, str]) -> list[str]:
        """What can be filled in is. The labels of what can't: a choice that is not hers now."""
        left = []
        for name in filled.keys() & self.fields.keys():
            field = self.fields[name]
            try:
                self.initial[name] = field.clean(filled[name])
            except forms.ValidationError:
                left.append(str(field.label))
        return left

    def prepare(self) -> None:
        """Fill the choices with what is hers. Raises Refusal: there is nothing to ask."""

    @property
    def is_identified(self) -> bool:
        """Whether the caller has proved who she is, and that still holds."""
        until = self.call.verified_until
        return until is not None and self.at < until

    @property
    def customer_id(self) -> int:
        """Of a caller who has proved who she is."""
        assert self.call.customer_id is not None
        return self.call.customer_id

    @property
    def call_ref(self) -> str:
        return str(self.call.uuid)

    @cached_property
    def accounts(self) -> tuple[AccountView, ...]:
        return self.bank.accounts(self.customer_id, at=self.at)

    def of_kind(self, *kinds: str) -> list[tuple[str, str]]:
        """Her accounts of these kinds, as choices; of every kind but loans without one."""
        return [
            (str(row.id), named(row))
            for row in self.accounts
            if (row.kind in kinds if kinds else row.kind != "loan")
        ]

    def choose(self, field: str, choices: Iterable[tuple[str, str]]) -> None:
        chosen = self.fields[field]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = list(choices)

    def need(self, field: str, choices: Iterable[tuple[str, str]]) -> None:
        """`choose` where an empty list leaves nothing to ask. Raises NothingOfThat."""
        found = list(choices)
        if not found:
            raise NothingOfThat
        self.choose(field, found)

    def account(self, field: str) -> int:
        return int(self.cleaned_data[field])


# What may be filled in before she sees it: no number that the caller dictates.
FILLED = (forms.ChoiceField, forms.DecimalField, forms.DateField, forms.BooleanField)


def fillable(form: type[CallForm]) -> frozenset[str]:
    """The fields that a guide may fill in."""
    return frozenset(name for name, field in form.base_fields.items() if isinstance(field, FILLED))


class OrderForm(CallForm):
    """What one kind of order asks."""

    @abstractmethod
    def request(self) -> Request:
        """What a valid form asks of the bank."""


class DeedForm(CallForm):
    """What is done at once, with nothing of hers to confirm in the IVR."""

    def readback(self) -> str:
        """What she has to agree to first; "" where the flow asks for no yes. Raises Refusal."""
        return ""

    @abstractmethod
    def act(self) -> Done:
        """Do it. Raises Refusal: then nothing has changed."""


class HolderForm(DeedForm):
    """By who has proved who she is, or by card and ID number: enough to stop, not to start."""

    number = number_field(_("Card number"))
    identity = number_field(_("ID number"), longest=18)

    def prepare(self) -> None:
        if self.is_identified:
            del self.fields["number"], self.fields["identity"]

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        for field in ("number", "identity"):
            if field in self.fields and not typed.get(field):
                self.add_error(field, _("Enter it as she reads it out."))
        return typed

    def secret(self, field: str) -> Secret:
        """A number without its spaces."""
        return Secret("".join(self.cleaned_data[field].split()).upper())


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
