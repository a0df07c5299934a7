from datetime import datetime

from banking import accounts, customers, statements
from banking.access import Name, rule
from banking.core import AccountView, BalanceView, EntryView, PayeeView
from banking.models import Account, Payee
from banking.secret import Secret
from banking.statements import Entry
from calendars.clock import bank_day


class EmbeddedAccounts:
    def accounts(self, customer_id: int, *, at: datetime) -> tuple[AccountView, ...]:
        held = Account.objects.filter(customer_id=customer_id).select_related("card")
        still_open = held.exclude(status=Account.Status.CLOSED)
        in_order = list(still_open.order_by("-leads", "opened_on", "id"))
        slugs = accounts.slugs({account.nickname for account in in_order})
        return tuple(_account(row, slugs.get(row.nickname, ""), at) for row in in_order)

    def balance(self, account_id: int, *, at: datetime) -> BalanceView:
        account = Account.objects.get(pk=account_id)
        return BalanceView(account.pk, account.balance, account.held, account.available)

    def last(self, account_id: int, n: int | None = None, *, at: datetime) -> tuple[EntryView, ...]:
        n = n or rule(Name.LAST_N, day=bank_day(at))
        return tuple(map(entry_view, statements.last(account_id, n=n)))

    def payees(self, customer_id: int, *, at: datetime) -> tuple[PayeeView, ...]:
        registered = Payee.objects.filter(customer_id=customer_id, ended_on=None)
        return tuple(
            PayeeView(payee.account_id, payee.account.tail, payee.name)
            for payee in registered.select_related("account__card").order_by("id")
        )

    def find_payee(self, number: Secret, *, at: datetime) -> PayeeView:
        account = customers.find_payee_account(number)
        return PayeeView(account.pk, account.tail, "")


def _account(row: Account, word: str, at: datetime) -> AccountView:
    return AccountView(
        id=row.pk,
        number=row.number,
        tail=row.tail,
        kind=row.kind,
        currency=row.currency,
        status="frozen"
        if row.status == Account.Status.FROZEN
        else "stopped"
        if row.is_stopped(at)
        else "active",
        nickname=row.nickname,
        word=word,
        leads=row.leads,
    )


def entry_view(entry: Entry) -> EntryView:
    return EntryView(
        at=entry.at,
        booked_on=entry.booked_on,
        kind=entry.kind,
        amount=entry.amount,
        balance=entry.balance,
        summary=entry.summary,
        receipt=entry.number,
    )
