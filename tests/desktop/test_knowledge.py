"""The knowledge panels of the agent's page, and their requests."""

import pytest

from calendars import clock
from kb import drafting, reviewing
from kb.models import ArticleVersion, Reading, Search
from kb.search import finding
from people import staff
from people.roles import Role
from tests.desktop.test_desk import desk, panel, ringing, shown, talking, wang  # noqa: F401
from tests.kb.test_articles import WORDS, category

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh(monkeypatch) -> None:
    """Another test's database had other steps under the same numbers."""
    monkeypatch.setattr(finding, "_kept", finding._Kept())


@pytest.fixture
def version(lin) -> ArticleVersion:
    """Of transfers, as the menu is in which her caller stood."""
    editor = staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])
    reviewer = staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])
    words = {name: getattr(WORDS, name) for name in WORDS.__slots__}
    text = type(WORDS)(**{**words, "services": ("own-transfer",), "steps": ("先核对户名",)})
    draft = drafting.begin("early", category(), text, by=editor, at=clock.now())
    drafting.submit(draft.pk, by=editor, at=clock.now())
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
    assert desk.post("/desk/knowledge/searched/", {"asked": "提前"}).status_code == 200
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
