from datetime import date, datetime

from banking import accounts, statements
from banking.access import Name, rule
from banking.core import AddressView, EntriesPage, Medium
from banking.embedded.accounts import entry_view
from banking.models import Customer, OutboxMessage
from banking.numbers import tail
from banking.statements import Period
from calendars.clock import bank_day


class EmbeddedStatements:
    def entries(
        self,
        account_id: int,
        first: date,
        last: date,
        *,
        at: datetime,
        further: int | None = None,
        n: int | None = None,
    ) -> EntriesPage:
        n = n or rule(Name.PAGE_N, day=bank_day(at))
        period = Period(first, last)
        found = statements.entries(account_id, period, before=further, n=n + 1, at=at)
        shown, more = found[:n], len(found) > n
        return EntriesPage(tuple(map(entry_view, shown)), shown[-1].id if more else None)

    def addresses(self, customer_id: int, *, at: datetime) -> tuple[AddressView, ...]:
        customer = Customer.objects.get(pk=customer_id)
        known: list[AddressView] = []
        if customer.mobile:
            known.append(AddressView("sms", tail(customer.mobile)))
        if customer.email:
            known.append(AddressView("email", ""))
        return tuple(known)

    def send_statement(
        self, account_id: int, first: date, last: date, medium: Medium, *, at: datetime
    ) -> None:
        statements.send(account_id, Period(first, last), OutboxMessage.Channel(medium), at=at)

    def nicknames(self, *, at: datetime) -> tuple[str, ...]:
        return tuple(word.slug for word in accounts.words())

    def name_account(self, customer_id: int, account_id: int, slug: str, *, at: datetime) -> None:
        accounts.name(account_id, slug, customer_id=customer_id)

    def lead_with(self, customer_id: int, account_id: int, *, at: datetime) -> None:
        accounts.lead(account_id, customer_id=customer_id)
