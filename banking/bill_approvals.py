"""A payment that its biller never answers is ended by two people, on what the biller told them."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import bills
from banking.billers import Answer
from banking.errors import BillAnswered
from banking.models import BillPayment
from people.approvals import Approvable, approval
from people.models import Approval

NAME = "bill.outcome"


@approval(NAME, ask="banking.settle_billpayment", decide="banking.decide_billpayment")
class OutcomeOfBill(Approvable):
    """Its details: the `outcome`, paid or rejected, and the biller's `word`."""

    title = _("Outcome of a bill payment")

    def summary(self, approval: Approval) -> str:
        payment = _payment(approval)
        words = {
            "biller": payment.biller,
            "amount": f"{payment.amount:,.2f}",
            "receipt": payment.order.receipt,
        }
        if approval.details["outcome"] == "paid":
            return gettext("%(biller)s has the %(amount)s yuan of %(receipt)s.") % words
        return gettext("%(biller)s has not got the %(amount)s yuan of %(receipt)s.") % words

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        """Raises BillAnswered: the biller has spoken meanwhile."""
        payment = _payment(approval)
        if payment.state != BillPayment.State.ASKED:
            raise BillAnswered
        answer = Answer(approval.details["outcome"], approval.details["word"])
        bills.write_down(payment.pk, answer, at=at)


def _payment(approval: Approval) -> BillPayment:
    key = UUID(approval.subject.partition(":")[2])
    return BillPayment.objects.select_related("biller", "order").get(pk=key)
