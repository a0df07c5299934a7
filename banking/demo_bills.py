"""The demo bank's billers, what its customers owe them, and some bills paid yesterday and today."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from banking import bill_days, bill_files, bills, instructions, orders
from banking.billers import embedded
from banking.errors import BankingError
from banking.models import Account, Bill, Biller, BillerContract, Customer, FeeTier
from banking.models.orders import Channel, Instruction
from banking.requests import BillPayment

SINCE = date(2024, 1, 1)
FILED = "banking.billers.filed.FiledBiller"
TOP_UPS = [30, 50, 100, 200, 300]
# code → (name, kind, digits, what differs)
BILLERS: dict[str, tuple[str, str, int, dict[str, object]]] = {
    "CMCC": ("鹏城移动", "phone", 11, {"prefixes": ["138", "139", "150"], "top_ups": TOP_UPS}),
    "UNICOM": ("鹏城联通", "phone", 11, {"prefixes": ["186", "130"], "top_ups": TOP_UPS}),
    "TELECOM": (
        "鹏城电信",
        "phone",
        11,
        {"prefixes": ["189", "133", "0755"], "top_ups": TOP_UPS, "most_digits": 12},
    ),
    "WATER": ("鹏城水务集团", "water", 9, {"part_allowed": True}),
    "POWER": ("鹏城供电局", "electricity", 10, {}),
    "GAS": ("鹏城燃气集团", "gas", 8, {}),
    "CABLE": ("鹏城有线电视", "cable", 8, {"interface": FILED}),
}
OWE = {"WATER": (30, 160), "POWER": (60, 480), "GAS": (20, 120), "CABLE": (28, 29)}
CUSTOMERS = 60  # of the demo's customers have contracts with all four
MONTHS = 2  # of bills
PAID = 14  # bills that were paid on each of two days


def build(seed: int, at: datetime) -> None:
    """The same billers and bills for the same seed. Customers and their accounts must be there."""
    dice = Random(seed)  # noqa: S311  # it is to be the same each time
    billers = {code: _biller(code, *how) for code, how in BILLERS.items()}
    FeeTier.objects.get_or_create(
        kind=Instruction.Kind.BILL, channel=Channel.PHONE, valid_from=SINCE, above=0
    )
    customers = list(Customer.objects.order_by("number")[:CUSTOMERS])
    contracts = [
        _contract(dice, billers[code], serial, customer, at)
        for code in OWE
        for serial, customer in enumerate(customers, start=1)
    ]
    for contract, answer in zip(contracts[10::47], BillerContract.Answer, strict=False):
        contract.answer = answer
        contract.save(update_fields=["answer"])
    yesterday = at - timedelta(days=1)
    payers = [customer for customer in customers if not customer.is_test]
    for day in (yesterday, at):
        for number in range(PAID):
            code = list(OWE)[number % len(OWE)]
            customer = payers[dice.randrange(len(payers))]
            _pay(billers[code], customers.index(customer) + 1, customer, day, dice)
    bills.resolve_open(at=at)
    for biller, past in bill_files.due(at=at):
        bill_files.write(biller, past, at=at)
    bill_days.reconcile_due(at=at)


def _biller(code: str, name: str, kind: str, digits: int, more: dict[str, object]) -> Biller:
    how = {"least_digits": digits, "most_digits": digits, **more}
    return Biller.objects.create(code=code, name=name, kind=kind, **how)


def _number(biller: Biller, serial: int) -> str:
    return f"{biller.pk:02d}{serial:0{biller.least_digits - 2}d}"


def _contract(
    dice: Random, biller: Biller, serial: int, customer: Customer, at: datetime
) -> BillerContract:
    contract = BillerContract.objects.create(
        biller=biller, number=_number(biller, serial), holder=customer.name
    )
    least, most = OWE[biller.code]
    first = (at.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    for month in range(MONTHS):
        period = (first - timedelta(days=31 * month)).replace(day=1)
        yuan = Decimal(dice.randrange(least * 100, most * 100)) / 100
        Bill.objects.create(contract=contract, period=period, amount=yuan)
    return contract


def _pay(biller: Biller, serial: int, customer: Customer, at: datetime, dice: Random) -> None:
    """One bill paid by telephone, as a caller does; who lacks the money or owes nothing doesn't."""
    number = _number(biller, serial)
    owed = embedded.owed(biller, number)
    account = Account.objects.filter(customer=customer, kind=Account.Kind.DEMAND).first()
    if owed is None or account is None:
        return
    key = UUID(int=dice.getrandbits(128), version=4)
    request = BillPayment(
        payer_id=account.pk, amount=owed.amount, biller=biller.code, contract=number
    )
    try:
        orders.draft(key=key, request=request, channel=Channel.PHONE, at=at)
    except BankingError:
        return
    instructions.confirm(key=key, at=at)
    orders.execute(key=key, at=at)
    instructions.told(key=key, at=at)
