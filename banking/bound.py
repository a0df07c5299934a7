"""The mobile that a branch has checked as hers (绑定手机): enough to greet her, no proof."""

from datetime import datetime

from django.db import IntegrityError, transaction

from banking import numbers
from banking.errors import BoundAlready, NoMobile, NotBound
from banking.models import BoundNumber, Customer
from people.models import User


@transaction.atomic(durable=True)
def bind(customer_id: int, *, by: User | None, at: datetime) -> BoundNumber:
    """The mobile that the bank has of her. Raises NoMobile, BoundAlready."""
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    phone = numbers.phone(customer.mobile)
    if not phone:
        raise NoMobile
    hers = BoundNumber.objects.filter(customer=customer, ended_at=None)
    hers.exclude(phone=phone).update(ended_at=at)  # she has another mobile since
    try:
        with transaction.atomic():
            return BoundNumber.objects.create(
                customer=customer, phone=phone, bound_at=at, bound_by=by
            )
    except IntegrityError:
        raise BoundAlready from None


@transaction.atomic(durable=True)
def unbind(pk: int, *, at: datetime) -> BoundNumber:
    """Raises NotBound."""
    row = BoundNumber.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.ended_at is not None:
        raise NotBound
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    return row


def customer_of(phone: str) -> Customer | None:
    """Whose bound number calls; only while it is still her mobile."""
    number = numbers.phone(phone)
    if not number:
        return None
    return next(iter(Customer.objects.raw(_BOUND, [number])), None)


_BOUND = """
    SELECT customer.* FROM banking_boundnumber bound
    JOIN banking_customer customer ON customer.id = bound.customer_id
    WHERE bound.phone = %s AND bound.ended_at IS NULL AND customer.mobile = bound.phone
"""
