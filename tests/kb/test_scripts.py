"""Scripts: what a wording may say, two people who publish it, and what a call makes of it."""

import re
from dataclasses import replace

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import override

from kb import reading, scripts, shipped, variables
from kb.errors import Faulty, NotSaid, NotWhole, OwnArticle
from kb.models import ScriptReading, ScriptVersion
from kb.models.scripts import Moment, Situation
from kb.scripts import SCRIPTS, Wording
from kb.variables import KNOWN, Name, Part
from people import staff
from people.models import User
from people.roles import Role
from telephony.models import Menu, Number
from tests import cast

NOON = cast.NOON
WORDING = Wording(
    title="开头语",
    moment="answer",
    words="{问候}，工号{工号}，{事项}请拨{{number:main}}。",
    english="{问候}, agent {工号}.",
    note="微笑着说。",
    keywords=("您好",),
    services=("balance",),
    source="服务规范",
)


def written(by: User, wording: Wording = WORDING, key: str = "hello") -> ScriptVersion:
    return SCRIPTS.begin(key, wording, situation=Situation.GREETING, by=by, at=NOON)


def published(
    editor: User, reviewer: User, wording: Wording = WORDING, key: str = "hello"
) -> ScriptVersion:
    version = written(editor, wording, key)
    SCRIPTS.submit(version.pk, by=editor, at=NOON)
    return SCRIPTS.approve(version.pk, by=reviewer, at=NOON)


@pytest.fixture
def bank(db) -> None:
    """Its figures, and the number that it is called by."""
    cast.bank_terms()
    menu = Menu.objects.create(slug="main", name="总台")
    Number.objects.create(number="961202", menu=menu, greeting="welcome.961202")


@pytest.fixture
def editor(bank) -> User:
    return staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])


@pytest.fixture
def reviewer(db) -> User:
    return staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])


# -- variables ---------------------------------------------------------------------------------


def test_what_is_known_is_filled_in_and_the_rest_stands_as_a_blank():
    with override("zh-hans"):
        parts = variables.fill("{问候}，{ 称呼 }，{事项}对吗？", {"问候": "上午好", "称呼": ""})
    assert parts == (
        Part("上午好", filled=True),
        Part("，"),
        Part("称呼", blank=True),
        Part("，"),
        Part("事项", blank=True),
        Part("对吗？"),
    )
    with override("en"):
        assert variables.fill("{事项}", {}) == (Part("matter", blank=True),)


def test_each_variable_is_called_alike_where_it_is_a_blank():
    """An editor writes in braces what the agent sees in the blank."""
    with override("zh-hans"):
        assert {name: str(known.label) for name, known in KNOWN.items()} == {
            name: name.value for name in Name
        }


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("{称乎}，您好", "There is no variable “称乎”. Did you mean “称呼”?"),
        ("{name}", "There is no variable “name”. There are: 问候, 银行, "),
        ("{}", "There is no variable “”."),
        ("{工号", "A brace stands alone"),
        ("工号}", "A brace stands alone"),
        ("{{工号}}", "no such figure: 工号"),
        ("{{rate:none}}", "no such figure: rate:none."),
    ],
)
@pytest.mark.parametrize("field", ["words", "english", "note"])
def test_what_is_wrong_with_a_wording_is_named(bank, words, fault, field):
    with override("en"):
        wrong = SCRIPTS.faults(replace(WORDING, **{field: words}), at=NOON)
    assert len(wrong) == 1 and fault in wrong[0]
    assert SCRIPTS.faults(WORDING, at=NOON) == []


def test_a_service_that_is_not_there_is_named(bank):
    with override("en"):
        (wrong,) = SCRIPTS.faults(replace(WORDING, services=("mortgage",)), at=NOON)
    assert wrong == "The telephone bank has no service mortgage."


def test_figures_are_of_the_moment_and_the_english_wording_is_its_own(editor, reviewer):
    version = published(editor, reviewer)
    with override("zh-hans"):
        said = scripts.worded(version, {"问候": "您好"}, english=False, at=NOON)
    assert "".join(part.words for part in said) == "您好，工号工号，事项请拨961202。"
    with override("en"):
        said = scripts.worded(version, {"工号": "1023"}, english=True, at=NOON)
    assert "".join(part.words for part in said) == "greeting, agent 1023."


# -- two people --------------------------------------------------------------------------------


def test_two_people_publish_it_and_the_one_before_is_replaced(editor, reviewer):
    first = published(editor, reviewer)
    draft = SCRIPTS.revise(first.script_id, by=editor, at=NOON)
    SCRIPTS.write(draft.pk, replace(WORDING, words="{问候}！"), by=editor, at=NOON)
    assert [row.pk for row in scripts.suggested([Moment.ANSWER], (), limit=9)] == [first.pk]
    SCRIPTS.submit(draft.pk, by=editor, at=NOON)
    with pytest.raises(OwnArticle):
        SCRIPTS.approve(draft.pk, by=editor, at=NOON)
    second = SCRIPTS.approve(draft.pk, by=reviewer, at=NOON)
    first.refresh_from_db()
    assert (first.state, second.state) == ("replaced", "published")
    (change,) = Wording.changed(second)
    assert [piece.words for piece in change.pieces if piece.new] == ["{问候}！"]
    assert [row.pk for row in scripts.suggested([Moment.ANSWER], (), limit=9)] == [second.pk]


def test_an_unknown_variable_is_neither_submitted_nor_is_nothing_written(editor):
    version = written(editor, replace(WORDING, words="{客户}"))
    with override("en"), pytest.raises(Faulty, match="There is no variable “客户”"):
        SCRIPTS.submit(version.pk, by=editor, at=NOON)
    with override("en"), pytest.raises(NotWhole, match="wording"):
        SCRIPTS.write(version.pk, replace(WORDING, words=""), by=editor, at=NOON)


def test_postgresql_keeps_what_was_reviewed_and_what_was_read(editor, reviewer):
    version = published(editor, reviewer)
    rows = ScriptVersion.objects.filter(pk=version.pk)
    for field in ("title", "moment", "words", "english", "note", "source"):
        with pytest.raises(DatabaseError, match="as_reviewed"), transaction.atomic():
            rows.update(**{field: "talk"})
    with pytest.raises(IntegrityError, match="script_reviewed_by_another"), transaction.atomic():
        rows.update(reviewer=editor)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    draft = SCRIPTS.revise(version.script_id, by=editor, at=NOON)
    ScriptVersion.objects.filter(pk=draft.pk).update(words="一稿")  # of a draft: allowed
    with pytest.raises(IntegrityError, match="script_one_published"), transaction.atomic():
        ScriptVersion.objects.filter(pk=draft.pk).update(state="review")
        ScriptVersion.objects.filter(pk=draft.pk).update(
            state="published", reviewer=reviewer, valid_from=NOON
        )
    scripts.opened(version.pk, by=reviewer, call=None, at=NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        ScriptReading.objects.update(by=editor)


# -- which are said ----------------------------------------------------------------------------


def test_the_most_pressing_moment_comes_first_and_talk_after_what_fits_her_service(
    editor, reviewer
):
    def made(key: str, moment: str, *services: str) -> ScriptVersion:
        wording = replace(WORDING, title=key, moment=moment, services=services)
        return published(editor, reviewer, wording, key)

    talk, again, answer = made("a", "talk"), made("b", "talk"), made("c", "answer")
    fits, more = made("d", "", "loss-report"), made("e", "", "balance", "loss-report")
    also = made("f", "answer", "balance")
    flows = ["balance", "loss-report"]
    found = scripts.suggested([Moment.ANSWER, Moment.TALK], flows, limit=9)
    assert found == [answer, also, more, talk, again]
    assert scripts.suggested([Moment.HOLD], (), limit=9) == []
    assert scripts.suggested([], ["loss-report"], limit=9) == [fits]
    assert scripts.suggested([Moment.ANSWER], flows, limit=2) == [answer, also]


def test_that_it_was_opened_is_written_down_until_it_is_withdrawn(editor, reviewer):
    version = published(editor, reviewer)
    scripts.opened(version.pk, by=reviewer, call=None, at=NOON)
    SCRIPTS.withdraw(version.pk, "Gone", by=reviewer, at=NOON)
    with pytest.raises(NotSaid):
        scripts.opened(version.pk, by=reviewer, call=None, at=NOON)
    kept = ScriptReading.objects.get()
    assert (kept.version, kept.by, kept.call) == (version, reviewer, None)


# -- what ships --------------------------------------------------------------------------------


@pytest.fixture
def installed(editor, monkeypatch):
    monkeypatch.setattr(shipped, "articles", lambda: iter(()))
    monkeypatch.setattr(shipped, "guided", lambda: iter(()))
    shipped.install(at=NOON)


def test_every_script_that_ships_can_be_said(bank):
    rows = list(shipped.spoken())
    assert len(rows) >= 60
    assert len({row.key for row in rows}) == len(rows)
    assert {row.situation for row in rows} == set(Situation)
    assert {row.wording.moment for row in rows} == {"", *Moment}
    faulty = {row.key: SCRIPTS.faults(row.wording, at=NOON) for row in rows}
    assert {key: wrong for key, wrong in faulty.items() if wrong} == {}
    for row in rows:
        for field in ("title", "words", "english", "note", "source"):
            longest = ScriptVersion._meta.get_field(field).max_length
            assert len(getattr(row.wording, field)) <= longest, (row.key, field)


def test_what_a_script_stands_on_is_an_article_of_the_centres_regulations():
    texts = {wording.title: wording.text for _key, wording in shipped.ruled()}
    cited = 0
    for row in shipped.spoken():
        for title, places in re.findall(r"《([^》]+)》((?:第[^；条]+条、?)+)", row.wording.source):
            for place in re.findall("第[^条、]+条", places):
                assert re.search(rf"^{place} ", texts[title], re.MULTILINE), (row.key, title, place)
                cited += 1
    assert cited >= len(list(shipped.spoken()))


def test_callers_who_chose_english_are_greeted_verified_held_handed_on_and_let_go_in_it():
    english = {row.wording.moment for row in shipped.spoken() if row.wording.english}
    assert english == {"", *Moment}
    chinese_only = {
        row.key for row in shipped.spoken() if row.wording.moment and not row.wording.english
    }
    assert chinese_only == set()


def test_what_ships_is_installed_once_and_what_a_bank_has_worded_stays(
    installed, editor, reviewer, monkeypatch
):
    count = ScriptVersion.objects.count()
    assert count == len(list(shipped.spoken()))
    shipped.install(at=NOON)
    assert ScriptVersion.objects.count() == count
    mine = ScriptVersion.objects.get(script__key="close")
    draft = SCRIPTS.revise(mine.script_id, by=editor, at=NOON)
    SCRIPTS.write(draft.pk, replace(Wording.of(mine), words="再见。"), by=editor, at=NOON)
    SCRIPTS.submit(draft.pk, by=editor, at=NOON)
    SCRIPTS.approve(draft.pk, by=reviewer, at=NOON)
    newer = [
        replace(row, wording=replace(row.wording, words="新的。"))
        for row in shipped.spoken()
        if row.key in ("close", "greet")
    ]
    monkeypatch.setattr(shipped, "spoken", lambda: iter(newer))
    shipped.install(at=NOON)
    said = ScriptVersion.objects.filter(state="published", script__key__in=["close", "greet"])
    assert dict(said.values_list("script__key", "words")) == {"close": "再见。", "greet": "新的。"}


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("客户情绪激动", "calm-angry"),
        ("骂人", "abuse-first"),
        ("anquan zhanghu", "safety-account"),  # of its title, in pinyin
        ("不用再报卡号", "greet-identified"),  # of its wording
        ("找领导", "transfer-leader"),
        ("结束语", "close"),
        ("bie zhaoji", "calm-card-lost"),  # of its wording, in pinyin
        ("note the case number", "complaint-number"),
    ],
)
def test_a_script_is_found_by_title_wording_and_pinyin(installed, asked, key):
    found = reading.scripts(asked)
    assert key in [row.script.key for row in found]


def test_what_only_shares_a_character_is_not_found(installed):
    assert reading.scripts("利率") == []
    assert reading.scripts("li lv") == []
    assert reading.scripts("lilv") == []
    assert reading.scripts("") == []
    assert reading.scripts("理财") != []
