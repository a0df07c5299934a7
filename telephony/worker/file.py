"""The call's row, kept in step with what is known of the caller, through the gateway."""

from collections.abc import Callable
from datetime import datetime, timedelta

from banking.core import CardView
from telephony import records
from telephony.ivr.call import Caller
from telephony.worker.gateway import Gateway

VERIFIED_FOR = timedelta(minutes=30)  # a call rarely lasts longer; then she proves herself again


class RowFile:
    """The CallFile of one call: the row first, then `who`."""

    def __init__(
        self, gateway: Gateway, call_id: int, who: Caller, now: Callable[[], datetime]
    ) -> None:
        self._gateway, self._call_id, self._who, self._now = gateway, call_id, who, now

    async def identified(self, card: CardView) -> None:
        until = self._now() + VERIFIED_FOR
        await self._gateway(
            records.identified,
            self._call_id,
            customer_id=card.customer_id,
            card_id=card.id,
            card_tail=card.tail,
            until=until,
            language=self._who.language,
        )
        self._who.customer_id, self._who.card_id = card.customer_id, card.id
        self._who.card_tail = card.tail
        self._who.verified_until = until

    async def pin_refused(self, failures: int) -> None:
        await self._gateway(records.query_pin_refused, self._call_id, failures)
        self._who.pin_failures = failures

    async def request_callback(self, phone: str) -> str:
        return await self._gateway(
            records.request_callback,
            self._call_id,
            phone=phone,
            at=self._now(),
            language=self._who.language,
        )
