"""Transfers to other banks: what is refused, what is debited, and what goes with the debit."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from banking import banks, demo_interbank, instructions, ledger, orders
from banking.errors import (
    AccountFrozen,
    AmountInvalid,
    BankCodeInvalid,
    DailyLimitExceeded,
    InsufficientFunds,
    NoClearing,
    PayeeAlready,
    PayeeElsewhere,
    PayeeNumberInvalid,
    PayeeUnregistered,
    Voided,
)
from banking.models import (
    Account,
    Bank,
    ExternalPayee,
    FeeTier,
    Instruction,
    Journal,
    LargeValueHours,
    SettlementOrder,
    SmallValueBatch,
    TransferLimit,
)
from banking.models.customers import Vip
from banking.models.ledger import Internal
from banking.models.orders import Channel, State
from banking.numbers import is_bank_code
from banking.requests import InBankTransfer, InterbankTransfer, Remittance, Request
from tests import cast
from tests.banking.together import together
from tests.cast import IN_BEIJING, IN_THE_CITY, NOON, UNLISTED, Person

pytestmark = pytest.mark.django_db(transaction=True)

TOMORROW = NOON + timedelta(days=1)


@pytest.fixture
def wang() -> Person:
    return cast.wang(opening=100_000)


@pytest.fixture
def here(wang) -> ExternalPayee:
    """赵云鹏, at another bank in the city."""
    return cast.payee_elsewhere(wang)


@pytest.fixture
def there(wang) -> ExternalPayee:
    """The same, in Beijing."""
    return cast.payee_elsewhere(wang, bank_code=IN_BEIJING)


def interbank(wang: Person, payee: ExternalPayee, amount: int | str = 1500) -> InterbankTransfer:
    return InterbankTransfer(payer_id=wang.account.pk, payee_id=payee.pk, amount=Decimal(amount))


def remittance(
    wang: Person, payee: ExternalPayee, amount: int | str = 1500, speed: str = "now"
) -> Remittance:
    return Remittance(
        payer_id=wang.account.pk,
        payee_id=payee.pk,
        amount=Decimal(amount),
        speed=speed,  # type: ignore[arg-type]
    )


def confirmed(request: Request, at: datetime = NOON) -> UUID:
    key = uuid4()
    orders.draft(key=key, request=request, channel=Channel.PHONE, at=at)
    instructions.confirm(key=key, at=at)
    return key


def done(request: Request, at: datetime = NOON) -> Instruction:
    return orders.execute(key=confirmed(request, at), at=at)


def balance(person: Person) -> Decimal:
    return Account.objects.get(pk=person.account.pk).balance


# -- payees --------------------------------------------------------------------------------------


def test_a_payees_number_is_sealed(here):
    row = ExternalPayee.objects.values().get()
    assert row["last4"] == "6789"
    assert b"6225880100046789" not in bytes(row["number_box"])


def test_a_payee_is_registered_once_and_again_after_it_ended(wang, here):
    with pytest.raises(PayeeAlready):
        cast.payee_elsewhere(wang)
    banks.end(here.pk, on=NOON.date())
    assert banks.end(here.pk, on=TOMORROW.date()).ended_on == NOON.date()
    assert cast.payee_elsewhere(wang).pk != here.pk


def test_two_clerks_register_one_payee_once(wang):
    outcomes = together(*[lambda: cast.payee_elsewhere(wang)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "ExternalPayee",
        "PayeeAlready",
    ]


def test_what_is_no_payee_elsewhere(wang):
    for code in ("308584000012", "30858400001", cast.OUR_BANK):
        with pytest.raises(BankCodeInvalid):
            cast.payee_elsewhere(wang, bank_code=code)
    for number in ("1234567", "62258801000467xx", "9" * 33):
        with pytest.raises(PayeeNumberInvalid):
            cast.payee_elsewhere(wang, number=number)


def test_a_code_that_the_directory_lacks_may_be_registered(wang):
    assert cast.payee_elsewhere(wang, bank_code=UNLISTED).city_code == "1000"


def test_a_bank_that_ended_is_in_the_directory_no_more(wang):
    assert banks.bank_of(IN_BEIJING)
    assert banks.bank_of(UNLISTED) is None
    Bank.objects.filter(code=IN_BEIJING).update(ended_on=NOON.date())
    assert banks.bank_of(IN_BEIJING) is None


# -- the debit -----------------------------------------------------------------------------------


def test_same_city_is_debited_at_once_for_the_next_session(wang, here):
    order = done(interbank(wang, here))
    assert balance(wang) == 100_000 - 1502
    assert ledger.internal_balance(Internal.CLEARING) == 1500
    assert ledger.internal_balance(Internal.FEES) == 2
    assert order.journal.kind == Journal.Kind.OUTWARD
    fee = Journal.objects.get(kind=Journal.Kind.FEE)
    assert fee.part_of == order.journal

    settling = SettlementOrder.objects.get()
    assert settling.instruction == order
    assert (settling.state, settling.hands) == ("debited", "")
    assert (settling.system, settling.session) == ("city_exchange", "20261124-2")
    assert settling.cut_off_at == NOON.replace(hour=15)
    assert (settling.bank_code, settling.payee_last4, settling.source) == (
        IN_THE_CITY,
        "6789",
        "phone",
    )


def test_same_city_the_next_day_waits_for_its_debit_and_that_days_session(wang, here):
    request = replace(interbank(wang, here), speed="next_day")
    order = done(request)
    midnight = NOON.replace(hour=0) + timedelta(days=1)
    assert (order.state, order.due_at) == (State.SCHEDULED, midnight)
    assert (balance(wang), SettlementOrder.objects.count()) == (100_000, 0)
    orders.execute_due(at=midnight)
    settling = SettlementOrder.objects.get()
    assert (settling.system, settling.session) == ("city_exchange", "20261125-1")
    assert balance(wang) == 100_000 - 1502


def test_the_speed_is_a_part_of_what_was_asked(wang, here):
    asked = interbank(wang, here)
    assert asked.content() != replace(asked, speed="next_day").content()


@pytest.mark.parametrize(
    ("amount", "speed", "hour", "system"),
    [
        (1500, "now", 12, "large_value"),
        (1500, "now", 18, "small_value"),
        (45_000, "now", 18, "small_value"),
    ],
)
def test_another_city_by_amount_and_hour(wang, there, amount, speed, hour, system):
    at = NOON.replace(hour=hour)
    done(remittance(wang, there, amount, speed), at)
    assert SettlementOrder.objects.get().system == system


def test_what_is_read_back(wang, there):
    key = uuid4()
    order = orders.draft(key=key, request=remittance(wang, there), channel=Channel.PHONE, at=NOON)
    assert (order.payee_id, order.payee_tail, order.fee) == (None, "6789", 5)
    assert order.details["arrives"] == NOON.replace(minute=30).isoformat()
    assert "赵云鹏" not in str(order.details)


@pytest.mark.parametrize(
    ("code", "amount", "why"),
    [
        (UNLISTED, 100, "branch"),
        (IN_BEIJING, "30000.00", ""),
        (IN_BEIJING, "30000.01", "amount"),
    ],
)
def test_what_can_not_go_straight_through_waits_for_a_clerk(wang, code, amount, why):
    payee = cast.payee_elsewhere(wang, bank_code=code, number="62220200")
    done(remittance(wang, payee, amount))
    settling = SettlementOrder.objects.get()
    assert (settling.hands, settling.state) == (why, "to_claim" if why else "debited")


def test_a_vips_order_comes_first():
    private = cast.person("林立新", vip=Vip.PRIVATE)
    done(interbank(private, cast.payee_elsewhere(private)))
    ordinary = cast.wang()
    done(interbank(ordinary, cast.payee_elsewhere(ordinary)))
    first, second = SettlementOrder.objects.order_by("-priority")
    assert first.instruction.customer == private.customer
    assert first.priority > second.priority


# -- refused -------------------------------------------------------------------------------------


def refused(error: type[Exception], request: Request) -> None:
    with pytest.raises(error):
        orders.draft(key=uuid4(), request=request, channel=Channel.PHONE, at=NOON)
    assert not Instruction.objects.exists()


def test_only_her_own_registered_payees(wang, here):
    stranger = cast.chen(opening=5000)
    refused(PayeeUnregistered, interbank(stranger, here))
    banks.end(here.pk, on=NOON.date())
    refused(PayeeUnregistered, interbank(wang, here))


def test_each_service_has_its_city(wang, here, there):
    refused(PayeeElsewhere, interbank(wang, there))
    refused(PayeeElsewhere, remittance(wang, here))


def test_amount_money_and_limit(wang, here):
    refused(AmountInvalid, interbank(wang, here, "0.001"))
    poor = cast.chen(opening=1501)
    payee = cast.payee_elsewhere(poor)
    refused(InsufficientFunds, interbank(poor, payee, 1500))  # the fee counts
    TransferLimit.objects.create(
        customer=wang.customer, channel="phone", valid_from=NOON.date(), single=1000, daily=1000
    )
    done(interbank(wang, here, 600))
    with pytest.raises(DailyLimitExceeded):
        confirmed(interbank(wang, here, 401))
    done(interbank(wang, here, 400))


def test_where_nothing_takes_the_amount(wang, there):
    SmallValueBatch.objects.update(cap=1000)
    LargeValueHours.objects.all().delete()
    refused(NoClearing, remittance(wang, there, 1001))


def test_a_payee_who_ended_after_the_yes_is_not_paid(wang, here):
    key = confirmed(interbank(wang, here))
    banks.end(here.pk, on=NOON.date())
    with pytest.raises(PayeeUnregistered):
        orders.execute(key=key, at=NOON)
    with pytest.raises(PayeeUnregistered):  # the same answer ever after
        orders.execute(key=key, at=TOMORROW)
    assert balance(wang) == 100_000
    assert not SettlementOrder.objects.exists()


def test_a_frozen_account_pays_nobody(wang, here):
    key = confirmed(interbank(wang, here))
    Account.objects.filter(pk=wang.account.pk).update(status="frozen")
    with pytest.raises(AccountFrozen):
        orders.execute(key=key, at=NOON)


def test_two_workers_debit_it_once(wang, here):
    key = confirmed(interbank(wang, here))
    one, two = together(*[lambda: orders.execute(key=key, at=NOON)] * 2)
    assert one.receipt == two.receipt
    assert SettlementOrder.objects.count() == 1
    assert balance(wang) == 100_000 - 1502


# -- fees ----------------------------------------------------------------------------------------


def test_a_level_with_a_schedule_of_its_own_pays_by_that():
    FeeTier.objects.bulk_create(
        FeeTier(kind="interbank", channel="phone", valid_from=day, vip=vip, flat=flat)
        for vip, day, flat in (
            ("gold", cast.LONG_AGO, 1),
            ("gold", NOON.date(), 0),
            ("", NOON.date(), 8),  # newer for all, and not for her
        )
    )
    fee = {}
    for vip in (Vip.ORDINARY, Vip.GOLD, Vip.PRIVATE):
        customer = cast.person("客户", vip=vip)
        fee[vip] = done(interbank(customer, cast.payee_elsewhere(customer))).fee
    assert fee == {Vip.ORDINARY: 8, Vip.GOLD: 0, Vip.PRIVATE: 8}


# -- later ---------------------------------------------------------------------------------------


def test_the_next_day_is_debited_then_and_counts_then(wang, there):
    evening = NOON.replace(hour=23, minute=59, second=59)
    order = done(remittance(wang, there, 50_000, "next_day"), evening)
    assert (order.state, balance(wang)) == (State.SCHEDULED, 100_000)
    midnight = evening + timedelta(seconds=1)
    assert order.due_at == midnight
    done(remittance(wang, there, 40_000), evening)  # today's limit is all there still

    assert orders.execute_due(at=evening) == (0, 0)
    assert orders.execute_due(at=midnight) == (1, 0)
    order.refresh_from_db()
    assert str(order.booked_on) == "2026-11-25"
    assert order.journal.number == order.receipt
    assert SettlementOrder.objects.get(instruction=order).session == "20261125-1"
    assert orders.execute_due(at=midnight) == (0, 0)


def test_in_two_hours(wang):
    payee = cast.chen()
    request = InBankTransfer(
        payer_id=wang.account.pk,
        payee_id=payee.account.pk,
        amount=Decimal(300),
        speed="ordinary",
    )
    order = done(request)
    assert order.due_at == NOON + timedelta(hours=2)
    assert orders.execute_due(at=order.due_at - timedelta(seconds=1)) == (0, 0)
    assert orders.execute_due(at=order.due_at) == (1, 0)
    assert balance(payee) == payee.opening + 300


def test_withdrawn_before_it_is_debited(wang, there):
    order = done(remittance(wang, there, speed="next_day"))
    instructions.void(key=order.key, at=NOON)
    assert orders.execute_due(at=TOMORROW) == (0, 0)
    with pytest.raises(Voided):
        orders.execute(key=order.key, at=TOMORROW)
    assert balance(wang) == 100_000


def test_one_withdrawn_while_the_due_ones_run_holds_up_nobody(wang, there, monkeypatch):
    first, second = (done(remittance(wang, there, n, "next_day")) for n in (100, 200))
    found = orders.due(TOMORROW)
    assert set(found) == {first.key, second.key}
    instructions.void(key=found[0], at=NOON)
    monkeypatch.setattr(orders, "due", lambda at: found)
    assert orders.execute_due(at=TOMORROW) == (1, 0)


def test_a_due_order_without_money_is_refused_and_the_others_go_on(wang, there):
    done(remittance(wang, there, 30_000, "next_day"))
    done(remittance(wang, there, 20_000, "next_day"))
    done(remittance(wang, there, 50_000))
    assert orders.execute_due(at=TOMORROW) == (1, 1)
    refused_one = Instruction.objects.get(state=State.REFUSED)
    assert refused_one.refusal == "InsufficientFunds"
    assert refused_one.receipt  # the number that she was told stays


def test_two_workers_on_one_due_order(wang, there):
    done(remittance(wang, there, speed="next_day"))
    together(*[lambda: orders.execute_due(at=TOMORROW)] * 2)
    assert Journal.objects.filter(kind=Journal.Kind.OUTWARD).count() == 1
    assert SettlementOrder.objects.count() == 1


def test_control_without_the_lock_only_the_constraint_saves_a_due_order(wang, there, monkeypatch):
    monkeypatch.setattr(
        instructions,
        "_LOCK_ALL",
        instructions._LOCK_ALL.replace("FOR NO KEY UPDATE OF o, c, a", ""),
    )
    from banking.interbank import carry_out
    from tests.banking.together import Meeting

    meeting = Meeting(patience_s=30)
    order = done(remittance(wang, there, speed="next_day"))

    def both_read(*args: object, **kwargs: object) -> None:
        meeting.wait()
        carry_out(*args, **kwargs)  # type: ignore[arg-type]

    operation = orders.operations.of("remittance")
    changed = type(operation)(operation.request, operation.terms, both_read)
    monkeypatch.setitem(orders.operations._operations, operation.kind, changed)
    outcomes = together(*[lambda: orders.execute(key=order.key, at=TOMORROW)] * 2)
    assert meeting.met
    assert "IntegrityError" in [type(outcome).__name__ for outcome in outcomes]


# -- the guards of a settlement order ------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 1},
        {"state": "succeeded"},  # from debited: it was never sent
        {"state": "sent"},  # without when
        {"state": "returned"},  # without the payer's money
        {"state": "in_hand", "claimed_by": None},
    ],
)
def test_nobody_bends_an_order(wang, here, change):
    done(interbank(wang, here))
    with pytest.raises(DatabaseError), transaction.atomic():
        SettlementOrder.objects.update(**change)
    assert SettlementOrder.objects.get().state == "debited"


def test_who_made_it_does_not_check_it(wang, here):
    from people import staff
    from people.roles import Role

    clerk = staff.hire(number="1", name="一人", branch=None, roles=[Role.SETTLEMENT_MAKER])
    done(interbank(wang, here))
    with pytest.raises(IntegrityError, match="checker_is_another"), transaction.atomic():
        SettlementOrder.objects.update(maker=clerk, checker=clerk)
    SettlementOrder.objects.update(maker=clerk)  # alone it is no harm


def test_secrets_of_the_payee_are_not_in_the_order(wang, here):
    done(interbank(wang, here))
    assert b"6225880100046789" not in bytes(SettlementOrder.objects.get().payee_box)


# -- the demo bank -------------------------------------------------------------------------------


def test_the_demo_bank_can_send_money_everywhere():
    demo_interbank.terms()
    assert all(is_bank_code(bank.code) for bank in Bank.objects.all())
    customer = cast.person("王芳", opening=20_000)
    demo_interbank.payees(7, NOON)
    here, there = customer.customer.external_payees.order_by("id")
    assert done(interbank(customer, here, 2000)).fee == 1  # half of what the counter takes
    assert done(remittance(customer, there, "5000.01")).fee == 5
    assert set(SettlementOrder.objects.values_list("hands", flat=True)) == {""}
