"""What ships: the menu of domain.md §1, whole, and the wrap-up codes.

A service that isn't built yet isn't offered; keys stay.
"""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from calendars.clock import SHANGHAI
from telephony import menus, publishing
from telephony.models import Menu, MenuVersion, Number, WrapUpCode
from telephony.shipped_titles import ENGLISH

# slug → (title, log-in first, key → (title, slug or flow))
TREE: dict[str, tuple[str, bool, dict[str, tuple[str, str]]]] = {
    "root": (
        "主菜单",
        False,
        {
            "1": ("个人业务", "personal"),
            "2": ("公司业务", "corporate"),
            "3": ("信用卡", "credit-card"),
            "4": ("利率、汇率、网点", "information"),
            "5": ("投诉与挂失", "complaints"),
        },
    ),
    "personal": (
        "个人业务",
        True,
        {
            "1": ("余额与明细", "accounts"),
            "2": ("转账汇款", "transfer"),
            "3": ("缴费", "bills"),
            "4": ("存款与贷款", "deposits"),
            "5": ("挂失、密码与设置", "settings"),
        },
    ),
    "accounts": (
        "余额与明细",
        True,
        {
            "1": ("余额", "balance"),
            "2": ("最近明细", "last-transactions"),
            "3": ("按日期查明细", "transactions-by-date"),
            "4": ("对账单", "statement"),
            "5": ("账户设置", "account-settings"),
        },
    ),
    "account-settings": (
        "账户设置",
        True,
        {"1": ("账户别名", "account-nickname"), "2": ("默认账户", "default-account")},
    ),
    "transfer": (
        "转账汇款",
        True,
        {
            "1": ("行内转账", "in-bank-transfer"),
            "2": ("同城跨行", "interbank-transfer"),
            "3": ("异地汇款", "remittance"),
            "4": ("查询与撤销", "transfer-enquiry"),
            "5": ("本人账户互转", "own-transfer"),
        },
    ),
    "bills": (
        "缴费",
        True,
        {
            "1": ("电话与手机充值", "bill-phone"),
            "2": ("水费", "bill-water"),
            "3": ("电费", "bill-electricity"),
            "4": ("煤气费", "bill-gas"),
            "5": ("有线电视费", "bill-cable"),
        },
    ),
    "deposits": (
        "存款与贷款",
        True,
        {
            "1": ("整存整取、零存整取、存本取息", "time-deposits"),
            "2": ("通知存款", "notice-deposits"),
            "3": ("转回活期", "deposit-redeem"),
            "4": ("贷款", "loans"),
            "5": ("我的存款", "deposit-enquiry"),
        },
    ),
    "time-deposits": (
        "定期存款",
        True,
        {
            "1": ("整存整取", "deposit-time"),
            "2": ("零存整取", "deposit-instalment"),
            "3": ("存本取息", "deposit-drawing"),
            "4": ("零存整取续存", "pay-instalment"),
        },
    ),
    "notice-deposits": (
        "通知存款",
        True,
        {
            "1": ("存入", "deposit-notice"),
            "2": ("支取通知", "notice-register"),
            "3": ("取消通知", "notice-cancel"),
            "4": ("修改通知", "notice-change"),
        },
    ),
    "loans": (
        "贷款",
        True,
        {
            "1": ("贷款余额", "loan-balance"),
            "2": ("下期还款", "loan-next"),
            "3": ("逾期金额", "loan-overdue"),
            "4": ("还款", "loan-repay"),
            "5": ("提前结清", "loan-settle"),
        },
    ),
    "settings": (
        "挂失、密码与设置",
        True,
        {
            "1": ("挂失", "loss-report"),
            "2": ("修改查询密码", "change-query-password"),
            "3": ("修改交易密码", "change-transaction-password"),
            "4": ("设置转账限额", "lower-limits"),
            "5": ("停用电话支付", "stop-phone-debits"),
        },
    ),
    "corporate": (
        "公司业务",
        False,
        {"1": ("公司账户咨询", "agent-corporate")},
    ),
    "credit-card": (
        "信用卡",
        False,
        {"1": ("信用卡挂失", "loss-report"), "2": ("信用卡人工服务", "agent-card")},
    ),
    "information": (
        "利率、汇率、网点",
        False,
        {
            "1": ("存款利率", "deposit-rates"),
            "2": ("贷款利率", "loan-rates"),
            "3": ("外汇牌价", "exchange-rates"),
            "4": ("网点与自助设备", "branches"),
            "5": ("产品与公告", "notices"),
        },
    ),
    "notices": (
        "产品与公告",
        False,
        {"1": ("产品介绍", "products"), "2": ("公告", "announcements")},
    ),
    "complaints": (
        "投诉与挂失",
        False,
        {
            "1": ("投诉与建议", "complaint"),
            "2": ("紧急挂失", "loss-report"),
            "3": ("核实银行来电", "verify-call"),
            "4": ("紧急停用电话支付", "stop-phone-debits"),
            "5": ("密码解锁", "unlock-request"),
        },
    ),
}
# slug → the queue that 0 leads to from there, while it is open; elsewhere the general one
QUEUES = {
    "corporate": "corporate",
    "credit-card": "card",
    "loans": "loan",
    "complaints": "complaint",
}
NUMBERS = ("961202", "25198888")
_NOON, _NIGHT = (datetime(2026, 11, 24, hour, tzinfo=SHANGHAI) for hour in (12, 23))
_GREETED = ("say welcome.961202", "say menu.language.1", "say menu.language.3")
_ROOT = (*_GREETED, "menu root", "say menu.hint")
# What each version must pass, until the bank says otherwise.
CALLS = (
    menus.PlannedCall(
        "两键查余额",
        "961202",
        _NOON,
        "1 1 {card}# {pin}# 1 1",
        (
            *(*_ROOT, "say identify.card", "say identify.pin", "menu personal", "menu accounts"),
            *("say balance.same", "say balance.next", "end caller"),
        ),
    ),
    menus.PlannedCall(  # no fee and no limit: every bank's journal is the same
        "本人账户互转记账",
        "961202",
        _NOON,
        "1 1 {card}# {pin}# 2 5 1 1000# 1 {transaction_pin}#",
        (
            *(*_ROOT, "say identify.card", "say identify.pin", "menu personal", "menu transfer"),
            *("say transfer.payer", "say choose.account", "say choose.account"),
            *("say transfer.amount", "say own.readback", "say confirm.ask", "say order.pin"),
            *("say own.done", "say order.receipt", "say order.receipt_again", "menu transfer"),
            *("end caller", "journal transfer card -1000.00 second +1000.00"),
        ),
    ),
    menus.PlannedCall(
        "三次密码错误挂机",
        "961202",
        _NOON,
        "1 1 {card}# 111111# 111111# 111111#",
        (
            *(*_ROOT, "say identify.card", "say identify.pin"),
            *("say identify.pin_wrong", "say identify.pin") * 2,
            *("say identify.hangup", "end bank"),
        ),
    ),
    menus.PlannedCall(
        "信用卡按 0 到专席",
        "961202",
        _NOON,
        "1 3 0",
        (
            *_ROOT,
            "menu credit-card",
            "queue card",
            "say agent.transfer",
            "say agent.next",
            "say agent.wait_short",
            "say agent.wait_hint",
            "end caller",
        ),
    ),
)
SLUG = "main"


def install(*, at: datetime) -> MenuVersion:
    """The shipped menu as version 1, published, the two numbers and the codes; once."""
    install_codes()
    menu, made = Menu.objects.get_or_create(
        slug=SLUG, defaults={"name": "主菜单", "name_en": "Main menu"}
    )
    if not made:
        return menus.published(menu)
    version = publishing.put_into_service(_draft(menu).pk, by=None, at=at)
    for number in NUMBERS:
        Number.objects.create(number=number, menu=menu, greeting=f"welcome.{number}")
    return version


def offer() -> MenuVersion | None:
    """A plan that changed since it was installed, as a draft: what callers hear is the bank's.

    None where there is no menu yet, or where this plan was offered before.
    """
    menu = Menu.objects.filter(slug=SLUG).first()
    if menu is None or menu.versions.filter(plan_digest=digest()).exists():
        return None
    return _draft(menu)


def digest() -> str:
    """Of the plan: another one for another tree, title, queue or saved call."""
    calls = [asdict(call) for call in CALLS]
    plan = json.dumps([TREE, ENGLISH, QUEUES, calls], ensure_ascii=False, default=str)
    return hashlib.sha256(plan.encode()).hexdigest()


def _draft(menu: Menu) -> MenuVersion:
    return menus.draft(
        menu, TREE, english=ENGLISH, queues=QUEUES, calls=CALLS, plan_digest=digest()
    )


# slug → (name, name in English, matters: slug → (name, name in English))
CODES: dict[str, tuple[str, str, dict[str, tuple[str, str]]]] = {
    "account": (
        "账户",
        "Accounts",
        {
            "account-balance": ("余额查询", "Balance"),
            "account-entries": ("明细查询", "Transactions"),
            "account-statement": ("对账单", "Statement"),
            "account-opening": ("开户销户", "Opening and closing"),
        },
    ),
    "transfer": (
        "转账汇款",
        "Transfers",
        {
            "transfer-made": ("转账办理", "Transfer made"),
            "transfer-enquiry": ("到账查询", "Where a transfer is"),
            "transfer-refused": ("转账未成", "Transfer refused"),
            "transfer-limit": ("限额", "Limits"),
            "transfer-payee": ("收款人登记", "Registering a payee"),
        },
    ),
    "card": (
        "银行卡",
        "Cards",
        {
            "card-loss": ("挂失", "Loss reported"),
            "card-found": ("解除挂失", "Loss report lifted"),
            "card-atm": ("自助设备吞卡", "Card kept by a machine"),
            "card-credit": ("信用卡", "Credit card"),
        },
    ),
    "phone-bank": (
        "电话银行",
        "Telephone banking",
        {
            "phone-bank-password": ("密码与锁定", "Password and lock"),
            "phone-bank-use": ("使用咨询", "How to use it"),
            "phone-bank-fault": ("系统故障", "Technical fault"),
        },
    ),
    "deposit-loan": (
        "存款与贷款",
        "Deposits and loans",
        {
            "deposit-rates": ("利率", "Rates"),
            "deposit-terms": ("存款", "Deposits"),
            "loan-terms": ("贷款", "Loans"),
        },
    ),
    "complaint": (
        "投诉与建议",
        "Complaints",
        {
            "complaint-service": ("服务", "Service"),
            "complaint-fees": ("收费", "Fees"),
            "complaint-praise": ("表扬建议", "Praise and suggestions"),
        },
    ),
    "other": (
        "其他",
        "Other",
        {
            "other-enquiry": ("一般咨询", "General enquiry"),
            "other-branch": ("网点与时间", "Branches and hours"),
            "other-wrong-number": ("误拨无声", "Wrong number or silence"),
        },
    ),
}


@transaction.atomic
def install_codes() -> None:
    """The wrap-up codes that ship: what is missing is made, what a bank has changed stays."""
    WrapUpCode.objects.bulk_create(
        (
            WrapUpCode(slug=slug, name=name, name_en=name_en, order=order)
            for order, (slug, (name, name_en, _matters)) in enumerate(CODES.items())
        ),
        ignore_conflicts=True,
    )
    subjects = {subject.slug: subject for subject in WrapUpCode.objects.filter(slug__in=CODES)}
    WrapUpCode.objects.bulk_create(
        (
            WrapUpCode(slug=slug, parent=subjects[above], name=name, name_en=name_en, order=order)
            for above, (_name, _name_en, matters) in CODES.items()
            for order, (slug, (name, name_en)) in enumerate(matters.items())
        ),
        ignore_conflicts=True,
    )
