from typing import Literal

from banking.core import BranchView, DepositRateView, DistrictView, ExchangeRateView, LoanRateView
from banking.core.information import Deposit
from telephony.ivr.bank.asking import Asking


class BankInformation(Asking):
    async def deposit_rates(self, product: Deposit) -> tuple[DepositRateView, ...]:
        return await self._ask(self._core.deposit_rates, product)

    async def loan_rates(self) -> tuple[LoanRateView, ...]:
        return await self._ask(self._core.loan_rates)

    async def exchange_rates(self) -> tuple[ExchangeRateView, ...]:
        return await self._ask(self._core.exchange_rates)

    async def districts(self) -> tuple[DistrictView, ...]:
        return await self._ask(self._core.districts)

    async def branches(self, district: str) -> tuple[BranchView, ...]:
        return await self._ask(self._core.branches, district)

    async def announcements(self, kind: Literal["product", "notice"]) -> tuple[str, ...]:
        return await self._ask(self._core.announcements, kind)
