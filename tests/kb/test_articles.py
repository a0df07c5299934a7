"""An article from its draft to its end: two people, one answer at a time, figures that exist."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from calendars import clock
from kb import drafting, owning, reviewing, shipped
from kb.errors import (
    AlreadyScheduled,
    DraftOpen,
    EndsTooEarly,
    KeyTaken,
    NoEditor,
    NothingWritten,
    NotNow,
    NotOwner,
    OwnArticle,
    UnknownFigure,
)
from kb.models import ArticleStep, ArticleVersion, Category
from kb.texts import Text
from kb.wordings import changes
from people import staff
from people.approvals import NotYours, NoWord
from people.models import User
from people.roles import Role
from tests import cast
from tests.telephony.test_admin import YES, as_, text

pytestmark = pytest.mark.django_db(transaction=True)

NOON, DAY = cast.NOON, timedelta(days=1)
State = ArticleVersion.State
WORDS = Text(
    question="定期提前支取怎么计息？",
    spoken="提前支取的部分按支取日活期利率计息。",
    answer="提前支取的部分按活期利率计息。其余部分不变。",
    source="储蓄管理条例 第二十四条",
    phrasings=("定期没到期取出来利息怎么算", "没到期取钱亏多少"),
    keywords=("定期",),
)
OTHER = Text(**{**{f: getattr(WORDS, f) for f in Text.__slots__}, "spoken": "按活期计息。"})


def category() -> Category:
    return Category.objects.get_or_create(
        code="deposits", defaults={"name": "存款", "name_en": "Deposits"}
    )[0]


def written(by: User, words: Text = WORDS, key: str = "early") -> ArticleVersion:
    return drafting.begin(key, category(), words, by=by, at=clock.now())


@pytest.fixture
def editor(transactional_db) -> User:
    return staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])


@pytest.fixture
def reviewer(transactional_db) -> User:
    return staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])


def published(editor: User, reviewer: User, *, at=NOON, words=WORDS, **hours) -> ArticleVersion:
    """The first version of the article, or its next one."""
    words = Text(**{**{f: getattr(words, f) for f in Text.__slots__}, **hours})
    before = ArticleVersion.objects.filter(article__key="early").first()
    if before is None:
        draft = drafting.begin("early", category(), words, by=editor, at=at)
    else:
        draft = drafting.revise(before.article_id, by=editor, at=at)
        drafting.write(draft.pk, words, by=editor, at=at)
    drafting.submit(draft.pk, by=editor, at=at)
    return reviewing.approve(draft.pk, by=reviewer, at=at)


def answered(at) -> list[str]:
    return [version.spoken for version in ArticleVersion.objects.in_force(at)]


# -- the way -----------------------------------------------------------------------------------


def test_two_people_publish_it_and_each_step_is_kept(editor, reviewer):
    version = published(editor, reviewer)
    assert (version.state, version.author, version.reviewer) == ("published", editor, reviewer)
    assert answered(NOON) == [WORDS.spoken]
    assert answered(NOON - DAY) == []
    steps = ArticleStep.objects.values_list("what", "by__username")
    assert list(steps) == [("drafted", "1003"), ("submitted", "1003"), ("approved", "1004")]
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        ArticleStep.objects.update(note="never")


def test_who_wrote_in_it_does_not_approve_it(editor, reviewer):
    draft = written(editor)
    drafting.write(draft.pk, OTHER, by=reviewer, at=NOON)
    drafting.write(draft.pk, WORDS, by=editor, at=NOON)  # hers the last word, not the only one
    drafting.submit(draft.pk, by=editor, at=NOON)
    for wrote in (editor, reviewer):
        with pytest.raises(OwnArticle):
            reviewing.approve(draft.pk, by=wrote, at=NOON)
    assert answered(NOON) == []


def test_postgresql_keeps_author_and_reviewer_apart_too(editor, reviewer):
    version = published(editor, reviewer)
    with pytest.raises(IntegrityError, match="article_reviewed_by_another"):
        ArticleVersion.objects.filter(pk=version.pk).update(reviewer=editor)


def test_what_was_reviewed_is_reworded_by_nobody(editor, reviewer):
    version = published(editor, reviewer)
    with pytest.raises(NotNow):
        drafting.write(version.pk, OTHER, by=editor, at=NOON)
    with pytest.raises(DatabaseError, match="as_reviewed"), transaction.atomic():
        ArticleVersion.objects.update(spoken="x")
    draft = drafting.revise(version.article_id, by=editor, at=NOON)
    ArticleVersion.objects.filter(pk=draft.pk).update(spoken="x")  # the guard's control: a draft


def test_it_is_sent_back_with_a_reason_and_written_again(editor, reviewer):
    draft = written(editor)
    drafting.submit(draft.pk, by=editor, at=NOON)
    with pytest.raises(NoWord):
        reviewing.send_back(draft.pk, " ", by=reviewer, at=NOON)
    reviewing.send_back(draft.pk, "缺依据条款", by=reviewer, at=NOON)
    drafting.write(draft.pk, OTHER, by=editor, at=NOON)
    assert ArticleStep.objects.get(what="returned").note == "缺依据条款"


def test_what_is_not_whole_or_not_new_is_refused(editor):
    with pytest.raises(NothingWritten):
        written(editor, Text(question="?", spoken="", answer="x", source="x"))
    draft = written(editor)
    with pytest.raises(KeyTaken):
        written(editor)
    with pytest.raises(DraftOpen):
        drafting.revise(draft.article_id, by=editor, at=NOON)
    drafting.drop(draft.pk, by=editor, at=NOON)
    with pytest.raises(NotNow):
        drafting.submit(draft.pk, by=editor, at=NOON)


# -- one answer at a time ----------------------------------------------------------------------


def test_the_next_version_takes_over_at_its_hour(editor, reviewer):
    published(editor, reviewer)
    later = published(editor, reviewer, at=NOON + DAY, words=OTHER, starts_at=NOON + 3 * DAY)
    begins = NOON + 3 * DAY
    assert answered(begins - timedelta(seconds=1)) == [WORDS.spoken]
    assert answered(begins) == [OTHER.spoken]
    assert reviewing.turn(at=begins) == 1
    assert reviewing.turn(at=begins) == 0
    assert [v.state for v in later.article.versions.all()] == ["published", "revised"]


def test_one_that_is_withdrawn_before_its_hour_leaves_the_one_before(editor, reviewer):
    published(editor, reviewer, expires_at=NOON + 9 * DAY)
    later = published(editor, reviewer, at=NOON, words=OTHER, starts_at=NOON + 3 * DAY)
    with pytest.raises(AlreadyScheduled):
        published(editor, reviewer, at=NOON)
    reviewing.withdraw(later.pk, "算错了", by=reviewer, at=NOON + DAY)
    assert answered(NOON + 8 * DAY) == [WORDS.spoken]
    assert answered(NOON + 9 * DAY) == []
    assert reviewing.turn(at=NOON + 9 * DAY) == 1
    assert later.article.versions.get(number=1).state == "expired"


def test_postgresql_lets_no_two_answer_at_once(editor, reviewer):
    published(editor, reviewer)
    second = published(editor, reviewer, at=NOON + DAY)
    with pytest.raises(IntegrityError, match="article_one_in_force"):
        ArticleVersion.objects.filter(pk=second.pk).update(valid_from=NOON)


def test_withdrawn_it_is_answered_no_more(editor, reviewer):
    version = published(editor, reviewer)
    reviewing.withdraw(version.pk, "停办", by=reviewer, at=NOON + DAY)
    assert answered(NOON + DAY) == []
    assert answered(NOON) == [WORDS.spoken]  # what agents read then is still known


def test_it_does_not_expire_before_it_begins(editor):
    hours = {"starts_at": NOON + DAY, "expires_at": NOON + DAY}
    draft = written(editor, Text(**{f: getattr(WORDS, f) for f in Text.__slots__} | hours))
    with pytest.raises(EndsTooEarly):
        drafting.submit(draft.pk, by=editor, at=NOON)


def test_its_owner_looks_again_and_nobody_else(editor, reviewer):
    version = published(editor, reviewer)
    due = NOON + 180 * DAY
    assert not ArticleVersion.objects.overdue(due - timedelta(seconds=1)).exists()
    assert ArticleVersion.objects.overdue(due).get().is_overdue(due)
    with pytest.raises(NotOwner):
        reviewing.verify(version.pk, by=reviewer, at=due)
    reviewing.verify(version.pk, by=editor, at=due)
    assert not ArticleVersion.objects.overdue(due).exists()


# -- figures -----------------------------------------------------------------------------------


def test_an_unknown_figure_goes_to_no_review(editor):
    words = {f: getattr(WORDS, f) for f in Text.__slots__} | {"answer": "年利率{{rate:time.9y}}。"}
    draft = written(editor, Text(**words))
    with pytest.raises(UnknownFigure) as refused:
        drafting.submit(draft.pk, by=editor, at=NOON)
    assert "rate:time.9y" in str(refused.value)


def test_what_changed_is_told_by_sentence():
    (change,) = changes(WORDS, Text(**{
        **{f: getattr(WORDS, f) for f in Text.__slots__},
        "answer": "提前支取的部分按活期利率计息。其余部分照原利率。",
    }))  # fmt: skip
    assert [(p.words, p.gone, p.new) for p in change.pieces] == [
        ("提前支取的部分按活期利率计息。", False, False),
        ("其余部分不变。", True, False),
        ("其余部分照原利率。", False, True),
    ]


# -- what ships --------------------------------------------------------------------------------


def test_what_ships_is_whole_and_asks_nothing_twice():
    found = list(shipped.articles())
    names = {name for name, _english in shipped.CATEGORIES.values()}
    assert len(found) >= 300
    for what in ((s.key for s in found), (s.text.question for s in found)):
        seen = list(what)
        assert len(seen) == len(set(seen))
    for article in found:
        assert article.text.is_whole, article.key
        assert 2 <= len(article.text.phrasings) <= 5, article.key
        assert len(article.text.spoken) <= 160, article.key
        assert article.category in names, article.key


def test_what_ships_is_installed_once_and_what_the_bank_worded_stays(editor, reviewer, monkeypatch):
    few = list(shipped.articles())[:3]
    monkeypatch.setattr(shipped, "articles", lambda: few)
    for _again in range(2):
        shipped.install(at=NOON, owner=editor)
    assert ArticleVersion.objects.in_force(NOON).count() == 3
    assert Category.objects.count() == 10

    mine = ArticleVersion.objects.get(article__key=few[0].key)
    draft = drafting.revise(mine.article_id, by=editor, at=NOON)
    drafting.write(draft.pk, OTHER, by=editor, at=NOON)
    drafting.submit(draft.pk, by=editor, at=NOON)
    reviewing.approve(draft.pk, by=reviewer, at=NOON)
    reworded = [shipped.Shipped(s.key, s.category, WORDS) for s in few]
    monkeypatch.setattr(shipped, "articles", lambda: reworded)
    shipped.install(at=NOON + DAY)
    now = {v.article.key: v.spoken for v in ArticleVersion.objects.in_force(NOON + DAY)}
    assert now == {few[0].key: OTHER.spoken, few[1].key: WORDS.spoken, few[2].key: WORDS.spoken}


# -- the desk ----------------------------------------------------------------------------------


def press(client, version: ArticleVersion, verb: str, **typed: object):
    return client.post(
        reverse(f"admin:kb_articleversion_{verb}", args=[version.pk]), {**YES, **typed}
    )


NO_FILES = {"attachments-TOTAL_FORMS": "0", "attachments-INITIAL_FORMS": "0"}


def form(**changes: object) -> dict[str, object]:
    words = {f: getattr(WORDS, f) for f in Text.__slots__}
    lines = {k: "\n".join(v) for k, v in words.items() if isinstance(v, tuple)}
    hours = {f"{name}_{i}": "" for name in ("starts_at", "expires_at") for i in (0, 1)}
    plain = {k: v for k, v in words.items() if isinstance(v, str | int) and not isinstance(v, bool)}
    own = {"key": "early", "category": category().pk}
    return {**plain, **lines, **hours, **own, **NO_FILES, **changes}


def test_the_whole_way_on_the_desk():
    writer, other = as_(Role.KB_EDITOR, "zh-hans"), as_(Role.KB_REVIEWER, "zh-hans")
    writer.post("/admin/kb/articleversion/add/", form())
    draft = ArticleVersion.objects.get()
    assert draft.author == writer.user
    page = reverse("admin:kb_articleversion_change", args=[draft.pk])
    writer.post(page, form(spoken="按活期计息。"))
    press(writer, draft, "submit")
    assert WORDS.answer in text(other.get(page))
    press(other, draft, "send_back", why="写清依据")
    press(writer, draft, "submit")
    press(other, draft, "approve")
    assert answered(clock.now()) == ["按活期计息。"]

    press(writer, draft, "revise")
    newer = ArticleVersion.objects.get(state="draft")
    writer.post(reverse("admin:kb_articleversion_change", args=[newer.pk]), form(spoken="不变。"))
    press(writer, newer, "submit")
    shown = other.get(reverse("admin:kb_articleversion_change", args=[newer.pk])).content.decode()
    assert "<del>按活期计息。</del><ins>不变。</ins>" in shown
    press(other, newer, "approve")
    press(other, newer, "withdraw", why="停办")
    assert answered(clock.now()) == []
    assert "停办" in text(other.get(reverse("admin:kb_articleversion_change", args=[newer.pk])))


def test_a_reader_sees_the_answer_and_no_verb(editor, reviewer):
    version = published(editor, reviewer)
    reader = as_(Role.AGENT, "zh-hans")
    page = reverse("admin:kb_articleversion_change", args=[version.pk])
    assert WORDS.spoken in text(reader.get(page))
    assert "/withdraw/" not in reader.get(page).content.decode()
    assert "已发布" in text(reader.get("/admin/kb/articleversion/"))


# -- who stands by it --------------------------------------------------------------------------


def test_an_article_is_handed_to_another_editor_and_its_way_says_so(editor, reviewer):
    version = published(editor, reviewer)
    other, clerk = (
        staff.hire(number=number, name=name, branch=None, roles=[role])
        for number, name, role in (
            ("1006", "周洁", Role.KB_EDITOR),
            ("1007", "何静", Role.BACK_OFFICE),
        )
    )
    with pytest.raises(NoEditor):
        owning.hand_over(version.pk, clerk, by=editor, at=NOON)
    with pytest.raises(NotYours):
        owning.hand_over(version.pk, other, by=other, at=NOON)
    owning.hand_over(version.pk, other, "岗位调整", by=editor, at=NOON)
    with pytest.raises(NotYours):  # it is hers no more
        owning.hand_over(version.pk, editor, by=editor, at=NOON)
    reviewing.verify(version.pk, by=other, at=NOON)
    owning.hand_over(version.pk, editor, by=reviewer, at=NOON)
    version.article.refresh_from_db()
    assert version.article.owner == editor
    handed = version.history.filter(what="handed").values_list("note", flat=True)
    assert list(handed) == [
        f"{editor} → {other}\n岗位调整",
        f"{other} → {editor}",
    ]
