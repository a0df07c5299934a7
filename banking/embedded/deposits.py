from datetime import datetime
from decimal import Decimal

from banking.core import DepositView, NoticeView, OfferView
from banking.core.deposits import Product
from banking.deposits import instalments, maturing, notices, owned, rates
from banking.models import Deposit, Notice
from banking.models import deposits as models
from calendars.clock import bank_day


class EmbeddedDeposits:
    def offers(self, product: Product, *, at: datetime) -> tuple[OfferView, ...]:
        found = rates.offers(models.Product(product), day=bank_day(at))
        return tuple(OfferView(offer.term.value, offer.percent, offer.minimum) for offer in found)

    def deposits(self, customer_id: int, *, at: datetime) -> tuple[DepositView, ...]:
        return tuple(_deposit(deposit, at) for deposit in owned.open_ones(customer_id))

    def at_maturity(
        self, deposit_id: int, *, customer_id: int, pays_to_id: int | None, at: datetime
    ) -> DepositView:
        changed = maturing.instruct(
            deposit_id, customer_id=customer_id, pays_to_id=pays_to_id, at=at
        )
        return _deposit(changed, at)

    def announce(
        self, deposit_id: int, amount: Decimal, *, customer_id: int, call_ref: str, at: datetime
    ) -> NoticeView:
        return _notice(
            notices.announce(deposit_id, amount, customer_id=customer_id, call_ref=call_ref, at=at)
        )

    def change_notice(
        self, deposit_id: int, amount: Decimal, *, customer_id: int, call_ref: str, at: datetime
    ) -> NoticeView:
        return _notice(
            notices.change(deposit_id, amount, customer_id=customer_id, call_ref=call_ref, at=at)
        )

    def cancel_notice(self, deposit_id: int, *, customer_id: int, at: datetime) -> NoticeView:
        return _notice(notices.cancel(deposit_id, customer_id=customer_id, at=at))


def _deposit(row: Deposit, at: datetime) -> DepositView:
    account = row.account
    day = bank_day(at)
    standing = next((notice for notice in row.notices.all() if notice.stands(day)), None)
    return DepositView(
        id=row.pk,
        account_id=account.pk,
        tail=account.tail,
        product=row.product,  # type: ignore[arg-type]  # never demand
        term=row.term,
        principal=account.balance,
        available=account.available,
        percent=row.percent,
        matures_on=row.matures_on,
        renews=row.renews,
        monthly=row.monthly,
        payable=instalments.payable(row, day) if row.monthly else 0,
        in_parts=owned.in_parts(row),
        notice=_notice(standing) if standing else None,
    )


def _notice(row: Notice) -> NoticeView:
    return NoticeView(row.number, row.amount, row.due_on)
