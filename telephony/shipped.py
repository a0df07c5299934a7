"""The menu that ships: domain.md §1, whole. What isn't built yet isn't offered; keys stay."""

from datetime import datetime

from telephony import menus
from telephony.models import Menu, MenuVersion, Number

# slug → (title, log-in first, key → (title, slug or flow))
TREE = {
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
        {"1": ("余额", "balance"), "2": ("明细", "last-transactions")},
    ),
    "transfer": (
        "转账汇款",
        True,
        {
            "1": ("行内转账", "in-bank-transfer"),
            "2": ("同城跨行", "interbank-transfer"),
            "3": ("异地汇款", "remittance"),
            "4": ("查询与撤销", "transfer-enquiry"),
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
        },
    ),
    "complaints": (
        "投诉与挂失",
        False,
        {"1": ("投诉与建议", "complaint"), "2": ("紧急挂失", "loss-report")},
    ),
}
NUMBERS = ("961202", "25198888")


def install(*, at: datetime) -> MenuVersion:
    """The shipped menu as version 1, published, and the two numbers; once."""
    menu, made = Menu.objects.get_or_create(slug="main", defaults={"name": "主菜单"})
    if not made:
        return MenuVersion.objects.get(menu=menu, state=MenuVersion.State.PUBLISHED)
    version = menus.publish(menus.draft(menu, TREE).pk, by=None, at=at)
    for number in NUMBERS:
        Number.objects.create(number=number, menu=menu, greeting=f"welcome.{number}")
    return version
