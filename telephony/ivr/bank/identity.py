from banking.core import CardView
from banking.secret import Secret
from telephony.ivr.bank.asking import Asking


class BankIdentity(Asking):
    async def find_card(self, pan: Secret) -> CardView:
        return await self._ask(self._core.find_card, pan, phone=self._phone, call_ref=self._ref)

    async def check_query_pin(self, card_id: int, pin: Secret) -> None:
        await self._ask(
            *(self._core.verify_pin, card_id, pin, "query"),
            phone=self._phone,
            call_ref=self._ref,
        )

    async def tries_a_call(self) -> int:
        return await self._ask(self._core.tries_a_call)

    async def check_transaction_pin(self, card_id: int, pin: Secret) -> None:
        await self._ask(self._core.verify_pin, card_id, pin, "transaction", call_ref=self._ref)

    async def vip(self, customer_id: int | None) -> str:
        """The level of a caller who is known, which is worth waiting time; else "".

        Known is who has identified herself, or whose bound number calls.
        """
        if customer_id is None:
            known = await self._ask(self._core.known_by, self._phone)
            return known.vip if known else ""
        return (await self._ask(self._core.customer, customer_id)).vip
