"""A file of articles: read whatever wrote it, looked at, and taken as drafts of who brought it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils.translation import override

from calendars import clock
from kb import bulk, drafting, importing, reviewing
from kb.errors import FileDecided
from kb.importing import Kind
from kb.models import Article, ArticleFile, ArticleStep, ArticleVersion
from kb.sheets import columns
from kb.sheets.columns import COLUMNS, Row
from people import staff
from people.approvals import NotYours
from people.models import User
from people.roles import Role
from tests import cast
from tests.kb.test_articles import category, text
from tests.telephony.test_admin import YES, as_

pytestmark = pytest.mark.django_db

NOON, DAY = cast.NOON, timedelta(days=1)
CELLS = {
    "key": "early",
    "category": "存款",
    "question": "定期提前支取怎么计息？",
    "phrasings": "没到期取出来利息怎么算|没到期取钱亏多少",
    "spoken": "按活期计息。",
    "answer": "提前支取的部分按活期利率计息。其余部分不变。",
    "source": "储蓄管理条例 第二十四条",
    "public": "是",
}


@pytest.fixture(autouse=True)
def deposits(db):
    return category()


@pytest.fixture
def editor(db) -> User:
    return staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])


@pytest.fixture
def reviewer(db) -> User:
    return staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])


@pytest.fixture
def other(db) -> User:
    return staff.hire(number="1005", name="王芳", branch=None, roles=[Role.KB_EDITOR])


def row(number: int = 2, **cells: str) -> Row:
    return Row(number, {**CELLS, **cells})


def plan(*rows: Row, by: User, at=NOON) -> list[importing.Line]:
    with override("en"):
        return list(importing.plan(rows, by=by, at=at).lines)


def taken(*rows: Row, by: User, at=NOON) -> dict[str, int]:
    file = importing.bring("a.csv", rows, by=by, at=at)
    return importing.take(file.pk, by=by, at=at).counts


def published(reviewer: User, at=NOON) -> ArticleVersion:
    """The draft that there is."""
    draft = ArticleVersion.objects.get(state="draft")
    drafting.submit(draft.pk, by=draft.author, at=at)
    return reviewing.approve(draft.pk, by=reviewer, at=at)


def told(line: importing.Line) -> list[tuple[str, str]]:
    with override("en"):
        return [(fault.column, str(fault)) for fault in line.faults]


# -- what a row means --------------------------------------------------------------------------


def test_a_new_row_is_a_draft_and_the_same_row_again_is_none(editor, reviewer):
    assert taken(row(), by=editor) == {"new": 1, "changed": 0, "same": 0, "refused": 0}
    draft = ArticleVersion.objects.get()
    assert (draft.state, draft.author, draft.article.owner) == ("draft", editor, editor)
    assert draft.phrasings == ["没到期取出来利息怎么算", "没到期取钱亏多少"]
    assert (draft.public, draft.reverify_days) == (True, 180)
    assert list(ArticleStep.objects.values_list("what", "by")) == [("drafted", editor.pk)]
    assert taken(row(), by=editor)["same"] == 1
    published(reviewer)
    assert taken(row(), by=editor, at=NOON + DAY)["same"] == 1
    assert ArticleVersion.objects.count() == 1


def test_a_changed_row_is_a_draft_beside_what_is_answered(editor, reviewer):
    taken(row(), by=editor)
    published(reviewer)
    (line,) = plan(row(spoken="不变。"), by=editor, at=NOON + DAY)
    assert (line.kind, line.before.number, line.draft) == (Kind.CHANGED, 1, None)
    assert taken(row(spoken="不变。"), by=editor, at=NOON + DAY)["changed"] == 1
    assert ArticleVersion.objects.in_force(NOON + DAY).get().spoken == "按活期计息。"
    assert taken(row(spoken="再改。"), by=editor, at=NOON + DAY)["changed"] == 1
    draft = ArticleVersion.objects.get(state="draft")  # hers, worded anew
    assert (draft.number, draft.spoken) == (2, "再改。")
    assert taken(row(), by=editor, at=NOON + DAY)["same"] == 1  # as it is answered
    draft.refresh_from_db()
    assert draft.spoken == "再改。"


def test_what_waits_for_its_hour_or_was_withdrawn_is_not_drafted_again(editor, reviewer):
    later = row(starts_at="2026-12-24 08:00")
    taken(later, by=editor)
    version = published(reviewer)
    assert version.valid_from > NOON
    assert taken(later, by=editor, at=NOON + DAY)["same"] == 1
    reviewing.withdraw(version.pk, "停办", by=reviewer, at=NOON + DAY)
    assert taken(later, by=editor, at=NOON + DAY)["same"] == 1


def test_columns_that_are_not_there_stay_as_they_are(editor, reviewer):
    taken(row(steps="带身份证\n取号"), by=editor)
    published(reviewer)
    assert plan(Row(2, {"key": "early"}), by=editor)[0].kind == Kind.SAME
    taken(Row(2, {"key": "early", "spoken": "不变。"}), by=editor, at=NOON + DAY)
    draft = ArticleVersion.objects.get(state="draft")
    assert (draft.steps, draft.spoken) == (["带身份证", "取号"], "不变。")


def test_an_owner_is_an_editor_and_hands_over_by_hand(editor, other):
    clerk = staff.hire(number="1009", name="何静", branch=None, roles=[Role.BACK_OFFICE])
    (line,) = plan(row(owner=clerk.username), by=editor)
    assert told(line) == [("owner", "“1009” is the staff number of no editor.")]
    taken(row(owner=other.username), by=editor)
    assert Article.objects.get().owner == other
    assert plan(row(owner=other.username), by=editor)[0].kind == Kind.SAME
    (line,) = plan(row(owner=editor.username), by=editor)
    said = "王芳 1005 stands by the article; it is handed over on its page."
    assert told(line) == [("owner", said)]


# -- what is refused ---------------------------------------------------------------------------

WRONG = {
    "key": ("Early", "“Early” is no key. Small letters, digits and -."),
    "category": ("水产", "“水产” is no category in use. There are: Deposits."),
    "question": ("问" * 101, "has 101 characters, 100 at most."),
    "phrasings": ("短的|" + "长" * 101, f"“{'长' * 101}” is longer than 100 characters."),
    "spoken": ("", "is needed."),
    "answer": (
        "年利率{{rate:time.9y}}，{{x}}。",
        "The bank's tables hold no such figure: rate:time.9y, x.",
    ),
    "customers": (
        "所有人",
        "“所有人” is none of these: all customers, personal customers, corporate customers.",
    ),
    "branches": ("999", "The bank has no branch 999."),
    "services": ("balance|teleport", "The telephone bank has no service teleport."),
    "public": ("也许", "“也许” is none of these: Yes, No."),
    "reverify_days": ("800", "“800” is no whole number of days from 1 to 730."),
    "starts_at": (
        "2026-02-30",
        "“2026-02-30” is no date. Write 2026-12-01 or 2026-12-01 08:00.",
    ),
    "expires_at": ("2020-01-01", "would expire before it is published."),
    "owner": ("none", "“none” is the staff number of no editor."),
}


@pytest.mark.parametrize("column", WRONG)
def test_a_row_says_what_is_wrong_and_where(editor, column):
    cell, said = WRONG[column]
    (line,) = plan(row(7, **{column: cell}), by=editor)
    assert (line.kind, line.row.number, told(line)) == (Kind.REFUSED, 7, [(column, said)])
    assert plan(row(), by=editor)[0].kind == Kind.NEW  # the control


def test_a_formula_and_a_key_that_is_there_twice(editor):
    lines = plan(Row(2, CELLS, formulas=("answer",)), row(3, key="a"), row(4, key="a"), by=editor)
    assert told(lines[0]) == [("answer", "holds a formula. Put its value there.")]
    assert (
        told(lines[1]) == told(lines[2]) == [("key", "stands in rows 3, 4. One article, one row.")]
    )


def test_nobody_rewords_the_draft_of_another_or_what_waits_for_its_review(editor, other):
    taken(row(), by=other)
    (line,) = plan(row(spoken="不变。"), by=editor)
    assert told(line) == [("key", "王芳 1005 has a draft of this article.")]
    assert plan(row(), by=editor)[0].kind == Kind.SAME
    ArticleVersion.objects.update(state="review")
    (line,) = plan(row(spoken="不变。"), by=other)
    assert told(line) == [("key", "Your draft of this article waits for its review.")]
    (line,) = plan(row(category="deposits", question=""), by=other)
    assert ("question", "is needed.") in told(line)


def test_an_article_is_moved_to_no_other_category(editor):
    from kb.models import Category

    Category.objects.create(code="loans", name="贷款", name_en="Loans")
    taken(row(), by=editor)
    (line,) = plan(row(category="Loans"), by=editor)
    said = "The article is in Deposits; a file moves none to another."
    assert told(line) == [("category", said)]


# -- the desk and the command ------------------------------------------------------------------


def csv_of(*rows: Row, encoding: str = "utf-8") -> bytes:
    names = list(CELLS)
    lines = [names, *([row.cells[name] for name in names] for row in rows)]
    return "\r\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode(encoding)


def test_the_way_of_a_file_on_the_desk():
    writer, reviewer = as_(Role.KB_EDITOR, "zh-hans"), as_(Role.KB_REVIEWER, "zh-hans")
    other = staff.hire(number="1005", name="王芳", branch=None, roles=[Role.KB_EDITOR])
    content = csv_of(row(2), row(3, key="late", question="再问一次？", category="水产"))
    sent = SimpleUploadedFile("条目.csv", content)
    page = writer.post("/admin/kb/articlefile/add/", {"sheet": sent}, follow=True)
    file = ArticleFile.objects.get()
    assert (file.name, file.row_count, file.state) == ("条目.csv", 2, "open")
    shown = text(page)
    assert "水产" in shown
    assert "late" in shown
    assert "定期提前支取怎么计息？" in text(writer.get(page.request["PATH_INFO"] + "?show=new"))
    assert not ArticleVersion.objects.exists()

    with pytest.raises(NotYours):
        importing.take(file.pk, by=other, at=NOON)
    writer.post(f"/admin/kb/articlefile/{file.pk}/take/", YES)
    file.refresh_from_db()
    assert file.outcome == {"new": 1, "changed": 0, "same": 0, "refused": 1}
    with pytest.raises(FileDecided):
        importing.leave(file.pk, by=writer.user, at=NOON)

    # Nobody presses ten thousand times: all that are listed, shown first, then done.
    draft = ArticleVersion.objects.get()
    for client, verb, state in (
        (writer, "submit_many", "review"),
        (reviewer, "approve_many", "published"),
    ):
        listed = "/admin/kb/articleversion/?todo=all"
        chosen = {"action": verb, "_selected_action": draft.pk, "select_across": "1"}
        shown = client.post(listed, chosen)
        assert "定期提前支取怎么计息？" in text(shown)
        draft.refresh_from_db()
        assert draft.state != state  # only shown yet
        client.post(listed, {**chosen, "ids": str(draft.pk)})
        draft.refresh_from_db()
        assert draft.state == state
    assert ArticleVersion.objects.in_force(clock.now()).get() == draft

    exported = writer.get("/admin/kb/articleversion/export/csv/?todo=answered")
    assert "定期提前支取怎么计息？" in exported.content.decode("utf-8-sig")
    again = SimpleUploadedFile("again.csv", exported.content)
    assert "未变" in text(writer.post("/admin/kb/articlefile/add/", {"sheet": again}, follow=True))
    assert writer.get("/admin/kb/articleversion/export/pdf/").status_code == 404


def test_a_file_that_can_not_be_read_is_said_on_its_form():
    writer = as_(Role.KB_EDITOR, "zh-hans")
    page = writer.post(
        "/admin/kb/articlefile/add/", {"sheet": SimpleUploadedFile("a.xlsx", b"PK\x03\x04?")}
    )
    assert "文件打不开" in text(page)
    assert not ArticleFile.objects.exists()


def test_the_command_does_the_same_and_dry_it_does_nothing(editor, tmp_path):
    path = tmp_path / "articles.csv"
    path.write_bytes(csv_of(row(2), row(3, key="late", spoken=""), encoding="gb18030"))
    for options in ({"dry_run": True}, {}, {}):
        out = StringIO()
        call_command("import_articles", path, by=editor.username, stdout=out, **options)
        assert "第 3 行（late，定期提前支取怎么计息？）：口头答复 必须填写。" in out.getvalue()
        assert ArticleVersion.objects.count() == (0 if options else 1)
    assert "新增 0，修改 0，未变 1，不收 1" in out.getvalue()
    with pytest.raises(CommandError, match="1"):
        call_command("import_articles", path, by="1", stdout=out)


# -- many at once ------------------------------------------------------------------------------


def test_many_are_approved_by_another_and_what_a_rule_refuses_is_named(editor, reviewer):
    said = {"by": editor, "at": NOON}
    file = importing.bring("a", [row(n, key=f"k-{n}") for n in range(2, 7)], **said)
    importing.take(file.pk, **said)
    drafts = {v.article.key: v for v in ArticleVersion.objects.select_related("article")}
    ends = ArticleVersion.objects.filter(pk=drafts["k-3"].pk)
    ends.update(expires_at=NOON)  # typed by hand since
    ArticleVersion.objects.filter(pk=drafts["k-4"].pk).update(answer="{{x}}")
    done = bulk.submit([v.pk for v in drafts.values()], **said)
    assert [v.article.key for v in done.good] == ["k-2", "k-5", "k-6"]
    assert [type(r.why).__name__ for r in done.refused] == ["EndsTooEarly", "UnknownFigure"]

    ids = [v.pk for v in done.good]
    assert bulk.approve(ids, **said).good == ()  # her own
    by = {"by": reviewer, "at": NOON}
    assert len(bulk.approve(ids, **by).good) == 3
    assert [type(r.why).__name__ for r in bulk.approve(ids, **by).refused] == ["NotNow"] * 3

    for key, hour in (("k-2", None), ("k-5", NOON + 3 * DAY)):
        draft = drafting.revise(drafts[key].article_id, by=editor, at=NOON + DAY)
        ArticleVersion.objects.filter(pk=draft.pk).update(spoken="改了。", starts_at=hour)
    later = list(
        ArticleVersion.objects.filter(state="draft", number=2).values_list("pk", flat=True)
    )
    bulk.submit(later, by=editor, at=NOON + DAY)
    bulk.approve(later, by=reviewer, at=NOON + DAY)
    spoken = {v.article.key: v.spoken for v in ArticleVersion.objects.in_force(NOON + DAY)}
    assert spoken == {"k-2": "改了。", "k-5": "按活期计息。", "k-6": "按活期计息。"}
    now = ArticleVersion.objects.in_force(NOON + 3 * DAY).get(article__key="k-5")
    assert (now.spoken, now.reviewer) == ("改了。", reviewer)
    steps = ArticleStep.objects.filter(version__article__key="k-2").values_list("what", flat=True)
    assert list(steps) == [
        *("drafted", "submitted", "approved"),  # the newer version first
        *("drafted", "submitted", "approved", "replaced"),
    ]


def test_every_column_has_a_heading_in_both_languages():
    assert len(columns.known()) >= 2 * len(COLUMNS)
    for heading, column in (("标准问", "question"), ("Reverify Days", "reverify_days")):
        assert columns.known()[columns.normal(heading)] == column
