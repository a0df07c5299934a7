from datetime import datetime
from decimal import Decimal

from banking import bills
from banking.core.bills import BillKind, BillView
from banking.errors import ContractUnknown
from banking.models import Customer
from banking.numbers import tail


class EmbeddedBills:
    def bill(self, kind: BillKind, contract: str, *, at: datetime) -> BillView:
        biller = bills.find_biller(kind, contract)
        owed = bills.look_up(biller, contract, at=at)
        return BillView(
            biller=biller.code,
            contract=contract,
            tail=tail(contract),
            owed=owed.amount,
            part_allowed=biller.part_allowed,
            top_ups=tuple(Decimal(amount) for amount in biller.top_ups),
        )

    def own_phone_bill(self, customer_id: int, *, at: datetime) -> BillView | None:
        mobile = Customer.objects.values_list("mobile", flat=True).get(pk=customer_id)
        try:
            return self.bill("phone", mobile, at=at) if mobile else None
        except ContractUnknown:
            return None
