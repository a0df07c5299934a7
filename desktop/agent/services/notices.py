"""我的存款、支取通知: what she has in deposits, and what of a notice deposit is announced."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from banking.core import DepositView, NoticeView
from banking.errors import NoNotice, NoticeStands
from banking.models.deposits import Product, Term
from banking.templatetags.money import yuan
from calendars.clock import bank_day
from desktop.agent.services.forms import DeedForm, NothingOfThat, amount_field, named_tail
from desktop.agent.services.registry import Group, service
from desktop.agent.services.telling import Done, day, percent, table
from telephony.deeds import Deed


@service(
    Group.ENQUIRIES,
    "deposits",
    gettext_lazy("Her deposits"),
    flows="deposit-enquiry",
    typed="wdck ck",
    matter="deposit-terms",
)
class DepositsForm(DeedForm):
    """我的存款."""

    def act(self) -> Done:
        found = self.bank.deposits(self.customer_id, at=self.at)
        if not found:
            return Done(Deed.ENQUIRED, (_("She has no deposit."),))
        heads = (
            *(_("Deposit"), _("Account"), pgettext("of a deposit", "Term"), _("Principal")),
            *(pgettext("of a deposit", "Rate"), pgettext("of a deposit", "Matures")),
            _("Remark"),
        )
        rows = (
            (
                Product(deposit.product).label,
                named_tail(deposit.tail),
                Term(deposit.term).label,
                yuan(deposit.principal),
                percent(deposit.percent),
                day(deposit.matures_on),
                _remark(deposit),
            )
            for deposit in found
        )
        return Done(Deed.ENQUIRED, tables=(table(heads, rows, figures=(3, 4)),))


ROLLED = "renews"


@service(
    Group.DEPOSITS,
    "maturity",
    gettext_lazy("Change what happens at maturity"),
    flows="deposit-time",
    typed="dqzs dq maturity",
    matter="deposit-terms",
)
class MaturityForm(DeedForm):
    """到期指示 of a 整存整取: rolled over, or paid to which of her accounts."""

    deposit = forms.ChoiceField(label=gettext_lazy("Deposit"))
    then = forms.ChoiceField(label=gettext_lazy("At maturity"))

    def prepare(self) -> None:
        found = self.bank.deposits(self.customer_id, at=self.at)
        self.found = {row.id: row for row in found if row.product == "time"}
        if not self.found:
            raise NothingOfThat
        self.choose("deposit", [(str(pk), _named(row)) for pk, row in self.found.items()])
        accounts = self.bank.accounts(self.customer_id, at=self.at)
        paid = [(str(row.id), named_tail(row.tail)) for row in accounts if row.kind == "demand"]
        self.choose("then", [(ROLLED, _("rolled over at maturity")), *paid])

    def readback(self) -> str:
        deposit = self.found[self.account("deposit")]
        words = {
            "deposit": _named(deposit),
            "day": day(deposit.matures_on),
            "account": dict(self.fields["then"].choices)[self.cleaned_data["then"]],  # type: ignore[attr-defined]  # a choice
        }
        if self._pays_to is None:
            return _("“%(deposit)s” is rolled over on %(day)s. Does she agree?") % words
        return _("“%(deposit)s” is paid out on %(day)s to %(account)s. Does she agree?") % words

    def act(self) -> Done:
        changed = self.bank.at_maturity(
            self.account("deposit"),
            customer_id=self.customer_id,
            pays_to_id=self._pays_to,
            at=self.at,
        )
        said = (
            _("The deposit is rolled over on %(day)s.")
            if changed.renews
            else _("The deposit is paid out on %(day)s.")
        )
        return Done(Deed.SETTING, (said % {"day": day(changed.matures_on)},))

    @property
    def _pays_to(self) -> int | None:
        return None if self.cleaned_data["then"] == ROLLED else self.account("then")


class NoticeForm(DeedForm):
    """One of her notice deposits."""

    deposit = forms.ChoiceField(label=gettext_lazy("Deposit"))

    def among(self, *, announced: bool) -> dict[int, DepositView]:
        """Those with a notice that stands, or those without one. Raises NothingOfThat."""
        found = self.bank.deposits(self.customer_id, at=self.at)
        hers = [deposit for deposit in found if deposit.product == "notice"]
        if not hers:
            raise NothingOfThat
        fit = {row.id: row for row in hers if (row.notice is not None) is announced}
        if not fit:
            raise NoNotice if announced else NoticeStands
        self.choose("deposit", [(str(pk), _named(row)) for pk, row in fit.items()])
        return fit


@service(
    Group.DEPOSITS,
    "notice",
    gettext_lazy("Announce a withdrawal"),
    flows="notice-register",
    typed="zqtz tz notice",
    matter="deposit-terms",
)
class AnnounceForm(NoticeForm):
    """支取通知: how much; the day follows from the deposit's notice."""

    amount = amount_field()

    def prepare(self) -> None:
        self.found = self.among(announced=False)

    def readback(self) -> str:
        return _(
            "%(amount)s yuan of “%(deposit)s” are announced, to be drawn on %(due)s. "
            "Does she agree?"
        ) % {
            "amount": yuan(self.cleaned_data["amount"]),
            "deposit": _named(self.chosen),
            "due": day(self.due),
        }

    def act(self) -> Done:
        return _told(
            self.bank.announce(
                self.chosen.id,
                self.cleaned_data["amount"],
                customer_id=self.customer_id,
                call_ref=self.call_ref,
                at=self.at,
            )
        )

    @property
    def chosen(self) -> DepositView:
        return self.found[self.account("deposit")]

    @property
    def due(self) -> date:
        """What is read back; the bank counts for itself when it is announced."""
        return bank_day(self.at) + timedelta(days=Term(self.chosen.term).notice_days)


@service(
    Group.DEPOSITS,
    "notice-change",
    gettext_lazy("Change an announcement"),
    flows="notice-change",
    typed="xgtz tz notice",
    matter="deposit-terms",
)
class ChangeForm(AnnounceForm):
    """修改通知: another amount; its notice begins today."""

    def prepare(self) -> None:
        self.found = self.among(announced=True)

    def act(self) -> Done:
        return _told(
            self.bank.change_notice(
                self.chosen.id,
                self.cleaned_data["amount"],
                customer_id=self.customer_id,
                call_ref=self.call_ref,
                at=self.at,
            )
        )


@service(
    Group.DEPOSITS,
    "notice-cancel",
    gettext_lazy("Cancel an announcement"),
    flows="notice-cancel",
    typed="qxtz tz notice",
    matter="deposit-terms",
)
class CancelForm(NoticeForm):
    """取消通知: she is told first what it costs."""

    def prepare(self) -> None:
        self.found = self.among(announced=True)

    def readback(self) -> str:
        notice = self.found[self.account("deposit")].notice
        assert notice is not None  # only those were to be chosen
        return _(
            "The notice of %(amount)s yuan for %(due)s is cancelled: for its days that amount "
            "earns nothing. Does she agree?"
        ) % {"amount": yuan(notice.amount), "due": day(notice.due_on)}

    def act(self) -> Done:
        notice = self.bank.cancel_notice(
            self.account("deposit"), customer_id=self.customer_id, at=self.at
        )
        said = _("The notice of %(amount)s yuan for %(due)s is cancelled.") % {
            "amount": yuan(notice.amount),
            "due": day(notice.due_on),
        }
        return Done(Deed.NOTICE_GIVEN, (said,), number=notice.number)


def _told(notice: NoticeView) -> Done:
    says = (
        _("%(amount)s yuan are announced, to be drawn on %(due)s.")
        % {"amount": yuan(notice.amount), "due": day(notice.due_on)},
        _("Drawn on that day they earn the rate of the deposit; on another day the demand rate."),
    )
    return Done(Deed.NOTICE_GIVEN, says, number=notice.number)


def _named(deposit: DepositView) -> str:
    name = f"{named_tail(deposit.tail)} {Term(deposit.term).label} {yuan(deposit.principal)}"
    return f"{name} {_remark(deposit)}" if deposit.notice else name


def _remark(deposit: DepositView) -> str:
    """What is announced of it, or due; and whether it is rolled over."""
    if deposit.notice:
        return _("%(amount)s announced for %(due)s") % {
            "amount": yuan(deposit.notice.amount),
            "due": day(deposit.notice.due_on),
        }
    if deposit.payable:
        return _("%(amount)s may be paid in today") % {"amount": yuan(deposit.monthly)}
    return _("rolled over at maturity") if deposit.renews else ""
