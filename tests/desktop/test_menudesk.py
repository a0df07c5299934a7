"""The menu desk's page: what it shows of a draft, its verbs, and who may press them."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from calendars import clock
from people import staff
from people.roles import Role
from reporting import kpi, walks
from reporting.today import Span
from routing import shipped as routing_shipped
from telephony import drafting, menus, shipped
from telephony.deeds import Deed
from telephony.models import Announcement, MenuVersion, TrialToken
from tests import cast
from tests.telephony.recorded import Recorded

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bank(db):
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    return shipped.install(at=clock.now())


def as_(role: Role, language: str = "zh-hans") -> Client:
    user = staff.hire(number=f"7{role.value[:6]}", name="李娜", branch=None, roles=[role])
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.user = user
    return client


def page(version: MenuVersion, at: str = "") -> str:
    return reverse("menudesk:version", args=[version.pk]) + (f"?at={at}" if at else "")


def press(client: Client, version: MenuVersion, verb: str, **values: object):
    return client.post(reverse("menudesk:do", args=[version.pk, verb]), values, follow=True)


def text(response) -> str:
    assert response.status_code == 200
    bare = re.sub(r"<(head|script|style|option|datalist).*?</\1>", " ", response.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", bare).split())


@pytest.fixture
def draft(bank):
    lina = staff.hire(number="6001", name="李娜", branch=None, roles=[Role.MENU_OWNER])
    by = {"by": lina, "at": clock.now()}
    draft = menus.copy(bank.pk, **by)
    drafting.add_menu(draft.pk, node="corporate", digit="2", slug="more", title="更多服务", **by)
    drafting.move(draft.pk, node="accounts", digit="5", to_node="more", to_digit="1", **by)
    drafting.remove(draft.pk, node="complaints", digit="5", **by)
    return draft


@pytest.mark.parametrize("at", ["", "corporate.2", "root.1", "accounts.1", "root.", "no.thing"])
def test_a_draft_shows_what_differs_and_what_is_wrong(draft, at):
    shown = text(as_(Role.MENU_OWNER).get(page(draft, at)))
    for words in ("更多服务 ＋ 新增", "原 余额与明细 5", "密码解锁 － 删除", "先解决", "去改"):
        assert words in shown
    assert "“更多服务”缺普通话文字" in shown


@pytest.mark.parametrize("role", [Role.MENU_OWNER, Role.SUPERVISOR, Role.AUDITOR])
def test_the_chinese_page_holds_no_english(draft, role):
    shown = text(as_(role).get(page(draft, "root.1")))
    shown = re.sub(r"English|[a-z]+(-[a-z]+)+|\b(corporate|card|personal|root|more)\b", "", shown)
    said = re.sub(r"英语 .*?press \d\.|\{[a-z_]+\}|(say|menu|queue|end) \S+", "", shown)
    said = re.sub(r"menu\.[a-z_.0-9]+", "", said)  # a prompt's key
    assert set(re.findall(r"[A-Za-z]{4,}", said)) <= KNOWN


def test_who_only_looks_is_offered_no_verb_and_refused_one(draft):
    client = as_(Role.QC)
    assert "<form" not in client.get(page(draft)).content.decode().partition("</header>")[2]
    assert press(client, draft, "publish").status_code == 403
    assert press(as_(Role.AGENT), draft, "publish").status_code == 403


def test_each_edit_comes_back_to_its_row_and_says_what_it_did(draft):
    client = as_(Role.MENU_OWNER)
    place = {"node": "root", "digit": "1", "at": "root.1"}
    answer = press(client, draft, "rename", title="个人客户", **place)
    assert answer.redirect_chain[-1][0].endswith("?at=root.1")
    assert "草稿已修改" in text(answer)
    taken = press(client, draft, "move", to_node="root", to_digit="2", **place)
    assert "已是“公司业务”" in text(taken)
    assert "未填写" in text(press(client, draft, "rename", **place))


def test_titles_stand_in_the_reader_s_language_and_are_edited_in_both(draft):
    client = as_(Role.MENU_OWNER, "en")
    place = {"node": "root", "digit": "1", "at": "root.1"}
    answer = press(client, draft, "rename", title="个人客户", title_en="Retail", **place)
    tree = answer.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    assert "Retail" in tree and "Business banking" in tree
    assert re.findall("[一-鿿]+", tree) == ["更多服务"]  # which has no title in English
    assert 'value="个人客户"' in answer.content.decode()


def test_a_new_draft_a_token_and_an_announcement(bank):
    client = as_(Role.MENU_OWNER)
    press(client, bank, "copy")
    draft = MenuVersion.objects.get(number=2)
    press(client, draft, "token")
    token = TrialToken.objects.get()
    assert token.code in text(client.get(page(draft)))
    until = (clock.now() + timedelta(hours=1)).astimezone(clock.SHANGHAI)
    answer = press(
        client, draft, "announce", prompt="announcement.slow", until=f"{until:%Y-%m-%dT%H:%M}"
    )
    assert "公告已开启" in text(answer)
    press(client, draft, "silence", pk=Announcement.objects.get().pk)
    assert Announcement.objects.get().off_by == client.user


def test_the_admin_s_page_of_a_version_is_the_desk(bank):
    client = as_(Role.MENU_OWNER)
    answer = client.get(reverse("admin:telephony_menuversion_change", args=[bank.pk]))
    assert answer["Location"] == page(bank)


# Short names of data that stand beside their titles.
KNOWN = {"accounts", "transfer", "bills", "deposits", "settings", "information", "root"}


# -- figures -----------------------------------------------------------------------------------


def test_where_callers_drop_and_misdial_is_drawn_on_the_tree(bank):
    served = Recorded()
    served.heard(("menu.root.1", "个人业务，请按 1。", 2.0))
    served.moves("accounts", "balance")
    served.did(Deed.BALANCE)
    served.ends()
    dropped = Recorded()
    dropped.moves("accounts")
    dropped.heard(("menu.invalid", "没有这个选项。", 1.0))
    dropped.ends()
    Recorded(is_test=True).ends()
    span = Span.day(clock.now())
    places, whole = walks.places(bank.menu_id, span), walks.whole(bank.menu_id, span)
    accounts = places["accounts", ""]
    assert (accounts.hung_up, accounts.misdialled) == (1, 1)
    assert kpi.containment(places["accounts", "balance"]) == 1
    assert (whole.walks.entered, whole.walks.served, whole.walks.hung_up) == (2, 1, 1)
    assert whole.to_service_s is not None
    assert whole.to_person_s is None
    assert "菜单中挂断 50.0%" in text(as_(Role.MENU_OWNER).get(page(bank)))
