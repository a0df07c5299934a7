from datetime import datetime
from typing import cast
from uuid import UUID

from banking import instructions, operations, orders
from banking.core import Caution, Channel, OrderState, OrderView
from banking.errors import revived
from banking.fraud import judging
from banking.models import Instruction
from banking.models import orders as models
from banking.requests import Request


class EmbeddedOrders:
    def draft(
        self,
        key: UUID,
        request: Request,
        *,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
        phone: str | None = None,
    ) -> OrderView:
        return order_view(
            orders.draft(
                key=key,
                request=request,
                channel=models.Channel(channel),
                call_ref=call_ref,
                at=at,
                phone=phone,
            )
        )

    def confirm(self, key: UUID, *, at: datetime) -> OrderView:
        return order_view(instructions.confirm(key=key, at=at))

    def execute(self, key: UUID, *, at: datetime) -> OrderView:
        return order_view(orders.execute(key=key, at=at))

    def told(self, key: UUID, *, at: datetime) -> OrderView:
        return order_view(instructions.told(key=key, at=at))

    def void(self, key: UUID, *, at: datetime) -> OrderView:
        return order_view(instructions.void(key=key, at=at))

    def doubt(self, key: UUID, *, at: datetime) -> OrderView:
        return order_view(instructions.doubt(key=key, at=at))

    def enquire(self, key: UUID, *, at: datetime) -> OrderView:
        return order_view(instructions.enquire(key=key, at=at))

    def untold(self, customer_id: int, *, at: datetime) -> tuple[OrderView, ...]:
        return tuple(order_view(order) for order in instructions.untold(customer_id))

    def unsettled(self, customer_id: int, *, at: datetime) -> tuple[OrderView, ...]:
        return tuple(order_view(order) for order in instructions.unsettled(customer_id))


def order_view(row: Instruction) -> OrderView:
    caution = row.details.get(judging.CAUTION)
    return OrderView(
        key=row.key,
        kind=row.kind,
        state=cast(OrderState, row.state),
        customer_id=row.customer_id,
        payer_id=row.payer_id,
        payee_id=row.payee_id,
        payee_tail=row.payee_tail,
        amount=row.amount,
        fee=row.fee,
        due_at=row.due_at,
        details=row.details,
        caution=Caution(**caution) if caution else None,
        call_ref=row.call_ref,
        drafted_at=row.drafted_at,
        accepted_at=row.accepted_at,
        executed_at=row.executed_at,
        told_at=row.told_at,
        receipt=row.receipt,
        outcome=operations.outcome(row),
        refusal=revived(row.refusal, row.refusal_values) if row.refusal else None,
    )
