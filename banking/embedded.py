"""The default core: our own ledger, behind the interface that a bank's core would have."""

from datetime import datetime
from decimal import Decimal
from typing import cast
from uuid import UUID

from banking import customers, instructions, losses, pins, transfers
from banking.core import (
    AccountView,
    BalanceView,
    CardView,
    Channel,
    CustomerView,
    EntryView,
    LossReceipt,
    OrderState,
    OrderView,
    PayeeView,
    Purpose,
    Receipt,
)
from banking.errors import revived
from banking.models import Account, Card, Customer, Instruction, Payee, Posting, orders
from banking.models import customers as customer_models
from banking.secret import Secret


class EmbeddedCore:
    """Implements `banking.core.Core`; each method one service or one query."""

    # -- who ---------------------------------------------------------------------------

    def find_card(self, pan: Secret, *, at: datetime) -> CardView:
        return _card(customers.find_card(pan), at)

    def find_customer(self, id_number: Secret, *, at: datetime) -> CustomerView | None:
        found = customers.find(id_number)
        return _customer(found) if found else None

    def customer(self, customer_id: int, *, at: datetime) -> CustomerView:
        return _customer(Customer.objects.get(pk=customer_id))

    def verify_pin(
        self, card_id: int, pin: Secret, purpose: Purpose, *, call_ref: str, at: datetime
    ) -> None:
        pins.verify(card_id, pin, customer_models.Purpose(purpose), call_ref=call_ref, at=at)

    # -- what she has ------------------------------------------------------------------

    def accounts(self, customer_id: int, *, at: datetime) -> tuple[AccountView, ...]:
        held = Account.objects.filter(customer_id=customer_id).select_related("card")
        still_open = held.exclude(status=Account.Status.CLOSED).order_by("opened_on", "id")
        return tuple(_account(account, at) for account in still_open)

    def balance(self, account_id: int, *, at: datetime) -> BalanceView:
        account = Account.objects.get(pk=account_id)
        return BalanceView(account.pk, account.balance, account.held, account.available)

    def last(self, account_id: int, n: int = 5, *, at: datetime) -> tuple[EntryView, ...]:
        entries = Posting.objects.filter(account_id=account_id).select_related("journal")
        return tuple(_entry(posting) for posting in entries.order_by("-id")[:n])

    # -- a transfer within the bank ----------------------------------------------------

    def payees(self, customer_id: int, *, at: datetime) -> tuple[PayeeView, ...]:
        registered = Payee.objects.filter(customer_id=customer_id, ended_on=None)
        return tuple(
            PayeeView(payee.account_id, payee.account.tail, payee.name)
            for payee in registered.select_related("account__card").order_by("id")
        )

    def find_payee(self, number: Secret, *, at: datetime) -> PayeeView:
        account = customers.find_payee_account(number)
        return PayeeView(account.pk, account.tail, "")

    def draft_transfer(
        self,
        *,
        key: UUID,
        payer_id: int,
        payee_id: int,
        amount: Decimal,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
    ) -> OrderView:
        return _order(
            transfers.draft(
                key=key,
                payer_id=payer_id,
                payee_id=payee_id,
                amount=amount,
                channel=orders.Channel(channel),
                call_ref=call_ref,
                at=at,
            )
        )

    def confirm(self, key: UUID, *, at: datetime) -> OrderView:
        return _order(instructions.confirm(key=key, at=at))

    def execute(self, key: UUID, *, at: datetime) -> Receipt:
        return _receipt(transfers.execute(key=key, at=at))

    def told(self, key: UUID, *, at: datetime) -> OrderView:
        return _order(instructions.told(key=key, at=at))

    def void(self, key: UUID, *, at: datetime) -> OrderView:
        return _order(instructions.void(key=key, at=at))

    def doubt(self, key: UUID, *, at: datetime) -> OrderView:
        return _order(instructions.doubt(key=key, at=at))

    def enquire(self, key: UUID, *, at: datetime) -> OrderView:
        return _order(instructions.enquire(key=key, at=at))

    def untold(self, customer_id: int, *, at: datetime) -> tuple[OrderView, ...]:
        return tuple(_order(order) for order in instructions.untold(customer_id))

    def unsettled(self, customer_id: int, *, at: datetime) -> tuple[OrderView, ...]:
        return tuple(_order(order) for order in instructions.unsettled(customer_id))

    # -- loss --------------------------------------------------------------------------

    def report_loss(
        self,
        number: Secret,
        id_number: Secret,
        *,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
    ) -> LossReceipt:
        report = losses.report(
            number, id_number, channel=orders.Channel(channel), call_ref=call_ref, at=at
        )
        if report.card:
            return LossReceipt(report.number, "card", report.card.last4, report.lapses_at)
        assert report.passbook is not None
        return LossReceipt(report.number, "passbook", report.passbook.number[-4:], report.lapses_at)


def _customer(row: Customer) -> CustomerView:
    return CustomerView(
        id=row.pk,
        number=row.number,
        name=row.name,
        vip=row.vip,
        language=row.language,
        born_on=row.born_on,
        masked_mobile=row.masked_mobile,
        id_tail=row.id_last4,
        is_test=row.is_test,
    )


def _card(row: Card, at: datetime) -> CardView:
    return CardView(
        id=row.pk,
        customer_id=row.customer_id,
        masked=str(row),
        tail=row.last4,
        status="lost" if row.is_lost(at) else "active",
        is_test=row.customer.is_test,
    )


def _account(row: Account, at: datetime) -> AccountView:
    return AccountView(
        id=row.pk,
        number=row.number,
        tail=row.tail,
        kind=row.kind,
        currency=row.currency,
        status="frozen"
        if row.status == Account.Status.FROZEN
        else "stopped"
        if row.is_stopped(at)
        else "active",
        nickname=row.nickname,
    )


def _entry(posting: Posting) -> EntryView:
    journal = posting.journal
    assert posting.balance is not None  # a customer's account
    return EntryView(
        at=journal.at,
        booked_on=journal.booked_on,
        kind=journal.kind,
        amount=posting.amount,
        balance=posting.balance,
        summary=journal.summary,
        receipt=journal.number,
    )


def _order(row: Instruction) -> OrderView:
    return OrderView(
        key=row.key,
        state=cast(OrderState, row.state),
        customer_id=row.customer_id,
        payer_id=row.payer_id,
        payee_id=row.payee_id,
        payee_tail=row.payee_tail,
        amount=row.amount,
        fee=row.fee,
        call_ref=row.call_ref,
        drafted_at=row.drafted_at,
        executed_at=row.executed_at,
        told_at=row.told_at,
        receipt=row.receipt,
        refusal=revived(row.refusal, row.refusal_values) if row.refusal else None,
    )


def _receipt(row: Instruction) -> Receipt:
    assert row.executed_at and row.amount is not None and row.fee is not None
    return Receipt(row.key, row.receipt, row.executed_at, row.amount, row.fee, row.payee_tail)
