"""贷款 as the caller lives it, in both languages: what she hears, what she pays, and leaving."""

from datetime import date
from decimal import Decimal

import pytest

from banking import customers
from banking.models import Account, Instruction, Loan
from telephony.models import Call
from tests import cast
from tests.borrowers import night

pytestmark = pytest.mark.django_db(transaction=True)

EACH = Decimal("10228.96")
LOANS = "44"  # from the personal menu: 存款与贷款, 贷款


@pytest.fixture
def loan(wang) -> Loan:
    """Lent in August; September's instalment was debited, October's and November's were not."""
    loan = cast.loan(wang)
    night(9, 20)
    return loan


@pytest.fixture
def paid_up(loan) -> Loan:
    night(10, 20)
    night(11, 20)
    return loan


async def logs_in(phone, who: cast.Person, language: str) -> None:
    await phone.hears("menu.language.1")
    await phone.keys("1" if language == "zh" else "3")
    await phone.hears("menu.root.1")
    await phone.keys("1")
    await phone.hears("identify.card")
    await phone.keys(who.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(who.query_pin + "#")
    await phone.hears("menu.personal.2")


async def confirms(phone, who: cast.Person) -> None:
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("order.pin")
    await phone.keys(who.transaction_pin + "#")


def left(loan: Loan) -> Decimal:
    return -Account.objects.get(pk=loan.pk).balance


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_she_owes_and_when(dial, bank, wang, paid_up, language):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys(LOANS + "1")
    tail = paid_up.account.number[-4:]
    await phone.hears(
        "loan.balance",
        tail=tail,
        left=await bank.query(left, paid_up),
        percent=Decimal("4.2"),
        months=9,
    )
    await phone.hears("menu.loans.1")
    await phone.keys("2")
    line = await bank.query(paid_up.lines.get, number=4)
    await phone.hears(
        "loan.next",
        due=date(2026, 12, 20),
        amount=EACH,
        principal=line.principal,
        interest=line.interest,
        payer=wang.account_tail,
    )
    await phone.hears("menu.loans.1")
    await phone.keys("3")
    await phone.hears("loan.not_overdue", tail=tail)
    await phone.hears("menu.loans.1")
    await phone.hangs_up()
    await bank.settled()
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.SERVED


async def test_who_owes_nothing_hears_so(dial, bank, wang):
    phone = await dial()
    await phone.logs_in(wang)
    for key in "12345":
        await phone.keys((LOANS if key == "1" else "") + key)
        await phone.hears("loan.none")
        await phone.hears("menu.loans.1")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_she_pays_what_is_overdue(dial, bank, wang, loan, language):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys(LOANS + "3")
    owed = await bank.query(left, loan)
    # October's 10,228.96 for 35 days and November's for 4, at 6.3 %: 62.65 and 7.16.
    penalty, (tenth, eleventh) = Decimal("69.81"), await bank.query(lines, loan)
    await phone.hears(
        "loan.overdue",
        since=date(2026, 10, 20),
        amount=2 * EACH + penalty,
        principal=tenth.principal + eleventh.principal,
        interest=tenth.interest + eleventh.interest,
        penalty=penalty,
    )
    await phone.hears("menu.loans.4")
    await phone.keys("4")
    await phone.hears("loan.due", amount=2 * EACH + penalty)
    await phone.hears("loan.due_part")
    await phone.keys("1")
    await phone.hears(
        "repayment.readback",
        tail=loan.account.number[-4:],
        amount=2 * EACH + penalty,
        principal=tenth.principal + eleventh.principal,
        interest=tenth.interest + eleventh.interest + penalty,
        fee=Decimal("0.00"),
    )
    await confirms(phone, wang)
    rest = owed - tenth.principal - eleventh.principal
    await phone.hears("repayment.done", amount=2 * EACH + penalty, left=rest)
    order = await bank.query(Instruction.objects.get)
    await phone.hears("order.receipt_again", receipt=order.receipt)
    await phone.hears("menu.loans.1")
    await phone.keys("3")
    await phone.hears("loan.not_overdue", tail=loan.account.number[-4:])


def lines(loan: Loan) -> list:
    return list(loan.lines.filter(number__in=[2, 3]).order_by("number"))


async def test_she_pays_a_part_of_what_is_due(dial, bank, wang, loan):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys(LOANS + "4")
    await phone.hears("loan.due_part")
    await phone.keys("2")
    await phone.hears("loan.amount")
    await phone.keys("100#")
    # All of it interest and penalty: nothing is left for the principal.
    await phone.hears(
        "repayment.readback",
        tail=loan.account.number[-4:],
        amount=Decimal("100.00"),
        principal=Decimal("0.00"),
        interest=Decimal("100.00"),
        fee=Decimal("0.00"),
    )
    await confirms(phone, wang)
    await phone.hears("repayment.done", amount=Decimal("100.00"), left=await bank.query(left, loan))


@pytest.mark.parametrize(
    ("language", "key", "keeps"), [("zh", "1", "instalment"), ("en", "2", "term")]
)
async def test_she_pays_a_part_early(dial, bank, wang, paid_up, language, key, keeps):
    owed = await bank.query(left, paid_up)
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys(LOANS + "4")
    await phone.hears("loan.nothing_due_yet")
    await phone.hears("loan.part_amount")
    await phone.keys("20000#")
    await phone.hears("loan.keeps_term")
    await phone.keys(key)
    await phone.hears(
        "repayment.readback",
        tail=paid_up.account.number[-4:],
        amount=Decimal("20009.33"),
        principal=Decimal("20000.00"),
        interest=Decimal("9.33"),  # four days
        fee=Decimal("200.00"),
    )
    await confirms(phone, wang)
    await phone.hears("repayment.done", amount=Decimal("20009.33"), left=owed - 20_000)
    order = await bank.query(Instruction.objects.get)
    assert order.details["keeps"] == keeps


async def test_too_small_a_part(dial, bank, wang, paid_up):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys(LOANS + "4")
    await phone.hears("loan.part_amount")
    await phone.keys("500#")
    await phone.hears("loan.keeps_term")
    await phone.keys("1")
    await phone.hears("loan.part_too_small", least=Decimal("10000.00"))
    await phone.hears("menu.loans.1")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_she_settles_it(dial, bank, wang, paid_up, language):
    await bank.query(lambda: customers.deposit(wang.account.pk, Decimal(100_000), at=cast.NOON))
    owed = await bank.query(left, paid_up)
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys(LOANS + "5")
    await phone.hears("confirm.ask")
    order = await bank.query(Instruction.objects.get)
    assert order.details["what"] == "settle"
    assert order.details["principal"] == str(owed)
    await phone.keys("1")
    await phone.hears("order.pin")
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("repayment.done", amount=order.amount, left=Decimal("0.00"))
    await phone.hears("menu.loans.1")
    await phone.keys("1")
    await phone.hears("loan.none")


async def test_one_of_two_loans_out_of_one_of_two_accounts(dial, bank, wang, paid_up):
    def more():
        pocket = customers.open_account(wang.customer, number="755700009999", on=cast.LONG_AGO)
        customers.deposit(pocket.pk, Decimal(200), at=cast.NOON)
        return pocket, cast.loan(wang, pays_from=pocket)

    pocket, second = await bank.query(more)
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys(LOANS + "4")
    await phone.hears("loan.which")
    await phone.keys("2")
    await phone.hears("loan.due_part")
    await phone.keys("2")
    await phone.hears("loan.amount")
    await phone.keys("150#")
    await phone.hears("loan.payer")
    await phone.hears("choose.account", tail="9999", key=1)  # the account that pays it as a rule
    await phone.keys("1")
    await confirms(phone, wang)
    await phone.hears_of("order.receipt_again")
    assert (await bank.query(Instruction.objects.get)).payer_id == pocket.pk
    assert await bank.query(left, second) == 120_000


async def hang_up_points(phone, wang):
    await phone.logs_in(wang)
    await phone.keys(LOANS + "4")
    await phone.hears("loan.part_amount")
    yield "amount"
    await phone.keys("20000#")
    await phone.hears("loan.keeps_term")
    yield "keeps"
    await phone.keys("1")
    await phone.hears("confirm.ask")
    yield "question"
    await phone.keys("1")
    await phone.hears("order.pin")
    yield "password"


@pytest.mark.parametrize("point", ["amount", "keeps", "question", "password"])
async def test_who_hangs_up_before_the_password_has_paid_nothing(dial, bank, wang, paid_up, point):
    before = await bank.query(left, paid_up)
    phone = await dial()
    async for reached in hang_up_points(phone, wang):
        if reached == point:
            break
    await phone.hangs_up()
    await bank.settled()
    assert await bank.query(left, paid_up) == before
    states = await bank.query(lambda: list(Instruction.objects.values_list("state", flat=True)))
    assert states in ([], ["void"])


async def test_the_line_drops_before_the_receipt(dial, bank, wang, paid_up):
    phone = await dial()
    async for reached in hang_up_points(phone, wang):
        if reached == "password":
            break
    await phone.keys(wang.transaction_pin + "#")
    await phone.phone.hears("playing")
    await phone.hangs_up()
    await bank.settled()
    order = await bank.query(Instruction.objects.get)
    assert (order.state, order.told_at) == ("executed", None)

    again = await dial()
    await again.identifies(wang)
    await again.hears(
        "untold.repayment",
        tail=paid_up.account.number[-4:],
        amount=order.amount,
        receipt=order.receipt,
    )
    await again.hears("menu.personal.2")
