"""余额、明细、对账单、账户设置: what is in her accounts, told or sent, and how she calls them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking import accounts
from banking.core import EntryView, Medium
from banking.errors import NoAddress
from banking.models import Account, Journal
from banking.templatetags.money import signed, yuan
from calendars.clock import bank_day
from desktop.agent.services.forms import DeedForm, NothingOfThat, named, named_tail
from desktop.agent.services.registry import Group, service
from desktop.agent.services.telling import Done, Table, moment, table
from telephony.deeds import Deed

HOW_MANY = [(str(n), str(n)) for n in (5, 10, 20, 50)]
A_PAGE = 15  # entries of a period that are shown at a time: as many as need no scrolling
MEDIA = {"sms": gettext_lazy("as an SMS to her mobile"), "email": gettext_lazy("by e-mail")}


class OnlyOne(NothingOfThat):
    text = gettext_lazy("She has one account alone: there is nothing to choose.")


@service(
    Group.ENQUIRIES,
    "balance",
    gettext_lazy("Balances"),
    flows="balance",
    typed="ye",
    matter="account-balance",
)
class BalanceForm(DeedForm):
    """余额: of every account at once."""

    def act(self) -> Done:
        rows = []
        for account in self.accounts:
            now = self.bank.balance(account.id, at=self.at)
            kind = Account.Kind(account.kind).label
            remark = _("default account") if account.leads else account.nickname
            rows.append(
                (kind, named_tail(account.tail), yuan(now.balance), yuan(now.available), remark)
            )
        heads = (_("Product"), _("Account"), _("Balance"), _("Available"), _("Remark"))
        return Done(Deed.BALANCE, tables=(table(heads, rows, figures=(2, 3)),))


class AccountForm(DeedForm):
    """One of her accounts."""

    which = forms.ChoiceField(label=gettext_lazy("Account"))

    def prepare(self) -> None:
        self.need("which", self.of_kind())


@service(
    Group.ENQUIRIES,
    "last",
    gettext_lazy("Last transactions"),
    flows="last-transactions",
    typed="zjmx mx entries",
    matter="account-entries",
)
class LastForm(AccountForm):
    """最近明细."""

    many = forms.ChoiceField(label=gettext_lazy("How many"), choices=HOW_MANY)

    def act(self) -> Done:
        many = int(self.cleaned_data["many"])
        return _entries(self.bank.last(self.account("which"), many, at=self.at))


class NotKept(forms.HiddenInput):
    """What is asked again from the form is asked from its beginning."""

    def format_value(self, value: Any) -> None:
        return None


class PeriodForm(AccountForm):
    """An account and a period, this month unless another is typed; both days are in it."""

    first = forms.DateField(label=gettext_lazy("First day"))
    last = forms.DateField(label=gettext_lazy("Last day"))

    def prepare(self) -> None:
        super().prepare()
        today = bank_day(self.at)
        for field, day in (("first", today.replace(day=1)), ("last", today)):
            self.fields[field].widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
            self.fields[field].initial = day

    @property
    def period(self) -> tuple[date, date]:
        return self.cleaned_data["first"], self.cleaned_data["last"]


@service(
    Group.ENQUIRIES,
    "by-date",
    gettext_lazy("Transactions by date"),
    flows="transactions-by-date",
    typed="rqmx mx entries",
    matter="account-entries",
)
class ByDateForm(PeriodForm):
    """按日期查明细, page by page.

    `pages` is where each page up to this one began, as `entries` calls it: nothing that is
    booked meanwhile moves a line from one page to another.
    """

    pages = forms.RegexField(r"^\d{1,18}( \d{1,18})*$", required=False, widget=NotKept)

    def act(self) -> Done:
        began = self.cleaned_data["pages"].split()
        page = self.bank.entries(
            *(self.account("which"), *self.period),
            at=self.at,
            further=int(began[-1]) if began else None,
            n=A_PAGE,
        )
        done = _entries(page.entries)
        if not began and not page.further:
            return done
        first = len(began) * A_PAGE + 1
        said = _("Transactions %(first)s to %(last)s, the newest first.") % {
            "first": first,
            "last": first + len(page.entries) - 1,
        }
        older = " ".join([*began, str(page.further)]) if page.further else None
        newer = " ".join(began[:-1]) if began else None
        return replace(done, says=(said,), older=older, newer=newer)


@service(
    Group.SETTINGS,
    "statement",
    gettext_lazy("Send a statement"),
    flows="statement",
    typed="fsdzd dzd",
    matter="account-statement",
)
class StatementForm(PeriodForm):
    """对账单: to an address that the bank knows, never to one that is dictated."""

    medium = forms.ChoiceField(label=gettext_lazy("Sent"))

    def prepare(self) -> None:
        super().prepare()
        last_month = bank_day(self.at).replace(day=1) - timedelta(days=1)
        self.fields["first"].initial = last_month.replace(day=1)
        self.fields["last"].initial = last_month
        self.tails = {
            address.medium: address.tail
            for address in self.bank.addresses(self.customer_id, at=self.at)
        }
        if not self.tails:
            raise NoAddress
        self.choose("medium", [(medium, self._address(medium)) for medium in self.tails])

    def _address(self, medium: Medium) -> str:
        tail = self.tails[medium]
        return f"{MEDIA[medium]} {named_tail(tail)}" if tail else str(MEDIA[medium])

    def act(self) -> Done:
        medium = cast(Medium, self.cleaned_data["medium"])
        self.bank.send_statement(self.account("which"), *self.period, medium, at=self.at)
        sent = _("The statement is sent %(how)s.") % {"how": self._address(medium)}
        return Done(Deed.STATEMENT, (sent,))


@service(
    Group.SETTINGS,
    "nickname",
    gettext_lazy("Name an account"),
    flows="account-nickname",
    typed="zhbm bm",
    matter="phone-bank-use",
)
class NicknameForm(AccountForm):
    """账户别名."""

    word = forms.ChoiceField(label=gettext_lazy("Called"))

    def prepare(self) -> None:
        super().prepare()
        words = {row.slug: row.word for row in accounts.words()}
        known = self.bank.nicknames(at=self.at)
        self.need("word", [(slug, words.get(slug, slug)) for slug in known])

    def act(self) -> Done:
        chosen = self.account("which")
        self.bank.name_account(self.customer_id, chosen, self.cleaned_data["word"], at=self.at)
        hers = self.bank.accounts(self.customer_id, at=self.at)
        account = next(row for row in hers if row.id == chosen)
        said = _("The account is called: %(name)s.") % {"name": named(account)}
        return Done(Deed.SETTING, (said,))


@service(
    Group.SETTINGS,
    "default",
    gettext_lazy("Choose the default account"),
    flows="default-account",
    typed="mrzh mr",
    matter="phone-bank-use",
)
class DefaultForm(AccountForm):
    """默认账户: first wherever she hears or chooses accounts."""

    def prepare(self) -> None:
        super().prepare()
        if len(self.accounts) < 2:
            raise OnlyOne

    def act(self) -> Done:
        chosen = self.account("which")
        self.bank.lead_with(self.customer_id, chosen, at=self.at)
        account = next(row for row in self.accounts if row.id == chosen)
        said = _("Her default account is: %(name)s.") % {"name": named(account)}
        return Done(Deed.SETTING, (said,))


def _entries(entries: tuple[EntryView, ...]) -> Done:
    if not entries:
        return Done(Deed.ENTRIES, (_("Nothing went in or out."),))
    return Done(Deed.ENTRIES, tables=(_as_table(entries),))


def _as_table(entries: tuple[EntryView, ...]) -> Table:
    kinds: dict[str, Any] = dict(Journal.Kind.choices)
    heads = (_("Time"), _("Kind"), _("Amount"), _("Balance"), _("Summary"), _("Receipt number"))
    rows = (
        (
            moment(entry.at),
            kinds.get(entry.kind, entry.kind),
            signed(entry.amount),
            yuan(entry.balance),
            entry.summary,
            entry.receipt,
        )
        for entry in entries
    )
    return table(heads, rows, figures=(2, 3))
