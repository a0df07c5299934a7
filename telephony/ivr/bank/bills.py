from banking.core.bills import BillKind, BillView
from telephony.ivr.bank.asking import Asking


class BankBills(Asking):
    async def bill(self, kind: BillKind, contract: str) -> BillView:
        return await self._ask(self._core.bill, kind, contract)

    async def own_phone_bill(self, customer_id: int) -> BillView | None:
        return await self._ask(self._core.own_phone_bill, customer_id)
