"""Procedures: what a guide may say, two people who publish it, and a walk that is kept."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import override

from kb import guides, shipped, statistics, suggesting, walking
from kb import reading as kb_reading
from kb.errors import (
    DraftOpen,
    Faulty,
    KeyTaken,
    NoSuchAnswer,
    NotHerWalk,
    NotNow,
    NotWalked,
    NotWhole,
    OwnArticle,
)
from kb.models import ProcedureVersion, Walk, WalkStep
from kb.procedures import PROCEDURES, Wording
from people import staff
from people.approvals import NoWord
from people.models import User
from people.roles import Role
from tests import cast
from tests.kb.test_articles import category

NOON = cast.NOON
GUIDE = """
[Matured?]
> Has it matured?
- Yes (then=renews) -> Account
- No -> Loss

[Loss]
> Drawn early it earns the demand rate.
* Do not press her.
- All the same -> Account
- Then not -> Left

[Account]
> To which account?
? redeem.payee -> Draw

[Draw]
> I write it down.
= service maturity

[Left]
> As you wish.
= done
"""
WORDING = Wording("Draw a deposit", "Rules", GUIDE.strip(), ("matured",), ("deposit-redeem",))


def written(by: User, wording: Wording = WORDING, key: str = "draw") -> ProcedureVersion:
    return PROCEDURES.begin(key, wording, category=category(), by=by, at=NOON)


def published(editor: User, reviewer: User, wording: Wording = WORDING) -> ProcedureVersion:
    version = written(editor, wording)
    PROCEDURES.submit(version.pk, by=editor, at=NOON)
    return PROCEDURES.approve(version.pk, by=reviewer, at=NOON)


@pytest.fixture
def editor(db) -> User:
    cast.bank_terms()
    return staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])


@pytest.fixture
def reviewer(db) -> User:
    return staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])


# -- the guide ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (GUIDE, "", "at least one node"),
        ("[Loss]\n", "[Loss]\nHello\n", "Line 8 is not understood: Hello"),
        ("-> Left", "-> Gone", "“Loss” leads to “Gone”, which is not there."),
        ("-> Left", "-> Draw", "Nothing leads to “Left”."),
        ("= done", "- Again -> Matured?", "From “Left” the way comes back"),
        ("= done", "", "“Left” leads nowhere and is no end."),
        ("= done", "= done\n- More -> Draw", "“Left” has answers, a field or an end"),
        ("> As you wish.\n", "", "“Left” says nothing."),
        ("[Left]", "[Left]\n> x\n= done\n[Left]", "Two nodes are called “Left”."),
        ("- Then not -> Left", "- Not -> Left\n" * 9, "“Loss” has more than 9 answers."),
        ("> As you wish.", "> " + "x" * 401, "“Left” says more than 400 characters"),
        ("= done", "= service", "is not understood: = service"),
        ("= done", "= service mortgage", "“Left” ends in what is not there: service mortgage."),
        ("= done", "= article none", "“Left” ends in what is not there: article none."),
        ("= done", "= queue none", "“Left” ends in what is not there: queue none."),
        ("redeem.payee", "redeem.number", "“Account” asks a field that is none: redeem.number."),
        ("then=renews", "colour=red", "that no service at its ends has: colour."),
        ("demand rate", "{{rate:none}}", "no such figure: rate:none."),
    ],
)
def test_what_is_wrong_with_a_guide_is_said_by_its_node(db, before, after, fault):
    cast.bank_terms()
    assert before in GUIDE
    with override("en"):
        wrong = PROCEDURES.faults(replace(WORDING, guide=GUIDE.replace(before, after)), at=NOON)
    assert fault in " ".join(wrong)
    assert PROCEDURES.faults(WORDING, at=NOON) == []


def test_an_outline_shows_each_node_once_and_points_to_it_after_that():
    top = guides.outline(guides.read(GUIDE))
    yes, no = top.branches
    assert (yes.answer, yes.node.name, yes.branches[0].node.name) == ("Yes", "Account", "Draw")
    assert [(b.answer, b.again) for b in no.branches] == [
        ("All the same", True),
        ("Then not", False),
    ]


# -- two people --------------------------------------------------------------------------------


def test_two_people_publish_it_and_the_one_before_is_replaced(editor, reviewer):
    first = published(editor, reviewer)
    with pytest.raises(KeyTaken):
        written(editor)
    draft = PROCEDURES.revise(first.procedure_id, by=editor, at=NOON)
    with pytest.raises(DraftOpen):
        PROCEDURES.revise(first.procedure_id, by=editor, at=NOON)
    PROCEDURES.write(draft.pk, replace(WORDING, title="Drawing"), by=editor, at=NOON)
    PROCEDURES.submit(draft.pk, by=editor, at=NOON)
    with pytest.raises(OwnArticle):
        PROCEDURES.approve(draft.pk, by=editor, at=NOON)
    with pytest.raises(NoWord):
        PROCEDURES.send_back(draft.pk, " ", by=reviewer, at=NOON)
    PROCEDURES.send_back(draft.pk, "Too short", by=reviewer, at=NOON)
    PROCEDURES.submit(draft.pk, by=editor, at=NOON)
    second = PROCEDURES.approve(draft.pk, by=reviewer, at=NOON)
    first.refresh_from_db()
    assert (first.state, first.valid_to, second.state) == ("replaced", NOON, "published")
    assert [change.pieces[-1].words for change in Wording.changed(second)] == ["Drawing"]
    PROCEDURES.withdraw(second.pk, "Gone", by=reviewer, at=NOON)
    assert not ProcedureVersion.objects.filter(state="published").exists()
    with pytest.raises(NotNow):
        PROCEDURES.drop(second.pk, by=editor, at=NOON)
    assert list(second.history.values_list("what", "by__username")) == [
        *(("drafted", "1003"), ("drafted", "1003"), ("submitted", "1003"), ("returned", "1004")),
        *(("submitted", "1003"), ("approved", "1004"), ("withdrawn", "1004")),
    ]


def test_a_faulty_guide_is_neither_submitted_nor_approved(editor, reviewer):
    version = written(editor, replace(WORDING, guide="[Alone]\n> Hello"))
    with pytest.raises(Faulty), override("en"):
        PROCEDURES.submit(version.pk, by=editor, at=NOON)
    with override("en"), pytest.raises(NotWhole, match="Left empty: title, stands on"):
        PROCEDURES.write(version.pk, replace(WORDING, title="", source=""), by=editor, at=NOON)


def test_postgresql_keeps_what_was_reviewed_and_who_did(editor, reviewer):
    version = published(editor, reviewer)
    rows = ProcedureVersion.objects.filter(pk=version.pk)
    with pytest.raises(DatabaseError, match="as_reviewed"), transaction.atomic():
        rows.update(guide="x")
    with pytest.raises(IntegrityError, match="procedure_reviewed_by_another"), transaction.atomic():
        rows.update(reviewer=editor)
    draft = PROCEDURES.revise(version.procedure_id, by=editor, at=NOON)
    with (
        pytest.raises(IntegrityError, match="procedure_one_published"),
        transaction.atomic(),
    ):
        ProcedureVersion.objects.filter(pk=draft.pk).update(state="review")
        ProcedureVersion.objects.filter(pk=draft.pk).update(
            state="published", reviewer=reviewer, valid_from=NOON
        )


# -- a walk ------------------------------------------------------------------------------------


def test_a_walk_is_kept_step_by_step_and_a_second_press_changes_nothing(editor, reviewer):
    version = published(editor, reviewer)
    walk = walking.begin(version.pk, by=reviewer, call=None, at=NOON)
    assert walking.begin(version.pk, by=reviewer, call=None, at=NOON) == walk
    with pytest.raises(NotHerWalk):
        walking.of(walk.pk, by=editor, call=None)
    here = walking.answer(walk, 1, seq=1, at=NOON)
    assert here.node.name == "Loss"
    assert walking.answer(walk, 1, seq=1, at=NOON).node.name == "Loss"  # pressed twice
    assert walking.back(walk, seq=2, at=NOON).node.name == "Matured?"
    with pytest.raises(NoSuchAnswer):
        walking.answer(walk, 2, seq=3, at=NOON)
    walking.answer(walk, 0, seq=3, at=NOON)
    with pytest.raises(NoSuchAnswer):
        walking.end(walk, at=NOON)
    here = walking.fill(walk, "17", "ending 6789", seq=4, at=NOON)
    assert here.node.name == "Draw" and here.filled == {"then": "renews", "payee": "17"}
    assert [passed.answer for passed in here.trail] == ["Yes", "ending 6789"]
    ended = walking.end(walk, at=NOON)
    assert walking.end(walk, at=NOON) == ended and ended.name == "maturity"
    assert walking.back(walking.of(walk.pk, by=reviewer, call=None), seq=5, at=NOON).end == ended
    assert WalkStep.objects.count() == 4
    assert walking.begin(version.pk, by=reviewer, call=None, at=NOON) != walk  # the next caller


def test_of_two_presses_at_once_one_is_kept(editor, reviewer):
    """As from two tabs: the second reads what the first has not committed yet."""
    walk = walking.begin(published(editor, reviewer).pk, by=reviewer, call=None, at=NOON)
    here = walking.stand(walk)
    walking.answer(walk, 0, seq=1, at=NOON)
    assert walking._step(here, "No", place=1, seq=1, at=NOON).node.name == "Account"
    with pytest.raises(DatabaseError), transaction.atomic():
        WalkStep.objects.update(answer="x")
    with pytest.raises(IntegrityError, match="walk_step_once"), transaction.atomic():
        WalkStep.objects.create(walk=walk, seq=1, node="Loss", answer="No", at=NOON)


def test_what_was_withdrawn_is_begun_no_more(editor, reviewer):
    version = published(editor, reviewer)
    PROCEDURES.withdraw(version.pk, "Gone", by=reviewer, at=NOON)
    with pytest.raises(NotWalked):
        walking.begin(version.pk, by=reviewer, call=None, at=NOON)


def test_editors_see_how_far_agents_come(editor, reviewer):
    version = published(editor, reviewer)
    for answers in ((1,), (1,), (1, 1), ()):
        walk = Walk.objects.create(version=version, by=reviewer, at=NOON)
        for seq, place in enumerate(answers, start=1):
            walking.answer(walk, place, seq=seq, at=NOON)
        if len(answers) == 2:
            walking.end(walk, at=NOON)
    found = statistics.walked(version, since=NOON)
    assert (found.begun, found.ended) == (4, 1)
    assert found.left == (("Loss", 2), ("Matured?", 1))


# -- what ships --------------------------------------------------------------------------------


@pytest.fixture
def installed(editor, monkeypatch):
    monkeypatch.setattr(shipped, "articles", lambda: iter(()))
    shipped.install(at=NOON)


def test_what_ships_is_installed_once_and_what_a_bank_has_worded_stays(
    installed, editor, reviewer, monkeypatch
):
    count = ProcedureVersion.objects.count()
    assert count == len(list(shipped.guided())) >= 40
    shipped.install(at=NOON)
    assert ProcedureVersion.objects.count() == count

    mine = ProcedureVersion.objects.get(procedure__key="card-loss")
    draft = PROCEDURES.revise(mine.procedure_id, by=editor, at=NOON)
    own = replace(WORDING, title="挂失（本行）")
    PROCEDURES.write(draft.pk, own, by=editor, at=NOON)
    PROCEDURES.submit(draft.pk, by=editor, at=NOON)
    PROCEDURES.approve(draft.pk, by=reviewer, at=NOON)
    newer = [
        replace(row, wording=replace(row.wording, title=f"{row.wording.title}（新）"))
        for row in shipped.guided()
        if row.key in ("card-loss", "balance-enquiry")
    ]
    monkeypatch.setattr(shipped, "guided", lambda: iter(newer))
    shipped.install(at=NOON)
    titles = ProcedureVersion.objects.filter(state="published").values_list("title", flat=True)
    assert {"挂失（本行）", "查余额与明细（新）"} <= set(titles)
    assert "借记卡挂失（新）" not in titles


def test_they_are_found_by_their_names_and_suggested_by_what_is_done(installed):
    assert kb_reading.procedures("挂失")[0].title == "借记卡挂失"
    assert kb_reading.procedures("zhuanzhang cuo")[0].title == "转错账"
    assert kb_reading.procedures("") == []
    found = suggesting.procedures(["in-bank-transfer", "notice-register"], ["房贷"])
    assert [version.title for version in found] == ["行内转账", "登记通知存款支取通知"]
    assert suggesting.procedures([], ["零存整取"], limit=9)[0].title == "开立零存整取"
