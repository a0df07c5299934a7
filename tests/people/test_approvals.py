"""Two pairs of eyes: who asks never decides, a decision is made once, and PostgreSQL says so."""

from datetime import timedelta

import psycopg
import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.db import DatabaseError
from django.db.models import QuerySet
from django.urls import reverse

from people import approvals, staff
from people.approvals import Approvable
from people.errors import Refusal
from people.models import AccessLog, Approval, Branch
from people.roles import Role
from tests.banking.conftest import app, owner  # noqa: F401
from tests.banking.together import Meeting, together
from tests.cast import NOON

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOON + timedelta(hours=1)


class Gone(Refusal):
    text = "There is no such branch any more."


class Renaming(Approvable):
    """A kind of the tests: a branch gets another name."""

    title = "Rename a branch"
    no_more = False

    def summary(self, approval):
        return f"Rename to {approval.details['name']}"

    def carry_out(self, approval, *, at):
        if Renaming.no_more:
            raise Gone
        branch = approvals.subject(approval)
        branch.name = f"{approval.details['name']} by {approval.decided_by.name}"
        branch.save()

    def refused(self, approval, *, at):
        branch = approvals.subject(approval)
        branch.address = approval.note
        branch.save()


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    monkeypatch.setattr(approvals, "_kinds", {})
    ask, decide = "people.view_branch", "people.view_approval"
    approvals.approval("rename", ask=ask, decide=decide)(Renaming)
    monkeypatch.setattr(Renaming, "no_more", False)


@pytest.fixture
def branch():
    return Branch.objects.create(code="001", name="福田支行")


def clerk(number, name, *roles):
    return staff.hire(number=number, name=name, branch=None, roles=roles)


@pytest.fixture
def he():
    """何静, a back-office clerk."""
    return clerk("3001", "何静", Role.BACK_OFFICE)


@pytest.fixture
def sun():
    """孙伟, her colleague."""
    return clerk("3002", "孙伟", Role.BACK_OFFICE)


@pytest.fixture
def asked(branch, he) -> Approval:
    return asking(branch, he)


def asking(branch, by, *, name="莲花支行", **terms) -> Approval:
    given = {"reason": "the street was renamed", "at": NOON, "details": {"name": name}, **terms}
    return approvals.ask("rename", branch, by=by, **given)


def test_one_asks_and_another_decides(asked, branch, sun):
    decided = approvals.approve(asked.pk, by=sun, at=LATER, note="seen the letter")
    assert (decided.state, decided.decided_by, decided.decided_at) == ("approved", sun, LATER)
    branch.refresh_from_db()
    assert branch.name == "莲花支行 by 孙伟"


def test_a_no_is_carried_out_too(asked, branch, sun):
    with pytest.raises(approvals.NoWord):
        approvals.refuse(asked.pk, by=sun, at=LATER, note=" ")
    approvals.refuse(asked.pk, by=sun, at=LATER, note="no letter")
    branch.refresh_from_db()
    assert (branch.name, branch.address) == ("福田支行", "no letter")


def test_nobody_decides_what_she_asked(asked, branch, he):
    with pytest.raises(approvals.OwnRequest):
        approvals.approve(asked.pk, by=he, at=LATER)
    with pytest.raises(approvals.OwnRequest):
        approvals.refuse(asked.pk, by=he, at=LATER, note="thought again")
    branch.refresh_from_db()
    assert branch.name == "福田支行"


def test_who_has_no_part_in_it_neither_asks_nor_decides(asked, branch, monkeypatch):
    monkeypatch.setattr(Renaming, "ask", "people.add_branch")
    agent = clerk("1003", "林晓", Role.AGENT)
    with pytest.raises(approvals.NotYours):
        asking(branch, agent)
    with pytest.raises(approvals.NotYours):
        approvals.approve(asked.pk, by=agent, at=LATER)
    with pytest.raises(approvals.NotYours):
        approvals.withdraw(asked.pk, by=agent, at=LATER)


def test_a_decision_is_made_once(asked, sun):
    approvals.refuse(asked.pk, by=sun, at=LATER, note="no letter")
    for verb in (approvals.approve, approvals.refuse):
        with pytest.raises(approvals.AlreadyDecided):
            verb(asked.pk, by=sun, at=LATER, note="still not")


def test_two_who_decide_at_once_decide_once(asked, branch, sun):
    zhou = clerk("3003", "周涛", Role.BACK_OFFICE)
    outcomes = together(
        lambda: approvals.approve(asked.pk, by=sun, at=LATER),
        lambda: approvals.refuse(asked.pk, by=zhou, at=LATER, note="no letter"),
    )
    assert sum(isinstance(one, approvals.AlreadyDecided) for one in outcomes) == 1
    branch.refresh_from_db()
    assert (branch.name == "福田支行") == (Approval.objects.get().state == "refused")


def test_control_without_the_lock_only_the_trigger_saves_a_decision(
    asked, branch, sun, monkeypatch
):
    """Both find it open, and both decide: what the table refuses is no answer to a clerk."""
    zhou = clerk("3003", "周涛", Role.BACK_OFFICE)
    point, lock = Meeting(patience_s=10), approvals._lock

    def look(pk, at):
        found = lock(pk, at)
        point.wait()
        return found

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **how: self)
    monkeypatch.setattr(approvals, "_lock", look)
    outcomes = together(
        lambda: approvals.approve(asked.pk, by=sun, at=LATER),
        lambda: approvals.refuse(asked.pk, by=zhou, at=LATER, note="no letter"),
    )
    assert point.met
    assert not any(isinstance(one, Refusal) for one in outcomes)
    assert sum(isinstance(one, DatabaseError) for one in outcomes) == 1


def test_what_can_not_be_carried_out_was_not_decided(asked, branch, sun, monkeypatch):
    monkeypatch.setattr(Renaming, "no_more", True)
    with pytest.raises(Gone):
        approvals.approve(asked.pk, by=sun, at=LATER)
    assert Approval.objects.get().state == "open"


def test_one_of_a_kind_waits_at_a_time(asked, branch, he, sun):
    with pytest.raises(approvals.AlreadyAsked):
        asking(branch, sun, name="香蜜湖支行")
    approvals.withdraw(asked.pk, by=he, at=LATER)
    asking(branch, sun, name="香蜜湖支行", at=LATER)
    assert Approval.objects.filter(state="open").count() == 1


def test_what_lapsed_is_decided_no_more_and_asked_anew(branch, he, sun):
    first = asking(branch, he, expires_at=LATER)
    with pytest.raises(approvals.AlreadyAsked):
        asking(branch, he, at=LATER - timedelta(seconds=1))
    with pytest.raises(approvals.AlreadyDecided):
        approvals.approve(first.pk, by=sun, at=LATER)
    second = asking(branch, he, at=LATER)
    first.refresh_from_db()
    assert (first.state, second.state) == ("lapsed", "open")


def test_nothing_is_asked_without_a_reason(branch, he):
    with pytest.raises(approvals.NoWord):
        asking(branch, he, reason="  ")


# -- PostgreSQL itself ---------------------------------------------------------------------------

SELF = "UPDATE people_approval SET state='approved', decided_by_id=asked_by_id, decided_at=now()"
ATTACKS = {
    "decided_by_another": SELF,
    "decided_by_somebody": "UPDATE people_approval SET state='approved', decided_at=now()",
    "decided_when": "UPDATE people_approval SET state='refused', decided_by_id=%(sun)s",
    "as_asked": 'UPDATE people_approval SET details=\'{"name": "mine"}\'',
    "kept": "DELETE FROM people_approval",
}


def guard(name: str) -> tuple[str, str]:
    """How it is switched off, as the tables' owner may."""
    for trigger in Approval._meta.triggers:
        if trigger.name == name:
            pgid = trigger.get_pgid(apps.get_model("people", "approval"))
            table = "ALTER TABLE people_approval {} TRIGGER " + pgid
            return table.format("DISABLE"), table.format("ENABLE")
    constraint = next(c for c in Approval._meta.constraints if c.name == name)
    from django.db import connection

    with connection.schema_editor(collect_sql=True) as editor:
        add = str(constraint.create_sql(Approval, editor))
    return f"ALTER TABLE people_approval DROP CONSTRAINT {name}", add + " NOT VALID"


@pytest.mark.parametrize("name", ATTACKS)
def test_postgresql_refuses_what_no_service_does(name, asked, sun, app, owner):  # noqa: F811
    attack, who = ATTACKS[name], {"sun": sun.pk}
    with pytest.raises(psycopg.Error):
        app.execute(attack, who)
    off, on = guard(name)
    owner.execute(off)
    try:  # the control: with the guard off it passes
        assert app.execute(attack, who).rowcount == 1
    finally:
        owner.execute(on)


def test_a_decision_is_never_rewritten(asked, he, sun, app, owner):  # noqa: F811
    approvals.refuse(asked.pk, by=sun, at=LATER, note="no letter")
    rewrite = "UPDATE people_approval SET state='approved'"
    with pytest.raises(psycopg.Error):
        app.execute(rewrite)
    off, on = guard("decided_once")
    owner.execute(off)
    try:
        assert app.execute(rewrite).rowcount == 1
    finally:
        owner.execute(on)


# -- the page ------------------------------------------------------------------------------------


@pytest.fixture
def at_desk(client, settings):
    def log_in(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        client.cookies["django_language"] = "en"
        return client

    return log_in


def press(client, verb, approval, **given):
    page = reverse(f"admin:people_approval_{verb}", args=[approval.pk])
    return client.post(page, {"_form_submitted": "True", **given})


def test_the_page_lists_what_waits_and_a_colleague_approves(asked, branch, sun, at_desk):
    client = at_desk(sun)
    page = client.get(reverse("admin:people_approval_changelist")).content.decode()
    assert "Rename to 莲花支行" in page
    own = client.get(reverse("admin:people_approval_change", args=[asked.pk]))
    assert own.status_code == 200
    assert f"Rename a branch {asked.pk}" in own.content.decode()  # its heading
    assert AccessLog.objects.get().subject == f"people.branch:{branch.pk}"
    answer = press(client, "approve", asked, note="seen")
    assert answer["HX-Redirect"] == reverse("admin:people_approval_changelist")
    assert Approval.objects.get().decided_by == sun
    page = client.get(reverse("admin:people_approval_changelist")).content.decode()
    assert "Rename to" not in page


def test_who_asked_is_offered_no_decision_and_may_withdraw(asked, he, at_desk):
    client = at_desk(he)
    assert press(client, "approve", asked).status_code == 403
    assert press(client, "refuse", asked, note="no").status_code == 403
    press(client, "withdraw", asked)
    assert Approval.objects.get().state == "withdrawn"


def test_a_no_needs_a_word_and_a_refusal_is_told(asked, sun, at_desk, monkeypatch):
    client = at_desk(sun)
    assert "HX-Redirect" not in press(client, "refuse", asked)
    monkeypatch.setattr(Renaming, "no_more", True)
    answer = press(client, "approve", asked)
    assert [str(one) for one in get_messages(answer.wsgi_request)] == [str(Gone.text)]
    press(client, "refuse", asked, note="no letter")
    assert Approval.objects.get().note == "no letter"


def test_a_kind_is_seen_by_who_has_a_part_in_it_and_by_the_auditor(asked, he, monkeypatch):
    monkeypatch.setattr(Renaming, "ask", "people.add_branch")
    monkeypatch.setattr(Renaming, "decide", "people.change_branch")
    other = approvals.approval("other", ask="people.view_branch", decide="people.view_branch")
    other(type("Other", (Renaming,), {}))
    auditor = clerk("9001", "吴敏", Role.AUDITOR)
    assert list(approvals.visible(he)) == []
    monkeypatch.setattr(approvals.kinds()["other"].__class__, "ask", "people.add_user")
    monkeypatch.setattr(approvals.kinds()["other"].__class__, "decide", "people.add_user")
    assert list(approvals.visible(auditor)) == [asked]
