"""核实银行来电: whether it was the bank that called her, and what if it was not."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.models import OutboundContact
from desktop.agent.services.forms import DeedForm, NotIdentified
from desktop.agent.services.registry import Group, service
from desktop.agent.services.telling import Done, moment, table
from telephony.deeds import Deed


class WhoseForm(DeedForm):
    """Of who is identified, or whose bound number calls (`telephony/ivr/flows/verify_call.py`)."""

    def prepare(self) -> None:
        """Raises NotIdentified."""
        known = None if self.is_identified else self.bank.known_by(self.call.caller, at=self.at)
        if self.is_identified:
            self.whose = self.customer_id
        elif known is not None and (known.is_test or not self.call.is_test):
            self.whose = known.customer_id
        else:
            raise NotIdentified


@service(
    Group.COMPLAINTS,
    "calls",
    gettext_lazy("Whether the bank called her"),
    flows="verify-call",
    typed="hsld hs verify fraud",
)
class CallsForm(WhoseForm):
    """Which desk of the bank called her, when and why."""

    def act(self) -> Done:
        found = self.bank.contacts(self.whose, at=self.at)
        if not found:
            none = _("The bank has not called her lately: offer her to stop debits by telephone.")
            return Done(Deed.CALL_CHECKED, (none,), customer_id=self.whose)
        heads = (_("Time"), _("Desk of the bank"), _("Reason"))
        rows = (
            (
                moment(contact.at),
                OutboundContact.Desk(contact.desk).label,
                OutboundContact.Reason(contact.reason).label,
            )
            for contact in found
        )
        return Done(Deed.CALL_CHECKED, tables=(table(heads, rows),), customer_id=self.whose)


@service(
    Group.COMPLAINTS,
    "report",
    gettext_lazy("It was not the bank: stop and report"),
    flows="verify-call",
    typed="fyhld jb zp fraud",
)
class ReportForm(WhoseForm):
    """It was not the bank: her debits are stopped, and a case is opened."""

    def readback(self) -> str:
        return _(
            "Somebody called her in the bank's name: her debits by telephone stop at once, and a "
            "fraud case is opened. Does she agree?"
        )

    def act(self) -> Done:
        number = self.bank.report_caller(
            self.whose,
            phone=self.call.caller,
            call_ref=self.call_ref,
            at=self.at,
            channel="agent",
        )
        says = (
            _("Her debits by telephone are stopped; the fraud desk looks into the call."),
            _("To have them back she comes to a branch, with her ID."),
        )
        return Done(Deed.PHONE_STOPPED, says, number=number, customer_id=self.whose)
