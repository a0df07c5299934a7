"""A person answers: callers on the simulated switch, the real worker, an agent at her keyboard."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from banking import pins
from banking.models import Card
from banking.models.customers import Purpose
from banking.secret import Secret
from calendars import clock
from people.models import User
from people.roles import Role
from routing import shipped as routing_shipped
from routing.models import Queue, QueueEntry, Reservation, Session
from telephony import shipped
from telephony.models import Command, Step, WrapUp
from tests import cast
from tests.browser.callers import Caller, Callers
from tests.browser.desk import Desk
from tests.browser.test_phone import SLOWLY_MS, WORD, House
from tests.browser.wire import Wire
from tests.desktop import seats


class Centre:
    """The whole bank with one agent at her page, ready."""

    def __init__(self, page: Page, user: User, address: str, callers: Callers) -> None:
        self.page, self.user, self.callers = page, user, callers
        self.desk = Desk(page, user, address)

    def is_ready(self) -> Desk:
        """Signed in, her phone there, taking calls; by keys."""
        self.desk.press("F6")
        self.desk.is_in("paused")
        self.has_her_phone()
        self.desk.takes_calls()
        return self.desk

    def has_her_phone(self) -> None:
        expect(self.page.locator("footer [data-phone-state]")).to_have_class("st st-ready")

    def talks(self) -> Caller:
        """A caller asks for a person, and she picks up."""
        caller = self.callers.dial()
        caller.asks_for_a_person()
        self.desk.is_in("ringing")
        self.desk.press("F2")
        self.desk.is_in("talking")
        caller.hears("bridged")
        return caller

    def dial(self, **how):
        return self.callers.dial(**how)


@pytest.fixture
def bank(page, log_in, tmp_path) -> Iterator[tuple[User, House]]:
    """Switch, worker and web, and 林晓, who is logged in."""
    expect.set_options(timeout=SLOWLY_MS)
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    shipped.install(at=clock.now())
    user = log_in(Role.AGENT, name="林晓")
    seats.seat(user, "general", "ebank")
    with ExitStack() as stack:
        house = House(stack, tmp_path, 1)
        page.context.add_cookies([{**cookie, "url": house.address} for cookie in _session(page)])
        yield user, house
        page.close()  # its phone goes before the house falls


@pytest.fixture
def callers(bank) -> Iterator[Callers]:
    callers = Callers(bank[1].phone_port, WORD)
    yield callers
    callers.close()


@pytest.fixture
def centre(page, bank, callers) -> Centre:
    user, house = bank
    return Centre(page, user, house.address, callers)


@pytest.fixture
def wire(bank) -> Iterator[Wire]:
    with Wire(bank[1].address) as wire:
        yield wire


@pytest.fixture
def far_centre(page, bank, callers, wire) -> Centre:
    """Her page reaches the bank over a wire that can be cut."""
    return Centre(page, bank[0], wire.address, callers)


def _session(page: Page) -> list[dict[str, str]]:
    return [{"name": c["name"], "value": c["value"]} for c in page.context.cookies()]


def test_a_caller_is_answered_held_and_written_up_by_keys_alone(centre, page, shoot):
    desk = centre.is_ready()
    wang = cast.wang(is_test=False)
    caller = centre.dial(caller=wang.customer.mobile)
    caller.identifies(wang)
    caller.keys("0")
    desk.is_in("ringing")
    expect(desk.panel("customer")).to_contain_text("王小梅")
    shoot("answering-ringing")
    desk.press("F6")
    expect(page.locator("dialog[open]")).to_be_visible()
    desk.press("F2")  # a pause that she was about to ask for is in nobody's way
    desk.is_in("talking")
    caller.hears("bridged")
    desk.press("F7")
    expect(page.get_by_role("button", name="取消静音")).to_be_visible()
    desk.press("F4")
    desk.is_in("held")
    desk.press("F4")
    desk.is_in("talking")
    desk.press("F9")
    desk.is_in("wrap_up")
    caller.hears("hangup")
    desk.press("W", "2", "W", "5")
    page.keyboard.type("当场办结。")
    shoot("answering-wrap-up")
    page.keyboard.press("Control+Enter")
    desk.is_in("ready")
    row = WrapUp.objects.get()
    assert row.finished_at
    assert row.note.endswith("当场办结。")
    assert row.code.slug == "phone-bank-use"
    assert QueueEntry.objects.get().outcome == "answered"
    assert [c.answer for c in Command.objects.order_by("id")] == ["", ""]


def test_a_caller_is_sent_for_her_password_and_comes_back(centre, page):
    desk = centre.is_ready()
    wang = cast.wang(is_test=False)
    caller = centre.dial(caller=wang.customer.mobile)
    caller.asks_for_a_person()
    desk.is_in("ringing")
    desk.press("F2")
    desk.is_in("talking")
    expect(desk.panel("customer")).to_contain_text("未核身")
    desk.press("F10", "2")
    caller.hears("identify.card")
    expect(desk.panel("call")).to_contain_text("客户在自助语音验密")
    caller.keys(wang.pan.reveal() + "#")
    caller.hears("identify.pin")
    caller.keys(wang.query_pin + "#")
    expect(desk.panel("customer")).to_contain_text("王小梅")  # by itself
    expect(desk.panel("call")).not_to_contain_text("客户在自助语音验密")
    desk.is_in("talking")
    expect(desk.panel("verification")).to_contain_text("卡号与查询密码")
    assert wang.query_pin not in page.content()


def test_a_caller_changes_her_password_out_of_her_agents_hearing(centre, page):
    """Handed over from the list of services, for a flow from its first word to its last."""
    desk = centre.is_ready()
    wang = cast.wang(is_test=False)
    caller = centre.dial(caller=wang.customer.mobile)
    caller.asks_for_a_person()
    desk.is_in("ringing")
    desk.press("F2")
    desk.is_in("talking")
    desk.press("s")
    expect(page.locator("service-list input")).to_be_focused()
    page.keyboard.type("xgcx")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="转自助语音办理")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#dialog")).to_be_hidden()
    caller.hears("identify.card")
    caller.keys(wang.pan.reveal() + "#")
    caller.hears("identify.pin")
    caller.keys(wang.query_pin + "#")
    caller.hears("password.new_query")
    expect(desk.panel("call")).to_contain_text("客户在自助语音验密")
    caller.keys("590318#")
    caller.hears("password.again")
    caller.keys("590318#")
    caller.hears("password.done_query")
    caller.hears("bridged")
    expect(desk.panel("call")).not_to_contain_text("客户在自助语音验密")
    expect(desk.panel("customer")).to_contain_text("王小梅")
    expect(page.locator("#note")).to_have_value(re.compile("密码已修改"))
    assert "590318" not in page.content()
    assert pins.is_right(Card.objects.get(), Secret("590318"), Purpose.QUERY)


def test_a_transfer_lists_the_queues_and_brings_her_to_another(centre, page):
    zhou = seats.hire("1107", "周敏", "card")
    session = seats.sits_down(zhou, at=clock.now())
    desk = centre.is_ready()
    caller = centre.dial()
    caller.asks_for_a_person()
    desk.is_in("ringing")
    desk.press("F2")
    desk.is_in("talking")
    desk.press("F8")
    expect(page.locator("#dialog")).to_contain_text("信用卡")
    page.keyboard.press("2")
    desk.is_in("wrap_up")
    assert [e.queue.slug for e in QueueEntry.objects.order_by("id")] == ["general", "card"]
    assert session.pk


def test_a_reload_in_mid_call_loses_nothing(centre, page):
    desk = centre.is_ready()
    caller = centre.dial()
    caller.asks_for_a_person()
    desk.is_in("ringing")
    desk.press("F2")
    desk.is_in("talking")
    desk.press("W", "5")
    page.keyboard.type("她问网点")
    leg = desk.presence.get_attribute("data-leg")
    page.reload()
    expect(desk.presence).not_to_have_attribute("data-leg", leg)  # rung again,
    desk.is_in("talking")  # and taken by the page itself
    expect(page.locator("#note")).to_have_value("未核身。她问网点")
    desk.press("F4")
    desk.is_in("held")
    desk.press("F4")
    desk.is_in("talking")
    caller.hangs_up()
    desk.is_in("wrap_up")
    assert Session.objects.filter(agent=centre.user.pk).count() == 1
    assert QueueEntry.objects.count() == 1
    assert QueueEntry.objects.get().returned == 0


def test_a_moment_without_network_and_the_talk_goes_on(far_centre, wire, page):
    """Her phone's line is gone with the wire: she is rung again, and the page itself picks up."""
    desk = far_centre.is_ready()
    caller = far_centre.talks()
    leg = desk.presence.get_attribute("data-leg")
    wire.cut()
    caller.hears("agent.reconnecting")
    wire.mend()
    caller.hears("bridged")
    expect(desk.presence).not_to_have_attribute("data-leg", leg)
    desk.is_in("talking")
    entry = QueueEntry.objects.get()
    assert (entry.state, entry.returned, entry.answered_by_id) == ("talking", 0, far_centre.user.pk)
    desk.press("F9")
    desk.is_in("wrap_up")
    caller.hears("hangup")


def test_twenty_seconds_without_network(far_centre, wire, page):
    """She can't be rung for so long: her caller keeps her place, and is hers again by one key."""
    desk = far_centre.is_ready()
    caller = far_centre.talks()
    entered_at = QueueEntry.objects.get().entered_at
    desk.press("W", "5")
    page.keyboard.type("她问网点")
    wire.cut()
    caller.hears("agent.reconnecting")
    expect(page.locator("[data-says]")).to_contain_text("起与服务器断开")
    page.wait_for_timeout(20_000)  # the network's own time, which nothing here can hasten
    caller.hears("agent.requeued")
    wire.mend()
    expect(page.locator("[data-says]")).to_have_text("已重新连接。")
    far_centre.has_her_phone()
    desk.is_in("paused")
    entry = QueueEntry.objects.get()
    assert (entry.state, entry.returned, entry.entered_at) == ("waiting", 1, entered_at)
    assert not Reservation.objects.filter(ended_at=None).exists()
    desk.press("F6")
    desk.is_in("ringing")
    desk.press("F2")
    desk.is_in("talking")
    caller.hears("bridged")
    expect(page.locator("#note")).to_have_value(re.compile("她问网点"))
    assert QueueEntry.objects.count() == 1


def test_who_does_not_answer_is_paused_and_the_caller_waits_on(centre, page):
    Queue.objects.update(ring_s=5)
    desk = centre.is_ready()
    caller = centre.dial()
    caller.asks_for_a_person()
    desk.is_in("ringing")
    desk.is_in("paused")
    expect(page.locator("#presence")).to_contain_text("未接来电")
    entry = QueueEntry.objects.get()
    assert (entry.state, entry.returned) == ("waiting", 1)
    desk.press("F6")
    desk.is_in("ringing")
    desk.press("F2")
    desk.is_in("talking")


def test_forty_calls_by_keyboard_alone(centre):
    desk = centre.is_ready()
    for number in range(40):
        caller = centre.dial(caller=f"139{number:08}")
        caller.asks_for_a_person()
        desk.is_in("ringing")
        desk.press("F2")
        desk.is_in("talking")
        desk.press("F9")
        desk.is_in("wrap_up")
        desk.press("W", "1")
        centre.page.keyboard.press("Control+Enter")
        desk.is_in("ready")
    assert WrapUp.objects.filter(finished_at__isnull=False).count() == 40
    assert QueueEntry.objects.filter(outcome="answered").count() == 40
    assert not Step.objects.filter(deed="fault").exists()
