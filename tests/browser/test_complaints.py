"""The complaints desk and the ratings as a handler sees them, all of it in her language."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from playwright.sync_api import expect

from calendars import clock
from complaints import cases, demo, shipped
from complaints.models import Complaint
from people import staff
from people.models import Branch
from people.roles import Role
from quality import shipped as quality_shipped
from quality.models import Rating
from routing import shipped as routing_shipped
from routing.models import Agent, Queue, QueueEntry, Reservation, Session
from telephony import recordings, wav
from telephony.models import Call
from tests import cast
from tests.browser.test_admin import latin_words

LISTS = ("complaints/complaint", "complaints/category", "complaints/clockrule")
RATINGS = ("quality/rating", "quality/askrule")


@pytest.fixture
def desk(log_in):
    """The demo's complaints, and one that was left after the tone."""
    for number, name, role in (
        ("1001", "王丽", Role.SUPERVISOR),
        ("1002", "何静", Role.COMPLAINT_HANDLER),
        ("1021", "田甜", Role.AGENT),
    ):
        staff.hire(number=number, name=name, branch=None, roles=[role])
    for code, name in (("001001", "营业部"), ("001002", "福田支行"), ("001003", "南山支行"),
                       ("001004", "罗湖支行"), ("001005", "宝安支行")):  # fmt: skip
        Branch.objects.create(code=code, name=name)
    for name in ("刘洋", "赵强", "孙丽", "李芳", "陈伟", "吴勇"):
        cast.person(name, is_test=False)
    shipped.install()
    demo.build(7, clock.now())
    log_in(Role.COMPLAINT_HANDLER)


@pytest.fixture
def message(desk) -> Complaint:
    at = clock.now() - timedelta(hours=2)
    call = Call.objects.create(
        uuid=uuid4(), node="node1", dialled="961202", caller="13900139000", started_at=at
    )
    path = Path(recordings.place(call.uuid, 1))
    path.write_bytes(wav.silence(23))
    yield Complaint.objects.get(pk=cases.left_a_message(call.pk, str(path), at=at).id)
    path.unlink()
    assert settings.RECORDINGS in path.parents


def test_the_inbox_and_its_terms(message, page, shoot, base_url):
    for name in LISTS:
        page.goto(f"{base_url}/admin/{name}/")
        assert "category" in name or latin_words(page) == set(), name  # it has English names
        shoot(name.replace("/", "-"))


def test_a_message_is_graded_on_its_page(message, page, shoot, base_url):
    page.goto(f"{base_url}/admin/complaints/complaint/{message.pk}/change/")
    assert latin_words(page) == set()
    assert page.locator("audio").count() == 1
    shoot("complaint-new")
    page.get_by_role("button", name="定级").or_(page.get_by_role("link", name="定级")).first.click()
    dialog = page.locator("#dialog")
    for field, value in (
        ("grade", "ordinary"),
        ("channel", "营业现场"),
        ("business", "人民币储蓄"),
        ("reason", "服务态度及质量"),
    ):
        chosen = {"value": value} if field == "grade" else {"label": value}
        dialog.locator(f"[name={field}]").select_option(**chosen)
    shoot("complaint-grading")
    dialog.get_by_role("button", name="定级").click()
    expect(page.get_by_text("已定级").first).to_be_visible()
    assert Complaint.objects.get(pk=message.pk).state == "graded"


def test_a_case_that_was_told(desk, page, shoot, base_url):
    told = Complaint.objects.get(state="told")
    page.goto(f"{base_url}/admin/complaints/complaint/{told.pk}/change/")
    assert latin_words(page) == set()
    shoot("complaint-told")


def test_ratings_and_who_is_asked(log_in, page, shoot, base_url):
    routing_shipped.install(at=clock.now())
    quality_shipped.install(at=clock.now())
    agent = Agent.objects.create(user=log_in(Role.AGENT))
    session = Session.objects.create(
        agent=agent, started_at=clock.now(), heartbeat_at=clock.now(), tab=uuid4()
    )
    for score in (5, 2, None):
        rated(agent, session, score)
    log_in(Role.SUPERVISOR)
    for name in RATINGS:
        page.goto(f"{base_url}/admin/{name}/")
        assert latin_words(page) == set(), name
        shoot(name.replace("/", "-"))


def rated(agent: Agent, session: Session, score: int | None) -> None:
    at = clock.now()
    call = Call.objects.create(
        uuid=uuid4(), node="node1", dialled="961202", caller="13900139000", started_at=at
    )
    queue = Queue.objects.get(slug="general")
    entry = QueueEntry.objects.create(
        queue=queue,
        call_ref=call.uuid,
        node="node1",
        caller=call.caller,
        entered_at=at,
        credited_at=at,
        state="ended",
        outcome="answered",
        answered_at=at,
        ended_at=at,
    )
    talk = Reservation.objects.create(
        entry=entry,
        agent=agent,
        session=session,
        leg=uuid4(),
        made_at=at,
        expires_at=at,
        answered_at=at,
        ended_at=at,
        end="answered",
        waited_s=1,
        idle_s=1,
    )
    Rating.objects.create(
        call=call,
        reservation=talk,
        agent=agent,
        queue=queue,
        asked_at=at,
        score=score,
        keyed_at=at if score else None,
    )
