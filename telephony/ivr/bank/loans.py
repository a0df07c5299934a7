from banking.core import InstalmentView, LoanView, OwedView
from telephony.ivr.bank.asking import Asking


class BankLoans(Asking):
    async def loans(self, customer_id: int) -> tuple[LoanView, ...]:
        return await self._ask(self._core.loans, customer_id)

    async def next_instalment(self, loan_id: int) -> InstalmentView | None:
        return await self._ask(self._core.next_instalment, loan_id)

    async def loan_due(self, loan_id: int) -> OwedView:
        return await self._ask(self._core.loan_due, loan_id)

    async def loan_overdue(self, loan_id: int) -> OwedView:
        return await self._ask(self._core.loan_overdue, loan_id)

    async def loan_settlement(self, loan_id: int) -> OwedView:
        return await self._ask(self._core.loan_settlement, loan_id)
