"""缴费, and what she owes the bank itself."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from banking.errors import BankingError
from banking.requests import BillPayment, Repayment, Request
from desktop.agent.services.forms import (
    OrderForm,
    PayerForm,
    amount_field,
    named_tail,
    number_field,
)
from desktop.agent.services.registry import Group, service

BILLS = [
    ("phone", _("Phone")),
    ("water", _("Water")),
    ("electricity", _("Electricity")),
    ("gas", _("Gas")),
    ("cable", _("Cable television")),
]


REPAID = [
    ("due", _("What has come due")),
    ("part", _("A part of what is not due yet")),
    ("settle", _("All of it, today")),
]
KEPT = [
    ("instalment", _("as much each month, for fewer months")),
    ("term", _("less each month, for as many")),
]


@service(
    Group.TRANSFERS,
    "bill",
    _("Pay a bill"),
    flows="bill-phone bill-water bill-electricity bill-gas bill-cable",
    typed="jf cz sf df",
)
class BillForm(PayerForm):
    """A bill, a part of it, or a top-up."""

    bill = forms.ChoiceField(label=_("Bill"), choices=BILLS)
    contract = number_field(_("Contract or phone number"), longest=30, required=True)
    amount = amount_field()

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        if "contract" in typed and "bill" in typed:
            try:
                found = self.bank.bill(typed["bill"], typed["contract"].strip(), at=self.at)
            except BankingError as refusal:
                self.add_error("contract", str(refusal))
            else:
                typed["biller"], typed["contract"] = found.biller, found.contract
        return typed

    def request(self) -> Request:
        return BillPayment(
            payer_id=self.account("payer"),
            biller=self.cleaned_data["biller"],
            contract=self.cleaned_data["contract"],
            amount=self.cleaned_data["amount"],
        )


@service(
    Group.DEPOSITS,
    "repayment",
    _("Repay a loan"),
    flows="loan-repay loan-settle",
    typed="dkhk hk tqhk jq",
)
class RepaymentForm(OrderForm):
    """What has come due of a loan, a part of what is not, or all of it."""

    loan = forms.ChoiceField(label=_("Loan"))
    what = forms.ChoiceField(label=_("What is paid"), choices=REPAID)
    keeps = forms.ChoiceField(label=_("After an early part"), choices=KEPT)
    amount = amount_field()

    def prepare(self) -> None:
        self.loans = {loan.id: loan for loan in self.bank.loans(self.customer_id, at=self.at)}
        self.choose("loan", [(str(id), named_tail(loan.tail)) for id, loan in self.loans.items()])

    def request(self) -> Request:
        loan = self.loans[self.account("loan")]
        return Repayment(
            payer_id=loan.pays_from_id,
            payee_id=loan.id,
            amount=self.cleaned_data["amount"],
            what=self.cleaned_data["what"],
            keeps=self.cleaned_data["keeps"],
        )
