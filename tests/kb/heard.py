"""Calls in which something was heard, and orders at a fee, made for the stories of a correction."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from banking import instructions, orders
from banking.models import ExternalPayee, FeeTier, Instruction, TransferLimit
from banking.models.orders import Channel
from banking.pricing import Schedule
from banking.requests import InterbankTransfer
from calendars.clock import bank_day
from telephony.models import Call, Step
from tests import cast

DAY, SECOND, TICK = timedelta(days=1), timedelta(seconds=1), timedelta(microseconds=1)
MORNING = cast.NOON.replace(hour=0)  # of the day on which the fee stands wrong
EVENING = MORNING + DAY  # the first moment of the day after
CALLER = "13800136027"


def wrong_fee(since: datetime = MORNING, until: datetime = EVENING, *, vip: str = "") -> Schedule:
    """20 yuan for an interbank transfer by telephone, where 2 would have been right."""
    place = {"kind": "interbank", "channel": Channel.PHONE, "vip": vip}
    FeeTier.objects.create(**place, valid_from=bank_day(since), flat=20)
    FeeTier.objects.create(**place, valid_from=bank_day(until), flat=2)
    return Schedule("interbank", "phone", vip, bank_day(since))


def online(*schedules: tuple[date, int]) -> None:
    """Internet banking takes orders, at these fees since these days."""
    TransferLimit.objects.create(
        channel=Channel.ONLINE, valid_from=cast.LONG_AGO, single=50_000, daily=100_000
    )
    for day, flat in schedules:
        FeeTier.objects.create(kind="interbank", channel=Channel.ONLINE, valid_from=day, flat=flat)


def a_call(
    who: cast.Person | None = None,
    *,
    at: datetime = cast.NOON,
    caller: str = CALLER,
    is_test: bool = False,
    language: str = "zh",
) -> Call:
    return Call.objects.create(
        uuid=uuid4(),
        node="node1",
        dialled="961202",
        caller=caller,
        is_test=is_test,
        started_at=at,
        taken_at=at,
        ended_at=at + timedelta(minutes=3),
        customer=who.customer if who else None,
        language=language,
        language_chosen=True,
    )


def hears(
    call: Call, prompt: str, text: str = "手续费二十元。", *, at: datetime, heard_s: str = "3.0"
) -> Step:
    return Step.objects.create(
        call=call,
        seq=call.steps.count() + 1,
        at=at,
        kind=Step.Kind.HEARD,
        prompt=prompt,
        text=text,
        heard_s=Decimal(heard_s),
        menu_node="transfer",
    )


def asks(
    who: cast.Person,
    call: Call | None,
    *,
    at: datetime,
    amount: int = 1000,
    channel: Channel = Channel.PHONE,
    speed: str = "ordinary",
    read_back: bool = True,
) -> Instruction:
    """She asks to pay another bank; what she hears of it is written where there is a call."""
    payee = ExternalPayee.objects.filter(customer=who.customer).first()
    payee = payee or cast.payee_elsewhere(who)
    order = orders.draft(
        key=uuid4(),
        request=InterbankTransfer(
            payer_id=who.account.pk, payee_id=payee.pk, amount=Decimal(amount), speed=speed
        ),
        channel=channel,
        call_ref=str(call.uuid) if call else "",
        at=at,
    )
    if call and read_back:
        later = "_later" if order.due_at else ""
        hears(call, f"interbank.readback{later}", at=at + SECOND)
    return order


def pays(order: Instruction, *, at: datetime) -> Instruction:
    """She says yes, and it is carried out."""
    instructions.confirm(key=order.key, at=at)
    return orders.execute(key=order.key, at=at)
