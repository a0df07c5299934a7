"""利率、汇率、网点、产品与公告: what anybody may ask, as the telephone bank tells it."""

from typing import Literal

from django import forms
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from banking.core import BranchView
from banking.core.information import Deposit
from banking.models import Currency, District
from banking.models.deposits import Product, Term
from banking.models.loans import Series
from banking.templatetags.money import yuan
from desktop.agent.services.forms import DeedForm
from desktop.agent.services.registry import Group, service
from desktop.agent.services.telling import Done, clock_time, day, moment, percent, table
from people.models import Branch
from telephony import wording
from telephony.deeds import Deed

PRODUCTS: tuple[Deposit, ...] = ("demand", "time", "instalment", "drawing", "notice")


@service(
    Group.PUBLIC,
    "deposit-rates",
    gettext_lazy("Deposit rates"),
    flows="deposit-rates",
    typed="ckll ll",
    matter="deposit-rates",
)
class DepositRatesForm(DeedForm):
    """存款利率, of every product that may be opened."""

    def act(self) -> Done:
        rows = [
            (Product(product).label, Term(rate.term).label, percent(rate.percent))
            for product in PRODUCTS
            for rate in self.bank.deposit_rates(product, at=self.at)
        ]
        heads = (_("Deposit"), pgettext("of a deposit", "Term"), pgettext("of a deposit", "Rate"))
        return Done(Deed.INFORMED, tables=(table(heads, rows, figures=(2,)),))


@service(
    Group.PUBLIC,
    "loan-rates",
    gettext_lazy("Loan rates"),
    flows="loan-rates",
    typed="dkll ll",
    matter="deposit-rates",
)
class LoanRatesForm(DeedForm):
    """贷款利率."""

    def act(self) -> Done:
        rates = self.bank.loan_rates(at=self.at)
        rows = (
            (Series(rate.series).label, percent(rate.percent), day(rate.since)) for rate in rates
        )
        heads = (_("Series"), pgettext("of a deposit", "Rate"), _("In force since"))
        return Done(Deed.INFORMED, tables=(table(heads, rows, figures=(1,)),))


@service(
    Group.PUBLIC,
    "exchange-rates",
    gettext_lazy("Exchange rates"),
    flows="exchange-rates",
    typed="whpj wh hl currency",
)
class ExchangeForm(DeedForm):
    """外汇牌价."""

    def act(self) -> Done:
        rows = (
            (
                Currency(rate.currency).label,
                rate.units,
                yuan(rate.buy),
                yuan(rate.cash_buy),
                yuan(rate.sell),
                moment(rate.at),
            )
            for rate in self.bank.exchange_rates(at=self.at)
        )
        heads = (
            *(_("Currency"), _("For so many"), _("The bank buys"), _("Buys notes"), _("Sells")),
            _("Quoted at"),
        )
        return Done(Deed.INFORMED, tables=(table(heads, rows, figures=(1, 2, 3, 4)),))


@service(
    Group.PUBLIC,
    "branches",
    gettext_lazy("Branches and cash machines"),
    flows="branches",
    typed="wdzz wd atm",
    matter="other-branch",
)
class BranchesForm(DeedForm):
    """网点与自助设备, of a district."""

    district = forms.ChoiceField(label=gettext_lazy("District"))

    def prepare(self) -> None:
        codes = [district.code for district in self.bank.districts(at=self.at)]
        names = dict(District.objects.filter(code__in=codes).values_list("code", "name"))
        self.need("district", [(code, names.get(code, code)) for code in codes])

    def act(self) -> Done:
        found = self.bank.branches(self.cleaned_data["district"], at=self.at)
        known = Branch.objects.in_bulk([branch.code for branch in found], field_name="code")
        rows = (
            (
                known[branch.code].name,
                known[branch.code].address,
                known[branch.code].phone,
                _hours(branch),
                _machines(branch),
            )
            for branch in found
        )
        heads = (_("Branch"), _("Address"), _("Branch telephone"), _("Open"), _("Cash machines"))
        return Done(Deed.INFORMED, tables=(table(heads, rows),))


@service(
    Group.PUBLIC,
    "products",
    gettext_lazy("Products as told"),
    flows="products",
    typed="cpjs cp",
)
class ProductsForm(DeedForm):
    """产品介绍."""

    def act(self) -> Done:
        return _announced(self, "product")


@service(
    Group.PUBLIC,
    "announcements",
    gettext_lazy("Notices as told"),
    flows="announcements",
    typed="gg",
)
class AnnouncementsForm(DeedForm):
    """公告."""

    def act(self) -> Done:
        return _announced(self, "notice")


def _announced(form: DeedForm, kind: Literal["product", "notice"]) -> Done:
    """In the words that a caller hears, in the agent's language."""
    language = "en" if get_language() == "en" else "zh"
    book = wording.prompts()
    texts = {
        prompt.key: wording.text(prompt)
        for prompt in (*book.prompts(language), *book.own_prompts(language))
    }
    prompts = form.bank.announcements(kind, at=form.at)
    words = tuple(texts[prompt] for prompt in prompts if prompt in texts)
    return Done(Deed.INFORMED, words or (_("There is nothing to announce now."),))


def _hours(branch: BranchView) -> str:
    if branch.opens and branch.closes:
        return f"{clock_time(branch.opens)}–{clock_time(branch.closes)}"
    if branch.opens_next:
        return _("closed today, again %(opens)s") % {"opens": moment(branch.opens_next)}
    return _("closed today")


def _machines(branch: BranchView) -> str:
    if not branch.machines:
        return ""
    return _("%(working)s of %(count)s give cash") % {
        "working": branch.working,
        "count": branch.machines,
    }
