"""`banking.core` as a flow speaks to it: awaited, for one call, at the present time."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4

from banking.core import (
    AccountView,
    BalanceView,
    CardView,
    Core,
    EntryView,
    LossReceipt,
    OrderView,
    PayeeView,
    Receipt,
)
from banking.errors import AlreadySettled, CoreUnavailable, Voided
from banking.secret import Secret

T = TypeVar("T")


class Run(Protocol):
    """The gateway: runs one synchronous service in a thread of its own."""

    def __call__(self, service: Callable[..., T], *args: Any, **kwargs: Any) -> Awaitable[T]: ...


class Bank:
    """One caller's bank. Remembers the order that was read back, so that leaving voids it."""

    def __init__(self, core: Core, run: Run, call_ref: str, now: Callable[[], datetime]) -> None:
        self._core, self._run, self._ref, self._now = core, run, call_ref, now
        self._open: UUID | None = None

    async def find_card(self, pan: Secret) -> CardView:
        return await self._ask(self._core.find_card, pan)

    async def check_query_pin(self, card_id: int, pin: Secret) -> None:
        await self._ask(self._core.verify_pin, card_id, pin, "query", call_ref=self._ref)

    async def check_transaction_pin(self, card_id: int, pin: Secret) -> None:
        await self._ask(self._core.verify_pin, card_id, pin, "transaction", call_ref=self._ref)

    async def vip(self, customer_id: int | None) -> str:
        """The level of a caller who is known, which is worth waiting time; else ""."""
        if customer_id is None:
            return ""
        return (await self._ask(self._core.customer, customer_id)).vip

    async def accounts(self, customer_id: int) -> tuple[AccountView, ...]:
        return await self._ask(self._core.accounts, customer_id)

    async def balance(self, account_id: int) -> BalanceView:
        return await self._ask(self._core.balance, account_id)

    async def last(self, account_id: int, n: int) -> tuple[EntryView, ...]:
        return await self._ask(self._core.last, account_id, n)

    async def payees(self, customer_id: int) -> tuple[PayeeView, ...]:
        return await self._ask(self._core.payees, customer_id)

    async def find_payee(self, number: Secret) -> PayeeView:
        return await self._ask(self._core.find_payee, number)

    async def draft_transfer(self, *, payer_id: int, payee_id: int, amount: Decimal) -> OrderView:
        """What is to be read back, under a key of its own."""
        key = uuid4()
        order = await self._ask(
            self._core.draft_transfer,
            key=key,
            payer_id=payer_id,
            payee_id=payee_id,
            amount=amount,
            call_ref=self._ref,
        )
        self._open = key
        return order

    async def confirm(self, key: UUID) -> OrderView:
        return await self._ask(self._core.confirm, key)

    async def execute(self, key: UUID) -> Receipt:
        """Raises what the core raises. If no answer comes, the order is in doubt, not retried."""
        try:
            receipt = await self._ask(self._core.execute, key)
        except CoreUnavailable:
            await self._ask(self._core.doubt, key)
            raise
        finally:
            self._open = None
        return receipt

    async def told(self, key: UUID) -> None:
        await self._ask(self._core.told, key)

    async def untold(self, customer_id: int) -> tuple[OrderView, ...]:
        return await self._ask(self._core.untold, customer_id)

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

    async def report_loss(self, number: Secret, id_number: Secret) -> LossReceipt:
        return await self._ask(self._core.report_loss, number, id_number, call_ref=self._ref)

    async def _ask(self, service: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await self._run(service, *args, at=self._now(), **kwargs)
