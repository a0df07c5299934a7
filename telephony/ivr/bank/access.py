from decimal import Decimal

from banking.core import CardView, KeyingView, LimitView, RequestReceipt
from banking.secret import Secret
from telephony.ivr.bank.asking import Asking


class BankAccess(Asking):
    async def keying(self) -> KeyingView:
        return await self._ask(self._core.keying)

    async def check_code(self, card_id: int, code: Secret) -> None:
        await self._ask(
            *(self._core.verify_pin, card_id, code, "activation"),
            phone=self._phone,
            call_ref=self._ref,
        )

    async def activate(self, card_id: int, pin: Secret) -> None:
        await self._ask(self._core.activate, card_id, pin, call_ref=self._ref)

    async def change_query_pin(self, card_id: int, pin: Secret) -> None:
        await self._ask(self._core.change_pin, card_id, pin, "query", call_ref=self._ref)

    async def change_transaction_pin(self, card_id: int, pin: Secret) -> None:
        await self._ask(self._core.change_pin, card_id, pin, "transaction", call_ref=self._ref)

    async def card_of(self, pan: Secret, id_number: Secret) -> CardView:
        return await self._ask(self._core.card_of, pan, id_number)

    async def request_unlock(self, card_id: int) -> RequestReceipt:
        return await self._ask(self._core.request_unlock, card_id, call_ref=self._ref)

    async def stop_phone_debits(self, customer_id: int) -> str:
        return await self._ask(self._core.stop_phone_debits, customer_id, call_ref=self._ref)

    async def limits(self, customer_id: int) -> LimitView:
        return await self._ask(self._core.limits, customer_id)

    async def lower_limits(self, customer_id: int, *, single: Decimal, daily: Decimal) -> LimitView:
        return await self._ask(self._core.lower_limits, customer_id, single=single, daily=daily)
