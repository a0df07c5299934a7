"""What nothing answers is gathered and answered; what is said of an answer gets a word back."""

import pytest

from kb import drafting, gaps, opinions, reviewing
from kb.errors import AnsweredAlready, GapDecided, NothingAsked, NothingToAnswer
from kb.models import ArticleVersion, Gap
from people import staff
from people.approvals import NoWord
from people.models import User
from people.roles import Role
from telephony import shipped
from telephony.models import Call
from tests.desktop import seats
from tests.kb.test_articles import NO_FILES, NOON, WORDS, category, written
from tests.telephony.test_admin import YES, as_, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(db) -> User:
    return staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])


@pytest.fixture
def reviewer(db) -> User:
    return staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])


@pytest.fixture
def calls(db) -> list[Call]:
    shipped.install(at=NOON)
    return [seats.calls_in(None, at=NOON) for _n in range(3)]


@pytest.fixture
def lin(db) -> User:
    return staff.hire(number="1023", name="林晓", branch=None, roles=[Role.AGENT])


def reported(asked: str, by: User, call: Call | None = None) -> Gap:
    return gaps.report(asked, by=by, call=call, at=NOON)


def test_what_is_asked_alike_is_one_gap_ranked_by_its_calls(lin, calls):
    first = reported("数字人民币钱包怎么开", lin, calls[0])
    assert reported("请问数字人民币钱包怎么开？", lin, calls[1]) == first
    assert reported("开数字人民币钱包", lin, calls[1]) == first  # the same call is counted once
    other = reported("粤语的对账单有吗", lin, calls[2])
    rare = reported("古币鉴定", lin)
    found = [(gap, gap.calls, gap.times) for gap in gaps.ranked()]
    assert found == [(first, 2, 2), (other, 1, 1), (rare, 0, 1)]
    assert gaps.phrasings(first) == ["请问数字人民币钱包怎么开？"]


def test_a_question_without_a_word_is_no_gap(lin):
    with pytest.raises(NothingAsked):
        reported(" ？！ ", lin)
    assert reported("怎么", lin).cuts == ["怎么"]  # all that there is


def test_an_article_for_it_closes_it_once_it_is_published(lin, editor, reviewer):
    gap = reported("提前支取", lin)
    draft = written(editor)
    gaps.begun(gap.pk, draft.article, by=editor, at=NOON)
    with pytest.raises(GapDecided):
        gaps.dismiss(gap.pk, "重复", by=editor, at=NOON)
    assert reported("提前支取", lin) == gap  # still being written
    drafting.submit(draft.pk, by=editor, at=NOON)
    reviewing.approve(draft.pk, by=reviewer, at=NOON)
    gap.refresh_from_db()
    assert (gap.state, gap.article) == ("closed", draft.article)
    assert reported("提前支取", lin) != gap  # what is there does not fit


def test_with_its_draft_dropped_it_is_open_again(lin, editor):
    gap = reported("提前支取", lin)
    draft = written(editor)
    gaps.begun(gap.pk, draft.article, by=editor, at=NOON)
    drafting.drop(draft.pk, by=editor, at=NOON)
    gap.refresh_from_db()
    assert (gap.state, gap.article) == ("open", None)


def test_a_correction_gets_one_word_back(lin, editor):
    version = written(editor)
    said = {"by": lin, "call": None, "at": NOON}
    thumb = opinions.give(version.pk, useful=True, **said)
    with pytest.raises(NothingToAnswer):
        opinions.take_up(thumb.pk, "好", by=editor, at=NOON)
    wrong = opinions.give(version.pk, useful=False, words=" 利率是旧的 ", **said)
    with pytest.raises(NoWord):
        opinions.decline(wrong.pk, " ", by=editor, at=NOON)
    opinions.take_up(wrong.pk, "已修订", by=editor, at=NOON)
    with pytest.raises(AnsweredAlready):
        opinions.decline(wrong.pk, "不改", by=editor, at=NOON)
    wrong.refresh_from_db()
    assert (wrong.words, wrong.verdict.taken_up, wrong.verdict.word) == (
        "利率是旧的", True, "已修订",
    )  # fmt: skip


# -- the editor's pages ------------------------------------------------------------------------


def test_an_editor_writes_for_a_gap_or_dismisses_it(lin, editor):
    client = as_(Role.KB_EDITOR, "zh-hans")
    nonsense, gap = reported("古币鉴定", lin), reported("提前支取亏不亏", lin)
    reported("提前支取亏不亏呀", lin)
    listed = text(client.get("/admin/kb/gap/"))
    assert 0 < listed.index("提前支取亏不亏") < listed.index("古币鉴定")  # most asked first
    assert "提前支取亏不亏呀" in text(client.get(f"/admin/kb/gap/{gap.pk}/change/"))
    answer = client.post(f"/admin/kb/gap/{gap.pk}/write/", YES)
    form = answer["HX-Redirect"]
    assert "提前支取亏不亏呀" in text(client.get(form))
    typed = {
        **NO_FILES, "key": "early", "category": category().pk, "question": WORDS.question,
        "spoken": WORDS.spoken, "answer": WORDS.answer, "source": WORDS.source,
        "phrasings": "提前支取亏不亏", "customers": "all", "reverify_days": 90,
        "starts_at_0": "", "starts_at_1": "", "expires_at_0": "", "expires_at_1": "",
    }  # fmt: skip
    assert client.post(form, typed).status_code == 302
    gap.refresh_from_db()
    written = ArticleVersion.objects.get().article
    assert (gap.state, gap.article) == ("writing", written)
    late = client.post(form, {**typed, "key": "late"}, follow=True)  # of a colleague who began too
    assert "您的草稿已保留" in late.content.decode()
    assert ArticleVersion.objects.filter(article__key="late").exists()
    gap.refresh_from_db()
    assert gap.article == written
    client.post(f"/admin/kb/gap/{nonsense.pk}/dismiss/", {**YES, "why": "不是我行业务"})
    nonsense.refresh_from_db()
    assert (nonsense.state, nonsense.why) == ("dismissed", "不是我行业务")


def test_an_editor_answers_a_correction_on_its_page(lin, editor):
    said = opinions.give(
        written(editor).pk, useful=False, words="利率是旧的", by=lin, call=None, at=NOON
    )
    client = as_(Role.KB_EDITOR, "zh-hans")
    assert "利率是旧的" in text(client.get("/admin/kb/opinion/"))
    client.post(f"/admin/kb/opinion/{said.pk}/decline/", {**YES, "why": "现行利率无误"})
    said.refresh_from_db()
    assert (said.verdict.taken_up, said.verdict.by) == (False, client.user)
    assert "利率是旧的" not in text(client.get("/admin/kb/opinion/"))
    assert "现行利率无误" in text(client.get("/admin/kb/opinion/?waits=all"))
