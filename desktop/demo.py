"""鹏城商业银行: the bank that `manage.py demo` builds, whole and the same for the same seed.

Passwords and PINs alone are random, each time anew; they are told once, to whoever runs it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction

from banking import demo as banking_demo
from banking import (
    demo_access,
    demo_atms,
    demo_bills,
    demo_deposits,
    demo_fraud,
    demo_information,
    demo_interbank,
    demo_loans,
    demo_settlement,
)
from calendars import days, hours
from calendars.models import OpeningHours
from complaints import demo as complaints_demo
from complaints import shipped as complaints_shipped
from kb import demo as kb_demo
from kb import demo_usage
from kb import shipped as kb_shipped
from people import staff
from people.models import Branch, User
from people.roles import Role
from quality import shipped as quality_shipped
from reporting import shipped as reporting_shipped
from routing import shipped as routing_shipped
from routing.models import Agent, AgentSkill, Skill
from telephony import shipped

Progress = Callable[[str], None]

BRANCHES = (
    ("000100", "客户服务中心", "福田区", "深南大道 6008 号", "0755-96120200"),
    ("000200", "结算中心", "福田区", "深南大道 6008 号", "0755-83880200"),
    ("001001", "营业部", "罗湖区", "深南东路 1099 号", "0755-25198001"),
    ("001002", "福田支行", "福田区", "福华一路 88 号", "0755-25198002"),
    ("001003", "南山支行", "南山区", "南海大道 2061 号", "0755-25198003"),
    ("001004", "罗湖支行", "罗湖区", "人民南路 3012 号", "0755-25198004"),
    ("001005", "宝安支行", "宝安区", "创业一路 1028 号", "0755-25198005"),
    ("001006", "盐田支行", "盐田区", "海山路 21 号", "0755-25198006"),
)

# The source centre's thirteen agents and back office, its five for settlement; then the two
# from outside whom a centre can't be run without: who configures it and who audits it.
STAFF = (
    ("1001", "王丽", "000100", (Role.SUPERVISOR, Role.PLANNER)),
    ("1002", "何静", "000100", (Role.BACK_OFFICE, Role.COMPLAINT_HANDLER)),
    ("1003", "李娜", "000100", (Role.MENU_OWNER, Role.KB_EDITOR)),
    ("1004", "张敏", "000100", (Role.QC, Role.KB_REVIEWER, Role.TRAINER)),
    ("1005", "黄志强", "000100", (Role.MARKETER, Role.BACK_OFFICE)),
    ("1009", "冯雪", "000100", (Role.AGENT,)),
    ("1011", "陈晨", "000100", (Role.AGENT,)),
    ("1012", "赵雷", "000100", (Role.AGENT,)),
    ("1015", "孙洁", "000100", (Role.AGENT,)),
    ("1016", "吴昊", "000100", (Role.AGENT,)),
    ("1021", "田甜", "000100", (Role.AGENT,)),
    ("1023", "林晓", "000100", (Role.AGENT,)),
    ("1107", "周敏", "000100", (Role.AGENT,)),
    ("2001", "徐芳", "000200", (Role.SETTLEMENT_MAKER,)),
    ("2002", "马超", "000200", (Role.SETTLEMENT_MAKER,)),
    ("2003", "朱琳", "000200", (Role.SETTLEMENT_MAKER,)),
    ("2004", "胡军", "000200", (Role.SETTLEMENT_CHECKER,)),
    ("2005", "高洁", "000200", (Role.SETTLEMENT_CHECKER,)),
    ("9001", "罗文", "000100", (Role.ADMINISTRATOR,)),
    ("9002", "邓颖", "000100", (Role.AUDITOR,)),
)

# What who takes calls knows, and how well (1…9). Everybody knows the general matters.
SKILLS: dict[str, dict[str, int]] = {
    "1001": {"general": 3, "complaint": 9, "english": 3},  # the supervisor, where need is
    "1009": {"general": 9, "card": 6, "loan": 3},
    "1011": {"general": 7, "ebank": 9, "corporate": 6},
    "1012": {"general": 5, "card": 9},
    "1015": {"general": 6, "english": 9, "card": 4},
    "1016": {"general": 4, "loan": 9, "corporate": 8, "cantonese": 6},
    "1021": {"general": 8, "complaint": 7, "cantonese": 9},
    "1023": {"general": 9, "card": 7, "ebank": 5},
    "1107": {"general": 6, "loan": 6, "english": 5},
}


@dataclass(frozen=True)
class Login:
    """A log-in of the demo, in clear for the one who runs it."""

    number: str
    name: str
    roles: str
    password: str


@dataclass(frozen=True)
class Demo:
    """What was made that nobody could know otherwise."""

    logins: tuple[Login, ...]
    cards: tuple[banking_demo.DemoCard, ...]


def exists() -> bool:
    """Whether the demo bank is there already."""
    return User.objects.filter(username=STAFF[0][0]).exists()


def build(*, seed: int, at: datetime, progress: Progress) -> Demo:
    """The whole bank. It must not be there yet."""
    progress("branches and staff")
    logins = _people(joined=at - timedelta(days=365))
    progress("holidays and the telephone bank's menu")
    for year in (at.year, at.year + 1):
        if days.is_published(year):
            days.seed_year(year)
    hours.set_weekly(
        "branches",
        "网点",
        {key: [(time(9), time(17))] for key in range(5)},
        on_holidays=OpeningHours.OnHolidays.CLOSED,
    )
    shipped.install(at=at)
    routing_shipped.install(at=at)
    complaints_shipped.install()
    quality_shipped.install(at=at)
    reporting_shipped.install(at=at)
    demo_atms.build(seed, at)
    demo_interbank.terms()
    demo_settlement.terms()
    demo_information.build(at)
    _agents()
    cards = banking_demo.build(seed, at, progress)
    progress("deposits")
    demo_bills.build(seed, at)
    demo_deposits.build(seed, at)
    progress("loans")
    demo_loans.build(seed, at)
    demo_fraud.build(seed, at)
    demo_access.build(at)
    demo_interbank.payees(seed, at)
    progress("knowledge")
    kb_demo.build(seed, at)
    kb_shipped.install(at=at - demo_usage.SINCE, owner=_with(Role.KB_EDITOR)[0])
    complaints_demo.build(seed, at)
    demo_usage.build(
        seed,
        at,
        demo_usage.Desk(
            agents=_with(Role.AGENT),
            editor=_with(Role.KB_EDITOR)[0],
            reviewer=_with(Role.KB_REVIEWER)[0],
            office=_with(Role.BACK_OFFICE)[0],
        ),
    )
    progress("the settlement desk")
    demo_settlement.build(
        seed,
        at,
        makers=_with(Role.SETTLEMENT_MAKER),
        checkers=_with(Role.SETTLEMENT_CHECKER),
        office=_with(Role.BACK_OFFICE)[0],
    )
    return Demo(logins, cards)


def _with(role: Role) -> list[User]:
    return list(User.objects.filter(groups__name=role.value).order_by("username"))


@transaction.atomic
def _people(*, joined: datetime) -> tuple[Login, ...]:
    branches = {}
    for code, name, district, address, phone in BRANCHES:
        branches[code] = Branch.objects.create(
            code=code, name=name, district=district, address=address, phone=phone
        )
    logins = []
    for number, name, branch, roles in STAFF:
        user = staff.hire(
            number=number, name=name, branch=branches[branch], roles=roles, joined=joined
        )
        password = staff.issue_password(user)
        user.must_change_password = False  # it is a demo: whoever reads the file may look around
        user.save(update_fields=["must_change_password"])
        shown = "、".join(str(role.label) for role in roles)
        logins.append(Login(number, name, shown, password))
    return tuple(logins)


@transaction.atomic
def _agents() -> None:
    """Who takes calls, with what each knows."""
    skills = {skill.slug: skill for skill in Skill.objects.all()}
    for user in User.objects.filter(username__in=SKILLS):
        agent = Agent.objects.create(user=user)
        AgentSkill.objects.bulk_create(
            AgentSkill(agent=agent, skill=skills[slug], level=level)
            for slug, level in SKILLS[user.username].items()
        )
