"""贷款: what is left, what comes next, what is overdue, and what would pay it off today."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.core import LoanView, OwedView
from banking.models.loans import Product
from banking.templatetags.money import yuan
from desktop.agent.services.forms import DeedForm, named_tail
from desktop.agent.services.registry import Group, service
from desktop.agent.services.telling import Done, Table, day, parts, percent, table
from telephony.deeds import Deed


@service(
    Group.ENQUIRIES,
    "loans",
    gettext_lazy("Her loans"),
    flows="loan-balance loan-next loan-overdue loan-settle",
    typed="dkcx dk yq jq overdue settle",
    matter="loan-terms",
)
class LoansForm(DeedForm):
    """Of every loan at once."""

    def act(self) -> Done:
        loans = self.bank.loans(self.customer_id, at=self.at)
        if not loans:
            return Done(Deed.ENQUIRED, (_("She owes nothing on a loan."),))
        return Done(Deed.ENQUIRED, tables=tuple(self._told(loan) for loan in loans))

    def _told(self, loan: LoanView) -> Table:
        following = self.bank.next_instalment(loan.id, at=self.at)
        overdue = self.bank.loan_overdue(loan.id, at=self.at)
        whole = self.bank.loan_settlement(loan.id, at=self.at)
        months = _("instalments left: %(months)s") % {"months": loan.months_left}
        rows: list[tuple[Any, ...]] = [
            (_("Principal left"), yuan(loan.left), parts(percent(loan.percent), months)),
        ]
        if following:
            paid_from = _("on %(due)s, from the account %(tail)s") % {
                "due": day(following.due_on),
                "tail": named_tail(loan.pays_from_tail),
            }
            rows.append((_("Next instalment"), yuan(following.amount), paid_from))
        rows.append((_("Overdue amount"), yuan(overdue.amount), _since(overdue)))
        rows.append((_("To pay it off today"), yuan(whole.amount + whole.fee), _of_what(whole)))
        name = f"{Product(loan.product).label} {named_tail(loan.tail)}"
        return table((name, _("Amount"), _("Remark")), rows, figures=(1,))


def _since(owed: OwedView) -> str:
    if owed.since is None:
        return _("nothing is overdue")
    since = _("since %(since)s") % {"since": day(owed.since)}
    return parts(since, _of_what(owed))


def _of_what(owed: OwedView) -> str:
    amounts = [
        (_("principal %(amount)s"), owed.principal),
        (_("interest %(amount)s"), owed.interest),
        (_("penalty interest %(amount)s"), owed.penalty),
        (_("fee %(amount)s"), owed.fee),
    ]
    return parts(*(words % {"amount": yuan(amount)} for words, amount in amounts if amount))
