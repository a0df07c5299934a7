"""Complaints of the last weeks, each as far as its age: taken down by agents, run by the desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from banking.models import Customer
from complaints import cases, handling
from complaints.handling import Matter
from complaints.models import Category, Complaint
from people.models import Branch, User
from telephony.models import Call, Number


@dataclass(frozen=True, slots=True)
class Tale:
    """What was complained of, and what came of it."""

    days_ago: int
    words: str
    codes: tuple[str, str, str]  # channel, business, reason
    branch: str
    answer: str = ""
    told: bool = False
    complex_: bool = False


TALES = (
    Tale(13, "在网点排队两小时，只开了一个窗口，柜员态度生硬。", ("A01", "B01", "C01"), "001002",
         "已核实当日叫号记录，增开弹性窗口，柜员致电道歉。", told=True),
    Tale(12, "自助设备存款后卡钞，三天没有人联系我。", ("A02", "B03", "C02"), "001003",
         "清机核对长款 2,000 元，已于次日入账，并致歉。"),
    Tale(9, "短信通知费没有告知就开始收取。", ("A06", "B03", "C06"), "001005"),
    Tale(5, "提前还款预约等了一个月，客户经理一直说在排队。", ("A01", "B02", "C03"), "001004",
         complex_=True),
    Tale(2, "理财产品到期没有提醒，资金一直没有计息。", ("A05", "B07", "C05"), "001001"),
    Tale(0, "转账没有到账，电话里说法前后不一致。", ("A04", "B04", "C01"), ""),
)  # fmt: skip


def build(seed: int, at: datetime) -> None:
    """Needs branches, staff and customers, and the clocks in force."""
    dice = Random(seed)  # noqa: S311  # the same each time
    agent, desk, other = (User.objects.get(username=n) for n in ("1021", "1002", "1001"))
    customers = dice.sample(list(Customer.objects.order_by("pk")[:60]), len(TALES))
    for tale, customer in zip(TALES, customers, strict=True):
        _tell(tale, customer, dice, agent=agent, desk=desk, other=other, at=at)


def _tell(
    tale: Tale,
    customer: Customer,
    dice: Random,
    *,
    agent: User,
    desk: User,
    other: User,
    at: datetime,
) -> None:
    began = at - timedelta(days=tale.days_ago, hours=dice.randint(1, 3))
    call = _call(customer, dice, began)
    taken = cases.told_an_agent(
        call.pk,
        tale.words,
        key=UUID(int=dice.getrandbits(128)),
        by=agent,
        at=began + timedelta(minutes=4),
    )
    if not tale.branch:
        return
    matter = Matter(*(Category.objects.get(code=code) for code in tale.codes))
    grade = Complaint.Grade.COMPLEX if tale.complex_ else Complaint.Grade.ORDINARY
    handling.grade(taken.id, matter, grade=grade, by=desk, at=began + timedelta(minutes=40))
    branch = Branch.objects.get(code=tale.branch)
    handling.assign(taken.id, branch, by=desk, at=began + timedelta(minutes=50))
    if not tale.answer:
        return
    handling.reply(taken.id, tale.answer, by=desk, at=began + timedelta(days=2))
    if tale.told:
        handling.approve(taken.id, by=other, at=began + timedelta(days=2, hours=1))
        words = "电话答复，客户表示接受，已告知核查、调解、仲裁和诉讼途径。"
        handling.told(taken.id, words, by=desk, at=began + timedelta(days=2, hours=2))


def _call(customer: Customer, dice: Random, began: datetime) -> Call:
    number = Number.objects.first()
    return Call.objects.create(
        uuid=UUID(int=dice.getrandbits(128)),
        node="demo",
        number=number,
        dialled=number.number if number else "",
        caller=customer.mobile,
        is_test=True,
        started_at=began,
        taken_at=began,
        ended_at=began + timedelta(minutes=5),
        end_cause="NORMAL_CLEARING",
        ended_by=Call.EndedBy.CALLER,
        outcome=Call.Outcome.AGENT,
        customer=customer,
    )
