"""Drafts beside what callers hear: edited, compared, checked, published at an hour, taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils.translation import override

from people import staff
from people.roles import Role
from routing import shipped as routing_shipped
from telephony import drafting, menus, publishing, shipped, story
from telephony.ivr.checking import Facts, Fault, Words, problems
from telephony.ivr.comparing import Kind, compare
from telephony.ivr.menus import Entry, Node, Tree
from telephony.models import Menu, MenuVersion, Publication
from telephony.shipped_titles import ENGLISH
from tests.cast import NOON
from tests.desktop import floors

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bank(db):
    routing_shipped.install(at=NOON)
    floors.hire("林晓", 1023, ("general",), None)
    return shipped.install(at=NOON)


@pytest.fixture
def lina(db):
    return staff.hire(number="6001", name="李娜", branch=None, roles=[Role.MENU_OWNER])


@pytest.fixture
def draft(bank, lina) -> MenuVersion:
    return menus.copy(bank.pk, by=lina, at=NOON)


@pytest.fixture
def by(lina):
    return {"by": lina, "at": NOON}


def faults(version: MenuVersion) -> list[Fault]:
    found = publishing.problems_of(version, at=NOON)
    return [problem.fault for problem in found if problem.is_error]


def heard(menu: Menu) -> int:
    return menus.published(menu).number


# -- drafts ------------------------------------------------------------------------------------


def test_a_draft_begins_as_what_callers_hear(bank, draft):
    assert draft.number == 2
    assert len(compare(menus.load(bank.pk), menus.load(draft.pk))) == 0
    assert faults(draft) == []


def test_what_callers_heard_never_changes(bank, lina, by):
    with pytest.raises(menus.MenuFixed):
        drafting.rename(bank.pk, node="root", digit="1", title="别的", **by)
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        bank.nodes.filter(slug="root").update(title="别的")


def test_each_edit_says_who_and_when(draft, lina, by):
    drafting.rename(draft.pk, node="root", digit="1", title="个人客户", **by)
    draft.refresh_from_db()
    assert (draft.edited_by, draft.edited_at) == (lina, NOON)
    tree = menus.load(draft.pk)
    assert tree.nodes["root"].entries[0].title == tree.nodes["personal"].title == "个人客户"


def test_who_reads_english_finds_menus_by_english_titles(bank, draft, by):
    drafting.rename(draft.pk, node="root", digit="1", title="个人客户", title_en="Retail", **by)
    drafting.rename(draft.pk, node="accounts", digit="1", title="查余额", **by)  # has none
    before, after = story.Places([bank.pk]), story.Places([draft.pk])
    assert before.title(bank.pk, "accounts", "balance") == "个人业务 › 余额与明细 › 余额"
    assert after.title(draft.pk, "accounts", "balance") == "个人客户 › 余额与明细 › 查余额"
    with override("en"):
        before, after = story.Places([bank.pk]), story.Places([draft.pk])
        personal = "Personal banking › Balances and transactions"
        assert before.title(bank.pk, "accounts") == personal
        assert before.title(bank.pk, "accounts", "balance") == f"{personal} › Balance"
        retail = "Retail › Balances and transactions › 查余额"
        assert after.title(draft.pk, "accounts", "balance") == retail
        assert (str(bank), before.title(bank.pk, "root")) == ("Main menu v1", "Main menu")


def test_another_english_title_is_a_change(bank, draft, by):
    drafting.rename(draft.pk, node="root", digit="1", title="个人业务", title_en="Retail", **by)
    found = compare(menus.load(bank.pk), menus.load(draft.pk))
    assert [change.kind for change in found.entries] == [Kind.CHANGED]
    assert [change.after.slug for change in found.nodes] == ["personal"]


def test_a_key_is_given_once(draft, by):
    with pytest.raises(drafting.KeyTaken, match="公司业务"):
        drafting.add_service(draft.pk, node="root", digit="2", flow="balance", title="余额", **by)
    for digit in ("0", "9", "*", "12", ""):
        with pytest.raises(drafting.NoKey):
            drafting.add_service(
                draft.pk, node="root", digit=digit, flow="balance", title="余额", **by
            )


def test_a_menu_moves_with_all_below_it_but_never_below_itself(draft, by):
    with pytest.raises(drafting.UnderItself):
        drafting.move(draft.pk, node="root", digit="1", to_node="loans", to_digit="6", **by)
    drafting.move(draft.pk, node="deposits", digit="4", to_node="personal", to_digit="6", **by)
    tree = menus.load(draft.pk)
    assert tree.nodes["loans"].parent == "personal"
    assert tree.path("loans") == ("个人业务", "贷款")


def test_what_nothing_leads_to_goes_with_its_entry(draft, by):
    drafting.remove(draft.pk, node="personal", digit="4", **by)
    left = menus.load(draft.pk).nodes
    assert {"deposits", "time-deposits", "notice-deposits", "loans"} & left.keys() == set()


def test_short_names_are_one_of_a_kind(draft, by):
    for slug, refusal in (("loans", drafting.SlugTaken), ("Über", drafting.SlugInvalid)):
        with pytest.raises(refusal):
            drafting.add_menu(draft.pk, node="corporate", digit="2", slug=slug, title="新", **by)


# -- compared ----------------------------------------------------------------------------------


def test_a_difference_names_what_was_added_removed_moved_and_changed(bank, draft, by):
    drafting.add_menu(draft.pk, node="corporate", digit="2", slug="more", title="更多", **by)
    drafting.remove(draft.pk, node="complaints", digit="5", **by)
    drafting.move(draft.pk, node="accounts", digit="2", to_node="more", to_digit="1", **by)
    drafting.rename(draft.pk, node="accounts", digit="1", title="查余额", **by)
    drafting.set_menu(draft.pk, node="information", identified=True, queue="card", **by)
    found = compare(menus.load(bank.pk), menus.load(draft.pk))
    told = {
        (change.kind, (change.after or change.before).leads)  # type: ignore[union-attr]
        for change in found.entries
    }
    assert told == {
        (Kind.ADDED, "more"),
        (Kind.REMOVED, "unlock-request"),
        (Kind.MOVED, "last-transactions"),
        (Kind.CHANGED, "balance"),
    }
    assert [change.after.slug for change in found.nodes] == ["information"]
    moved = found.at("more", "1")
    assert moved
    assert moved.before
    assert (moved.before.node, moved.before.entry.digit) == ("accounts", "2")
    assert [place.entry.digit for place in found.removed_from("complaints")] == ["5"]


def test_one_of_three_entries_of_a_service_goes_and_the_others_stand_still(bank, draft, by):
    drafting.remove(draft.pk, node="credit-card", digit="1", **by)
    found = compare(menus.load(bank.pk), menus.load(draft.pk))
    (change,) = found.entries
    assert (change.kind, change.before and change.before.node) == (Kind.REMOVED, "credit-card")


# -- checked -----------------------------------------------------------------------------------

SAID = {"a": Words("查余额，请按 1。", is_recorded=True)}
FACTS = Facts(
    built=frozenset({"balance"}),
    planned=frozenset({"balance", "loan"}),
    prompts={"zh": SAID, "en": SAID},
    queues={"general": True, "card": False},
    names={"card": "信用卡"},
    general="general",
)


def entry(digit="1", *, flow="balance", target="", prompt="a") -> Entry:
    return Entry(digit, "余额", prompt, target=target, flow="" if target else flow)


def tree(*entries: Entry, queue: str = "", **others: Node) -> Tree:
    root = Node("root", "主菜单", identified=False, entries=entries, queue=queue)
    return Tree(1, "root", {"root": root, **others})


def below(slug: str, *entries: Entry, parent: str = "root") -> Node:
    return Node(slug, "下级", identified=False, entries=entries, parent=parent)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (tree(entry(flow="loan")), Fault.NOTHING),
        (tree(entry(), entry("2", target="sub"), sub=below("sub")), Fault.EMPTY),
        (
            tree(entry(), entry("2", target="sub"), sub=below("sub", entry(flow="loan"))),
            Fault.EMPTY,
        ),
        (tree(entry(), sub=below("sub", entry(), parent="")), Fault.ORPHAN),
        (tree(entry(), entry("1")), Fault.TWICE),
        (tree(*(entry(d) for d in "123456")), Fault.MANY),
        (tree(entry(flow="no-such")), Fault.UNKNOWN_FLOW),
        (tree(entry(prompt="b")), Fault.NO_WORDS),
        (tree(entry("2")), Fault.OTHER_KEY),
        (tree(entry(), queue="no-such"), Fault.NO_QUEUE),
        (
            tree(
                entry(), entry("2", target="sub"), sub=below("sub", entry(), entry(target="root"))
            ),
            Fault.CIRCLE,
        ),
    ],
)
def test_what_is_wrong_is_named(wrong, fault):
    assert fault in {problem.fault for problem in problems(wrong, FACTS) if problem.is_error}


def test_a_sound_tree_has_nothing_wrong():
    assert problems(tree(entry()), FACTS) == []


def test_what_is_not_built_or_not_staffed_is_a_hint():
    found = problems(tree(entry(), entry("2", flow="loan", prompt="c"), queue="card"), FACTS)
    hints = {problem.fault for problem in found if not problem.is_error}
    assert hints == {Fault.UNBUILT_FLOW, Fault.UNTRAINED}


def test_key_0_reaches_a_person_in_hours():
    untrained = replace(FACTS, queues={"general": False, "card": True})
    shut = replace(FACTS, shut={"25198888": NOON})
    for facts, fault in ((untrained, Fault.NOBODY), (shut, Fault.SHUT)):
        (found,) = problems(tree(entry()), facts)
        assert found.fault is fault
        assert found.is_error
    assert "25198888" in str(found)
    assert "2026-11-24 12:00" in str(found)


def test_a_prompt_without_audio_is_named_in_its_language():
    silent = {"a": Words("Balance, press 1.", is_recorded=False)}
    facts = replace(FACTS, prompts={"zh": SAID, "en": silent})
    (found,) = problems(tree(entry()), facts)
    assert found.fault is Fault.NO_AUDIO
    assert str(found.values["language"]) in ("英语", "English")


# -- published ---------------------------------------------------------------------------------


def test_a_draft_with_errors_is_not_published(draft, lina, by):
    drafting.add_menu(draft.pk, node="corporate", digit="2", slug="more", title="更多", **by)
    with pytest.raises(publishing.MenuIncomplete, match="更多"):
        publishing.publish(draft.pk, by=lina, at=NOON)
    assert heard(draft.menu) == 1


def test_published_at_an_hour_by_who_said_so(draft, lina):
    six = NOON + timedelta(hours=18)
    publishing.schedule(draft.pk, due_at=six, by=lina, at=NOON)
    assert publishing.publish_due(at=six - timedelta(seconds=1)) == []
    assert heard(draft.menu) == 1
    assert publishing.publish_due(at=six) == [draft]
    assert heard(draft.menu) == 2
    now = menus.published(draft.menu)
    assert (now.published_at, now.published_by, now.due_at) == (six, lina, None)
    assert publishing.publish_due(at=six) == []


def test_an_hour_that_is_past_is_refused(draft, lina):
    with pytest.raises(publishing.NotLater):
        publishing.schedule(draft.pk, due_at=NOON, by=lina, at=NOON)


def test_what_is_edited_after_it_was_scheduled_is_due_no_more(draft, lina, by):
    publishing.schedule(draft.pk, due_at=NOON + timedelta(hours=1), by=lina, at=NOON)
    drafting.rename(draft.pk, node="root", digit="1", title="个人客户", **by)
    assert publishing.publish_due(at=NOON + timedelta(hours=2)) == []
    assert heard(draft.menu) == 1


def test_what_is_no_longer_fit_when_it_is_due_stays_a_draft_and_says_so(draft, lina):
    from routing.models import Queue

    due = NOON + timedelta(hours=1)
    publishing.schedule(draft.pk, due_at=due, by=lina, at=NOON)
    Queue.objects.filter(slug="card").update(is_active=False)
    assert publishing.publish_due(at=due) == []
    draft.refresh_from_db()
    assert (draft.state, draft.due_at, draft.refused_at) == ("draft", None, due)


def test_what_was_edited_while_it_was_checked_is_not_published(draft, lina, by):
    edited_at = publishing.check(draft.pk, at=NOON)
    later = {**by, "at": NOON + timedelta(seconds=1)}
    drafting.rename(draft.pk, node="root", digit="1", title="个人客户", **later)
    with pytest.raises(publishing.MenuChanged):
        publishing.put_into_service(draft.pk, by=lina, at=NOON, edited_at=edited_at)
    assert heard(draft.menu) == 1


def test_back_in_one_step_to_what_callers_heard_before(bank, draft, lina):
    publishing.publish(draft.pk, by=lina, at=NOON)
    back = NOON + timedelta(minutes=5)
    assert publishing.roll_back(draft.menu_id, by=lina, at=back) == bank
    assert heard(draft.menu) == 1
    assert [p.version.number for p in Publication.objects.all()] == [1, 2, 1]
    with pytest.raises(publishing.NothingBefore):
        publishing.roll_back(draft.menu_id, by=lina, at=back)


def test_a_publication_is_never_unwritten(bank):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE telephony_publication SET at = now()")


def test_a_draft_that_is_dropped_comes_to_nobody(draft, lina):
    menus.drop(draft.pk)
    with pytest.raises(menus.MenuFixed):
        publishing.publish(draft.pk, by=lina, at=NOON)


# -- shipped -----------------------------------------------------------------------------------


def test_a_changed_plan_comes_as_a_draft_once(bank, monkeypatch):
    assert shipped.offer() is None
    changed = {**shipped.TREE, "corporate": ("公司业务", False, {"1": ("余额", "balance")})}
    monkeypatch.setattr(shipped, "TREE", changed)
    offered = shipped.offer()
    assert offered
    assert (offered.state, heard(offered.menu)) == ("draft", 1)
    menus.drop(offered.pk)
    assert shipped.offer() is None


def test_every_shipped_title_has_one_in_english():
    titles = {title for title, _identified, _entries in shipped.TREE.values()}
    titles |= {title for *_, keys in shipped.TREE.values() for title, _leads in keys.values()}
    assert titles == ENGLISH.keys()


def test_a_bank_without_a_menu_is_offered_none(db):
    assert shipped.offer() is None
