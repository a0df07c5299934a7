"""An agent's hands and eyes, and a morning for her to look at."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from playwright.sync_api import Page, expect

from banking import core, customers, holds, losses
from banking.models import FeeTier
from banking.models.customers import Vip
from banking.models.orders import Channel
from calendars import clock
from people.models import Branch, User
from routing import entries, offers, presence, rounds
from routing.errors import PhoneAway
from routing.models import Session
from routing.offers import Offer
from telephony import records, wrapup
from telephony.deeds import Deed
from telephony.models import Call, WrapUpCode
from telephony.wrapup import Written
from tests import cast
from tests.desktop import seats
from tests.telephony.recorded import Recorded

LOADED_MS = 30_000


class Desk:
    """The page of one agent, driven by keys alone."""

    def __init__(self, page: Page, user: User, address: str = "") -> None:
        self.page, self.user = page, user
        self.presence = page.locator("#presence")
        page.goto(f"{address}/desk/", timeout=LOADED_MS)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def is_in(self, state: str) -> None:
        expect(self.presence).to_have_attribute("data-state", state)

    def panel(self, name: str):
        return self.page.locator(f"#panel-{name}")

    def signs_in(self) -> Session:
        self.press("F6")
        self.is_in("paused")
        return Session.objects.get(agent=self.user.pk, ended_at=None)

    def takes_calls(self) -> None:
        """Out of the pause, once her phone is there."""
        expect(self.page.locator("#presence [data-key=F6]")).to_be_visible()
        self.press("F6")
        self.is_in("ready")

    def is_ready_now(self, session: Session) -> None:
        """As with a phone: said by the service, because this page has none."""
        presence.heartbeat(session.pk, phone=True, at=clock.now())
        presence.ready(self.user.pk, at=clock.now())


def customer() -> tuple[cast.Person, cast.Person]:
    """王小梅 with something of everything, and 陈志强 whom she pays."""
    futian = Branch.objects.create(code="0101", name="福田支行", district="福田区")
    wang = cast.wang(vip=Vip.GOLD, opening=62_421, is_test=False)
    chen = cast.chen(is_test=False)
    wang.account.branch = futian
    wang.account.save(update_fields=["branch"])
    savings = customers.open_account(
        wang.customer,
        number="7557888800001177",
        on=cast.LONG_AGO,
        branch=futian,
        passbook="ZB10010077",
        nickname="买房",
    )
    customers.deposit(savings.pk, Decimal("180000.00"), at=clock.now() - timedelta(days=40))
    holds.place(
        key=uuid4(),
        account_id=wang.account.pk,
        amount=Decimal("5000.00"),
        reason="司法冻结",
        at=clock.now(),
    )
    today = clock.bank_day(clock.now())
    for above, flat, rate, cap in ((0, 2, 0, None), (5000, 10, 0, None), (50000, 0, "0.0003", 50)):
        FeeTier.objects.update_or_create(
            kind="transfer",
            channel="phone",
            valid_from=today,
            above=above,
            defaults={"flat": flat, "rate": Decimal(rate), "cap": cap},
        )
    return wang, chen


def untold_transfer(wang: cast.Person, chen: cast.Person) -> None:
    bank, key = core.default(), uuid4()
    bank.draft(
        key,
        cast.transfer(wang, chen, 4800),
        call_ref="",
        at=clock.now(),
    )
    bank.confirm(key, at=clock.now())
    bank.execute(key, at=clock.now())


def lost_passbook(wang: cast.Person) -> None:
    from banking.secret import Secret

    losses.report(
        Secret("ZB10010077"), wang.id_number, channel=Channel.PHONE, call_ref="", at=clock.now()
    )


def past_call(
    user: User,
    who: cast.Person | None,
    code: str,
    note: str,
    *,
    minutes_ago: int,
    lasted_s: int,
    session: Session,
) -> None:
    """One that she has taken, wrapped up and finished."""
    at = clock.now() - timedelta(minutes=minutes_ago)
    call = seats.calls_in(who, Deed.BALANCE, at=at, caller="15900003381")
    entry = seats.waits(call, at=at)
    presence.heartbeat(session.pk, phone=True, at=at)
    rounds.run(at=at + timedelta(seconds=4))
    (offer,) = offers.to_ring(seats.NODE, at=at + timedelta(seconds=4))
    offers.answered(offer.leg, at=at + timedelta(seconds=6))
    over = at + timedelta(seconds=6 + lasted_s)
    entries.leave(call.uuid, "abandoned", at=over)
    records.close_call(call.uuid, cause="NORMAL_CLEARING", by="caller", at=over)
    written = Written(WrapUpCode.objects.get(slug=code).pk, note, None)
    done = over + timedelta(seconds=21)
    wrapup.finish(entry.pk, user.pk, written, drafted="", at=done)
    presence.heartbeat(session.pk, phone=True, at=done)
    presence.wrapped_up(user.pk, at=done)


def in_the_ivr(who: cast.Person) -> Call:
    """She has identified herself, heard her balance and begun a transfer."""
    call = Recorded(caller=who.customer.mobile, ago=timedelta(seconds=96))
    call.keyed("1")
    call.moves("personal")
    call.heard(("identify.card", "请输入您的卡号，按井号键结束。", 3.1))
    call.keyed("************" + who.card.last4 + "#")
    call.identifies(who)
    call.moves("accounts", "balance")
    call.did(Deed.BALANCE)
    call.moves("transfer", "in-bank-transfer")
    call.heard(("transfer.amount", "请输入转账金额，以元为单位。", 4.2))
    call.passes(6)
    call.row.refresh_from_db()
    return call.row


def callback(who: cast.Person, minutes_ago: int) -> None:
    at = clock.now() - timedelta(minutes=minutes_ago)
    call = seats.calls_in(who, Deed.CALLBACK, at=at, caller="18600002210")
    records.request_callback(call.pk, phone="18600002210", at=at)
    records.close_call(call.uuid, cause="NORMAL_CLEARING", by="caller", at=at)


def _rung(desk: Desk, session: Session) -> Offer:
    """Her page, which has no phone, says so with each beat: again, where one came between."""
    for _ in range(20):
        with suppress(PhoneAway):
            desk.is_ready_now(session)
            rounds.run(at=clock.now())
            for offer in offers.to_ring(seats.NODE, at=clock.now()):
                return offer
    raise AssertionError("nobody rings")


def comes_to(desk: Desk, session: Session, call: Call) -> UUID:
    """Her caller waits, is offered and rings; the agent's leg."""
    entry = seats.waits(call, at=clock.now() - timedelta(seconds=14))
    offer = _rung(desk, session)
    assert offer.agent_id == desk.user.pk
    assert offer.call_ref == entry.call_ref
    return offer.leg
