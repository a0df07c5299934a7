from datetime import datetime
from decimal import Decimal

from banking import activation, customers, limits, phone_debits, pins, unlocking
from banking.access import Name, rules
from banking.core import CardView, KeyingView, LimitView, Purpose, RequestReceipt, StopView
from banking.core.views import Channel as ByChannel
from banking.embedded.identity import card_view
from banking.models import PhoneBlock
from banking.models import customers as customer_models
from banking.models.orders import Channel
from banking.secret import Secret
from calendars.clock import bank_day


class EmbeddedAccess:
    def keying(self, *, at: datetime) -> KeyingView:
        names = (Name.SILENCE_S, Name.BETWEEN_S, Name.TRIES)
        return KeyingView(*rules(*names, day=bank_day(at)))

    def change_pin(
        self, card_id: int, pin: Secret, purpose: Purpose, *, call_ref: str, at: datetime
    ) -> None:
        pins.change(card_id, pin, customer_models.Purpose(purpose), call_ref=call_ref, at=at)

    def activate(self, card_id: int, pin: Secret, *, call_ref: str, at: datetime) -> None:
        activation.activate(card_id, pin, call_ref=call_ref, at=at)

    def card_of(self, pan: Secret, id_number: Secret, *, at: datetime) -> CardView:
        return card_view(customers.card_of(pan, id_number), at)

    def request_unlock(self, card_id: int, *, call_ref: str, at: datetime) -> RequestReceipt:
        written = unlocking.request(card_id, call_ref=call_ref, at=at)
        return RequestReceipt(written.number, written.lapses_at)

    def phone_stopped(self, customer_id: int, *, at: datetime) -> StopView | None:
        stop = phone_debits.standing(customer_id)
        if stop is None:
            return None
        return StopView(stop.number, stop.begun_at, stop.why == PhoneBlock.Why.ASKED)

    def stop_phone_debits(
        self, customer_id: int, *, call_ref: str, at: datetime, channel: ByChannel = "phone"
    ) -> str:
        stop = phone_debits.stop(customer_id, channel=Channel(channel), call_ref=call_ref, at=at)
        return stop.number

    def limits(self, customer_id: int, *, at: datetime) -> LimitView:
        now = limits.allowance(customer_id, Channel.PHONE, day=bank_day(at))
        return LimitView(now.single, now.daily)

    def lower_limits(
        self, customer_id: int, *, single: Decimal, daily: Decimal, at: datetime
    ) -> LimitView:
        now = limits.lower(customer_id, Channel.PHONE, single=single, daily=daily, at=at)
        return LimitView(now.single, now.daily)
