"""What the demo bank tells anybody: exchange rates of the day, districts, products, notices."""

from datetime import datetime, timedelta
from decimal import Decimal

from banking.models import Announcement, Currency, District, ExchangeRate, Outlet
from calendars.clock import SHANGHAI
from people.models import Branch

# Units; the bank buys money, buys notes, sells. Yuan: invented, near those of 2025 (D).
QUOTES: dict[Currency, tuple[int, str, str, str]] = {
    Currency.USD: (100, "709.62", "703.86", "712.60"),
    Currency.HKD: (100, "91.13", "90.40", "91.49"),
    Currency.EUR: (100, "820.15", "794.66", "826.18"),
    Currency.JPY: (10_000, "459.20", "444.90", "462.58"),
    Currency.GBP: (100, "931.40", "902.45", "938.25"),
    Currency.AUD: (100, "461.35", "447.01", "464.74"),
    Currency.CAD: (100, "504.80", "488.86", "508.51"),
    Currency.SGD: (100, "545.10", "528.28", "548.93"),
}
DISTRICTS = {
    "440303": "罗湖区",
    "440304": "福田区",
    "440305": "南山区",
    "440306": "宝安区",
    "440308": "盐田区",
}
# Kind, title, prompt, days for which it is heard (None: until further notice).
ANNOUNCEMENTS: tuple[tuple[Announcement.Kind, str, str, int | None], ...] = (
    (Announcement.Kind.PRODUCT, "电话银行", "product.phone_bank", None),
    (Announcement.Kind.PRODUCT, "通知存款", "product.notice_deposit", None),
    (Announcement.Kind.PRODUCT, "整存整取", "product.time_deposit", None),
    (Announcement.Kind.PRODUCT, "个人住房贷款", "product.home", None),
    (Announcement.Kind.PRODUCT, "个人消费贷款", "product.consumer", None),
    (Announcement.Kind.NOTICE, "防诈骗提示", "notice.fraud", None),
    (Announcement.Kind.NOTICE, "磁条卡免费换芯片卡", "notice.chip", 90),
)


def build(at: datetime) -> None:
    """The branches must be there: those that serve customers are 支行 and 营业部."""
    opened = at.astimezone(SHANGHAI).replace(hour=9, minute=30, second=0, microsecond=0)
    quoted_at = opened if opened <= at else opened - timedelta(days=1)
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            currency=currency,
            quoted_at=quoted_at,
            units=units,
            buy=Decimal(buy),
            cash_buy=Decimal(cash),
            sell=Decimal(sell),
        )
        for currency, (units, buy, cash, sell) in QUOTES.items()
    )
    districts = {
        name: District.objects.create(code=code, name=name) for code, name in DISTRICTS.items()
    }
    for branch in Branch.objects.filter(name__regex="支行|营业部").order_by("code"):
        Outlet.objects.create(branch=branch, district=districts[branch.district])
    Announcement.objects.bulk_create(
        Announcement(
            kind=kind,
            title=title,
            prompt=prompt,
            order=order,
            valid_from=at,
            valid_to=at + timedelta(days=days) if days else None,
        )
        for order, (kind, title, prompt, days) in enumerate(ANNOUNCEMENTS, start=1)
    )
