"""Agents, queues and what happened on the floor, as a supervisor reads them."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from banking.models.customers import Vip
from calendars import clock
from people import staff
from people.roles import Role
from routing import entries, offers, presence, pulse, reconcile, rounds, shipped
from routing.entries import Wish
from routing.models import (
    Agent,
    AgentSkill,
    PauseReason,
    Presence,
    Queue,
    QueueEntry,
    Repair,
    Skill,
)
from tests.browser.test_admin import latin_words

NODE = "node1"
SKILLS = {
    "林晓": {"general": 9, "card": 7, "ebank": 5},
    "周敏": {"general": 6, "loan": 6},
    "陈晨": {"general": 7, "ebank": 9},
    "赵雷": {"general": 5, "card": 9},
    "孙洁": {"english": 9, "general": 3},
}


class Hour:
    """The last hour, through the services."""

    def __init__(self) -> None:
        self.now: datetime = clock.now() - timedelta(minutes=50)
        shipped.install(at=self.now)
        self.agents, self.sessions = {}, {}
        for n, (name, levels) in enumerate(SKILLS.items()):
            user = staff.hire(number=f"10{n:02}", name=name, branch=None, roles=[Role.AGENT])
            agent = Agent.objects.create(user=user)
            for slug, level in levels.items():
                skill = Skill.objects.get(slug=slug)
                AgentSkill.objects.create(agent=agent, skill=skill, level=level)
            self.agents[name] = user.pk
            self.sessions[name] = presence.sign_in(user, tab=uuid4(), at=self.now).pk
            self.passes(20)
            presence.ready(user.pk, at=self.now)

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for session in self.sessions.values():
            presence.heartbeat(session, phone=True, at=self.now)

    def calls(self, queue: str, caller: str, vip: str = "") -> QueueEntry:
        wish = Wish(uuid4(), NODE, caller, "zh", vip=vip)
        return entries.enter(wish, queue, at=self.now)

    def rings(self) -> list[offers.Offer]:
        pulse.beat("node1", rounds.run(at=self.now), ms=3.4, at=self.now)
        return offers.to_ring(NODE, at=self.now)

    def talks(self, offer: offers.Offer, wait_s: float, talk_s: float) -> None:
        self.passes(wait_s)
        offers.answered(offer.leg, at=self.now)
        self.passes(talk_s)
        offers.finished(offer.leg, at=self.now)
        self.passes(25)
        presence.wrapped_up(offer.agent_id, at=self.now)


@pytest.fixture
def hour(log_in) -> Hour:
    log_in(Role.SUPERVISOR)
    hour = Hour()
    for n, queue in enumerate(("general", "card", "ebank", "loan", "general", "english")):
        hour.calls(queue, f"138001360{n:02}", vip=(Vip.GOLD if n % 3 == 0 else ""))
        hour.passes(3 + n)
        [offer] = hour.rings()
        hour.talks(offer, 4, 90 + 25 * n)
    hour.calls("general", "13900002233")
    hour.passes(2)
    [offer] = hour.rings()
    hour.passes(15)
    offers.refused(offer.leg, "timed_out", at=hour.now)
    [offer] = hour.rings()
    hour.talks(offer, 3, 140)
    gone = hour.calls("card", "13511112222")
    hour.passes(3.5)
    entries.leave(gone.call_ref, QueueEntry.Outcome.ABANDONED, at=hour.now)
    asked = hour.calls("loan", "13622223333")
    hour.passes(41)
    entries.leave(asked.call_ref, QueueEntry.Outcome.CALLBACK, at=hour.now)
    presence.pause(hour.agents["陈晨"], "meal", at=hour.now)
    hour.calls("complaint", "13733334444")
    suspects: frozenset = frozenset()
    for _ in range(2):  # her channel is nowhere
        hour.passes(5)
        looked = reconcile.run(NODE, channels=(), legs=(), suspects=suspects, at=hour.now)
        suspects = looked.suspects
    hour.now = clock.now()
    hour.passes(0)
    hour.calls("general", "13800136027", vip=Vip.PRIVATE)
    [offer] = hour.rings()
    offers.answered(offer.leg, at=hour.now)
    hour.calls("complaint", "13900001111")
    return hour


LISTS = (
    *("queueentry", "reservation", "presence", "session", "agent", "queue", "skill"),
    *("pausereason", "waitingcredit", "dispatcher", "repair"),
    *("agent/add", "queue/add", "waitingcredit/add"),
)
NAMED = (Queue, Skill, PauseReason)  # in both languages, side by side, where they are kept


def pages(hour: Hour) -> dict[str, str]:
    returned = QueueEntry.objects.get(returned=1)
    repair = Repair.objects.get()
    offer = returned.reservations.order_by("made_at")[0]
    state = Presence.objects.filter(state="paused").latest("started_at")
    return {
        **{name.replace("/", "-"): f"/admin/routing/{name}/" for name in LISTS},
        "queueentry-page": f"/admin/routing/queueentry/{returned.pk}/change/",
        "reservation-page": f"/admin/routing/reservation/{offer.pk}/change/",
        "presence-page": f"/admin/routing/presence/{state.pk}/change/",
        "session-page": f"/admin/routing/session/{hour.sessions['林晓']}/change/",
        "agent-page": f"/admin/routing/agent/{hour.agents['林晓']}/change/",
        "queue-page": f"/admin/routing/queue/{Queue.objects.get(slug='loan').pk}/change/",
        "dispatcher-page": "/admin/routing/dispatcher/dispatcher/change/",
        "repair-page": f"/admin/routing/repair/{repair.pk}/change/",
    }


def named(*fields: str) -> set[str]:
    return {
        getattr(row, field) for model in NAMED for row in model.objects.all() for field in fields
    }


def test_no_english_in_the_chinese_pages_and_nothing_is_cut_off(hour, page, shoot):
    own = {word for text in named("name_en", "slug") for word in re.findall("[A-Za-z]+", text)}
    for name, address in pages(hour).items():
        page.goto(address)
        shoot(f"routing-{name}-zh")
        assert latin_words(page) - own - {"node", "Node", "s"} == set(), name
        assert page.evaluate("document.documentElement.scrollWidth") == 1440, name


def test_no_chinese_in_the_english_pages_but_names(hour, page, shoot, base_url):
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    own = "|".join([*named("name"), *SKILLS, "赵敏", "人工服务"])
    for name, address in pages(hour).items():
        page.goto(address)
        shoot(f"routing-{name}-en")
        shown = re.sub(own, "", page.locator("#main").inner_text())
        assert not re.findall("[一-鿿]+", shown), name


def test_the_offers_of_a_caller_say_why_and_what_came_of_them(hour, page):
    page.goto(pages(hour)["queueentry-page"])
    made = page.locator("#main")
    expect(made).to_contain_text("超时未接")
    expect(made).to_contain_text("等候 2 秒（优待 0 秒）；技能 9 级")
    expect(made).to_contain_text("139****2233")


def test_hours_of_a_queue_are_chosen_from_those_that_there_are(hour, page):
    page.goto(pages(hour)["queue-page"])
    choices = page.locator("select[name=hours] option").all_inner_texts()
    assert choices == ["全天", "人工服务"]
    assert page.locator("select[name=hours]").input_value() == "agents"


def test_an_agent_is_one_of_the_staff_who_may_take_calls(hour, page):
    staff.hire(number="1090", name="新坐席", branch=None, roles=[Role.AGENT])
    staff.hire(number="1091", name="结算员", branch=None, roles=[Role.SETTLEMENT_MAKER])
    page.goto("/admin/routing/agent/add/")
    offered = " ".join(page.locator("select[name=user] option").all_inner_texts())
    assert "新坐席" in offered
    assert "结算员" not in offered and "林晓" not in offered
