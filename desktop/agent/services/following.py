"""转账查询与撤销: what became of her orders, and how one that waits is withdrawn."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.core.interbank import TransferView
from banking.models import Instruction
from banking.templatetags.money import yuan
from calendars.clock import bank_day
from desktop.agent.services.forms import DeedForm, NothingOfThat, named_tail
from desktop.agent.services.registry import Group, service
from desktop.agent.services.telling import Done, day, moment, table
from telephony.deeds import Deed

LAST = 10  # orders that are told
STAGES = {
    "scheduled": gettext_lazy("not debited yet"),
    "held": gettext_lazy("held back for review"),
    "refused": gettext_lazy("refused, nothing debited"),
    "withdrawn": gettext_lazy("withdrawn, nothing debited"),
    "unknown": gettext_lazy("being looked into"),
    "sending": gettext_lazy("debited, not sent yet"),
    "sent": gettext_lazy("sent to the other bank"),
    "paid": gettext_lazy("arrived"),
    "returned": gettext_lazy("came back, credited to her again"),
}


@service(
    Group.ENQUIRIES,
    "transfers",
    gettext_lazy("What became of her transfers"),
    flows="transfer-enquiry",
    typed="zzjg zz cx enquiry",
    matter="transfer-enquiry",
)
class TransfersForm(DeedForm):
    """查询: her last orders, the newest first."""

    def act(self) -> Done:
        found = self.bank.transfers(self.customer_id, LAST, at=self.at)
        if not found:
            return Done(Deed.ENQUIRED, (_("She has ordered no transfer."),))
        heads = (
            *(_("Ordered"), _("Business"), _("Payee"), _("Amount"), _("What became of it")),
            *(_("By when"), _("Receipt number")),
        )
        rows = (
            (
                moment(found_one.order.drafted_at),
                Instruction.Kind(found_one.order.kind).label,
                found_one.order.payee_tail,
                yuan(found_one.order.amount),
                STAGES[found_one.stage],
                moment(by) if (by := found_one.arrives or found_one.order.due_at) else "",
                found_one.order.receipt,
            )
            for found_one in found
        )
        return Done(Deed.ENQUIRED, tables=(table(heads, rows, figures=(3,)),))


class NothingDelayed(NothingOfThat):
    text = gettext_lazy("No order of hers waits to be debited: there is nothing to withdraw.")


@service(
    Group.TRANSFERS,
    "withdraw",
    gettext_lazy("Withdraw a delayed order"),
    flows="transfer-enquiry",
    typed="cxzz cx cancel",
    matter="transfer-enquiry",
)
class WithdrawForm(DeedForm):
    """撤销: one that is not debited yet."""

    order = forms.ChoiceField(label=gettext_lazy("Order"))

    def prepare(self) -> None:
        found = self.bank.transfers(self.customer_id, LAST, at=self.at)
        self.found = {str(row.order.key): row for row in found if row.stage == "scheduled"}
        if not self.found:
            raise NothingDelayed
        self.choose("order", [(key, _order(row)) for key, row in self.found.items()])

    def readback(self) -> str:
        chosen = self.found[self.cleaned_data["order"]]
        return _("“%(order)s” is withdrawn, nothing is debited. Does she agree?") % {
            "order": _order(chosen)
        }

    def act(self) -> Done:
        key = self.cleaned_data["order"]
        gone = self.bank.void(UUID(key), at=self.at)
        said = _("Withdrawn; nothing was debited: %(order)s.") % {"order": _order(self.found[key])}
        return Done(Deed.WITHDRAWN, (said,), number=gone.receipt)


def _order(row: TransferView) -> str:
    order = row.order
    return " ".join(
        (
            str(Instruction.Kind(order.kind).label),
            yuan(order.amount),
            named_tail(order.payee_tail),
            moment(order.due_at) if order.due_at else day(bank_day(order.drafted_at)),
        )
    )
