"""The demo bank's settlement desk: its rule, its internet bank's terms, some hours of work."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random
from uuid import UUID

from banking import banks, clearing_batches, clearing_files, instructions, orders, timetables, vault
from banking.clearing_files import Header, Result
from banking.errors import BankingError
from banking.intake import clients
from banking.models import (
    Account,
    Bank,
    DeskRule,
    ExternalPayee,
    FeeTier,
    SettlementOrder,
    TransferLimit,
)
from banking.models.orders import Channel, Instruction
from banking.numbers import bank_check_digit
from banking.requests import InterbankTransfer, Remittance, Request
from banking.secret import Secret
from banking.settlement_desk import balancing, checking, making, queue, suspending
from banking.settlement_desk.making import Keyed
from calendars.clock import bank_day
from people.models import User

SINCE = date(2024, 1, 1)
ORDERS = 44
SMALL = 19_000
LARGE = {1: 22_000, 4: 41_000, 7: 24_000, 13: 41_500, 19: 25_000, 22: 42_000}  # of which orders
BEFORE = timedelta(minutes=40)  # the first of them, before now
REMARKS = ("货款", "房租", "学费", "工程款", "还款", "")
NAMES = ("赵云鹏", "孙丽华", "钱建平", "吴志远", "郑晓燕", "冯国强")
DOUBTS = ("待客户确认户名", "收款行查询中")

State = SettlementOrder.State
Ending = Callable[[SettlementOrder, datetime], None]


def terms() -> None:
    """Keyed again above 20,000 yuan, two checks above 40,000; what internet banking may send."""
    DeskRule.objects.create(
        valid_from=SINCE, lease_min=15, rekey_above=20_000, second_above=40_000, skew_s=300
    )
    TransferLimit.objects.create(
        channel=Channel.ONLINE, valid_from=SINCE, single=100_000, daily=200_000
    )
    for kind in (Instruction.Kind.INTERBANK, Instruction.Kind.REMITTANCE):
        FeeTier.objects.create(kind=kind, channel=Channel.ONLINE, valid_from=SINCE, flat=1)


def build(
    seed: int, at: datetime, *, makers: Sequence[User], checkers: Sequence[User], office: User
) -> None:
    """Orders in every state, by the services that make them so. The last came just now."""
    chance = Random(seed)  # noqa: S311  # it is to be the same each time
    clients.issue("网上银行", by=office, at=at)
    made = list(_orders(chance, at))
    _Desk(makers, checkers).work(made, at)
    _answer(at)
    balancing.draw_up(bank_day(at), at=at)


def _orders(chance: Random, at: datetime) -> Iterator[SettlementOrder]:
    """Of those with money, to banks near and far; one of them comes twice."""
    rich = Account.objects.filter(
        kind=Account.Kind.DEMAND, status=Account.Status.ACTIVE, balance__gte=3_000
    )
    payers = list(rich.select_related("customer").order_by("-balance", "id")[:24])
    found = list(Bank.objects.filter(is_own=False).order_by("code"))
    for number, payer in zip(range(ORDERS), cycle(payers), strict=False):
        when = at - BEFORE + number * BEFORE / ORDERS
        code = chance.choice(found).code if number % 3 else _unlisted(chance)
        payee = _payee(chance, payer, code, when)
        amount = Decimal(chance.randrange(80_000, min(int(payer.balance) // 3, SMALL) * 100)) / 100
        if number in LARGE:  # the fraud guard holds as much for whom she never paid
            _executed(_key(chance), _request(payer, payee, Decimal(200), ""), when - BEFORE)
            amount += LARGE[number]
        request = _request(payer, payee, amount, REMARKS[number % len(REMARKS)])
        for _ in range(2 if number == ORDERS - 5 else 1):
            if order := _executed(_key(chance), request, when):
                yield order


def _key(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _payee(chance: Random, payer: Account, code: str, at: datetime) -> ExternalPayee:
    assert payer.customer is not None
    return banks.named_online(
        payer.customer,
        bank_code=code,
        number=Secret(f"62{chance.randrange(10**14):014d}"),
        name=chance.choice(NAMES),
        on=bank_day(at) - timedelta(days=90),
    )


def _unlisted(chance: Random) -> str:
    """A branch that the directory does not know."""
    bank, city = chance.choice((102, 105, 308)), chance.choice((1000, 2900, 5810))
    body = f"{bank}{city}0{chance.randrange(100, 999)}"
    return body + bank_check_digit(body)


def _request(payer: Account, payee: ExternalPayee, amount: Decimal, remark: str) -> Request:
    if timetables.in_our_city(payee.bank_code):
        return InterbankTransfer(payer_id=payer.pk, payee_id=payee.pk, amount=amount, remark=remark)
    return Remittance(payer_id=payer.pk, payee_id=payee.pk, amount=amount, remark=remark)


def _executed(key: UUID, request: Request, at: datetime) -> SettlementOrder | None:
    """None where the bank's own rules are against it: fraud, limits, money."""
    try:
        orders.draft(key=key, request=request, channel=Channel.ONLINE, at=at)
        instructions.confirm(key=key, at=at)
        orders.execute(key=key, at=at)
    except BankingError:
        return None
    instructions.told(key=key, at=at)
    return SettlementOrder.objects.filter(instruction=key).first()


class _Desk:
    """The clerks in turn, each order by one and its check by another."""

    def __init__(self, makers: Sequence[User], checkers: Sequence[User]) -> None:
        self._makers, self._checkers = cycle(makers), cycle(checkers)

    def work(self, made: Sequence[SettlementOrder], at: datetime) -> None:
        """The older ones are done, the newer ones wait; the last has just been taken."""
        waiting = [order for order in made if order.state == State.TO_CLAIM]
        endings: tuple[Ending, ...] = (
            *([self._send] * 8),
            *(self._give_back, self._suspend, self._suspend, self._make, self._make),
            *(self._check_once, self._make, self._hold),
        )
        begun = at - timedelta(minutes=6)
        for order, ending in zip(waiting, endings, strict=False):
            begun += timedelta(seconds=17)
            ending(order, begun)

    def _take(self, order: SettlementOrder, at: datetime) -> User:
        clerk = next(self._makers)
        queue.claim(order.pk, clerk, at=at)
        return clerk

    def _hold(self, order: SettlementOrder, at: datetime) -> None:
        self._take(order, at)

    def _make(self, order: SettlementOrder, at: datetime) -> None:
        clerk, done = self._take(order, at), at + timedelta(seconds=9)
        number = vault.unseal(
            bytes(order.payee_box), order.payee_key_version, ExternalPayee.PURPOSE
        )
        code = order.bank_code
        if banks.bank_of(code) is None:
            code = _main_branch(code)
        ways = timetables.ways_to(code, order.amount, at=done)
        making.make(
            order.pk,
            clerk,
            bank_code=code,
            system=ways[0].system,
            postscript=order.remark,
            keyed=Keyed(number, order.amount),
            at=done,
        )

    def _check_once(self, order: SettlementOrder, at: datetime) -> None:
        self._make(order, at)
        clerk = next(self._checkers)
        queue.claim(order.pk, clerk, at=at + timedelta(seconds=10))
        checking.accept(order.pk, clerk, at=at + timedelta(seconds=14))

    def _send(self, order: SettlementOrder, at: datetime) -> None:
        self._check_once(order, at)
        order.refresh_from_db()
        if order.state == State.TO_CHECK:
            clerk = next(self._checkers)
            queue.claim(order.pk, clerk, at=at + timedelta(seconds=14))
            checking.accept(order.pk, clerk, at=at + timedelta(seconds=16))

    def _give_back(self, order: SettlementOrder, at: datetime) -> None:
        clerk = self._take(order, at)
        making.propose_return(
            order.pk, clerk, reason=SettlementOrder.Reason.WITHDRAWN, at=at + timedelta(seconds=5)
        )
        checker = next(self._checkers)
        queue.claim(order.pk, checker, at=at + timedelta(seconds=6))
        checking.accept(order.pk, checker, at=at + timedelta(seconds=9))

    def _suspend(self, order: SettlementOrder, at: datetime) -> None:
        clerk = self._take(order, at)
        words = DOUBTS[order.pk % len(DOUBTS)]
        suspending.suspend(order.pk, clerk, words=words, at=at + timedelta(seconds=11))


def _main_branch(code: str) -> str:
    """Of the same bank in the same city, the one that the directory has."""
    found = Bank.objects.filter(code__startswith=code[:7], ended_on=None).first()
    return (found or Bank.objects.filter(is_own=False).order_by("code")[0]).code


def _answer(at: datetime) -> None:
    """What is due leaves; half of it is paid at once, and one comes back."""
    clearing_batches.files_out(at=at)
    sent = list(
        SettlementOrder.objects.filter(state=State.SENT)
        .select_related("instruction")
        .order_by("id")
    )
    answered = sent[: len(sent) // 2]
    if not answered:
        return
    last = len(answered)
    items = [
        Result(line, order.instruction.receipt, order.amount, "RETURNED", "RJ01")
        if line == last
        else Result(line, order.instruction.receipt, order.amount, "PAID")
        for line, order in enumerate(answered, start=1)
    ]
    own = Bank.objects.get(is_own=True).code
    name = f"results-{bank_day(at):%Y%m%d}-01.csv"
    header = Header("RESULTS", name, own, answered[0].system, answered[0].session, at)
    clearing_batches.take_in(name, clearing_files.write(header, items), at=at)
