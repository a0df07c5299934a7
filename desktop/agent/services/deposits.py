"""存款: opened, paid into, drawn from."""

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from banking.core import DepositView
from banking.core.deposits import Product
from banking.models.deposits import Term
from banking.requests import OpenDeposit, PayInstalment, Redemption, Request
from banking.templatetags.money import yuan
from desktop.agent.services.forms import OrderForm, PayerForm, amount_field, named_tail
from desktop.agent.services.registry import Group, service
from desktop.agent.services.telling import percent

PRODUCTS: list[tuple[Product, str | Promise]] = [
    ("time", _("Time deposit")),
    ("instalment", _("Instalment deposit")),
    ("drawing", _("Interest-drawing deposit")),
    ("notice", _("Notice deposit")),
]


@service(
    Group.DEPOSITS,
    "save",
    _("Open a deposit"),
    flows="deposit-time deposit-instalment deposit-drawing deposit-notice",
    typed="klck ck zczq lczq cbqx tzck",
)
class OpenForm(PayerForm):
    """整存整取, 零存整取, 存本取息, 通知存款."""

    offer = forms.ChoiceField(label=_("Deposit and term"))
    amount = amount_field()
    renews = forms.BooleanField(label=_("Rolled over at maturity"), required=False)

    def prepare(self) -> None:
        super().prepare()
        self.choose(
            "offer",
            [
                (
                    f"{product}:{offer.term}",
                    f"{title} {Term(offer.term).label} {percent(offer.percent)}",
                )
                for product, title in PRODUCTS
                for offer in self.bank.offers(product, at=self.at)
            ],
        )

    def request(self) -> Request:
        product, term = self.cleaned_data["offer"].split(":")
        return OpenDeposit(
            payer_id=self.account("payer"),
            amount=self.cleaned_data["amount"],
            product=product,
            term=term,
            renews=self.cleaned_data["renews"],
        )


@service(
    Group.DEPOSITS,
    "instalment",
    _("Pay an instalment"),
    flows="pay-instalment",
    typed="lcxc xc",
)
class InstalmentForm(PayerForm):
    """零存整取续存."""

    deposit = forms.ChoiceField(label=_("Deposit"))
    amount = amount_field()

    def prepare(self) -> None:
        super().prepare()
        found = self.bank.deposits(self.customer_id, at=self.at)
        payable = [row for row in found if row.payable]
        self.choose("deposit", [_choice(row) for row in payable])

    def request(self) -> Request:
        return PayInstalment(
            payer_id=self.account("payer"),
            payee_id=self.account("deposit"),
            amount=self.cleaned_data["amount"],
        )


@service(
    Group.DEPOSITS,
    "redeem",
    _("Draw from a deposit"),
    flows="deposit-redeem",
    typed="ckzq zq zhhq tqzq early",
)
class RedemptionForm(OrderForm):
    """转回活期."""

    deposit = forms.ChoiceField(label=_("Deposit"))
    payee = forms.ChoiceField(label=_("Pay to"))
    amount = amount_field()

    def prepare(self) -> None:
        found = self.bank.deposits(self.customer_id, at=self.at)
        self.choose("deposit", [_choice(row) for row in found])
        self.choose("payee", self.of_kind("demand"))

    def request(self) -> Request:
        return Redemption(
            payer_id=self.account("deposit"),
            payee_id=self.account("payee"),
            amount=self.cleaned_data["amount"],
        )


def _choice(deposit: DepositView) -> tuple[str, str]:
    """By its account; as she knows it: tail, term, what is in it."""
    term, principal = Term(deposit.term).label, yuan(deposit.principal)
    return str(deposit.account_id), f"{named_tail(deposit.tail)} {term} {principal}"
