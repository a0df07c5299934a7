"""Three hundred customers of a plausible city bank, and half a year of their money.

The same seed gives the same people and the same books; PINs are random each time. Everything
passes the ledger's own laws: no trigger is off, no balance is written.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from banking import customers, ledger, pins, sql
from banking.errors import PinWeak
from banking.models import (
    Account,
    Card,
    Customer,
    FeeTier,
    Journal,
    LossTerm,
    TransferLimit,
)
from banking.models.customers import Language, Purpose, Vip
from banking.models.ledger import Internal
from banking.models.orders import Channel, Instruction
from banking.numbers import id_check_digit, luhn_digit
from banking.secret import Secret
from calendars.clock import SHANGHAI
from people.models import Branch

Progress = Callable[[str], None]

CUSTOMERS = 300
HISTORY_DAYS = 183
BATCH = 1000  # journals a transaction
BIN = "622202"  # issuer's digits of the demo cards

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘"
GIVEN = (
    *"伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚",
    *(
        "秀英",
        "桂英",
        "建华",
        "建国",
        "志强",
        "小红",
        "海燕",
        "文静",
        "晓东",
        "嘉怡",
        "子轩",
        "雨桐",
    ),
    *(
        "梓涵",
        "浩然",
        "思远",
        "国庆",
        "玉兰",
        "春梅",
        "淑珍",
        "俊杰",
        "慧敏",
        "立新",
        "永康",
        "雪梅",
    ),
)
AREAS = ("440304", "440305", "440303", "440306", "440307", "430102", "420106", "360102")
PREFIXES = ("138", "139", "186", "189", "150")
SHOPS = (
    *("天虹商场", "沃尔玛", "华润万家", "地铁充值"),
    *("中石化加油", "京东商城", "美团外卖", "滴滴出行"),
)

# Known to whoever runs the demo: flagged as test customers, served by the test phone.
TEST_CUSTOMERS = (
    ("王芳", date(1988, 3, 12), Vip.GOLD, Decimal(12_406)),
    ("李建国", date(1958, 7, 1), Vip.ORDINARY, Decimal(3_580)),
    ("陈慧敏", date(1979, 11, 23), Vip.PLATINUM, Decimal(268_000)),
    ("周子轩", date(2001, 5, 30), Vip.ORDINARY, Decimal(860)),
    ("林立新", date(1966, 9, 9), Vip.PRIVATE, Decimal(1_905_000)),
)


@dataclass(frozen=True)
class DemoCard:
    """A test customer's card and PINs, in clear for the one who runs the demo."""

    name: str
    pan: str
    id_number: str
    query_pin: str
    transaction_pin: str


@dataclass(frozen=True)
class Movement:
    """Money that moves in the plan: `amount` yuan from `payer` to `payee` (account ids)."""

    at: datetime
    kind: Journal.Kind
    payer: int
    payee: int
    amount: Decimal
    summary: str


def build(seed: int, at: datetime, progress: Progress) -> tuple[DemoCard, ...]:
    """The whole demo bank up to `at`. Returns what nobody could know otherwise."""
    chance = Random(seed)  # noqa: S311  # it is to be the same each time
    terms()
    progress(f"{CUSTOMERS} customers, their cards, accounts and payees")
    people = _people(chance, at)
    progress("half a year of salaries, purchases and transfers")
    written = 0
    for batch in _batches(_movements(chance, at)):
        _post(batch)
        written += len(batch)
        progress(f"{written} journals")
    return tuple(_with_pins(person, at) for person in people)


def callers(count: int, at: datetime) -> tuple[DemoCard, ...]:
    """Ordinary customers of the demo bank who phone it, each with new PINs.

    Their numbers are known from how `build` made them: nothing is unsealed for it.
    """
    first = len(TEST_CUSTOMERS) + 1
    serials = {f"01{serial:08d}": serial for serial in range(first, first + count)}
    found = Customer.objects.filter(number__in=serials).order_by("number")
    return tuple(
        _with_pins(_Person(customer, customer.cards.get(), _pan(serials[customer.number]), ""), at)
        for customer in found
    )


def terms() -> None:
    """Limits, fees and terms as the bank publishes them."""
    since = date(2024, 1, 1)
    TransferLimit.objects.get_or_create(
        customer=None,
        channel=Channel.PHONE,
        valid_from=since,
        # Above 50,000 a day wants more than a password (domain.md §1, PBOC 2016).
        defaults={"single": Decimal(50_000), "daily": Decimal(50_000)},
    )
    FeeTier.objects.get_or_create(
        kind=Instruction.Kind.TRANSFER, channel=Channel.PHONE, valid_from=since, above=0
    )
    for instrument in LossTerm.Instrument:
        LossTerm.objects.get_or_create(
            instrument=instrument, valid_from=since, defaults={"days": 5}
        )


# -- people ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Person:
    customer: Customer
    card: Card
    pan: str
    id_number: str


def _people(chance: Random, at: datetime) -> list[_Person]:
    """All customers; the test customers are returned."""
    branches = list(Branch.objects.exclude(district="").order_by("code"))
    known = []
    for serial in range(1, CUSTOMERS + 1):
        test = TEST_CUSTOMERS[serial - 1] if serial <= len(TEST_CUSTOMERS) else None
        name = test[0] if test else _name(chance)
        born = test[1] if test else _born(chance, at)
        vip = test[2] if test else _vip(chance)
        person = _person(chance, serial, name, born, vip, branches, at, is_test=bool(test))
        if test:
            known.append(person)
            account = Account.objects.get(card=person.card)
            opened = datetime.combine(account.opened_on, time(10, 30), SHANGHAI)
            customers.deposit(account.pk, test[3], at=opened, summary="开户存款")
    _payees(chance, at)
    return known


def _person(
    chance: Random,
    serial: int,
    name: str,
    born: date,
    vip: Vip,
    branches: list[Branch],
    at: datetime,
    *,
    is_test: bool,
) -> _Person:
    body = f"{chance.choice(AREAS)}{born:%Y%m%d}{serial:03d}"
    id_number = body + id_check_digit(body)
    customer = customers.register(
        number=f"01{serial:08d}",
        name=name,
        id_number=Secret(id_number),
        mobile=f"{chance.choice(PREFIXES)}{serial:04d}{chance.randrange(10_000):04d}",
        vip=vip,
        language=Language.ENGLISH if chance.random() < 0.02 else Language.MANDARIN,
        is_test=is_test,
    )
    first_day = at.date() - timedelta(days=HISTORY_DAYS)
    opened = first_day - timedelta(days=chance.randrange(30, 3000))
    branch = chance.choice(branches) if branches else None
    pan = _pan(serial)
    card = customers.issue_card(customer, Secret(pan), on=opened)
    customers.open_account(
        customer, number=f"7557{serial:06d}01", on=opened, branch=branch, card=card
    )
    if chance.random() < 0.25:
        customers.open_account(
            customer,
            number=f"7557{serial:06d}02",
            on=opened,
            branch=branch,
            passbook=f"ZB{serial:06d}",
            nickname="存折",
        )
    return _Person(customer, card, pan, id_number)


def _pan(serial: int) -> str:
    body = f"{BIN}4000{serial:05d}"
    return body + luhn_digit(body)


def _payees(chance: Random, at: datetime) -> None:
    accounts = list(Account.objects.filter(card__isnull=False).select_related("customer"))
    for account in accounts:
        for other in chance.sample(accounts, chance.choice((0, 0, 1, 2, 3))):
            if other.customer_id != account.customer_id and account.customer and other.customer:
                on = at.date() - timedelta(days=chance.randrange(10, 400))
                customers.register_payee(account.customer, other, name=other.customer.name, on=on)


def _with_pins(person: _Person, at: datetime) -> DemoCard:
    pair = []
    for purpose in (Purpose.QUERY, Purpose.TRANSACTION):
        while True:
            pin = f"{secrets.randbelow(1_000_000):06d}"
            try:
                pins.set_pin(person.card.pk, Secret(pin), purpose, at=at)
            except PinWeak:
                continue
            pair.append(pin)
            break
    return DemoCard(person.customer.name, person.pan, person.id_number, *pair)


def _name(chance: Random) -> str:
    return f"{chance.choice(SURNAMES)}{chance.choice(GIVEN)}"


def _born(chance: Random, at: datetime) -> date:
    age = min(86, max(18, round(chance.gauss(44, 15))))
    return date(at.year - age, 1, 1) + timedelta(days=chance.randrange(365))


def _vip(chance: Random) -> Vip:
    return chance.choices(list(Vip), weights=[82, 12, 5, 1])[0]


# -- money -----------------------------------------------------------------------------------


def _movements(chance: Random, at: datetime) -> Iterator[Movement]:
    """Day by day, in order of time; nobody spends what she does not have."""
    cash, cards = ledger.internal(Internal.CASH), ledger.internal(Internal.CARDS)
    accounts = list(Account.objects.filter(kind=Account.Kind.DEMAND).order_by("id"))
    has = {account.pk: account.balance for account in accounts}
    earns = {
        account.pk: Decimal(chance.randrange(45, 260)) * 100
        for account in accounts
        if account.card_id and chance.random() < 0.7
    }
    first = at.date() - timedelta(days=HISTORY_DAYS)
    for passed in range(HISTORY_DAYS):
        day = _Day(chance, first + timedelta(days=passed), cash, cards)
        planned: list[Movement] = []
        for account in accounts:
            if passed == 0 and not has[account.pk]:
                planned.append(day.deposit(account.pk))
            if day.date.day == 15 and account.pk in earns:
                planned.append(day.salary(account.pk, earns[account.pk]))
            planned += day.spending(account, accounts)
        for movement in sorted(planned, key=lambda m: m.at):
            if movement.payer in has:
                if has[movement.payer] - movement.amount < 10:
                    continue
                has[movement.payer] -= movement.amount
            if movement.payee in has:
                has[movement.payee] += movement.amount
            yield movement


@dataclass(frozen=True)
class _Day:
    """What may happen on one day; `cash` and `cards` are the bank's own accounts."""

    chance: Random
    date: date
    cash: int
    cards: int

    def deposit(self, account: int) -> Movement:
        paid_in = self._yuan(500, 40_000)
        return self._move(Journal.Kind.DEPOSIT, self.cash, account, paid_in, "现金存入")

    def salary(self, account: int, amount: Decimal) -> Movement:
        return self._move(Journal.Kind.SALARY, self.cards, account, amount, "代发工资")

    def spending(self, account: Account, accounts: list[Account]) -> Iterator[Movement]:
        """A purchase every six days, a withdrawal in fifty, a transfer in seventy."""
        kinds, chance, payer = Journal.Kind, self.chance, account.pk
        if chance.random() < 0.16 and account.card_id:
            shop = chance.choice(SHOPS)
            yield self._move(kinds.PURCHASE, payer, self.cards, self._yuan(8, 900), shop)
        if chance.random() < 0.02:
            drawn = Decimal(chance.randrange(1, 30)) * 100
            yield self._move(kinds.WITHDRAWAL, payer, self.cash, drawn, "柜员机取款")
        if chance.random() < 0.015 and (payee := chance.choice(accounts).pk) != payer:
            yield self._move(kinds.TRANSFER, payer, payee, self._yuan(50, 5_000), "行内转账")

    def _move(
        self, kind: Journal.Kind, payer: int, payee: int, amount: Decimal, summary: str
    ) -> Movement:
        opening = datetime.combine(self.date, time(8), SHANGHAI)
        at = opening + timedelta(seconds=self.chance.randrange(14 * 3600))
        return Movement(at, kind, payer, payee, amount, summary)

    def _yuan(self, least: int, most: int) -> Decimal:
        return Decimal(self.chance.randrange(least * 100, most * 100)) / 100


def _batches(movements: Iterator[Movement]) -> Iterator[list[Movement]]:
    batch: list[Movement] = []
    for movement in movements:
        batch.append(movement)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


_LEGS = """
    INSERT INTO banking_posting (journal_id, account_id, amount)
    SELECT journal_id, account_id, leg.amount
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[])
        WITH ORDINALITY AS m (journal_id, payer, payee, amount, n),
    LATERAL (VALUES (m.payer, -m.amount), (m.payee, m.amount)) AS leg (account_id, amount)
    ORDER BY n
"""


@transaction.atomic(durable=True)
def _post(batch: list[Movement]) -> None:
    """A batch of journals with their postings, in order."""
    journals = Journal.objects.bulk_create(
        Journal(kind=m.kind, at=m.at, booked_on=m.at.date(), summary=m.summary) for m in batch
    )
    legs = [[j.pk for j in journals], [m.payer for m in batch], [m.payee for m in batch]]
    sql.do(_LEGS, [*legs, [m.amount for m in batch]])
