"""挂失、停用、限额、解锁: what protects her money, and what of it needs her at a branch."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.core import CardView, InstrumentView, LossReceipt, RequestReceipt
from banking.errors import LimitNotLower
from banking.models import LossTerm
from banking.templatetags.money import yuan
from calendars.clock import bank_day
from desktop.agent.services.forms import (
    OTHER,
    DeedForm,
    HolderForm,
    amount_field,
    named_tail,
    number_field,
)
from desktop.agent.services.registry import Group, service
from desktop.agent.services.telling import Done, moment
from people.errors import Refusal
from people.models import Branch
from telephony.deeds import Deed

Instrument = LossTerm.Instrument


class StoppedSince(Refusal):
    text = gettext_lazy(
        "Debits by telephone have been stopped since %(since)s, receipt %(number)s. "
        "A branch allows them again."
    )


class RaisedAtCounter(Refusal):
    text = gettext_lazy("%(why)s They are raised at the counter, with her ID: %(where)s.")


@service(
    Group.PROTECTION,
    "loss",
    gettext_lazy("Report a loss"),
    flows="loss-report",
    typed="ktgs gs lost",
    matter="card-loss",
)
class LossForm(HolderForm):
    """挂失: a card, a passbook or an account; frozen at once, until it lapses."""

    lost = forms.ChoiceField(label=gettext_lazy("What is lost"))
    number = number_field(gettext_lazy("Card, passbook or account number"))
    field_order = ("lost", "number", "identity")

    def prepare(self) -> None:
        """Of who has proved who she is what is hers; else, or if it is none of them, by number."""
        hers: tuple[InstrumentView, ...] = ()
        if self.is_identified:
            hers = self.bank.instruments(self.customer_id, at=self.at)
        self.hers = {f"{row.kind}:{row.id}": _named(row) for row in hers}
        self.choose("lost", [*self.hers.items(), (OTHER, _("By number and ID number"))])
        if not hers:
            self.fields["lost"].widget = forms.HiddenInput()
            self.fields["lost"].initial = OTHER

    def clean(self) -> dict[str, Any]:
        """The numbers are wanted where she chose nothing of hers."""
        if self.cleaned_data.get("lost") == OTHER:
            return super().clean()
        return self.cleaned_data

    def readback(self) -> str:
        return _("“%(what)s” is reported lost: nothing leaves it from now on. Does she agree?") % {
            "what": self._what()
        }

    def act(self) -> Done:
        lost = self.cleaned_data["lost"]
        how: dict[str, Any] = {"call_ref": self.call_ref, "at": self.at, "channel": "agent"}
        if lost == OTHER:
            identity = self.secret("identity")
            report = self.bank.report_loss(self.secret("number"), identity, **how)
            owner = self.bank.find_customer(identity, at=self.at)
            customer_id = owner.id if owner else None
        else:
            kind, pk = lost.split(":")
            customer_id = self.customer_id
            report = self.bank.report_own_loss(customer_id, kind, int(pk), **how)
        return Done(
            Deed.LOSS_REPORTED, self._says(report), number=report.number, customer_id=customer_id
        )

    def _what(self) -> str:
        lost = self.cleaned_data["lost"]
        if lost == OTHER:
            return named_tail(self.secret("number").reveal()[-4:])
        return self.hers[lost]

    def _says(self, report: LossReceipt) -> tuple[str, ...]:
        days = (bank_day(report.lapses_at) - bank_day(self.at)).days
        return (
            _("Reported lost and frozen: %(kind)s ending %(tail)s.")
            % {"kind": Instrument(report.instrument).label, "tail": report.tail},
            _(
                "It holds for %(days)s days, until %(until)s. Before that she reports it in "
                "writing at a branch, with her ID; else it lapses and the account is free again."
            )
            % {"days": days, "until": moment(report.lapses_at)},
        )


@service(
    Group.PROTECTION,
    "stop",
    gettext_lazy("Stop debits by telephone"),
    flows="stop-phone-debits",
    typed="tydhzf ty jj emergency",
    matter="phone-bank-use",
)
class StopForm(HolderForm):
    """停用电话支付: nothing is debited by telephone any more."""

    def prepare(self) -> None:
        super().prepare()
        if self.is_identified:
            stopped = self.bank.phone_stopped(self.customer_id, at=self.at)
            if stopped is not None:
                raise StoppedSince(since=moment(stopped.since), number=stopped.number)

    def readback(self) -> str:
        return _(
            "All her debits by telephone stop at once: no transfer, no bill. Only a branch allows "
            "them again. Does she agree?"
        )

    def act(self) -> Done:
        customer_id = self.customer_id if self.is_identified else _card(self).customer_id
        number = self.bank.stop_phone_debits(
            customer_id, call_ref=self.call_ref, at=self.at, channel="agent"
        )
        says = (
            _("Her debits by telephone are stopped. Enquiries go on as before."),
            _("To have them back she comes to a branch, with her ID."),
        )
        return Done(Deed.PHONE_STOPPED, says, number=number, customer_id=customer_id)


@service(
    Group.PROTECTION,
    "unlock",
    gettext_lazy("Ask to unlock a password"),
    flows="unlock-request",
    typed="mmjs js",
    matter="phone-bank-password",
)
class UnlockForm(HolderForm):
    """密码解锁: written down for a branch, where two unlock."""

    card = forms.ChoiceField(label=gettext_lazy("Card"), required=False)
    field_order = ("card", "number", "identity")

    def prepare(self) -> None:
        super().prepare()
        if not self.is_identified:
            del self.fields["card"]
            return
        hers = self.bank.instruments(self.customer_id, at=self.at)
        self.need("card", [(str(row.id), row.masked) for row in hers if row.kind == "card"])

    def act(self) -> Done:
        if self.is_identified:
            card_id, customer_id = self.account("card"), self.customer_id
        else:
            card = _card(self)
            card_id, customer_id = card.id, card.customer_id
        request = self.bank.request_unlock(card_id, call_ref=self.call_ref, at=self.at)
        return Done(
            Deed.UNLOCK_ASKED, self._says(request), number=request.number, customer_id=customer_id
        )

    def _says(self, request: RequestReceipt) -> tuple[str, ...]:
        days = (bank_day(request.lapses_at) - bank_day(self.at)).days
        return (
            _("Unlocking is asked for; nothing is unlocked yet."),
            _("Within %(days)s days she comes to any branch, with her ID and the card.")
            % {"days": days},
        )


@service(
    Group.PROTECTION,
    "limits",
    gettext_lazy("Lower her limits"),
    flows="lower-limits",
    typed="tdxe xe limit",
    matter="transfer-limit",
)
class LimitsForm(DeedForm):
    """转账限额: down only, and at once."""

    single = amount_field()
    daily = amount_field()

    def prepare(self) -> None:
        now = self.bank.limits(self.customer_id, at=self.at)
        for field, label, limit in (
            ("single", _("At once, now %(limit)s"), now.single),
            ("daily", _("A day, now %(limit)s"), now.daily),
        ):
            self.fields[field].label = label % {"limit": yuan(limit)}
            self.fields[field].initial = limit

    def readback(self) -> str:
        """Raises RaisedAtCounter: what would be refused is not read back."""
        now = self.bank.limits(self.customer_id, at=self.at)
        single, daily = self.cleaned_data["single"], self.cleaned_data["daily"]
        if single > now.single or daily > now.daily or (single, daily) == (now.single, now.daily):
            raise self._raised(LimitNotLower(single=now.single, daily=now.daily))
        return _(
            "Her limits by telephone become %(single)s yuan at once and %(daily)s yuan a day, from "
            "now on; they are raised at the counter alone. Does she agree?"
        ) % {"single": yuan(single), "daily": yuan(daily)}

    def act(self) -> Done:
        single, daily = self.cleaned_data["single"], self.cleaned_data["daily"]
        try:
            now = self.bank.lower_limits(self.customer_id, single=single, daily=daily, at=self.at)
        except LimitNotLower as refusal:
            raise self._raised(refusal) from refusal
        said = _("Her limits are %(single)s yuan at once and %(daily)s yuan a day.") % {
            "single": yuan(now.single),
            "daily": yuan(now.daily),
        }
        return Done(Deed.SETTING, (said,))

    def _raised(self, refusal: LimitNotLower) -> Refusal:
        """With where the counter is that keeps her account; without one as the bank says it."""
        kept = Branch.objects.filter(account__customer=self.customer_id)
        branch = kept.order_by("account__opened_on").first()
        if branch is None:
            return refusal
        where = " ".join(filter(None, (branch.name, branch.address, branch.phone)))
        return RaisedAtCounter(why=refusal, where=where)


def _card(form: HolderForm) -> CardView:
    """Of who knows both numbers. Raises NotHolder."""
    return form.bank.card_of(form.secret("number"), form.secret("identity"), at=form.at)


def _named(row: InstrumentView) -> str:
    name = f"{Instrument(row.kind).label} {row.masked}"
    if not row.lost:
        return name
    if row.lost_until is None:
        return f"{name} {_('reported lost in writing')}"
    return f"{name} {_('reported lost until %(until)s') % {'until': moment(row.lost_until)}}"
