"""到期指示 of a 整存整取: rolled over, or paid to a demand account; changed while it runs."""

from datetime import datetime, timedelta

from django.db import transaction

from banking import ledger
from banking.errors import AccountFrozen, MaturesSoon, NotADeposit, NotDemand
from banking.models import Account, Deposit
from banking.models.deposits import Product
from calendars.clock import bank_day


@transaction.atomic(durable=True)
def instruct(deposit_id: int, *, customer_id: int, pays_to_id: int | None, at: datetime) -> Deposit:
    """Pay it out to that account of hers, or roll it over for None; asked again, the same.

    Until the day before its last: the night that ends it has read by then where it pays to.
    Raises NotADeposit, NotDemand, AccountFrozen, MaturesSoon.
    """
    found = Deposit.objects.filter(
        pk=deposit_id, account__customer_id=customer_id, product=Product.TIME, closed_on=None
    )
    account_id = found.values_list("account_id", flat=True).first()
    if account_id is None:
        raise NotADeposit
    (funds,) = ledger.lock(account_id)  # as whoever draws from it, and the night
    deposit = found.select_related("account__card").first()
    if deposit is None:
        raise NotADeposit
    if funds.status == Account.Status.FROZEN:
        raise AccountFrozen
    assert deposit.matures_on is not None
    if deposit.matures_on <= bank_day(at) + timedelta(days=1):
        raise MaturesSoon(day=deposit.matures_on)
    deposit.renews = pays_to_id is None
    if pays_to_id is not None:
        hers = Account.objects.filter(pk=pays_to_id, customer_id=customer_id)
        if not hers.filter(kind=Account.Kind.DEMAND, status=Account.Status.ACTIVE).exists():
            raise NotDemand
        deposit.pays_to_id = pays_to_id
    deposit.save(update_fields=["renews", "pays_to"])
    return deposit
