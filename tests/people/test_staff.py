"""Log-ins, passwords, lock-outs, and the log of who looked at whom."""

import re

import pytest
from django.urls import reverse
from django.utils.translation import override

from calendars import clock
from people import access, staff
from people.models import AccessLog, Branch, User
from people.roles import Role

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"


@pytest.fixture
def lin():
    return staff.hire(number="1023", name="林晓", branch=None, roles=[Role.AGENT])


@pytest.fixture
def administrator(client):
    he = staff.hire(number="2001", name="何静", branch=None, roles=[Role.ADMINISTRATOR])
    client.force_login(he, backend="django.contrib.auth.backends.ModelBackend")
    return he


def try_login(client, password, number="1023", address="127.0.0.1"):
    return client.post(LOGIN, {"username": number, "password": password}, REMOTE_ADDR=address)


def test_who_was_hired_logs_in_with_the_password_issued_and_chooses_her_own(client, lin):
    assert try_login(client, "").status_code == 200  # nothing was issued yet
    first = staff.issue_password(lin)
    assert try_login(client, first)["Location"] == "/admin/"
    home = client.get("/admin/")
    assert home["Location"] == reverse("admin:password_change")
    assert client.get("/nowhere/")["Location"] == reverse("admin:password_change")
    change = {
        "old_password": first,
        "new_password1": "Peng-2026-fei",
        "new_password2": "Peng-2026-fei",
    }
    assert client.post(home["Location"], change).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert User.objects.get(pk=lin.pk).check_password("Peng-2026-fei")


def test_a_password_is_issued_once_and_random(lin):
    first, second = staff.issue_password(lin), staff.issue_password(lin)
    assert first != second
    assert len(second) == 19
    assert not User.objects.get(pk=lin.pk).check_password(first)
    assert User.objects.get(pk=lin.pk).check_password(second)


def test_five_wrong_passwords_lock_out_even_the_right_one(client, lin):
    right = staff.issue_password(lin)
    for _ in range(4):
        assert try_login(client, "wrong").status_code == 200
    assert try_login(client, "wrong").status_code == 429
    refused = try_login(client, right)
    assert refused.status_code == 429
    assert "15" in refused.text  # minutes to wait
    assert "_auth_user_id" not in client.session
    # The same number from her own desk, and her neighbour at this one, are not locked out.
    assert try_login(client, right, address="127.0.0.2").status_code == 302


def test_who_is_locked_out_is_let_in_again_by_the_administrator(client, lin, administrator):
    right = staff.issue_password(lin)
    thief = type(client)()
    for _ in range(5):
        try_login(thief, "wrong")
    page = reverse("admin:people_user_let_in_again", args=[lin.pk])
    assert client.get(page).status_code == 200  # asks first
    assert try_login(thief, right).status_code == 429
    assert client.post(page, {"_form_submitted": "True"})["HX-Redirect"].endswith(
        f"/{lin.pk}/change/"
    )
    assert try_login(thief, right).status_code == 302


def test_a_wrong_password_is_not_told_from_a_wrong_number(client, lin):
    texts = [
        try_login(client, "wrong", number=number).context["form"].errors.as_text()
        for number in ("1023", "7777")
    ]
    assert texts[0] == texts[1] != ""


def test_who_left_logs_in_no_more(client, lin):
    password = staff.issue_password(lin)
    lin.is_active = False
    lin.save()
    assert try_login(client, password).status_code == 200
    assert "_auth_user_id" not in client.session


def test_the_administrator_hires_and_issues_a_password(client, administrator):
    branch = Branch.objects.create(code="0101", name="福田支行")
    form = {"username": "1044", "name": "周敏", "branch": branch.pk, "is_active": "on"}
    roles = {g.name: g.pk for g in User.groups.field.related_model.objects.all()}
    form["groups"] = [roles["agent"], roles["qc"]]
    assert client.post("/admin/people/user/add/", form).status_code == 302
    user = User.objects.get(username="1044")
    assert staff.roles_of(user) == [Role.AGENT, Role.QC]
    assert not user.has_usable_password()
    assert user.is_staff
    assert not user.is_superuser

    page = reverse("admin:people_user_issue_password", args=[user.pk])
    assert client.get(page).status_code == 200
    assert not User.objects.get(pk=user.pk).has_usable_password()  # nothing happens on GET
    answer = client.post(page, {"_form_submitted": "True"}, follow=False)
    said = " ".join(str(m) for m in client.get(answer["HX-Redirect"]).context["messages"])
    password = re.search("[a-z2-9]{4}(-[a-z2-9]{4}){3}", said).group()
    assert User.objects.get(pk=user.pk).check_password(password)
    assert not list(client.get(answer["HX-Redirect"]).context["messages"])  # shown once


@pytest.mark.parametrize("number", ["10 23", "林晓", "12345678901", ""])
def test_staff_numbers_that_are_none(client, administrator, number):
    client.post("/admin/people/user/add/", {"username": number, "name": "x"})
    assert User.objects.count() == 1


def test_no_form_makes_a_superuser(client, administrator, lin):
    form = {
        "username": "1023",
        "name": "林晓",
        "is_active": "on",
        "is_superuser": "on",
        "user_permissions": ["1"],
    }
    assert client.post(f"/admin/people/user/{lin.pk}/change/", form).status_code == 302
    she = User.objects.get(pk=lin.pk)
    assert not she.is_superuser
    assert not she.user_permissions.exists()


def test_who_sees_a_customer_says_why(lin):
    branch = Branch.objects.create(code="0101", name="福田支行")
    at = clock.now()
    entry = access.record(
        lin, "reveal", branch, field="mobile", reason=" 来电核身 ", address="127.0.0.1", at=at
    )
    assert AccessLog.objects.get() == entry
    assert (entry.subject, entry.reason) == (f"people.branch:{branch.pk}", "来电核身")
    with pytest.raises(access.NoReason):
        access.record(lin, "view", branch, reason="  ", at=at)
    with pytest.raises(ValueError, match="glimpse"):
        access.record(lin, "glimpse", branch, reason="来电", at=at)
    assert AccessLog.objects.count() == 1


def test_a_change_of_staff_is_in_its_history(client, administrator, lin):
    form = {"username": "1023", "name": "林晓雨", "is_active": "on"}
    client.post(f"/admin/people/user/{lin.pk}/change/", form)
    changes = client.get(f"/admin/people/user/{lin.pk}/history/").context["changes"]
    assert [c.by for c in changes if c.created] == [""]
    renamed = [c for c in changes for d in c.differences if d.before == "林晓"]
    assert [(c.by, c.differences[0].after) for c in renamed] == [("何静 2001", "林晓雨")]


def test_roles_given_and_taken_are_in_her_history(client, administrator, lin):
    groups = {g.name: g.pk for g in User.groups.field.related_model.objects.all()}
    form = {"username": "1023", "name": "林晓", "is_active": "on", "groups": [groups["qc"]]}
    client.post(f"/admin/people/user/{lin.pk}/change/", form)
    with override("zh-hans"):
        page = client.get(f"/admin/people/user/{lin.pk}/history/")
    told = {
        (c.by, d.before, d.after)
        for c in page.context["changes"]
        for d in c.differences
        if d.field == "角色"
    }
    assert told == {
        ("", "—", "坐席"),  # hired, by the test itself
        ("何静 2001", "坐席", "—"),
        ("何静 2001", "—", "质检员"),
    }
