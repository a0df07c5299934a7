from banking.core import ContactView, KnownCaller
from telephony.ivr.bank.asking import Asking


class BankContacts(Asking):
    async def known_by_number(self) -> KnownCaller | None:
        """Whose bound number she calls from."""
        return await self._ask(self._core.known_by, self._phone)

    async def contacts(self, customer_id: int) -> tuple[ContactView, ...]:
        return await self._ask(self._core.contacts, customer_id)

    async def report_caller(self, customer_id: int) -> str:
        """Her debits by telephone are stopped, and a case is opened: its number."""
        return await self._ask(
            self._core.report_caller, customer_id, phone=self._phone, call_ref=self._ref
        )
