"""The cast of every story: customers with cards and accounts, made through the services."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count

from banking import banks, customers, pins
from banking.loans.lending import lend
from banking.models import (
    AccessRule,
    Account,
    Bank,
    Card,
    Customer,
    ExchangeSession,
    ExternalPayee,
    FeeTier,
    LargeValueHours,
    LendingTerm,
    Loan,
    LoanRate,
    LossTerm,
    SmallValueBatch,
    TransferLimit,
    TransferRule,
)
from banking.models.customers import Language, Purpose, Vip
from banking.models.loans import Product, Series
from banking.models.orders import Channel, Instruction
from banking.numbers import id_check_digit, luhn_digit
from banking.requests import InBankTransfer
from banking.secret import Secret
from calendars.clock import SHANGHAI

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=SHANGHAI)  # a Tuesday
LONG_AGO = date(2024, 1, 2)

OUR_BANK = "313584099004"
IN_THE_CITY, IN_BEIJING, UNLISTED = "308584000013", "102100099996", "104100000004"
OTHER_BANKS = (  # code, name, short name, city; UNLISTED is nobody in the directory
    (IN_THE_CITY, "招商银行股份有限公司", "招商银行", "深圳"),
    (IN_BEIJING, "中国工商银行总行清算中心", "工商银行", "北京"),
)

_numbers = count(1)


@dataclass(frozen=True)
class Person:
    """A customer as she knows herself: with her card number and PINs in clear."""

    customer: Customer
    card: Card
    account: Account
    pan: Secret
    id_number: Secret
    opening: Decimal  # yuan paid in at the start
    query_pin: str = "274916"
    transaction_pin: str = "830527"
    passbook: str = ""
    extra: list[Account] = field(default_factory=list)

    @property
    def account_tail(self) -> str:
        """What the account is known by: the last four of its card."""
        return self.pan.reveal()[-4:]

    @property
    def id(self) -> int:
        return self.customer.pk


def bank_terms() -> None:
    """Limits, fees and terms as the bank publishes them: without, nothing may leave."""
    _, made = TransferLimit.objects.get_or_create(
        customer=None,
        channel=Channel.PHONE,
        valid_from=LONG_AGO,
        defaults={"single": Decimal(50_000), "daily": Decimal(100_000)},
    )
    if made:
        AccessRule.objects.get_or_create(
            name=AccessRule.Name.PASSWORD_CAP, valid_from=LONG_AGO, defaults={"value": 200_000}
        )
        FeeTier.objects.get_or_create(
            kind=Instruction.Kind.TRANSFER, channel=Channel.PHONE, valid_from=LONG_AGO, above=0
        )
        LossTerm.objects.bulk_create(
            (
                LossTerm(instrument=instrument, valid_from=LONG_AGO, days=5)
                for instrument in LossTerm.Instrument
            ),
            ignore_conflicts=True,
        )
    if not TransferRule.objects.exists():
        clearing_terms()


def clearing_terms() -> None:
    """Who we are in clearing, when it takes what, and what that costs by telephone."""
    TransferRule.objects.create(
        valid_from=LONG_AGO, ordinary_min=120, desk_above=Decimal(30_000), fee_back=True
    )
    Bank.objects.create(
        code=OUR_BANK, name="鹏城商业银行", short="鹏城银行", city="深圳", is_own=True
    )
    Bank.objects.bulk_create(
        Bank(code=code, name=name, short=short, city=city)
        for code, name, short, city in OTHER_BANKS
    )
    ExchangeSession.objects.bulk_create(
        ExchangeSession(valid_from=LONG_AGO, number=number, cut_off=cut_off, returns_by=returns_by)
        for number, cut_off, returns_by in ((1, time(10), time(12)), (2, time(15), time(17)))
    )
    LargeValueHours.objects.create(
        valid_from=LONG_AGO,
        opens=time(20, 30),
        evening_before=True,
        closes=time(17, 15),
        within_min=30,
    )
    SmallValueBatch.objects.create(
        valid_from=LONG_AGO, cap=Decimal(1_000_000), every_min=30, within_min=60
    )
    for kind, flat in ((Instruction.Kind.INTERBANK, 2), (Instruction.Kind.REMITTANCE, 5)):
        FeeTier.objects.create(kind=kind, channel=Channel.PHONE, valid_from=LONG_AGO, flat=flat)


def payee_elsewhere(
    customer: Person, *, bank_code: str = "", number: str = "6225880100046789"
) -> ExternalPayee:
    """赵云鹏, registered for her at a branch; at another bank in the city unless told where."""
    return banks.register(
        customer.customer,
        bank_code=bank_code or IN_THE_CITY,
        number=Secret(number),
        name="赵云鹏",
        on=LONG_AGO,
    )


def pan(body: str) -> Secret:
    """A card number of the bank: `body` with its check digit."""
    return Secret(body + luhn_digit(body))


def id_number(born_on: date, serial: int) -> Secret:
    """Of a person whose ID number ends in a digit; the X has its own stories."""
    for area in ("440304", "440305"):  # a change of the sixth digit changes the check digit
        body = f"{area}{born_on:%Y%m%d}{serial % 1000:03d}"
        if (check := id_check_digit(body)) != "X":
            break
    return Secret(body + check)


def person(
    name: str,
    *,
    opening: Decimal | int = 10_000,
    born_on: date = date(1980, 5, 17),
    vip: Vip = Vip.ORDINARY,
    language: Language = Language.MANDARIN,
    is_test: bool = True,
    with_passbook: bool = False,
    at: datetime = NOON,
) -> Person:
    """A customer with one card on one account, both PINs set and `opening` yuan paid in."""
    bank_terms()
    serial = next(_numbers)
    her_id = id_number(date(born_on.year, born_on.month, born_on.day), serial)
    customer = customers.register(
        number=f"10{serial:08d}",
        name=name,
        id_number=her_id,
        mobile=f"1380000{serial:04d}",
        vip=vip,
        language=language,
        is_test=is_test,
    )
    card_number = pan(f"62220240{serial:010d}")
    card = customers.issue_card(customer, card_number, on=LONG_AGO)
    passbook = f"ZB{serial:08d}" if with_passbook else ""
    account = customers.open_account(
        customer, number=f"7557{serial:012d}", on=LONG_AGO, card=card, passbook=passbook
    )
    made = Person(customer, card, account, card_number, her_id, Decimal(opening), passbook=passbook)
    pins.set_pin(card.pk, Secret(made.query_pin), Purpose.QUERY, at=at)
    pins.set_pin(card.pk, Secret(made.transaction_pin), Purpose.TRANSACTION, at=at)
    if opening:
        customers.deposit(account.pk, Decimal(opening), at=at)
    return made


def wang(**changes: object) -> Person:
    """王小梅, who pays."""
    return person("王小梅", **changes)  # type: ignore[arg-type]


def chen(**changes: object) -> Person:
    """陈志强, who is paid."""
    return person("陈志强", **{"opening": 200, **changes})  # type: ignore[arg-type]


def old_liu(**changes: object) -> Person:
    """刘桂英, over seventy."""
    return person("刘桂英", **{"born_on": date(1951, 3, 8), **changes})  # type: ignore[arg-type]


def transfer(payer: Person, payee: Person, amount: Decimal | int | str) -> InBankTransfer:
    """From the one's account to the other's."""
    return InBankTransfer(
        payer_id=payer.account.pk, payee_id=payee.account.pk, amount=Decimal(amount)
    )


def lending_terms() -> None:
    """50 % penalty; 1 % for paying early in the first year, 10,000 yuan at least."""
    for product in Product:
        LendingTerm.objects.get_or_create(
            product=product,
            valid_from=LONG_AGO,
            defaults={"early_fee": 1, "early_fee_months": 12, "least_part": 10_000},
        )
    LoanRate.objects.get_or_create(
        series=Series.LPR_5Y, valid_from=LONG_AGO, defaults={"percent": Decimal("3.5")}
    )


def loan(borrower: Person, **changes: object) -> Loan:
    """120,000 yuan at 4.2 % for a year, paid out on 20 August and repaid on the 20th."""
    lending_terms()
    terms: dict[str, object] = {
        "product": Product.HOME,
        "principal": Decimal(120_000),
        "method": "annuity",
        "months": 12,
        "repay_day": 20,
        "pays_from": borrower.account,
        "percent": Decimal("4.2"),
        "at": datetime(2026, 8, 20, 10, 0, tzinfo=SHANGHAI),
    }
    number = f"7557{next(_numbers):010d}88"
    return lend(borrower.customer, number=number, **{**terms, **changes})  # type: ignore[arg-type]
