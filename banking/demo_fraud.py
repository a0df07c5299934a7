"""The demo bank's fraud guard: rules and a draft, a watch list, orders that wait, cases."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from django.db import transaction

from banking import bound, contacts, instructions, orders
from banking.contacts import Desk, Reason
from banking.errors import BankingError
from banking.fraud import cases, keeping, watching
from banking.fraud.keeping import Wording
from banking.fraud.rules import (
    Action,
    Age,
    Burst,
    CallerNumber,
    Habit,
    NewPayee,
    Night,
    Threshold,
    WatchList,
)
from banking.models import Account, CallerTerm, Customer
from banking.models.orders import Channel
from banking.numbers import luhn_digit
from banking.requests import InBankTransfer
from banking.secret import Secret
from people.models import User

SINCE = timedelta(days=60)
RULES: tuple[tuple[str, str, Threshold, Action, int], ...] = (
    ("watch-list", "关注名单", WatchList(), Action.REFUSE, 10),
    ("elder", "老年客户大额转账", Age(age=65, above=Decimal(20_000)), Action.AGENT, 20),
    ("new-payee-large", "新收款人大额", NewPayee(days=1, above=Decimal(20_000)), Action.HOLD, 30),
    ("burst", "短时多笔转账", Burst(minutes=30, orders=6), Action.HOLD, 31),
    (
        *("habit", "金额异于习惯"),
        Habit(times=Decimal(10), least=5, above=Decimal(5_000)),
        *(Action.HOLD, 32),
    ),
    (
        *("night", "夜间大额转账"),
        Night(starts=time(23), ends=time(6), above=Decimal(5_000)),
        *(Action.WARN, 40),
    ),
    ("new-payee", "新收款人", NewPayee(days=3, above=Decimal(5_000)), Action.WARN, 41),
    (
        *("withheld", "隐藏号码来电"),
        CallerNumber(strange=False, above=Decimal(2_000)),
        *(Action.WARN, 42),
    ),
)
WATCHED = (
    (watching.What.PHONE, "17012345678", "市反诈中心"),
    (watching.What.PHONE, "075500110011", "市反诈中心"),
    (watching.What.CARD, "62170000000012345", "公安机关协查"),
    (watching.What.ACCOUNT, "44201000052500012345", "人民银行风险提示"),
)
HELD = 3
CALLS = 60
BOUND = 0.6  # share of customers whose mobile is bound


def build(seed: int, at: datetime) -> None:
    """Customers, limits and staff must be there."""
    dice = Random(seed)  # noqa: S311  # it is to be the same each time
    drafter = User.objects.get(username="1002")
    checker = User.objects.get(username="1001")
    _terms(at)
    _rules(drafter, checker, at)
    _watched(drafter, at)
    people = list(Customer.objects.order_by("number"))
    _bound(dice, people, at)
    _called(dice, people, at)
    _cases(dice, people, checker, at)
    _held(dice, at)


def _terms(at: datetime) -> None:
    since = (at - SINCE).date()
    for what, value in ((CallerTerm.What.SENIOR, 60), (CallerTerm.What.CONTACTS, 7)):
        CallerTerm.objects.create(what=what, valid_from=since, value=value)


def _rules(drafter: User, checker: User, at: datetime) -> None:
    """In force for two months; of one a stricter version is drafted."""
    for code, title, threshold, action, priority in RULES:
        wording = Wording(
            title=title,
            threshold=threshold,
            action=action,
            priority=priority,
            valid_from=at - SINCE,
        )
        rule = keeping.draft(code, wording, by=drafter)
        with transaction.atomic():
            keeping.activate(rule.pk, seen=keeping.content(rule), by=checker, at=at - SINCE)
    stricter = Wording(
        title="夜间转账",
        threshold=Night(starts=time(22), ends=time(6), above=Decimal(1_000)),
        action=Action.HOLD,
        priority=40,
        valid_from=at + timedelta(days=7),
    )
    keeping.draft("night", stricter, by=drafter)


def _watched(drafter: User, at: datetime) -> None:
    for days, (what, number, source) in enumerate(WATCHED, start=3):
        whole = number + luhn_digit(number) if what == watching.What.CARD else number
        watching.add(what, Secret(whole), source=source, by=drafter, at=at - timedelta(days=days))


def _bound(dice: Random, people: list[Customer], at: datetime) -> None:
    for customer in people:
        if customer.is_test or dice.random() < BOUND:
            bound.bind(customer.pk, by=None, at=at - timedelta(days=dice.randrange(1, 900)))


def _called(dice: Random, people: list[Customer], at: datetime) -> None:
    """The bank's own calls of the last days."""
    matters = (
        (Desk.SERVICE, Reason.CALL_BACK),
        (Desk.RISK, Reason.VERIFY_ORDER),
        (Desk.COMPLAINTS, Reason.COMPLAINT),
        (Desk.LENDING, Reason.REPAYMENT),
        (Desk.RETAIL, Reason.OFFER),
        (Desk.SERVICE, Reason.SURVEY),
        (Desk.BRANCH, Reason.DOCUMENTS),
    )
    for _call in range(CALLS):
        desk, reason = dice.choice(matters)
        ago = timedelta(minutes=dice.randrange(30, 12 * 24 * 60))
        contacts.note(dice.choice(people).pk, desk=desk, reason=reason, at=at - ago)


def _cases(dice: Random, people: list[Customer], checker: User, at: datetime) -> None:
    """Two wait, one is settled."""
    for place, customer in enumerate(dice.sample(people, 3)):
        opened = at - timedelta(hours=4 * place + 1)
        case = cases.open_case(customer.pk, caller=customer.mobile, call_ref="", at=opened)
        if place == 2:
            cases.take(case.pk, by=checker, at=opened + timedelta(minutes=9))
            cases.close(
                case.pk,
                finding=cases.Finding.FRAUD,
                note="冒充客服退款，客户未转账，已提醒并保留停用电话支付。",
                by=checker,
                at=opened + timedelta(minutes=31),
            )


def _held(dice: Random, at: datetime) -> None:
    """Large sums to somebody new, by telephone: their money is set aside until two decide."""
    rich = list(Account.objects.filter(kind=Account.Kind.DEMAND, balance__gt=30_000)[:40])
    payees = list(Account.objects.filter(kind=Account.Kind.DEMAND, card__isnull=False)[:80])
    held = 0
    for account in rich:
        if held == HELD or account.customer is None or account.customer.is_test:
            continue
        payee = dice.choice([one for one in payees if one.customer_id != account.customer_id])
        then = at - timedelta(minutes=dice.randrange(20, 400))
        request = InBankTransfer(
            payer_id=account.pk,
            payee_id=payee.pk,
            amount=Decimal(dice.randrange(210, 290)) * 100,
        )
        key = UUID(int=dice.getrandbits(128), version=4)
        try:
            orders.draft(key=key, request=request, channel=Channel.PHONE, at=then)
        except BankingError:  # she is old enough to be led to a person
            continue
        instructions.confirm(key=key, at=then + timedelta(seconds=40))
        orders.execute(key=key, at=then + timedelta(seconds=41))
        held += 1
