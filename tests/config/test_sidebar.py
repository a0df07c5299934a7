"""The side bar leads to every list of the admin, and to nothing that is not there."""

import pytest
from django.contrib import admin
from django.test import RequestFactory

from config.unfold import SIDEBAR, navigation
from people import staff
from people.roles import Role

pytestmark = pytest.mark.django_db


def models_of_the_side_bar() -> list[str]:
    return [entry[1] for _title, entries in SIDEBAR for entry in entries if len(entry) == 2]


def side_bar(*roles: Role) -> dict[str, list[str]]:
    request = RequestFactory().get("/admin/people/user/5/change/")
    request.user = staff.hire(number="2001", name="何静", branch=None, roles=roles)
    return {
        str(group["title"]): [item["link"] for item in group["items"] if not item["active"]]
        for group in navigation(request)
    }


def test_every_list_is_in_the_side_bar_once():
    registered = sorted(model._meta.label_lower for model in admin.site._registry)
    assert sorted(models_of_the_side_bar()) == registered


def test_nobody_is_led_where_she_may_not_go():
    agent = [link for links in side_bar(Role.AGENT).values() for link in links]
    assert "/admin/telephony/callbackrequest/" in agent
    assert "/admin/telephony/call/" not in agent
    assert "/admin/people/user/" not in agent
    assert "/phone/" not in agent


def test_what_is_open_is_marked_down_to_its_pages():
    inactive = [link for links in side_bar(Role.ADMINISTRATOR).values() for link in links]
    assert "/admin/people/user/" not in inactive
    assert "/admin/people/branch/" in inactive
    assert "/admin/" in inactive  # home is no parent of all
