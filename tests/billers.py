"""Billers of the stories, with contracts that owe."""

from datetime import date
from decimal import Decimal

from banking.models import Bill, Biller, BillerContract

WATER, POWER, GAS, CABLE = "20260001", "4403001234", "88000123", "75500017"
EMBEDDED, FILED = (
    "banking.billers.embedded.EmbeddedBiller",
    "banking.billers.filed.FiledBiller",
)


def biller(code: str, kind: str, **changes: object) -> Biller:
    names = {
        "phone": "鹏城移动",
        "water": "鹏城水务",
        "electricity": "鹏城供电",
        "gas": "鹏城燃气",
        "cable": "鹏城有线",
    }
    return Biller.objects.create(**{"code": code, "kind": kind, "name": names[kind], **changes})


def contract(of: Biller, number: str, *bills: object, **changes: object) -> BillerContract:
    """With one bill a month, the oldest first."""
    made = BillerContract.objects.create(biller=of, number=number, holder="王芳", **changes)
    for month, amount in enumerate(bills, start=8):
        Bill.objects.create(contract=made, period=date(2026, month, 1), amount=Decimal(str(amount)))
    return made


def all_kinds() -> dict[str, Biller]:
    """One a kind: water takes parts, the cable's goes by file, a mobile is topped up."""
    made = {
        "phone": biller(
            "MOBILE",
            "phone",
            least_digits=11,
            most_digits=11,
            prefixes=["138", "139"],
            top_ups=[30, 50, 100, 200, 300],
        ),
        "water": biller("WATER", "water", part_allowed=True),
        "electricity": biller("POWER", "electricity", least_digits=10, most_digits=10),
        "gas": biller("GAS", "gas"),
        "cable": biller("CABLE", "cable", interface=FILED),
    }
    contract(made["water"], WATER, "62.40", "71.35")
    contract(made["electricity"], POWER, "180.00")
    contract(made["gas"], GAS, "55.20")
    contract(made["cable"], CABLE, "28.00")
    return made
