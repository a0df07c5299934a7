from datetime import date

from banking.core import AddressView, EntriesPage, Medium
from telephony.ivr.bank.asking import Asking


class BankStatements(Asking):
    async def entries(
        self, account_id: int, first: date, last: date, *, further: int | None = None
    ) -> EntriesPage:
        return await self._ask(self._core.entries, account_id, first, last, further=further)

    async def addresses(self, customer_id: int) -> tuple[AddressView, ...]:
        return await self._ask(self._core.addresses, customer_id)

    async def send_statement(
        self, account_id: int, first: date, last: date, medium: Medium
    ) -> None:
        await self._ask(self._core.send_statement, account_id, first, last, medium)

    async def nicknames(self) -> tuple[str, ...]:
        return await self._ask(self._core.nicknames)

    async def name_account(self, customer_id: int, account_id: int, slug: str) -> None:
        await self._ask(self._core.name_account, customer_id, account_id, slug)

    async def lead_with(self, customer_id: int, account_id: int) -> None:
        await self._ask(self._core.lead_with, customer_id, account_id)
