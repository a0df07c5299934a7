"""Whatever a person may change in the admin says afterwards who changed it, and from what."""

from datetime import date, time

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from django.utils.translation import override

from calendars.models import ExceptionalSpan, OpeningHours, WeeklySpan
from live.facts import Fact
from people import staff
from people.models import User
from people.roles import Role
from routing.models import Agent, AgentSkill, Skill

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(client):
    """王丽, the supervisor, at her desk."""
    user = staff.hire(number="1901", name="王丽", branch=None, roles=[Role.SUPERVISOR])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


@pytest.fixture
def planner(client):
    user = staff.hire(number="6001", name="高琳", branch=None, roles=[Role.PLANNER])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def rows(prefix, there, *new) -> dict[str, object]:
    """What an inline's form sends: each row a dict, those that are there with their key."""
    sent = {f"{prefix}-TOTAL_FORMS": len(there) + len(new), f"{prefix}-INITIAL_FORMS": len(there)}
    for place, row in enumerate([*there, *new]):
        sent |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
    return sent


def told(client, subject) -> list[tuple[str, str, str, str]]:
    """Who changed what from what to what, the newest first, as the page tells it."""
    name = f"{subject._meta.app_label}_{subject._meta.model_name}"
    with override("zh-hans"):
        page = client.get(reverse(f"admin:{name}_history", args=[subject.pk]))
    assert page.status_code == 200
    return [
        (change.by, one.field, one.before, one.after)
        for change in page.context["changes"]
        for one in change.differences
    ]


def sends(client, subject, form) -> None:
    name = f"{subject._meta.app_label}_{subject._meta.model_name}"
    answer = client.post(reverse(f"admin:{name}_change", args=[subject.pk]), form)
    assert answer.status_code == 302, answer.context["errors"]


def test_who_changed_a_level_is_in_the_agents_history(client, wang):
    lin = staff.hire(number="1023", name="林晓", branch=None, roles=[Role.AGENT])
    agent = Agent.objects.create(user=lin)
    general = Skill.objects.create(slug="general", name="综合")
    card = Skill.objects.create(slug="card", name="信用卡")
    known = AgentSkill.objects.create(agent=agent, skill=general, level=5)
    row = {"id": known.pk, "agent": agent.pk, "skill": general.pk, "level": 7}
    learnt = {"id": "", "agent": agent.pk, "skill": card.pk, "level": 3}
    sends(client, agent, {"is_active": "on", **rows("skills", [row], learnt)})
    row |= {"DELETE": "on"}
    kept = {**learnt, "id": AgentSkill.objects.get(skill=card).pk}
    sends(client, agent, {"is_active": "on", **rows("skills", [kept, row])})

    her, what = "王丽 1901", "坐席技能"
    assert [one for one in told(client, agent) if one[0] == her] == [
        (her, what, "综合 7", "—"),
        (her, what, "", "信用卡 3"),
        (her, what, "综合 5", "综合 7"),
    ]
    was = general.pk
    general.delete()  # nobody knows it any more: it is told by its number
    assert (her, what, f"{agent} {was} 7", "—") in told(client, agent)


def test_who_changed_an_hour_is_in_the_hours_history(client, planner):
    hours = OpeningHours.objects.create(name="branch", title="网点")
    span = WeeklySpan.objects.create(hours=hours, weekday=0, opens=time(9), closes=time(17))
    day = ExceptionalSpan.objects.create(hours=hours, day=date(2027, 2, 5), note="除夕")
    weekly = {"id": span.pk, "hours": hours.pk, "weekday": 0, "opens": "08:30", "closes": "17:00"}
    closed = {"id": day.pk, "hours": hours.pk, "day": "2027-02-05", "note": "除夕停业"}
    form = {"name": "branch", "title": "网点", "on_holidays": "usual"}
    sends(client, hours, form | rows("weekly", [weekly]) | rows("exceptions", [closed]))

    assert sorted(one for one in told(client, hours) if one[0] == "高琳 6001") == [
        ("高琳 6001", "2027-02-05 · 备注", "除夕", "除夕停业"),
        ("高琳 6001", "每周时段", "星期一 09:00–17:00", "星期一 08:30–17:00"),
    ]


def test_whatever_can_be_edited_is_tracked():
    """What is only added, by a name, is its own history. A part says as well that it was taken."""
    request = RequestFactory().get("/")
    request.user = User(username="0000", is_superuser=True, is_active=True)
    untracked, unseen = [], []
    for model, page in admin.site._registry.items():
        may = [page.has_add_permission, page.has_change_permission, page.has_delete_permission]
        adds, changes, deletes = (may(request) for may in may)
        names = ("made_by", "brought_by")
        is_signed = not changes and not deletes and any(hasattr(model, name) for name in names)
        if (adds or changes or deletes) and not is_tracked(model) and not is_signed:
            untracked.append(model._meta.label)
        for inline in page.get_inline_instances(request):
            if inline.has_change_permission(request) and not is_tracked(inline.model):
                untracked.append(inline.model._meta.label)
            takes = inline.can_delete and inline.has_delete_permission(request)
            if takes and "delete_delete" not in {t.name for t in inline.model._meta.triggers}:
                unseen.append(inline.model._meta.label)
    assert (untracked, unseen) == ([], [])


def is_tracked(model) -> bool:
    return hasattr(model, "events") or issubclass(model, Fact)
