"""What is said where there is nothing to show: in the reader's language, with a way back."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from calendars import clock
from people.roles import Role
from tests.banking.test_admin import as_

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "title", "back"),
    [("zh-hans", "没有这个页面", "返回首页"), ("en", "There is no such page", "the first page")],
)
def test_an_address_that_leads_nowhere(language, title, back):
    answer = as_(Role.AGENT, language).get("/nowhere/")
    assert answer.status_code == 404
    assert title in answer.content.decode()
    assert back in answer.content.decode()


def test_a_page_that_is_not_for_her():
    answer = as_(Role.BACK_OFFICE, "zh-hans").get("/admin/telephony/menu/")
    assert answer.status_code == 403
    assert "您无权查看此页" in answer.content.decode()


def test_a_fault_is_said_without_a_database(monkeypatch):
    def breaks() -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(clock, "now", breaks)
    client: Client = as_(Role.ADMINISTRATOR, "zh-hans")
    client.raise_request_exception = False
    answer = client.get("/admin/")
    assert answer.status_code == 500
    assert "系统出错了" in answer.content.decode()


def test_locked_out_she_hears_for_how_long():
    page = render_to_string("admin/locked_out.html", {"tries": 5, "minutes": 15})
    assert "5 次" in page
    assert "15 分钟" in page
