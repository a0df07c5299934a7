from collections.abc import Sequence
from decimal import Decimal

from banking.core import DepositView, NoticeView, OfferView
from banking.core.deposits import Product
from telephony.ivr.bank.asking import Asking


class BankDeposits(Asking):
    async def offers(self, product: Product) -> Sequence[OfferView]:
        return await self._ask(self._core.offers, product)

    async def deposits(self, customer_id: int) -> tuple[DepositView, ...]:
        return await self._ask(self._core.deposits, customer_id)

    async def announce(self, customer_id: int, deposit_id: int, amount: Decimal) -> NoticeView:
        return await self._ask(
            self._core.announce,
            deposit_id,
            amount,
            customer_id=customer_id,
            call_ref=self._ref,
        )

    async def change_notice(self, customer_id: int, deposit_id: int, amount: Decimal) -> NoticeView:
        return await self._ask(
            self._core.change_notice,
            deposit_id,
            amount,
            customer_id=customer_id,
            call_ref=self._ref,
        )

    async def cancel_notice(self, customer_id: int, deposit_id: int) -> NoticeView:
        return await self._ask(self._core.cancel_notice, deposit_id, customer_id=customer_id)
