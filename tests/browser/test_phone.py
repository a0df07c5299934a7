"""The test phone in a browser: the whole bank behind it, each process as `make run` starts it."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Page, expect
from psycopg.conninfo import make_conninfo

from banking.models import Account
from calendars import clock
from people.roles import Role
from telephony import shipped
from telephony.models import Call
from tests import cast
from tests.browser.conftest import _as_url

WORD = "a-word-for-the-tests"
START_MS = 60_000  # what three processes may take to be up
SLOWLY_MS = 20_000  # what the switch and the worker may take for a step


class House:
    """Simulated switch, worker and web, at `rate` seconds of the bank a second."""

    def __init__(self, stack: ExitStack, tmp_path, rate: int) -> None:
        self._stack = stack
        key = tmp_path / "key"
        key.write_text(WORD)
        url = make_conninfo(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"])
        env = os.environ | {"DATABASE_URL": _as_url(url), "CLOCK_RATE": str(rate)}
        env |= {"CLOCK_EPOCH": datetime.now(UTC).isoformat()} if rate != 1 else {}
        switch = self._start(
            env,
            *("-m", "telephony.simswitch", "--esl-port", "0", "--phone-port", "0"),
            *("--prompts", str(settings.PROMPTS), "--password-file", str(key)),
            *("--rate", str(rate)),
            stdout=subprocess.PIPE,
        )
        ports = json.loads(switch.stdout.readline())
        self.phone_port: int = ports["phone_port"]
        env |= {
            "FREESWITCH_URL": f"esl://:{WORD}@127.0.0.1:{ports['esl_port']}",
            "PHONE_URL": f"phone://:{WORD}@127.0.0.1:{ports['phone_port']}",
        }
        worker = self._start(
            env, "manage.py", "telephony", "--drain", "0", stderr=subprocess.PIPE, text=True
        )
        leads = threading.Event()
        threading.Thread(target=_listen, args=(worker.stderr, leads), daemon=True).start()
        assert leads.wait(START_MS / 1000), "the worker did not lead"
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        fd = listening.fileno()
        self._start(env, "-m", "daphne", "--fd", str(fd), "config.asgi:application", pass_fds=[fd])
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def _start(self, env, *command: str, **how) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *command], env=env, cwd=settings.BASE_DIR, **how
        )
        self._stack.callback(_end, process)
        return process


def _listen(log: IO[str], leads: threading.Event) -> None:
    """Pass on what the worker says; note that it leads."""
    for line in log:
        sys.stderr.write(line)
        if '"took over' in line:
            leads.set()


def _end(process: subprocess.Popen) -> None:
    """As the supervisor does: ask, then insist. A request in flight keeps daphne from ending."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def rate() -> int:
    return 4


@pytest.fixture
def house(page, log_in, tmp_path, rate) -> Iterator[House]:
    expect.set_options(timeout=SLOWLY_MS)
    log_in(Role.MENU_OWNER, Role.SUPERVISOR)
    shipped.install(at=clock.now())
    with ExitStack() as stack:
        yield House(stack, tmp_path, rate)
        page.close()  # its call ends before the house falls


class Tester:
    """A tester's hands and eyes."""

    def __init__(self, page: Page, house: House) -> None:
        self.page = page
        page.goto(f"{house.address}/phone/", timeout=START_MS)
        self.talk = page.get_by_role("log", name="通话过程")
        self.record = page.locator("[data-record-pane]")

    def dials(self) -> None:
        self.page.get_by_role("button", name="拨号").click()

    def hears(self, words: str) -> None:
        """That these words are the last that were begun."""
        expect(self.talk.locator("div").last).to_contain_text(words)

    def keys(self, digits: str) -> None:
        for digit in digits:
            self.page.keyboard.press(digit)

    def logs_in(self, who: cast.Person) -> None:
        self.hears("普通话服务，请按 1。")
        self.keys("1")
        self.hears("个人业务，请按 1。")
        self.keys("1")
        self.hears("请输入您的卡号")
        row = self.page.get_by_role("listitem").filter(has_text=who.customer.name)
        row.get_by_role("button", name="按卡号").click()
        self.hears("请输入六位查询密码")
        self.keys(who.query_pin + "#")


def test_a_transfer_on_the_page(page, house, shoot):
    wang, chen = cast.person("王芳", opening=12_000), cast.person("陈晓明", opening=100)
    phone = Tester(page, house)
    shoot("phone-idle-zh")
    phone.dials()
    phone.logs_in(wang)
    phone.hears("转账汇款，请按 2。")
    phone.keys("2")
    phone.hears("行内转账，请按 1。")
    phone.keys("1")
    for asked in ("请输入收款人的卡号", "请再次输入收款人的卡号"):
        phone.hears(asked)
        phone.keys(chen.account.number + "#")
    phone.hears("请输入转账金额")
    phone.keys("1500*5#")
    phone.hears("实时到账，请按 1。")
    phone.keys("1")
    phone.hears("确认请按 1")
    shoot("phone-readback-zh")
    phone.keys("1")
    phone.hears("请输入六位交易密码")
    phone.keys(wang.transaction_pin + "#")
    phone.hears("再报一遍")
    expect(phone.record).to_contain_text("转账已执行")
    expect(phone.record).to_contain_text("−1,500.50")
    shoot("phone-transfer-zh")
    phone.hears("行内转账，请按 1。")
    expect(phone.record).to_contain_text("流水号已听完")
    page.keyboard.press("F9")
    phone.hears("您已挂机。")
    expect(page.get_by_role("button", name="拨号")).to_be_visible()
    expect(phone.record).to_contain_text("自助办结")
    shoot("phone-over-zh")

    shown = page.content()
    assert wang.query_pin not in shown
    assert wang.transaction_pin not in shown
    assert wang.pan.reveal() not in shown
    assert "*" * (len(chen.account.number) - 4) + chen.account.number[-4:] + "#" in shown
    balance = Account.objects.get(pk=wang.account.pk).balance
    assert balance == Decimal("10499.50")
    assert Call.objects.get().is_test


def test_who_leaves_the_page_hangs_up(page, house):
    phone = Tester(page, house)
    phone.dials()
    phone.hears("普通话服务")
    page.goto("about:blank")
    over = Tester(page, house)
    over.dials()
    over.hears("普通话服务")
    calls = Call.objects.order_by("started_at")
    assert [bool(call.ended_at) for call in calls] == [True, False]


@pytest.mark.parametrize("rate", [1])
def test_the_page_plays_what_it_shows(page, house):
    fetched: list[tuple[str, int]] = []
    page.on("response", lambda answer: fetched.append((answer.url, answer.status)))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    phone = Tester(page, house)
    phone.dials()
    phone.hears("普通话服务")
    expect(phone.talk.locator(".now span:not(.ahead)").first).to_be_visible()
    phone.keys("1")
    phone.hears("个人业务")
    expect(phone.talk).to_contain_text("打断")
    greeting = f"{house.address}/static/prompts/zh/welcome.961202.wav"
    assert (greeting, 200) in fetched, [url for url, _status in fetched if "prompts" in url]
    seconds = page.evaluate(
        """async url => {
            const data = await (await fetch(url)).arrayBuffer()
            return (await new AudioContext().decodeAudioData(data)).duration
        }""",
        greeting,
    )
    assert 0.5 < seconds < 10
    assert errors == []


def test_the_same_in_english(page, house, shoot):
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": house.address}])
    page.goto(f"{house.address}/phone/", timeout=START_MS)
    page.get_by_role("button", name="Dial").click()
    expect(page.get_by_role("log", name="Conversation")).to_contain_text("For English, press 3.")
    page.keyboard.press("3")
    expect(page.get_by_role("log", name="Conversation")).to_contain_text("keyed 3")
    expect(page.locator("[data-record-pane]")).to_contain_text("Steps as recorded")
    shoot("phone-en")
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("log", name="Conversation")).to_contain_text("You hung up.")
