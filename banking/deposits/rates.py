"""What the bank pays and asks on a day: the newest row of each that has begun by then."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from banking.errors import ProductNotOffered
from banking.interest import TaxPeriod
from banking.models import DepositRate, DepositTerms, InterestTax
from banking.models.deposits import Product, Term


@dataclass(frozen=True, slots=True)
class Offer:
    """A term that is open to new deposits; `percent` a year, `minimum` in yuan."""

    term: Term
    percent: Decimal
    minimum: Decimal


def row(product: Product, term: Term, *, day: date) -> DepositRate:
    """Raises ProductNotOffered where no rate was ever in force."""
    begun = DepositRate.objects.filter(product=product, term=term, valid_from__lte=day)
    found = begun.order_by("-valid_from").first()
    if found is None:
        raise ProductNotOffered
    return found


def percent(product: Product, term: Term, *, day: date) -> Decimal:
    """Per cent a year. Raises ProductNotOffered."""
    return row(product, term, day=day).percent


def demand_percent(day: date) -> Decimal:
    """Raises ProductNotOffered."""
    return percent(Product.DEMAND, Term.NONE, day=day)


def terms(product: Product, *, day: date) -> DepositTerms:
    """Raises ProductNotOffered."""
    begun = DepositTerms.objects.filter(product=product, valid_from__lte=day)
    found = begun.order_by("-valid_from").first()
    if found is None:
        raise ProductNotOffered
    return found


def offers(product: Product, *, day: date) -> list[Offer]:
    """What may be opened on a day, the shortest term first; nothing without terms."""
    try:
        minimum = terms(product, day=day).minimum
    except ProductNotOffered:
        return []
    begun = DepositRate.objects.filter(product=product, valid_from__lte=day)
    newest = {rate.term: rate for rate in begun.order_by("valid_from")}
    return [
        Offer(term, newest[term].percent, minimum)
        for term in Term
        if term in newest and newest[term].offered
    ]


def tax_periods() -> list[TaxPeriod]:
    return [TaxPeriod(tax.valid_from, tax.percent) for tax in InterestTax.objects.all()]
