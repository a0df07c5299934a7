"""What a caller asks is found as she asks it, and never what is answered no more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kb import drafting, reviewing, shipped
from kb.models import ArticleStep, ArticleVersion, Synonyms
from kb.search import cuts, finding
from kb.search.context import Context
from kb.search.index import Entry, Index
from kb.search.language import Language
from kb.texts import Text
from people.models import User
from people.roles import Role
from tests.kb.test_articles import (  # noqa: F401  # fixtures
    DAY,
    NOON,
    OTHER,
    WORDS,
    category,
    editor,
    published,
    reviewer,
)
from tests.telephony.test_admin import as_, text

pytestmark = pytest.mark.django_db(transaction=True)

LOSS = Text(
    question="银行卡丢了怎么挂失？",
    phrasings=("卡找不到了", "card 掉了 lost"),
    spoken="请立即口头挂失。",
    answer="挂失后账户止付。",
    source="本行办法",
    keywords=("挂失",),
)


@pytest.fixture(autouse=True)
def fresh(monkeypatch) -> None:
    """Another test's database had other steps under the same numbers."""
    monkeypatch.setattr(finding, "_kept", finding._Kept())


def index(*groups: tuple[str, ...]) -> Index:
    made = Index(Language(groups))
    made.change(
        new=[
            Entry(1, ("定期提前支取怎么计息",), "定期", "按活期利率计息"),
            Entry(2, ("怎么开立账户",), "开户", "带身份证到网点"),
            Entry(3, ("银行卡丢了怎么挂失", "lost card"), "挂失", "挂失后账户止付"),
        ],
        gone=(),
    )
    return made


def ids(made: Index, asked: str, **within) -> list[int]:
    return [id_ for id_, _score in made.find(asked, limit=3, **within)]


@pytest.mark.parametrize(
    ("asked", "id_"),
    [
        ("提前支取", 1),
        ("zhang hu", 2),
        ("zhanghu", 2),
        ("账号开立", 2),
        ("我的卡丢了", 3),
        ("LOST", 3),
        ("losst", 3),  # a letter too many
        ("guashi", 3),
        ("card丢了", 3),
    ],
)
def test_it_is_found_as_it_is_asked(asked, id_):
    assert ids(index(), asked)[0] == id_


@pytest.mark.parametrize("asked", ["", "？！", "  "])
def test_no_word_finds_nothing(asked):
    assert ids(index(), asked) == []


def test_what_is_gone_is_found_no_more():
    made = index()
    made.change(new=(), gone=[3])
    assert 3 not in ids(made, "挂失")
    assert ids(made, "账户") == [2]


def test_words_are_cut_and_typed():
    assert "账户" in Language().words("账户，Account！")
    assert "account" in Language().words("账户，Account！")
    assert cuts.pinyin(["账户"]) == ["zhang", "hu", "zhanghu"]


def found(asked: str, at) -> list[str]:
    by_id = ArticleVersion.objects.in_bulk(finding.search(asked, at=at, limit=5))
    return [version.spoken for version in by_id.values()]


def test_a_search_reads_what_is_answered_at_that_moment(editor: User, reviewer: User):  # noqa: F811
    assert found("提前支取", NOON) == []
    first = published(editor, reviewer)
    assert found("提前支取", NOON) == [first.spoken]
    begins = NOON + 3 * DAY
    published(editor, reviewer, at=NOON + DAY, words=OTHER, starts_at=begins)
    assert found("提前支取", begins - timedelta(seconds=1)) == [first.spoken]
    assert found("提前支取", begins) == [OTHER.spoken]  # by the clock: nobody wrote meanwhile
    last = ArticleVersion.objects.get(spoken=OTHER.spoken)
    reviewing.withdraw(last.pk, "停办", by=reviewer, at=begins + DAY)
    assert found("提前支取", begins + DAY) == []


def test_without_a_new_stamp_nothing_would_be_noticed(editor: User, reviewer: User):  # noqa: F811
    """The control: the stamp is what tells a process that another one published."""
    published(editor, reviewer)
    assert found("提前支取", NOON) != []
    before = ArticleStep.objects.count()
    ArticleVersion.objects.update(state="withdrawn", valid_to=NOON)
    assert ArticleStep.objects.count() == before
    assert found("提前支取", NOON) != []


def test_the_desk_ranks_by_how_well_it_answers(editor: User, reviewer: User):  # noqa: F811
    published(editor, reviewer)
    draft = drafting.begin("card-loss", category(), LOSS, by=editor, at=NOON)
    drafting.submit(draft.pk, by=editor, at=NOON)
    reviewing.approve(draft.pk, by=reviewer, at=NOON)
    page = text(as_(Role.AGENT, "zh-hans").get("/admin/kb/articleversion/?q=guashi"))
    assert LOSS.question in page


def test_her_context_and_one_subject_alone(editor: User, reviewer: User):  # noqa: F811
    early = published(editor, reviewer)
    draft = drafting.begin(
        "early-too", category(), replace(WORDS, services=("term-deposit",)), by=editor, at=NOON
    )
    drafting.submit(draft.pk, by=editor, at=NOON)
    reviewing.approve(draft.pk, by=reviewer, at=NOON)
    both = {"at": NOON, "limit": 5}
    assert finding.search("提前支取", **both) == [early.pk, draft.pk]
    hers = Context(services=frozenset({"term-deposit"}))
    assert finding.search("提前支取", context=hers, **both) == [draft.pk, early.pk]
    assert finding.search("", context=hers, **both) == [draft.pk]  # before she has said a word
    assert finding.search("", **both) == []
    assert finding.search("提前支取", category="deposits", **both) == [early.pk, draft.pk]
    assert finding.search("提前支取", category="cards", **both) == []


def test_who_looks_again_moves_it_up(editor: User, reviewer: User):  # noqa: F811
    """Overdue is ranked down, until its owner says that it holds."""
    first = published(editor, reviewer)
    late = NOON + timedelta(days=WORDS.reverify_days)
    draft = drafting.begin("early-too", category(), WORDS, by=editor, at=late)
    drafting.submit(draft.pk, by=editor, at=late)
    reviewing.approve(draft.pk, by=reviewer, at=late)
    assert finding.search("提前支取", at=late, limit=5) == [draft.pk, first.pk]
    reviewing.verify(first.pk, by=editor, at=late)
    assert finding.search("提前支取", at=late, limit=5) == [first.pk, draft.pk]


def test_words_for_the_same_thing_meet():
    assert ids(index(), "止付") == [3]
    assert ids(index(("怎么", "咋"), ("计息", "收益")), "收益")[0] == 1
    assert ids(index(), "收益") == []


def test_a_longer_word_is_not_the_shorter_one_in_it():
    language = Language([("卡", "银行卡"), ("信用卡", "贷记卡"), ("大额存单",)])
    assert language.meant("贷记卡和卡") == ["g1", "g0"]
    assert language.meant("大额存单") == []
    assert "大额存单" in language.words("买大额存单")
    assert "大额存单" not in Language().words("买大额存单")


@pytest.mark.parametrize("asked", ["挂矢", "gua shi", "woyao guashi"])
def test_how_it_sounds_is_tried_where_no_article_has_the_word(asked):
    assert ids(index(), asked)[0] == 3


def test_the_search_knows_a_changed_group_at_once(editor: User, reviewer: User):  # noqa: F811
    published(editor, reviewer)
    group = Synonyms.objects.create(word="提前支取", others=["早拿"])
    assert found("早拿", NOON) != []
    group.is_active = False
    group.save()
    assert found("早拿", NOON) == []


def test_an_editor_keeps_the_words_and_each_change_is_kept():
    page = as_(Role.KB_EDITOR, "zh-hans")
    said = {"word": "密码", "others": "口令\n密码\n口令\n暗码", "is_active": "on"}
    page.post("/admin/kb/synonyms/add/", said)
    group = Synonyms.objects.get()
    assert (group.word, group.others) == ("密码", ["口令", "暗码"])
    page.post(f"/admin/kb/synonyms/{group.pk}/change/", {**said, "others": "口令"})
    assert "口令、暗码" not in (shown := text(page.get("/admin/kb/synonyms/?q=口令")))
    assert "口令" in shown
    history = text(page.get(f"/admin/kb/synonyms/{group.pk}/history/"))
    assert "暗码" in history


def test_the_groups_that_ship_fit_the_table():
    groups = shipped.synonyms()
    assert len(groups) > 60 and len({word for word, *_others in groups}) == len(groups)
    assert all(0 < len(word) <= 20 for group in groups for word in group)
