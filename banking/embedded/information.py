from datetime import datetime
from typing import Literal

from banking import information
from banking.core import BranchView, DepositRateView, DistrictView, ExchangeRateView, LoanRateView
from banking.core.information import Deposit
from banking.deposits import rates
from banking.models import Announcement
from banking.models.deposits import Product
from calendars.clock import bank_day
from people.models import Branch


class EmbeddedInformation:
    def deposit_rates(self, product: Deposit, *, at: datetime) -> tuple[DepositRateView, ...]:
        day = bank_day(at)
        if product == "demand":
            rate = DepositRateView("", rates.demand_percent(day))
            return (rate,)
        offers = rates.offers(Product(product), day=day)
        return tuple(DepositRateView(offer.term, offer.percent) for offer in offers)

    def loan_rates(self, *, at: datetime) -> tuple[LoanRateView, ...]:
        return tuple(
            LoanRateView(row.series, row.percent, row.valid_from)
            for row in information.loan_rates(bank_day(at))
        )

    def exchange_rates(self, *, at: datetime) -> tuple[ExchangeRateView, ...]:
        return tuple(
            ExchangeRateView(
                row.currency, row.units, row.buy, row.cash_buy, row.sell, row.quoted_at
            )
            for row in information.exchange_rates(at)
        )

    def districts(self, *, at: datetime) -> tuple[DistrictView, ...]:
        return tuple(DistrictView(district.code) for district in information.districts())

    def branches(self, district: str, *, at: datetime) -> tuple[BranchView, ...]:
        rows = information.branches(district)
        counts = information.machines(rows)
        return tuple(_branch(row, *counts[row.pk], at=at) for row in rows)

    def announcements(self, kind: Literal["product", "notice"], *, at: datetime) -> tuple[str, ...]:
        found = information.announcements(Announcement.Kind(kind), at)
        return tuple(announcement.prompt for announcement in found)


def _branch(row: Branch, machines: int, working: int, *, at: datetime) -> BranchView:
    today = information.opening(row, at)
    return BranchView(
        code=row.code,
        phone="".join(filter(str.isdigit, row.phone)),
        opens=today.opens,
        closes=today.closes,
        opens_next=today.following,
        machines=machines,
        working=working,
    )
