"""A Tuesday morning at the bank, made through the services: what the home page shows."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from banking import instructions, orders
from banking.errors import InsufficientFunds
from banking.models.orders import Channel
from calendars.clock import SHANGHAI
from telephony import records
from telephony.deeds import Deed
from telephony.models import Call, Step
from telephony.records import Arrival
from tests import cast

TEN_PAST = datetime(2026, 11, 24, 10, 24, 36, tzinfo=SHANGHAI)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-24 {text}").replace(tzinfo=SHANGHAI)


def call(
    at: datetime,
    *deeds: str,
    who: cast.Person | None = None,
    is_test: bool = False,
    lasts_s: int | None = 95,
    caller: str = "13800001234",
) -> Call:
    """A call in which `deeds` were done; `lasts_s` None: it goes on."""
    arrival = Arrival(
        uuid=uuid4(), node="node1", dialled="961202", caller=caller, is_test=is_test, started_at=at
    )
    made = records.open_call(arrival, at=at)
    if who:
        records.identified(
            made.pk,
            customer_id=who.id,
            card_id=who.card.pk,
            card_tail=who.account_tail,
            until=at + timedelta(minutes=30),
            language="zh",
        )
    steps = [
        Step(call_id=made.pk, seq=seq, at=at, kind=Step.Kind.DID, deed=deed)
        for seq, deed in enumerate(deeds, start=1)
    ]
    records.write(steps, {})
    if lasts_s is not None:
        records.close_call(
            made.uuid, cause="NORMAL_CLEARING", by="caller", at=at + timedelta(seconds=lasts_s)
        )
    return made


def called_back(at: datetime, *, who: cast.Person, caller: str) -> None:
    """She wanted a person and left her number."""
    made = call(at, Deed.CALLBACK, who=who, caller=caller, lasts_s=None)
    records.request_callback(made.pk, phone=caller, at=at)
    records.close_call(
        made.uuid, cause="NORMAL_CLEARING", by="caller", at=at + timedelta(minutes=2)
    )


def transfer(
    payer: cast.Person, payee: cast.Person, amount: int | str, at: datetime, *, told: bool = True
) -> str:
    """Draft, confirm, execute, tell; the state it ends in."""
    key = uuid4()
    orders.draft(
        key=key,
        request=cast.transfer(payer, payee, Decimal(amount)),
        channel=Channel.PHONE,
        at=at,
    )
    instructions.confirm(key=key, at=at)
    order = orders.execute(key=key, at=at)
    if told:
        instructions.told(key=key, at=at + timedelta(seconds=20))
    return order.state


def refused(payer: cast.Person, payee: cast.Person, at: datetime) -> None:
    """Two orders were read back while there was money for one of them."""
    keys = [uuid4(), uuid4()]
    payer.account.refresh_from_db()
    amount = payer.account.available * Decimal("0.6")
    for key in keys:
        orders.draft(
            key=key,
            request=cast.transfer(payer, payee, amount.quantize(Decimal("0.01"))),
            channel=Channel.PHONE,
            at=at,
        )
        instructions.confirm(key=key, at=at)
    orders.execute(key=keys[0], at=at)
    instructions.told(key=keys[0], at=at)
    try:
        orders.execute(key=keys[1], at=at)
    except InsufficientFunds:
        instructions.told(key=keys[1], at=at)


def morning() -> None:
    """What had happened by 10:24."""
    wang, chen = cast.wang(is_test=False), cast.chen(is_test=False)
    liu = cast.old_liu(is_test=False, opening=3000)
    tester = cast.person("测试", is_test=True)
    per_half = {"07:40": 1, "08:00": 3, "08:30": 5, "09:00": 7, "09:30": 8, "10:00": 6}
    for start, number in per_half.items():
        for index in range(number):
            at = moment(start) + timedelta(minutes=3 * index, seconds=7)
            tail = f"1390000{int(start[:2]):02}{index:02}"
            match index % 4:
                case 0:
                    call(at, Deed.BALANCE, who=wang, caller=tail)
                case 1:
                    call(at, caller=tail, lasts_s=21)
                case 2:
                    call(at, Deed.PIN_REFUSED, caller=tail, lasts_s=64)
                case 3:
                    called_back(at, who=liu, caller=tail)
    call(moment("10:23:40"), who=wang, lasts_s=None)
    call(moment("10:10"), Deed.BALANCE, who=tester, is_test=True)
    for at, amount in (("08:12", "1500"), ("09:05", "88.50"), ("09:20", "620"), ("10:02", "1200")):
        transfer(wang, chen, amount, moment(at))
    refused(liu, chen, moment("09:41"))
    transfer(wang, chen, 300, moment("10:15"), told=False)
    transfer(tester, chen, 999, moment("10:11"))
