from datetime import datetime

from banking import customers, pins, throttle
from banking.core import CardView, CustomerView, Purpose
from banking.models import Card, Customer
from banking.models import customers as customer_models
from banking.secret import Secret
from calendars.clock import bank_day


class EmbeddedIdentity:
    def find_card(
        self, pan: Secret, *, phone: str = "", call_ref: str = "", at: datetime
    ) -> CardView:
        return card_view(throttle.find_card(pan, phone=phone, call_ref=call_ref, at=at), at)

    def find_customer(self, id_number: Secret, *, at: datetime) -> CustomerView | None:
        found = customers.find(id_number)
        return _customer(found) if found else None

    def customer(self, customer_id: int, *, at: datetime) -> CustomerView:
        return _customer(Customer.objects.get(pk=customer_id))

    def verify_pin(
        self,
        card_id: int,
        pin: Secret,
        purpose: Purpose,
        *,
        phone: str = "",
        call_ref: str,
        at: datetime,
    ) -> None:
        which = customer_models.Purpose(purpose)
        pins.verify(card_id, pin, which, phone=phone, call_ref=call_ref, at=at)

    def tries_a_call(self, *, at: datetime) -> int:
        return pins.tries_a_call(day=bank_day(at))


def _customer(row: Customer) -> CustomerView:
    return CustomerView(
        id=row.pk,
        number=row.number,
        name=row.name,
        vip=row.vip,
        language=row.language,
        born_on=row.born_on,
        masked_mobile=row.masked_mobile,
        id_tail=row.id_last4,
        is_test=row.is_test,
    )


def card_view(row: Card, at: datetime) -> CardView:
    return CardView(
        id=row.pk,
        customer_id=row.customer_id,
        masked=str(row),
        tail=row.last4,
        status="lost" if row.is_lost(at) else "active",
        activated=row.query_mac is not None,
        is_test=row.customer.is_test,
    )
