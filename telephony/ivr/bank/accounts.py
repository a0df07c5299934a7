from banking.core import AccountView, BalanceView, EntryView, PayeeView
from banking.secret import Secret
from telephony.ivr.bank.asking import Asking


class BankAccounts(Asking):
    async def accounts(self, customer_id: int) -> tuple[AccountView, ...]:
        return await self._ask(self._core.accounts, customer_id)

    async def demand_accounts(self, customer_id: int) -> tuple[AccountView, ...]:
        """Those that can pay and be paid."""
        return tuple(a for a in await self.accounts(customer_id) if a.kind == "demand")

    async def balance(self, account_id: int) -> BalanceView:
        return await self._ask(self._core.balance, account_id)

    async def last(self, account_id: int) -> tuple[EntryView, ...]:
        return await self._ask(self._core.last, account_id)

    async def payees(self, customer_id: int) -> tuple[PayeeView, ...]:
        return await self._ask(self._core.payees, customer_id)

    async def find_payee(self, number: Secret) -> PayeeView:
        return await self._ask(self._core.find_payee, number)
