"""The categories and clocks that a new bank starts with: rows to change.

Names after the axes of JR/T 0169-2018 (domain.md §7); the codes are ours. Clocks:
银行业保险业消费投诉处理管理办法 (2020 No. 3) Art. 20; the rest are our defaults.
"""

from datetime import date

from django.db import transaction

from complaints.models import Category, ClockRule

# axis: code → (name, name in English)
CATEGORIES: dict[str, dict[str, tuple[str, str]]] = {
    "channel": {
        "A01": ("营业现场", "Branch counter"),
        "A02": ("自助机具", "Self-service machine"),
        "A03": ("网上银行", "Internet banking"),
        "A04": ("电话银行", "Telephone banking"),
        "A05": ("移动客户端", "Mobile app"),
        "A06": ("短信", "Text messages"),
        "A07": ("第三方渠道", "Third party"),
        "A08": ("中后台", "Middle and back office"),
        "A09": ("其他渠道", "Other channel"),
    },
    "business": {
        "B01": ("人民币储蓄", "Savings"),
        "B02": ("贷款", "Loans"),
        "B03": ("银行卡", "Bank cards"),
        "B04": ("支付结算", "Payments and settlement"),
        "B05": ("人民币管理", "Cash"),
        "B06": ("个人金融信息", "Personal financial data"),
        "B07": ("其他业务", "Other business"),
    },
    "reason": {
        "C01": ("服务态度及质量", "Attitude and quality of service"),
        "C02": ("服务设施、设备及系统", "Facilities, machines and systems"),
        "C03": ("制度流程", "Rules and procedures"),
        "C04": ("营销方式", "Marketing"),
        "C05": ("信息披露", "Disclosure"),
        "C06": ("收费与定价", "Fees and pricing"),
        "C07": ("产品收益", "Returns of a product"),
        "C08": ("自主选择权", "Freedom of choice"),
        "C09": ("合同条款", "Terms of contract"),
        "C10": ("资金安全", "Safety of money"),
        "C11": ("信息安全", "Safety of data"),
        "C12": ("债务催收", "Debt collection"),
        "C13": ("其他原因", "Other reason"),
    },
}
IN_FORCE = date(2020, 3, 1)


@transaction.atomic
def install() -> None:
    """Make what is missing; what a bank has changed stays."""
    Category.objects.bulk_create(
        (
            Category(axis=axis, code=code, name=name, name_en=name_en)
            for axis, codes in CATEGORIES.items()
            for code, (name, name_en) in codes.items()
        ),
        ignore_conflicts=True,
    )
    if not ClockRule.objects.exists():
        ClockRule.objects.create(
            valid_from=IN_FORCE,
            acknowledge_days=1,
            reply_days=3,
            decide_days=15,
            complex_days=30,
            duplicate_days=30,
        )
