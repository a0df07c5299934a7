"""转账汇款: to another customer, to herself, to another bank."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from banking.errors import BankingError
from banking.requests import InBankTransfer, InterbankTransfer, OwnTransfer, Remittance, Request
from banking.secret import Secret
from desktop.agent.services.forms import (
    OTHER,
    NothingOfThat,
    PayerForm,
    amount_field,
    named_tail,
    number_field,
)
from desktop.agent.services.registry import Group, service

SPEEDS = [("now", _("In real time")), ("ordinary", _("In two hours")), ("next_day", _("Next day"))]

SESSIONS = [("ordinary", _("By the next session")), ("next_day", _("Next day"))]


def speed_field() -> forms.ChoiceField:
    """实时, 普通, 次日, as the payer chooses."""
    return forms.ChoiceField(label=_("Arrives"), choices=SPEEDS)


@service(
    Group.TRANSFERS,
    "transfer",
    _("Transfer within the bank"),
    flows="in-bank-transfer",
    typed="hnzz zz",
)
class TransferForm(PayerForm):
    """行内转账."""

    payee = forms.ChoiceField(label=_("Pay to"))
    number = number_field(_("Another card or account"))
    amount = amount_field()
    speed = speed_field()

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
            speed=self.cleaned_data["speed"],
        )


@service(
    Group.TRANSFERS,
    "own",
    _("Between own accounts"),
    flows="own-transfer",
    typed="brhz hz zz",
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


class NoPayee(NothingOfThat):
    text = _("She has no such payee registered: a branch registers one.")


class RegisteredForm(PayerForm):
    """To a payee at another bank, registered at a branch."""

    payee = forms.ChoiceField(label=_("Pay to"))
    amount = amount_field()

    def offer_payees(self, *, same_city: bool) -> None:
        """Those at banks of this city, or of others. Raises NoPayee."""
        found = self.bank.external_payees(self.customer_id, at=self.at)
        payees = [row for row in found if row.same_city is same_city]
        if not payees:
            raise NoPayee
        self.choose("payee", [(str(row.id), named_tail(row.tail)) for row in payees])


@service(
    Group.TRANSFERS,
    "interbank",
    _("To another bank in this city"),
    flows="interbank-transfer",
    typed="tckh kh zz",
)
class InterbankForm(RegisteredForm):
    """同城跨行."""

    speed = forms.ChoiceField(label=_("Arrives"), choices=SESSIONS)

    def prepare(self) -> None:
        super().prepare()
        self.offer_payees(same_city=True)

    def request(self) -> Request:
        return InterbankTransfer(
            payer_id=self.account("payer"),
            payee_id=self.account("payee"),
            amount=self.cleaned_data["amount"],
            speed=self.cleaned_data["speed"],
        )


@service(
    Group.TRANSFERS,
    "remittance",
    _("To another city"),
    flows="remittance",
    typed="ydhk hk zz",
)
class RemittanceForm(RegisteredForm):
    """异地汇款."""

    speed = speed_field()

    def prepare(self) -> None:
        super().prepare()
        self.offer_payees(same_city=False)

    def request(self) -> Request:
        return Remittance(
            payer_id=self.account("payer"),
            payee_id=self.account("payee"),
            amount=self.cleaned_data["amount"],
            speed=self.cleaned_data["speed"],
        )
