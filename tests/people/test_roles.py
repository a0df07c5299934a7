import re

import pytest
from django.contrib.auth.models import Group, Permission

from people import roles, staff
from people.models import User
from people.roles import Role

pytestmark = pytest.mark.django_db


def in_database() -> dict[str, set[str]]:
    return {
        group.name: {
            f"{p.content_type.app_label}.{p.codename}"
            for p in group.permissions.select_related("content_type")
        }
        for group in Group.objects.all()
    }


def test_after_migrate_the_database_says_what_the_table_says():
    table = {role.value: set(permissions) for role, permissions in roles.table().items()}
    assert in_database() == table


def test_what_was_added_by_hand_is_taken_away_again():
    before = in_database()
    agent = Group.objects.get(name=Role.AGENT)
    agent.permissions.add(Permission.objects.get(codename="change_user"))
    agent.permissions.remove(Permission.objects.get(codename="view_branch"))
    Group.objects.create(name="friends of mine")
    assert in_database() != before
    roles.sync()
    assert in_database() == before


def test_a_permission_that_does_not_exist_is_named(monkeypatch):
    monkeypatch.setitem(roles.ROLES, Role.AGENT, {"people.fly_branch"})
    with pytest.raises(roles.UnknownPermission, match="agent: people.fly_branch"):
        roles.sync()


def test_the_auditor_reads_all_and_changes_nothing():
    permissions = roles.table()[Role.AUDITOR]
    assert {p.split(".")[1].split("_")[0] for p in permissions} == {"view"}
    assert Permission.objects.filter(codename__startswith="view_").count() == len(permissions)


# What an administrator configures, and none of it is about a customer. Whatever else she is given
# fails until somebody has looked for customers in it, and written it here.
CONFIGURED = {
    *("calendars.exceptionalspan", "calendars.openinghours"),
    *("calendars.specialday", "calendars.weeklyspan"),
    *("complaints.category", "complaints.clockrule"),
    *("desktop.board", "desktop.traffic", "django_q.failure", "django_q.schedule"),
    *("kb.regulation", "kb.regulationversion"),  # she is ruled by them as everybody is
    *("people.branch", "people.user", "quality.askrule"),
    *("reporting.countingrule", "reporting.target"),
    *("routing.agent", "routing.agentskill", "routing.pausereason"),
    *("routing.queue", "routing.skill", "routing.waitingcredit"),
    *("telephony.announcement", "telephony.menu", "telephony.menuentry", "telephony.menunode"),
    *("telephony.menuversion", "telephony.number", "telephony.publication"),
    *("telephony.savedcall", "telephony.wrapupcode"),
    "telephony.command",  # which verb of whom, and when; its call is named by its time alone
    "telephony.test_phone",  # identifies test customers only
}


def test_the_administrator_sees_no_customer_data():
    permissions = roles.table()[Role.ADMINISTRATOR]
    models = {re.sub(r"\.[a-z]+_", ".", permission, count=1) for permission in permissions}
    assert sorted(models - CONFIGURED) == []
    assert sorted(CONFIGURED - models) == [], "these she has not"


def test_only_the_administrator_changes_people():
    for role, permissions in roles.table().items():
        changes = {p for p in permissions if p.startswith("people.") and "view" not in p}
        assert bool(changes) is (role is Role.ADMINISTRATOR), role


def test_roles_are_given_and_taken_as_a_whole():
    user = staff.hire(number="1023", name="林晓", branch=None, roles=[Role.QC, Role.AGENT])
    assert staff.roles_of(user) == [Role.AGENT, Role.QC]
    staff.set_roles(user, [Role.QC])
    assert staff.roles_of(User.objects.get(pk=user.pk)) == [Role.QC]
