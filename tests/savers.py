"""Savers: what the cast does with deposits, through the services."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from banking import demo_deposits, instructions, orders
from banking.models import Account, Deposit, Instruction
from banking.models.orders import Channel
from banking.requests import OpenDeposit, PayInstalment, Redemption, Request
from tests.cast import NOON, Person


def published_rates() -> None:
    """The demo bank's tables. Now: demand 0.05 %, a year 0.95 %, seven days' notice 0.30 %."""
    demo_deposits.terms()


def told_to(request: Request, at: datetime = NOON) -> UUID:
    """Drafted and confirmed, and not carried out yet."""
    key = uuid4()
    orders.draft(key=key, request=request, channel=Channel.PHONE, at=at)
    instructions.confirm(key=key, at=at)
    return key


def does(request: Request, at: datetime = NOON) -> Instruction:
    return orders.execute(key=told_to(request, at), at=at)


def puts(who: Person, amount: int | str, product: str, term: str, **how: object) -> Deposit:
    """A deposit out of her account: ``puts(wang, 10_000, "time", "1y", renews=True)``."""
    at = how.pop("at", NOON)
    assert isinstance(at, datetime)
    request = OpenDeposit(
        payer_id=who.account.pk, amount=Decimal(amount), product=product, term=term, **how
    )
    opened = does(request, at)
    return Deposit.objects.select_related("account").get(instruction=opened)


def pays_on(who: Person, deposit: Deposit, at: datetime, amount: int | None = None) -> Instruction:
    paid = Decimal(amount) if amount else deposit.monthly
    request = PayInstalment(payer_id=who.account.pk, payee_id=deposit.account_id, amount=paid)
    return does(request, at)


def draws(
    who: Person, deposit: Deposit, at: datetime, amount: int | str | None = None
) -> Instruction:
    """Into her account: all of it, or a part."""
    drawn = Decimal(amount) if amount else principal(deposit)
    request = Redemption(payer_id=deposit.account_id, payee_id=who.account.pk, amount=drawn)
    return does(request, at)


def principal(deposit: Deposit) -> Decimal:
    return Account.objects.get(pk=deposit.account_id).balance
