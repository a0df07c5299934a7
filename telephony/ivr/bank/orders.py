from typing import Any
from uuid import UUID, uuid4

from banking.core import OrderView
from banking.errors import AlreadySettled, CoreUnavailable, Voided
from banking.requests import Request
from telephony.ivr.bank.asking import Asking


class BankOrders(Asking):
    """Remembers the order that was read back, so that leaving voids it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open: UUID | None = None

    async def draft(self, request: Request) -> OrderView:
        """What is to be read back, under a key of its own."""
        key = uuid4()
        order = await self._ask(
            self._core.draft, key, request, call_ref=self._ref, phone=self._phone
        )
        self._open = key
        return order

    async def order(self, key: UUID) -> OrderView:
        """One that somebody else drafted for her, as it stands now."""
        return await self._ask(self._core.enquire, key)

    async def confirm(self, key: UUID) -> OrderView:
        return await self._ask(self._core.confirm, key)

    async def execute(self, key: UUID) -> OrderView:
        """Raises what the core raises. If no answer comes, the order is in doubt, not retried."""
        try:
            order = await self._ask(self._core.execute, key)
        except CoreUnavailable:
            await self._ask(self._core.doubt, key)
            raise
        finally:
            self._open = None
        return order

    async def told(self, key: UUID) -> None:
        await self._ask(self._core.told, key)

    async def untold(self, customer_id: int) -> tuple[OrderView, ...]:
        return await self._ask(self._core.untold, customer_id)

    async def enquired(self, order: OrderView) -> OrderView:
        """One in doubt as the bank knows it now; as it was where the bank can't be reached."""
        try:
            return await self._ask(self._core.enquire, order.key)
        except CoreUnavailable:
            return order

    async def unsettled(self, customer_id: int) -> tuple[OrderView, ...]:
        """Her orders of this very call that were read back or confirmed, and no more."""
        found = await self._ask(self._core.unsettled, customer_id)
        return tuple(order for order in found if order.call_ref == self._ref)

    async def void_unsettled(self, customer_id: int) -> None:
        """She is gone: what she did not confirm, and what was not carried out yet, is void."""
        for order in await self.unsettled(customer_id):
            await self.void(order.key)

    async def void(self, key: UUID) -> None:
        """Void it, unless it was settled first."""
        try:
            await self._ask(self._core.void, key)
        except (AlreadySettled, Voided):
            return

    async def void_open(self) -> None:
        """What was read back and never executed is void, whichever way she left."""
        key, self._open = self._open, None
        if key is not None:
            await self.void(key)
