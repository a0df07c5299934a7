from collections.abc import Mapping
from datetime import datetime

from banking import banks, timetables
from banking.core.interbank import ExternalPayeeView, Stage, TransferView
from banking.embedded.orders import order_view
from banking.models import Instruction, SettlementOrder
from banking.models.orders import State

Kind = Instruction.Kind
KINDS = (Kind.TRANSFER, Kind.OWN, Kind.INTERBANK, Kind.REMITTANCE)
ORDERS: Mapping[str, Stage] = {
    State.SCHEDULED: "scheduled",
    State.HELD: "held",
    State.EXECUTED: "paid",  # within the bank
    State.REFUSED: "refused",
    State.UNKNOWN: "unknown",
    State.VOID: "withdrawn",
}
SETTLING: Mapping[str, Stage] = {
    SettlementOrder.State.SENT: "sent",
    SettlementOrder.State.SUCCEEDED: "paid",
    SettlementOrder.State.RETURNED: "returned",
    SettlementOrder.State.BOUNCED: "returned",
    SettlementOrder.State.SUSPENDED: "unknown",
}  # in every other state it is still with us


class EmbeddedInterbank:
    def external_payees(self, customer_id: int, *, at: datetime) -> tuple[ExternalPayeeView, ...]:
        return tuple(
            ExternalPayeeView(row.pk, row.last4, timetables.in_our_city(row.bank_code))
            for row in banks.in_force(customer_id)
        )

    def transfers(self, customer_id: int, n: int = 5, *, at: datetime) -> tuple[TransferView, ...]:
        confirmed = Instruction.objects.filter(
            customer_id=customer_id, kind__in=KINDS, confirmed_at__isnull=False, state__in=ORDERS
        ).exclude(state=State.VOID, accepted_at=None)
        rows = confirmed.select_related("settlementorder").order_by("-drafted_at")[:n]
        return tuple(_transfer(row) for row in rows)


def _transfer(row: Instruction) -> TransferView:
    settling: SettlementOrder | None = getattr(row, "settlementorder", None)
    if settling is None:
        return TransferView(order_view(row), ORDERS[row.state])
    stage = SETTLING.get(settling.state, "sending")
    arrives = settling.settles_by if stage in ("sending", "sent") else None
    return TransferView(order_view(row), stage, arrives)
