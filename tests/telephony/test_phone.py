"""The test phone: what its page and its terminal show of a call, and what they never show."""

import ast
import asyncio
import json
import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings as given
from django.core.management import CommandError, call_command
from django.test import Client

from calendars.clock import SHANGHAI
from people import staff
from people.models import AccessLog
from people.roles import Role
from telephony.ivr import flows
from telephony.models import Call
from telephony.phone import calling
from telephony.phone.consumers import PhoneConsumer
from telephony.phone.speech import Speech
from telephony.phone.transcript import ENTRIES, Ended, Entry, Keyed, Played, Playing, Transcript
from telephony.simswitch.phone import Heard, LineLost, Phone
from telephony.spoken import catalogue
from tests.telephony.conftest import PASSWORD
from tests.telephony.recorded import Recorded

PROMPTS = catalogue.load(audio=given.PROMPTS)
SPEECH = Speech.load(given.PROMPTS)
SAMPLES = {
    "amount": Decimal("1050.30"),
    "number": 3,
    "times": 2,
    "days": 5,
    "date": date(2026, 11, 24),
    "day": date(2026, 11, 24),
    "time": datetime(2026, 11, 24, 15, 5, tzinfo=SHANGHAI),
    "datetime": datetime(2026, 11, 24, 15, 5, tzinfo=SHANGHAI),
    "digits": "961202",
    "tail": "4418",
    "phone": "13800138000",
    "receipt": "261124000317",
    "percent": Decimal("1.85"),
    "term": "3y",
}


def said(lang: str, key: str):
    values = {name: SAMPLES[kind] for name, kind in PROMPTS.slots(lang, key).items()}
    return PROMPTS.say(lang, key, **values)


# -- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", PROMPTS.offered)
def test_every_prompt_reads_as_it_is_said(lang):
    for key in PROMPTS.keys(lang):
        if not PROMPTS.speaks(lang, key):
            assert key == "menu.language.2"  # said where the bank has recorded Cantonese
            continue
        spoken = said(lang, key)
        paths = [f"/srv/elsewhere/prompts/{file}" for file in spoken.files]
        parts = SPEECH.parts(paths)
        assert "".join(part.text for part in parts) == spoken.text, key
        assert [file for part in parts for file in part.files] == list(spoken.files)
        assert sum(part.seconds for part in parts) == pytest.approx(spoken.duration_s)
        if any(not file.split("/")[1].startswith("say") for file in spoken.files):
            assert SPEECH.last_prompt(paths) == key


def test_english_sentences_stand_apart_and_chinese_ones_do_not():
    def both(lang):
        files = said(lang, "menu.root.1").files + said(lang, "menu.root.5").files
        return "".join(part.text for part in SPEECH.parts(files))

    assert both("en") == f"{said('en', 'menu.root.1').text} {said('en', 'menu.root.5').text}"
    assert both("zh") == said("zh", "menu.root.1").text + said("zh", "menu.root.5").text


def test_what_has_no_words_is_a_tone():
    (part,) = SPEECH.parts(["tone_stream://%(500,0,1000)"])
    assert (part.text, part.files) == ("♪", ())


# -- what is masked ------------------------------------------------------------------------------


def asked_by_flows() -> dict[str, Entry]:
    """Which prompt asks for what, read from the flows themselves."""
    found: dict[str, Entry] = {}
    for path in Path(flows.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            masked = any(keyword.arg == "mask" for keyword in node.keywords)
            kind = {
                "ask_secret": Entry.SECRET,
                "ask_id_number": Entry.NUMBER,
                "ask_amount": Entry.PLAIN,
                "ask_digits": Entry.NUMBER if masked else Entry.PLAIN,
            }.get(node.func.attr)
            if kind:
                for prompt in asked(path.stem, node.args[0]):
                    found[prompt] = kind
    return found


# What a question's prompt is where the flow is given it.
GIVEN = {
    "choosing": ["unlock.card", "stop.card"],
    "statement": ["period.first", "period.last"],
    "deposits": ["deposit.amount", "deposit.monthly"],
}
KINDS = "query|transaction|phone|water|electricity|gas|cable"  # what a name is put together with


def asked(module: str, argument: ast.expr) -> list[str]:
    if isinstance(argument, ast.Name):
        return GIVEN[module]
    if not isinstance(argument, ast.JoinedStr):
        return [ast.literal_eval(argument)]
    pattern = "".join(
        re.escape(part.value) if isinstance(part, ast.Constant) else f"({KINDS})"
        for part in argument.values
    )
    return [key for key in PROMPTS.keys("zh") if re.fullmatch(pattern, key)]


def test_the_phone_knows_what_every_flow_asks_for():
    assert asked_by_flows() == ENTRIES


class Ear:
    """A transcript that is told of prompts by their keys."""

    def __init__(self) -> None:
        self.transcript = Transcript(SPEECH, began=1000.0)

    def hears(self, *keys: str):
        files = [file for key in keys for file in said("zh", key).files]
        playing = Heard("playing", "c", 1001.0, {"files": files, "seconds": 2.0})
        return self.transcript.hear(playing)

    def keys(self, digits: str) -> list[Keyed]:
        return [self.transcript.press(key, 1002.0) for key in digits]


@pytest.mark.parametrize(
    ("prompt", "keys", "shown"),
    [
        ("menu.root.1", "1", "1"),
        ("identify.pin", "123456#", "******#"),
        ("identify.pin", "1234*", "*****"),
        ("order.pin", "830527#", "******#"),
        ("identify.card", "6222024000000014#", "************0014#"),
        ("identify.card", "6222024000000014", "****************"),
        ("identify.card", "12345678#", "********#"),
        ("loss.id_number", "44030419800517001*", "*" * 13 + "7001*"),
        ("transfer.amount", "1050*3#", "1050*3#"),
    ],
)
def test_keys_are_shown_as_far_as_the_prompt_allows(prompt, keys, shown):
    ear = Ear()
    ear.hears(prompt)
    pressed = ear.keys(keys)
    assert len({update.line for update in pressed}) == 1
    assert pressed[-1].shown == shown


def test_a_password_is_hidden_at_every_key():
    ear = Ear()
    ear.hears("identify.pin_wrong", "identify.pin")
    assert [update.shown for update in ear.keys("27")] == ["*", "**"]


def test_what_is_keyed_before_it_is_asked_for_is_hidden():
    ear = Ear()
    ear.hears("menu.root.1")
    first, *ahead = ear.keys("1274916#")
    assert first.shown == "1"
    assert {update.line for update in ahead} == {first.line + 1}
    assert ahead[-1].shown == "*******"
    ear = Ear()
    assert [update.shown for update in ear.keys("27")] == ["*", "**"]


def test_offsets_count_from_the_dialling():
    ear = Ear()
    playing = ear.hears("welcome.961202")
    assert isinstance(playing, Playing)
    assert playing.at == 1.0
    over = ear.transcript.hear(
        Heard("played", "c", 1002.5, {"heard_s": 1.5, "barged": True, "whole": False})
    )
    assert over == Played(playing.line, 2.5, 1.5, interrupted=True)
    hangup = Heard("hangup", "c", 1003.0, {"cause": "NORMAL_CLEARING", "by": "bank"})
    assert ear.transcript.hear(hangup) == Ended(3.0, "NORMAL_CLEARING", "bank")


# -- the page's socket -----------------------------------------------------------------------------


@pytest.fixture
def at_the_switch(exchange, settings) -> None:
    settings.PHONE_URL = f"phone://:{quote(PASSWORD)}@127.0.0.1:{exchange.phone_port}"


@pytest.fixture
def tester(transactional_db):
    return staff.hire(number="7001", name="李娜", branch=None, roles=[Role.MENU_OWNER])


class Page:
    """The browser's end of a socket. Time moves when nothing is left to be read."""

    def __init__(self, user, bank, language="zh-hans") -> None:
        self.consumer = PhoneConsumer()
        self.bank = bank
        self.socket = WebsocketCommunicator(self.consumer, f"/ws/phone/?language={language}")
        self.socket.scope["user"] = user
        self.seen: list[dict] = []

    async def opens(self) -> "Page":
        accepted, _ = await self.socket.connect(timeout=10)
        assert accepted
        return self

    async def sends(self, **what) -> None:
        await self.socket.send_json_to(what)

    async def dials(self, number="961202", caller="13800136027") -> str:
        await self.sends(do="dial", number=number, caller=caller)
        return (await self.sees("dialled"))["call"]

    async def keys(self, keys: str) -> dict:
        await self.sends(do="key", keys=keys)
        return await self.sees("keyed", still=True)

    async def sees(self, event: str, text: str = "", *, still: bool = False) -> dict:
        """The next message of this kind that holds `text`; what comes before is kept in `seen`.

        `still`: it comes at once, and time stands until it is there.
        """
        while True:
            message = await (self._at_once() if still else self._next())
            self.seen.append(message)
            if message["event"] == event and text in words_of(message):
                return message

    async def _next(self) -> dict:
        with suppress(LineLost):  # the call ended while the clock was asked: that is next
            while self.socket.output_queue.empty() and self.consumer.phone:
                await self._relayed()
                await self.bank.machine.settle()  # the worker has said what it says at once
                await self._relayed()
                if self.socket.output_queue.empty():
                    await self.bank.machine.step(60)
        return await self._at_once()

    async def _relayed(self) -> None:
        """All that happened so far has reached the page."""
        for _ in range(20):
            await asyncio.sleep(0)  # what the page sent is on its way
        if self.consumer.phone:
            await self.consumer.phone.ask("clock")
        for _ in range(20):
            await asyncio.sleep(0)  # what was heard before that is passed on

    async def _at_once(self) -> dict:
        async with asyncio.timeout(10):  # the communicator's own time limit ends the consumer
            return json.loads((await self.socket.output_queue.get())["text"])

    async def closes(self) -> None:
        await self.socket.disconnect(timeout=10)


def words_of(message: dict) -> str:
    if message["event"] == "playing":
        return "".join(part["text"] for part in message["parts"])
    return message.get("text", "")


@pytest.fixture
async def screen(tester, bank, at_the_switch):
    screen = await Page(tester, bank).opens()
    yield screen
    await screen.closes()


@pytest.mark.django_db(transaction=True)
async def test_a_call_on_the_page(screen, bank, wang):
    channel = await screen.dials()
    assert (await screen.sees("stage"))["text"] == "振铃"
    assert (await screen.sees("stage"))["text"] == "通话中"
    await screen.sees("playing", "您好，欢迎致电鹏城商业银行。普通话服务，请按 1。")
    await bank.machine.advance(1.5)
    assert (await screen.keys("1"))["text"] == "按 1"
    cut = await screen.sees("played")
    assert (cut["text"], cut["heard_s"], cut["clock"]) == ("打断", 1.5, "00:01")
    await screen.sees("playing", "个人业务，请按 1。")
    await screen.keys("1")
    await screen.sees("playing", "请输入您的卡号")
    await screen.sends(do="card", card=wang.card.pk)
    hidden = "*" * (len(wang.pan.reveal()) - 4)
    keyed = await screen.sees("keyed", still=True)
    assert keyed["text"] == f"按 {hidden}{wang.card.last4}#"
    await screen.sees("playing", "请输入六位查询密码")
    for key in wang.query_pin + "#":
        keyed = await screen.keys(key)
    assert keyed["text"] == "按 ******#"
    await screen.sees("playing", "余额与明细，请按 1。")
    await screen.keys("1")
    await screen.sees("playing", "查询余额，请按 1。")
    await screen.keys("1")
    balance = await screen.sees("playing", "余额一万两千元。")
    amount = next(part for part in balance["parts"] if part["text"] == "一万两千元。")
    assert all(file.startswith("zh/say/") for file in amount["files"])
    await screen.sees("playing", "查询余额，请按 1。")
    await screen.sends(do="hang_up")
    assert (await screen.sees("ended"))["text"] == "您已挂机。"
    await bank.settled()
    await screen.sees("record")
    call = await bank.query(Call.objects.get, uuid=channel)
    assert call.is_test
    assert call.outcome == "served"
    told = json.dumps(screen.seen, ensure_ascii=False)
    assert wang.query_pin not in told
    assert wang.pan.reveal() not in told


@pytest.mark.django_db(transaction=True)
async def test_closing_the_page_hangs_up(screen, bank):
    channel = await screen.dials()
    await screen.sees("playing")
    await screen.closes()
    await bank.settled()
    call = await bank.query(Call.objects.get, uuid=channel)
    assert call.ended_at
    assert call.ended_by == "caller"


@pytest.mark.django_db(transaction=True)
async def test_who_is_no_test_customer_is_not_served(screen, bank, stranger):
    await screen.dials()
    await screen.sees("playing", "普通话服务")
    await screen.keys("1")
    await screen.sees("playing", "个人业务")
    await screen.keys("1")
    await screen.sees("playing", "请输入您的卡号")
    await screen.sends(do="card", card=stranger.card.pk)
    assert (await screen.sees("error", still=True))["text"] == "这不是测试客户的卡。"
    await screen.keys(stranger.pan.reveal() + "#")
    await screen.sees("playing", "测试电话只能使用测试客户的卡号。")


@pytest.mark.django_db(transaction=True)
async def test_what_can_t_be_done_is_said_and_the_call_goes_on(screen, bank):
    wrong = [
        ({"do": "key", "keys": "1"}, "没有在通话"),
        ({"do": "hang_up"}, "没有在通话"),
        ({"do": "dial", "number": "10086%s", "caller": ""}, "没有启用接入号 10086%s"),
        ({"do": "dial", "number": "961202", "caller": "12a"}, "最多 20 位数字"),
        ({"do": "dial", "number": "961202"}, "请刷新页面"),
        ({"do": "sing"}, "请刷新页面"),
        (["dial"], "请刷新页面"),
    ]
    for message, why in wrong:
        await screen.socket.send_json_to(message)
        assert why in (await screen.sees("error"))["text"]
    for text in ("{", "[" * 100_000, "1"):
        await screen.socket.send_to(text_data=text)
        assert "请刷新页面" in (await screen.sees("error"))["text"]
    await screen.socket.send_to(bytes_data=b"\x00")
    assert "请刷新页面" in (await screen.sees("error"))["text"]

    await screen.dials()
    await screen.sees("playing")
    await screen.sends(do="dial", number="961202", caller="")
    assert "正在通话" in (await screen.sees("error"))["text"]
    for keys in ("", "12A", "1" * 33):
        await screen.sends(do="key", keys=keys)
        assert "请刷新页面" in (await screen.sees("error"))["text"]
    assert (await screen.keys("1"))["text"] == "按 1"


@pytest.mark.django_db(transaction=True)
async def test_a_switch_that_dies_in_mid_call_is_told_of(screen, bank, exchange):
    await screen.dials()
    await screen.sees("playing")
    await exchange.phones.stop()
    assert "模拟交换机已断开" in (await screen.sees("error"))["text"]
    await screen.sends(do="key", keys="1")
    assert "没有在通话" in (await screen.sees("error"))["text"]


@pytest.mark.django_db(transaction=True)
async def test_a_switch_that_is_not_there_is_told_of(tester, bank, exchange, settings):
    settings.PHONE_URL = "phone://:x@127.0.0.1:1"
    screen = await Page(tester, bank, language="en").opens()
    await screen.sends(do="dial", number="961202", caller="")
    assert (await screen.sees("error"))["text"].startswith("The simulated switch does not answer")
    settings.PHONE_URL = f"phone://:wrong@127.0.0.1:{exchange.phone_port}"
    await screen.sends(do="dial", number="961202", caller="")
    assert "the right password" in (await screen.sees("error"))["text"]
    settings.PHONE_URL = ""
    await screen.sends(do="dial", number="961202", caller="")
    assert "real FreeSWITCH" in (await screen.sees("error"))["text"]
    await screen.closes()


@pytest.mark.django_db(transaction=True)
async def test_who_may_not_use_the_test_phone_gets_no_socket(bank):
    agent = await bank.query(
        staff.hire, number="7002", name="林晓", branch=None, roles=[Role.AGENT]
    )
    accepted, _ = await Page(agent, bank).socket.connect(timeout=10)
    assert not accepted


# -- the page ------------------------------------------------------------------------------------


def browser(role: Role) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    user = staff.hire(number=f"7{Role.values.index(role):03}9", name="", branch=None, roles=[role])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db(transaction=True)
def test_the_page_runs_no_script_but_its_own_modules(wang, settings):
    settings.PHONE_URL = "phone://:x@127.0.0.1:1"
    answer = browser(Role.MENU_OWNER).get("/phone/")
    policy = {rule.strip() for rule in answer["Content-Security-Policy"].split(";")}
    assert {"script-src 'self'", "style-src 'self'"} <= policy
    shown = answer.content.decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)", shown) == []
    assert re.findall(r"\s(?:on\w+|style)=", shown) == []
    assert wang.customer.name in shown
    assert wang.pan.reveal() not in shown


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("simulated", ["phone://:x@127.0.0.1:1", ""])
def test_the_chinese_page_holds_no_english(wang, stranger, settings, simulated):
    settings.PHONE_URL = simulated
    shown = browser(Role.MENU_OWNER).get("/phone/").content.decode()
    assert stranger.customer.name not in shown
    words = set(re.findall(r"[A-Za-z]{3,}", re.sub(r"<[^>]+>", " ", shown)))
    known = {"English", "var", "demo", "logins", "ordinary"}  # VIP levels are banking's words
    assert words <= (known if simulated else known | SIP_PAGE)
    assert "模拟线路，不传送语音" in shown if simulated else "sip:961202@" in shown


SIP_PAGE = {"FreeSWITCH", "SIP", "sip", "make", "run", "RFC", "SWITCH", "simulated"}


@pytest.mark.django_db(transaction=True)
def test_the_record_beside_the_phone_is_that_of_test_calls_alone(wang):
    test, real = Recorded(is_test=True), Recorded()
    for call in (test, real):
        call.heard(("welcome.961202", "您好。", 1.0))
        call.identifies(wang)
    tester = browser(Role.TRAINER)
    shown = tester.get(f"/phone/calls/{test.row.uuid}/").content.decode()
    assert "卡号与查询密码通过" in shown
    assert "/admin/telephony/call/" not in shown  # a trainer reads no calls
    tester.get(f"/phone/calls/{test.row.uuid}/")
    assert AccessLog.objects.count() == 1  # once a call, not once a step
    hidden = tester.get(f"/phone/calls/{real.row.uuid}/").content.decode()
    assert "卡号与查询密码通过" not in hidden
    assert browser(Role.AGENT).get(f"/phone/calls/{test.row.uuid}/").status_code == 403


# -- the terminal ----------------------------------------------------------------------------------


async def in_terminal(*arguments: str, **options) -> tuple[str, bool]:
    """What a call prints, and whether it failed."""
    import contextlib

    printed, complaints = StringIO(), StringIO()

    def run() -> bool:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complaints):
            try:
                call_command("call", *arguments, **options)
            except SystemExit as failed:
                return bool(failed.code)
        return False

    failed = await asyncio.to_thread(run)
    return printed.getvalue() + complaints.getvalue(), failed


@pytest.mark.django_db(transaction=True)
async def test_a_balance_in_the_terminal(bank, at_the_switch, wang):
    keys = f"1 1 {wang.pan.reveal()}# {wang.query_pin}# 1 1"
    printed, failed = await in_terminal("961202", keys=keys)
    assert not failed, printed
    lines = [line.partition("  ")[2] for line in printed.splitlines()]
    assert lines[:2] == ["- 振铃", "- 通话中"]
    said_in_order = [
        "您好，欢迎致电鹏城商业银行。",
        "> 按 1",
        "个人业务，请按 1。",
        "> 按 1",
        "请输入您的卡号，按井号键结束。",
        f"> 按 {'*' * (len(wang.pan.reveal()) - 4)}{wang.card.last4}#",
        "请输入六位查询密码，按井号键结束。",
        "> 按 ******#",
        "> 按 1",
        "> 按 1",
        "余额一万两千元。",
        "- 您已挂机。",
    ]
    at = 0
    for words in said_in_order:
        at = next((n + 1 for n in range(at, len(lines)) if words in lines[n]), 0)
        assert at, f"{words} in {printed}"
    assert re.fullmatch(r"\d\d:\d\d", printed.splitlines()[-1][:5])
    assert wang.query_pin not in printed
    assert wang.pan.reveal() not in printed
    call = await bank.query(Call.objects.get)
    assert call.is_test


@pytest.mark.django_db(transaction=True)
async def test_keyed_ahead_and_in_english(bank, at_the_switch, wang):
    keys = f"1 {wang.pan.reveal()}# {wang.query_pin}# 1 1"
    printed, failed = await in_terminal("961202", keys=keys, language="en", ahead=True)
    assert not failed, printed
    balance = {"tail": wang.account_tail, "balance": wang.opening}
    assert PROMPTS.say("en", "balance.same", **balance).text in printed
    assert "You hung up." in printed
    assert wang.query_pin not in printed


@pytest.mark.django_db(transaction=True)
async def test_what_is_never_asked_for_is_a_failed_call(bank, at_the_switch, wang):
    wrong = f"{wang.pan.reveal()}# 000000#"
    keys = f"1 1 {wrong} 000000# 000000# 999999#"
    printed, failed = await in_terminal("961202", keys=keys)
    assert failed
    assert "没有问到，未按：*******" in printed
    assert "999999" not in printed


@pytest.mark.django_db(transaction=True)
async def test_a_number_that_nobody_has_is_a_failed_call(bank, at_the_switch):
    printed, failed = await in_terminal("10086", keys="1")
    assert failed
    assert "银行已结束通话。（没有这个号码）" in printed
    assert "电话无人接听。" in printed


@pytest.mark.django_db(transaction=True)
async def test_the_same_as_json(bank, at_the_switch):
    printed, failed = await in_terminal("25198888", keys="1", json=True)
    messages = [json.loads(line) for line in printed.splitlines()]
    assert not failed
    assert messages[0]["event"] == "stage"
    assert messages[-1]["event"] == "outcome"
    assert messages[-1]["failed"] is False
    assert {"playing", "played", "keyed", "ended"} <= {m["event"] for m in messages}


def test_without_a_simulated_switch_the_terminal_says_what_to_do(settings, tmp_path):
    settings.PHONE_URL, settings.VAR = "", tmp_path
    with pytest.raises(CommandError, match="SIP"):
        call_command("call", "961202")
    (tmp_path / "run.json").write_text('{"switch": "freeswitch", "phone_port": null}')
    with pytest.raises(CommandError, match="SIP"):
        call_command("call", "961202")


@pytest.mark.django_db(transaction=True)
async def test_another_terminal_finds_the_bank_that_runs_here(bank, exchange, settings, tmp_path):
    settings.PHONE_URL, settings.VAR, settings.KEYS = "", tmp_path, tmp_path
    (tmp_path / "run.json").write_text(json.dumps({"phone_port": exchange.phone_port}))
    (tmp_path / "event_socket_password").write_text(f"{PASSWORD}\n")
    printed, failed = await in_terminal("961202")
    assert not failed
    assert "您好，欢迎致电鹏城商业银行。" in printed


def test_what_are_no_keys_is_refused_before_anything_is_dialled(settings):
    settings.PHONE_URL = "phone://:x@127.0.0.1:1"
    with pytest.raises(CommandError, match="no keys"):
        call_command("call", "961202", keys="1 two")


@pytest.mark.django_db(transaction=True)
async def test_a_call_that_nobody_drives_hears_the_truth(unmanned, at_the_switch):
    printed, failed = await in_terminal("961202")
    assert not failed
    assert "系统繁忙，暂时无法为您办理业务。" in printed


@pytest.mark.django_db(transaction=True)
async def test_a_bank_that_falls_silent_is_a_failed_call(bank, exchange, at_the_switch):
    async with Phone.connect(exchange.phone_port, PASSWORD) as other:
        await other.withhold("play_and_get_digits")
        outcome = await calling.call("961202", [], tell=lambda update: None)
        await other.release()
    assert outcome.silent
    assert outcome.failed
