"""Demo traffic: who may ask for it, where it is refused, and what callers do with a prompt."""

import asyncio
from dataclasses import replace
from statistics import mean

import pytest
from django.core.management import CommandError, call_command

from banking.demo import DemoCard
from desktop.demo import STAFF
from desktop.models import Traffic
from desktop.traffic import wishes
from desktop.traffic.callers import DONE, KEYS, NO_PERSON, WAITING, Caller
from desktop.traffic.dice import SHARES, Dice, Goal, Plan
from desktop.traffic.scene import seats
from people import staff
from people.roles import Role
from routing.models import Agent
from telephony.phone import line
from telephony.simswitch.phone import Heard

CARD = DemoCard("王芳", "6222024000000069", "440304", "274916", "830527")
PLAN = Plan(
    Goal.BALANCE, english=False, wrong_pins=0, patience_s=60, takes_callback=False, talk_s=None
)


@pytest.fixture
def busy_bank(transactional_db, settings):
    """The demo bank's first member of staff, on a simulated switch."""
    settings.PHONE_URL = "phone://:word@127.0.0.1:9"
    number, name, *_ = STAFF[0]
    return staff.hire(number=number, name=name, branch=None, roles=[Role.SUPERVISOR])


@pytest.fixture
def click(client, busy_bank):
    client.force_login(busy_bank, backend="django.contrib.auth.backends.ModelBackend")

    def post(calls_per_minute: str) -> str:
        page = client.post("/traffic/", {"calls_per_minute": calls_per_minute}, follow=True)
        return page.content.decode()

    return post


def test_one_click_starts_it_and_one_stops_it(click, busy_bank):
    assert "演示来电已开始" in click("12")
    row = Traffic.objects.get()
    assert (row.calls_per_minute, row.asked_by) == (12, busy_bank)
    assert "演示来电：每分钟 12 通" in click("12")
    assert "演示来电已停止" in click("0")
    assert wishes.wanted() == 0


@pytest.mark.parametrize("nonsense", ["121", "", "-1", "a few", "9999", "１２x"])
def test_a_number_that_is_none_is_refused_and_changes_nothing(click, nonsense):
    assert "每分钟 1 到 120 通" in click(nonsense)
    assert wishes.wanted() == 0


def test_a_bank_of_real_customers_has_no_such_button(click, settings):
    settings.PHONE_URL = ""
    assert "演示来电只能在演示数据和模拟交换机上使用" in click("12")
    assert not Traffic.objects.exists()


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, "Give --calls-per-minute"),
        ({"calls_per_minute": 5, "on_request": True}, "Give --calls-per-minute"),
        ({"calls_per_minute": 0}, "from 1 to 120"),
        ({"calls_per_minute": 5}, "There is no demo bank here"),
    ],
)
def test_the_command_says_what_it_lacks(transactional_db, asked, why):
    with pytest.raises(CommandError, match=why):
        call_command("demo_traffic", **asked)


def test_supervisors_and_the_last_two_seats_are_left_to_people(transactional_db):
    for number, roles in (
        ("1001", Role.SUPERVISOR),
        *[(f"10{n}", Role.AGENT) for n in (11, 12, 13)],
    ):
        user = staff.hire(number=number, name="某某", branch=None, roles=[roles])
        Agent.objects.create(user=user)
    assert [user.username for user in seats()] == ["1011"]


# -- chance -------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_day():
    days = [[Dice(7).plan() for _ in range(3)], [Dice(7).plan() for _ in range(3)]]
    assert days[0] == days[1]
    assert Dice(8).plan() != Dice(7).plan() or Dice(8).gap(12) != Dice(7).gap(12)


def test_arrivals_and_talks_have_the_means_that_were_asked_for():
    dice = Dice(1)
    assert mean(dice.gap(12) for _ in range(4000)) == pytest.approx(5, rel=0.06)
    assert mean(dice.lognormal(150) for _ in range(4000)) == pytest.approx(150, rel=0.06)
    goals = [dice.plan().goal for _ in range(4000)]
    for goal, share in SHARES.items():
        assert goals.count(goal) / len(goals) == pytest.approx(share / 100, abs=0.03)


# -- a caller -----------------------------------------------------------------------------------


class Handset:
    """What a caller does to her phone, in order."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.news = asyncio.Event()

    async def keys(self, digits: str, *, gap_ms: int = 0) -> None:
        self.did.append(digits)
        self.news.set()

    async def hang_up(self) -> None:
        self.did.append("hang up")
        self.news.set()


@pytest.fixture
def hears():
    """What she does when these prompts are played to her, one breath after the other."""

    async def listen(plan: Plan, *breaths: tuple[str, ...]) -> list[str]:
        handset = Handset()
        speech, rate = line.speech(), 100_000.0  # nobody waits for anybody
        caller = Caller(handset, speech, Dice(1), plan, CARD, rate)
        for prompts in breaths:
            handset.news.clear()
            files = [f"zh/{prompt}.wav" for prompt in prompts]
            caller._hear(Heard("playing", "c", 0.0, {"files": files, "seconds": 2.0}))
            async with asyncio.timeout(5):
                await handset.news.wait()
        return handset.did

    return listen


async def test_she_goes_for_her_balance_with_a_wrong_password_first(hears):
    did = await hears(
        replace(PLAN, wrong_pins=1),
        ("welcome.961202", "menu.language.1"),
        ("menu.root.1", "menu.root.2", "menu.hint"),
        ("identify.card",),
        ("identify.pin",),
        ("identify.pin",),
        ("menu.personal.1", "menu.personal.2"),
        ("menu.accounts.1", "menu.accounts.2"),
        ("balance.none",),
    )
    assert did == ["1", "1", f"{CARD.pan}#", "274917#", "274916#", "1", "1", "hang up"]


async def test_what_is_offered_after_she_has_what_she_wants_does_not_keep_her():
    handset = Handset()
    caller = Caller(handset, line.speech(), Dice(1), PLAN, CARD, 100_000.0)
    for prompt in ("balance.none", "menu.accounts.1"):
        caller._hear(Heard("playing", "c", 0.0, {"files": [f"zh/{prompt}.wav"], "seconds": 2.0}))
    async with asyncio.timeout(5):
        await handset.news.wait()
    assert handset.did == ["hang up"]


@pytest.mark.parametrize(("takes_callback", "ends"), [(True, ["1", "1"]), (False, ["hang up"])])
async def test_who_wants_a_person_waits_as_long_as_she_can(hears, takes_callback, ends):
    plan = replace(PLAN, goal=Goal.PERSON, takes_callback=takes_callback)
    waits = ("agent.next", "agent.wait_short", "agent.wait_hint")
    asked = [("agent.callback_number-1",)] if takes_callback else []
    did = await hears(plan, ("menu.language.1",), ("menu.root.1",), waits, *asked)
    assert did == ["1", "0", *ends]


@pytest.mark.parametrize(("takes_callback", "ends"), [(True, "1"), (False, "hang up")])
async def test_where_nobody_could_come_she_takes_the_call_back_or_goes(hears, takes_callback, ends):
    plan = replace(PLAN, goal=Goal.PERSON, takes_callback=takes_callback)
    assert await hears(plan, ("agent.callback_offer",)) == [ends]


async def test_a_question_that_leads_nowhere_ends_in_a_hang_up(hears):
    did = await hears(PLAN, *[("identify.card",)] * 5)
    assert did == [f"{CARD.pan}#"] * 4 + ["hang up"]


def test_every_prompt_that_a_caller_knows_is_one_that_the_bank_says():
    prompts = set(line.speech().known())
    for goal in Goal:
        for prefix in (*KEYS[goal], *DONE[goal], *WAITING, NO_PERSON):
            assert any(key.startswith(prefix) for key in prompts), prefix
