from contextlib import suppress
from datetime import datetime

from banking import bound, contacts, phone_debits
from banking.core import ContactView, KnownCaller
from banking.core.views import Channel as ByChannel
from banking.errors import PhoneStoppedAlready
from banking.fraud import cases
from banking.models import CallerTerm
from banking.models.orders import Channel
from calendars.clock import bank_day


class EmbeddedContacts:
    def known_by(self, phone: str, *, at: datetime) -> KnownCaller | None:
        customer = bound.customer_of(phone)
        if customer is None:
            return None
        senior = contacts.term(CallerTerm.What.SENIOR, day=bank_day(at))
        return KnownCaller(
            customer_id=customer.pk,
            vip=customer.vip,
            is_senior=senior is not None and customer.age(bank_day(at)) >= senior,
            is_test=customer.is_test,
        )

    def contacts(self, customer_id: int, *, at: datetime) -> tuple[ContactView, ...]:
        found = contacts.recent(customer_id, at=at)
        return tuple(ContactView(row.desk, row.reason, row.at) for row in found)

    def report_caller(
        self,
        customer_id: int,
        *,
        phone: str,
        call_ref: str,
        at: datetime,
        channel: ByChannel = "phone",
    ) -> str:
        with suppress(PhoneStoppedAlready):  # first what protects her
            phone_debits.stop(customer_id, channel=Channel(channel), call_ref=call_ref, at=at)
        return cases.open_case(customer_id, caller=phone, call_ref=call_ref, at=at).number
