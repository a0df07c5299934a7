"""The knowledge panels of the agent's page, and their requests."""

import pytest

from calendars import clock
from kb import drafting, opinions, reviewing
from kb.models import ArticleVersion, GapReport, Opinion, Reading, Search
from kb.search import finding
from people import staff
from people.models import User
from people.roles import Role
from routing import entries, presence
from routing.models import QueueEntry
from telephony.models import WrapUpCode
from tests.desktop.test_desk import (  # noqa: F401
    desk,
    panel,
    ringing,
    shown,
    sits_down,
    talking,
    wang,
)
from tests.kb.test_articles import WORDS, category

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh(monkeypatch) -> None:
    """Another test's database had other steps under the same numbers."""
    monkeypatch.setattr(finding, "_kept", finding._Kept())


@pytest.fixture
def draft(lin) -> ArticleVersion:
    """Of transfers, as the menu is in which her caller stood."""
    editor = staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])
    words = {name: getattr(WORDS, name) for name in WORDS.__slots__}
    text = type(WORDS)(**{**words, "services": ("own-transfer",), "steps": ("先核对户名",)})
    draft = drafting.begin("early", category(), text, by=editor, at=clock.now())
    drafting.submit(draft.pk, by=editor, at=clock.now())
    return draft


@pytest.fixture
def reviewer(lin) -> User:
    return staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])


@pytest.fixture
def version(draft, reviewer) -> ArticleVersion:
    return reviewing.approve(draft.pk, by=reviewer, at=clock.now())


def test_it_is_there_between_calls_with_what_is_new(desk, version):  # noqa: F811
    html = shown(desk)
    assert "搜索知识库" in panel(html, "knowledge")
    assert "新增与修订" in panel(html, "suggested")
    assert version.question in panel(html, "suggested")


def test_what_fits_her_way_is_suggested_before_a_word_is_typed(desk, version, talking):  # noqa: F811
    html = panel(shown(desk), "suggested")
    assert "按来路" in html and version.question in html and 'data-key="K 1"' in html


def test_what_is_found_is_read_aloud_and_nothing_is_written_down_yet(desk, version):  # noqa: F811
    html = shown(desk, "/desk/knowledge/?asked=提前支取")
    assert version.question in html and version.spoken in html
    assert "没有找到" in shown(desk, "/desk/knowledge/?asked=xyzzy")
    assert not Search.objects.exists() and not Reading.objects.exists()


def test_an_article_that_is_opened_is_kept_with_her_call(desk, version, talking, lin):  # noqa: F811
    call, _offer = talking
    answer = desk.post(f"/desk/knowledge/{version.pk}/", {"asked": "提前支取"})
    html = answer.content.decode()
    for words in (version.question, version.spoken, "先核对户名", version.source, "起有效"):
        assert words in html
    kept = Reading.objects.get()
    assert (kept.version, kept.call, kept.by, kept.search.asked) == (version, call, lin, "提前支取")


def test_what_she_looked_for_is_kept_once_she_has_stopped_typing(desk, version, lin):  # noqa: F811
    looked_for = {"asked": "提前"}
    html = desk.post("/desk/knowledge/searched/", looked_for).content.decode()
    assert version.question in html  # what she has not been shown yet
    shown_already = looked_for | {"shown": [str(version.pk)]}
    for same in (shown_already, {"asked": " "}):
        assert desk.post("/desk/knowledge/searched/", same)["HX-Reswap"] == "none"
    kept = Search.objects.get()
    assert (kept.asked, kept.by, kept.call, kept.found) == ("提前", lin, None, [version.pk])


def test_what_is_answered_no_more_is_said_so(desk, version):  # noqa: F811
    reviewing.withdraw(version.pk, "错了", by=version.reviewer, at=clock.now())
    answer = desk.post(f"/desk/knowledge/{version.pk}/")
    assert (answer.status_code, answer.content.decode()) == (
        409,
        "这条知识已不再有效，请重新检索。",
    )


def test_the_dialog_of_a_service_brings_what_is_known_of_it(desk, version, talking):  # noqa: F811
    assert "/desk/knowledge/of/own/" in shown(desk, "/desk/service/own/")
    assert version.question in shown(desk, "/desk/knowledge/of/own/")
    assert version.question not in shown(desk, "/desk/knowledge/of/loss/")


def test_where_nothing_fits_one_key_files_a_gap_with_the_call(desk, version, talking, lin):  # noqa: F811
    call, _offer = talking
    assert 'data-key="F3"' in shown(desk, "/desk/knowledge/?asked=数字人民币")
    assert (
        "数字人民币" in desk.post("/desk/knowledge/gap/", {"asked": "数字人民币"}).content.decode()
    )
    kept = GapReport.objects.get()
    assert (kept.asked, kept.call, kept.by) == ("数字人民币", call, lin)
    assert desk.post("/desk/knowledge/gap/", {"asked": " "}).status_code == 409


def test_a_thumb_is_one_key_and_a_correction_comes_back_with_a_word(desk, version, lin):  # noqa: F811
    assert "已记" in desk.post(f"/desk/knowledge/{version.pk}/useful/").content.decode()
    assert "负责人" in shown(desk, f"/desk/knowledge/{version.pk}/wrong/")
    assert desk.post(f"/desk/knowledge/{version.pk}/useless/", {"words": "旧的"}).status_code == 204
    assert list(Opinion.objects.order_by("id").values_list("useful", "words")) == [
        (True, ""),
        (False, "旧的"),
    ]
    assert "<h2>" not in panel(shown(desk), "answered")
    correction = Opinion.objects.get(useful=False)
    opinions.take_up(correction.pk, "下周修订", by=version.author, at=clock.now())
    assert "下周修订" in panel(shown(desk), "answered")


# -- what is urgent ------------------------------------------------------------------------------


def test_what_is_urgent_is_read_before_she_takes_calls(desk, lin, draft, reviewer):  # noqa: F811
    sits_down(lin)
    desk.post("/desk/pause/", {"reason": "break"})
    version = reviewing.approve(draft.pk, urgent=True, by=reviewer, at=clock.now())
    assert version.question in panel(shown(desk), "urgent")
    answer = desk.post("/desk/ready/")
    assert answer.status_code == 409 and version.question in answer.content.decode()
    dialog = desk.post(f"/desk/knowledge/{version.pk}/urgent/").content.decode()
    assert version.spoken in dialog and "已阅读" in dialog
    assert Reading.objects.get().by == lin
    assert desk.post(f"/desk/knowledge/{version.pk}/read/").status_code == 204
    assert version.question not in panel(shown(desk), "urgent")
    assert desk.post("/desk/ready/").status_code == 204
    assert presence.state_of(lin.pk) == "ready"


def test_after_a_call_she_reads_first(desk, lin, talking, draft, reviewer):  # noqa: F811
    call, _offer = talking
    reviewing.approve(draft.pk, urgent=True, by=reviewer, at=clock.now())
    entry = QueueEntry.objects.get(call_ref=call.uuid)
    entries.leave(call.uuid, "abandoned", at=clock.now())
    code = WrapUpCode.objects.get(slug="account-balance")
    answer = desk.post(f"/desk/wrap-up/{entry.pk}/finish/", {"code": code.pk, "note": "已答复"})
    assert answer.status_code == 204, answer.content.decode()
    assert presence.state_of(lin.pk) == "paused"
    assert "阅读急件" in shown(desk)
