from uuid import UUID

from banking.core.interbank import ExternalPayeeView, TransferView
from telephony.ivr.bank.asking import Asking


class BankInterbank(Asking):
    async def external_payees(
        self, customer_id: int, *, same_city: bool
    ) -> tuple[ExternalPayeeView, ...]:
        """Those in the bank's own city, or those in others."""
        found = await self._ask(self._core.external_payees, customer_id)
        return tuple(payee for payee in found if payee.same_city is same_city)

    async def transfers(self, customer_id: int) -> tuple[TransferView, ...]:
        return await self._ask(self._core.transfers, customer_id)

    async def withdraw(self, key: UUID) -> None:
        """Raises AlreadySettled: it was debited, or refused, before."""
        await self._ask(self._core.void, key)
