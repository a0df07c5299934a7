"""The demo bank in clearing: other banks, the calendar, prices, and whom its customers pay there.

The codes' check digits are computed; bank and city are as the clearing system numbers them.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from banking import banks
from banking.models import (
    Bank,
    Customer,
    ExchangeSession,
    FeeTier,
    LargeValueHours,
    SmallValueBatch,
    TransferRule,
)
from banking.models.customers import Vip
from banking.models.orders import Channel, Instruction
from banking.numbers import bank_check_digit
from banking.secret import Secret

SINCE = date(2024, 1, 1)
OWN = ("313", "鹏城商业银行", "鹏城银行")
HOME = ("5840", "深圳")
CITIES = (
    HOME,
    *(("1000", "北京"), ("2900", "上海"), ("5810", "广州"), ("6020", "东莞")),
    *(("5510", "长沙"), ("5210", "武汉"), ("4210", "南昌"), ("3310", "杭州"), ("6510", "成都")),
)
BANKS = (
    *(("102", "中国工商银行", "工商银行"), ("103", "中国农业银行", "农业银行")),
    *(("104", "中国银行", "中国银行"), ("105", "中国建设银行", "建设银行")),
    *(("301", "交通银行", "交通银行"), ("302", "中信银行", "中信银行")),
    *(("303", "中国光大银行", "光大银行"), ("305", "中国民生银行", "民生银行")),
    *(("308", "招商银行", "招商银行"), ("309", "兴业银行", "兴业银行")),
    *(("310", "上海浦东发展银行", "浦发银行"), ("403", "中国邮政储蓄银行", "邮储银行")),
)
# One published counter schedule (domain.md §1 [12]); by telephone it is half of that.
COUNTER = (
    (0, "2.00", "0", None),
    (2_000, "5.00", "0", None),
    (5_000, "10.00", "0", None),
    (10_000, "15.00", "0", None),
    (50_000, "0.00", "0.0003", "50.00"),
)
FREE = (Vip.PLATINUM, Vip.PRIVATE)
NAMES = ("赵云鹏", "孙丽华", "钱建平", "吴志远", "郑晓燕", "冯国强", "沈雅琴", "韩雪松")


def terms() -> None:
    """The directory, the clearing calendar and the fees."""
    Bank.objects.create(
        code=_code(OWN[0], HOME[0], 1), name=OWN[1], short=OWN[2], city=HOME[1], is_own=True
    )
    Bank.objects.bulk_create(
        Bank(code=_code(bank, city, 1), name=f"{name}{where}分行", short=short, city=where)
        for city, where in CITIES
        for bank, name, short in BANKS
    )
    for number, cut_off, returns_by in ((1, time(10, 30), time(13)), (2, time(15), time(17))):
        ExchangeSession.objects.create(
            valid_from=SINCE, number=number, cut_off=cut_off, returns_by=returns_by
        )
    _large_value()
    SmallValueBatch.objects.create(
        valid_from=SINCE, cap=Decimal(1_000_000), every_min=30, within_min=60
    )
    TransferRule.objects.create(
        valid_from=SINCE, ordinary_min=120, desk_above=Decimal(30_000), fee_back=True
    )
    _fees()


def payees(seed: int, at: datetime) -> None:
    """One or two payees elsewhere for every test customer, and for some of the others."""
    chance = Random(seed)  # noqa: S311  # it is to be the same each time
    here = list(Bank.objects.filter(city=HOME[1], is_own=False).order_by("code"))
    elsewhere = list(Bank.objects.exclude(city=HOME[1]).order_by("code"))
    for customer in Customer.objects.order_by("number"):
        if customer.is_test or chance.random() < 0.2:
            for bank in (chance.choice(here), chance.choice(elsewhere)):
                banks.register(
                    customer,
                    bank_code=bank.code,
                    number=Secret(f"62{chance.randrange(10**14):014d}"),
                    name=chance.choice(NAMES),
                    on=at.date() - timedelta(days=chance.randrange(10, 400)),
                )


def _code(bank: str, city: str, branch: int) -> str:
    body = f"{bank}{city}{branch:04d}"
    return body + bank_check_digit(body)


def _large_value() -> None:
    """domain.md §1: 8:30 to 17:00, and since 2018 from the evening before to 17:15."""
    for valid_from, opens, evening, closes in (
        (date(2004, 11, 1), time(8, 30), False, time(17)),
        (date(2018, 1, 22), time(23, 30), True, time(17, 15)),
        (date(2018, 5, 2), time(20, 30), True, time(17, 15)),
    ):
        LargeValueHours.objects.create(
            valid_from=valid_from, opens=opens, evening_before=evening, closes=closes, within_min=30
        )


def _fees() -> None:
    for kind in (Instruction.Kind.INTERBANK, Instruction.Kind.REMITTANCE):
        for channel, share in ((Channel.COUNTER, Decimal(1)), (Channel.PHONE, Decimal("0.5"))):
            FeeTier.objects.bulk_create(
                FeeTier(
                    kind=kind,
                    channel=channel,
                    valid_from=SINCE,
                    above=above,
                    flat=Decimal(flat) * share,
                    rate=Decimal(rate) * share,
                    cap=Decimal(cap) * share if cap else None,
                )
                for above, flat, rate, cap in COUNTER
            )
        for vip in FREE:
            FeeTier.objects.create(
                kind=kind, channel=Channel.PHONE, valid_from=SINCE, vip=vip, above=0
            )
