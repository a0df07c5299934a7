"""Money under suspense: what came back for an account that is closed, until two pay it out.

An item is a journal that put money there; the journal that pays it out is a part of it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import LiteralString

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import families, ledger, order_messages, sql
from banking.errors import AccountClosed, NothingSuspended
from banking.ledger import Leg
from banking.models import Account, Journal, SettlementOrder
from banking.models.ledger import Internal
from banking.settlement_desk import suspending
from banking.settlement_desk.ageing import Aged, Band, band, by_band
from people import approvals
from people.approvals import Approvable, approval
from people.models import Approval, User

State = SettlementOrder.State

# Asks for the account by its number: who only reads, in whatever transaction, opens none.
_OPEN: LiteralString = """
    WITH suspense AS (SELECT id FROM banking_account WHERE number = %s AND kind = 'internal')
    SELECT journal.id, journal.number, posting.amount, journal.at, settling.id
    FROM suspense JOIN banking_posting posting ON posting.account_id = suspense.id
    JOIN banking_journal journal ON journal.id = posting.journal_id
    LEFT JOIN banking_journal undone ON undone.id = journal.part_of_id
    LEFT JOIN banking_journal whole ON whole.id = undone.part_of_id  -- where that is a fee
    LEFT JOIN banking_settlementorder settling
        ON settling.instruction_id = coalesce(undone.instruction_id, whole.instruction_id)
    WHERE posting.amount > 0 AND NOT EXISTS (
        SELECT FROM banking_journal paid JOIN banking_posting leg ON leg.journal_id = paid.id
        WHERE paid.part_of_id = journal.id AND leg.account_id = suspense.id AND leg.amount < 0)
    ORDER BY journal.at, journal.id
"""


@dataclass(frozen=True, slots=True)
class Item:
    """Yuan that stand under suspense since a moment, by the journal that put them there."""

    journal_id: int
    number: str
    amount: Decimal
    since: datetime
    order_id: int | None


def items() -> list[Item]:
    """All that is not paid out, the oldest first."""
    return [Item(*row) for row in sql.rows(_OPEN, [Internal.SUSPENSE.value])]


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What must be zero by the end of the day: money under suspense, and orders set aside."""

    items: list[Item]
    orders: list[SettlementOrder]  # whose money is under suspense is there, and not here

    def __bool__(self) -> bool:
        return bool(self.items or self.orders)

    @property
    def total(self) -> Decimal:
        """Yuan under suspense."""
        return sum((item.amount for item in self.items), ledger.ZERO)

    @property
    def since(self) -> datetime | None:
        """Of the oldest of all; None: there is none."""
        return min((since for since, _amount in (*self._money(), *self._set_aside())), default=None)

    def money(self, day: date) -> list[Aged]:
        return by_band(self._money(), day=day)

    def set_aside(self, day: date) -> list[Aged]:
        return by_band(self._set_aside(), day=day)

    def is_carried(self, day: date) -> bool:
        """Whether something of it was left over from an earlier day."""
        return self.since is not None and band(self.since, day=day) != Band.TODAY

    def _money(self) -> list[tuple[datetime, Decimal]]:
        return [(item.since, item.amount) for item in self.items]

    def _set_aside(self) -> list[tuple[datetime, Decimal]]:
        return [(order.suspended_at or order.submitted_at, order.amount) for order in self.orders]


def unsettled() -> Unsettled:
    found = items()
    under = {item.order_id for item in found}
    orders = suspending.suspended().select_related("instruction")
    return Unsettled(found, [order for order in orders if order.pk not in under])


@transaction.atomic(durable=True)
def ask_payout(
    journal_id: int, account_number: str, *, by: User, reason: str, at: datetime
) -> Approval:
    """To an account of the same customer; a checker decides.

    Raises NothingSuspended, AccountClosed (there is no such open account of hers), and what
    `approvals.ask` does.
    """
    if not any(item.journal_id == journal_id for item in items()):
        raise NothingSuspended
    journal = Journal.objects.get(pk=journal_id)
    account = _open_accounts(journal).filter(number=account_number).first()
    if account is None:
        raise AccountClosed
    details = {"account": account.pk}
    return approvals.ask("suspense", journal, by=by, reason=reason, at=at, details=details)


@approval("suspense", ask="banking.ask_payout", decide="banking.decide_payout")
class PayOut(Approvable):
    title = _("Pay out what is under suspense")

    def summary(self, approval: Approval) -> str:
        journal = _journal(approval)
        return gettext("Pay %(amount)s yuan of journal %(number)s to account %(account)s.") % {
            "amount": f"{_amount(journal):,.2f}",
            "number": journal.number,
            "account": Account.objects.get(pk=approval.details["account"]),
        }

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        """The order whose last money it is has ended as it was to end.

        Raises NothingSuspended, AccountClosed.
        """
        journal = _journal(approval)
        order = _order(journal)  # locked before the accounts, as everywhere
        (account,) = ledger.lock(approval.details["account"])
        if account.status == Account.Status.CLOSED:
            raise AccountClosed
        if not any(item.journal_id == journal.pk for item in items()):
            raise NothingSuspended
        suspense, amount = ledger.internal(Internal.SUSPENSE), _amount(journal)
        legs = [Leg(suspense, -amount), Leg(account.id, amount)]
        ledger.post(Journal.Kind.RETURNED, legs, at=at, part_of=journal.pk)
        if order is not None and not any(item.order_id == order.pk for item in items()):
            order.state = State.BOUNCED if order.sent_at else State.RETURNED
            order.save(update_fields=["state"])
            to = Account.objects.select_related("card").get(pk=account.id)
            order_messages.given_back(order, to, at=at)


def _order(journal: Journal) -> SettlementOrder | None:
    """The order that the money is of, locked while it is suspended."""
    item = next((item for item in items() if item.journal_id == journal.pk), None)
    if item is None or item.order_id is None:
        return None
    found = SettlementOrder.objects.select_for_update().filter(pk=item.order_id)
    return found.filter(state=State.SUSPENDED).first()


def _open_accounts(journal: Journal) -> QuerySet[Account]:
    """Demand accounts of whose money it is."""
    order = families.head_of(journal).instruction
    assert order is not None and order.customer_id
    return Account.objects.filter(customer=order.customer_id, kind=Account.Kind.DEMAND).exclude(
        status=Account.Status.CLOSED
    )


def _journal(approval: Approval) -> Journal:
    return Journal.objects.get(pk=approval.subject.partition(":")[2])


def _amount(journal: Journal) -> Decimal:
    amount: Decimal = journal.postings.get(account=ledger.internal(Internal.SUSPENSE)).amount
    return amount
