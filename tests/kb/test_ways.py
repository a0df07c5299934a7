"""The keys by which a caller helps herself are those of the menu that she hears, always."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from calendars import clock
from kb import drafting, reviewing, ways
from kb.admin.versions import Services
from kb.wordings import changes
from people import staff
from people.roles import Role
from telephony import drafting as menu_drafting
from telephony import menus, publishing, shipped
from telephony.ivr.menus import Entry, Node, Tree
from telephony.models import MenuVersion, Number
from tests.kb.test_articles import WORDS, category
from tests.kb.test_public import nobody_has_asked  # noqa: F401
from tests.telephony.test_admin import as_, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(db) -> MenuVersion:
    return shipped.install(at=clock.now())


def said(*flows: str) -> list[tuple[str, str, str]]:
    with translation.override("zh-hans"):
        return [(way.number, way.keys, way.name) for way in ways.of(flows)]


def test_they_follow_the_menu_that_is_published(heard):
    transfer = ("961202", "1-2-1", "行内转账")
    assert said("in-bank-transfer") == [transfer]
    owner = staff.hire(number="6001", name="李娜", branch=None, roles=[Role.MENU_OWNER])
    by = {"by": owner, "at": clock.now()}
    draft = menus.copy(heard.pk, **by)
    menu_drafting.move(draft.pk, node="transfer", digit="1", to_node="transfer", to_digit="8", **by)
    menu_drafting.rename(draft.pk, node="transfer", digit="8", title="本行转账", **by)
    assert said("in-bank-transfer") == [transfer]  # nobody hears the draft
    publishing.put_into_service(draft.pk, edited_at=by["at"], **by)
    assert said("in-bank-transfer") == [("961202", "1-2-8", "本行转账")]


def test_one_service_may_have_several_names(heard):
    """Each by its nearest keys; those of the first service first, and three in all."""
    found = [("3-1", "信用卡挂失"), ("5-2", "紧急挂失"), ("1-5-1", "挂失")]
    assert [(keys, name) for _number, keys, name in said("loss-report")] == found
    assert said("balance", "loss-report", "statement")[1:] == said("loss-report")[:2]


def test_a_service_is_called_by_the_shortest_of_its_names(heard):
    with translation.override("zh-hans"):
        known = ways.names()
        assert len(set(known.values())) == len(known)
        assert known["loss-report"] == "挂失"
        assert [known["deposit-enquiry"], known["balance"]] == ["我的存款", "余额"]
        assert list(known).index("balance") < list(known).index("deposit-enquiry")
        assert ways.called(["balance", "no-such-flow"]) == ["余额", "no-such-flow"]
    with translation.override("en"):
        assert ways.called(["balance"]) == ["Balance"]


def test_two_services_of_one_name_are_told_apart_by_their_keys(heard):
    owner = staff.hire(number="6001", name="李娜", branch=None, roles=[Role.MENU_OWNER])
    by = {"by": owner, "at": clock.now()}
    draft = menus.copy(heard.pk, **by)
    menu_drafting.rename(draft.pk, node="transfer", digit="1", title="余额", **by)
    publishing.put_into_service(draft.pk, edited_at=by["at"], **by)
    with translation.override("zh-hans"):
        assert ways.called(["balance", "in-bank-transfer"]) == ["余额 (1-1-1)", "余额 (1-2-1)"]


def test_an_editor_writes_the_names_that_callers_know(heard):
    with translation.override("zh-hans"):
        field = Services(label="")
        assert field.prepare_value(["balance", "gone"]) == "余额\ngone"
        assert field.clean("余额\n in-bank-transfer \n") == ["balance", "in-bank-transfer"]
        with pytest.raises(ValidationError, match="没有这项服务：瞬移、gone"):
            field.clean("余额\n瞬移\ngone")


def test_a_reviewer_reads_them_in_what_changed(heard):
    with translation.override("zh-hans"):
        (change,) = changes(WORDS, replace(WORDS, services=("balance", "in-bank-transfer")))
        assert str(change.name) == "相关业务"
        assert [(piece.words, piece.new) for piece in change.pieces] == [("余额\n行内转账\n", True)]


def test_what_no_caller_can_press_has_no_keys(heard):
    assert said("agent-card") == []  # leads to people
    assert said("no-such-flow") == []
    assert said() == []
    assert said("balance") != []  # the control
    Number.objects.update(is_active=False)
    assert said("balance") == []


def test_the_nearest_way_counts_and_a_menu_that_comes_round_ends():
    def node(slug: str, *entries: Entry) -> Node:
        return Node(slug, slug, identified=False, entries=entries)

    there = Entry("1", "下", "p", target="low"), Entry("2", "余额", "p", flow="balance")
    low = Entry("1", "余额", "p", flow="balance"), Entry("2", "上", "p", target="top")
    tree = Tree(1, "top", {"top": node("top", *there), "low": node("low", *low)})
    found = [(keys, entry.flow) for keys, entry in tree.reached(frozenset({"balance"}))]
    assert found == [("2", "balance"), ("11", "balance")]
    assert list(tree.reached(frozenset())) == []


def test_an_article_says_them_wherever_it_is_read(heard, client):
    editor = staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])
    reviewer = staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])
    now = clock.now()
    draft = drafting.begin("early", category(), WORDS, by=editor, at=now)
    type(draft).objects.filter(pk=draft.pk).update(public=True, services=["balance", "agent-card"])
    drafting.submit(draft.pk, by=editor, at=now)
    reviewing.approve(draft.pk, by=reviewer, at=now)
    words = "拨 961202，按 1-1-1 可自助办理"
    assert words in client.get("/help/deposits/early/").content.decode()
    assert "dial 961202, press 1-1-1" in client.get("/en/help/deposits/early/").content.decode()
    assert words in text(
        as_(Role.AGENT, "zh-hans").get(f"/admin/kb/articleversion/{draft.pk}/change/")
    )
    told = client.get("/api/help/articles/early").json()
    assert told["by_keys"] == [{"number": "961202", "keys": "1-1-1", "service": "余额"}]
