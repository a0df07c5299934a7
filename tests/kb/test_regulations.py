"""Regulations: what a text may be, from when it holds, and who has attested it."""

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import override

from calendars import clock
from calendars.clock import SHANGHAI, bank_day
from complaints import shipped as complaints_shipped
from complaints.models import ClockRule
from kb import attesting, shipped, statutes
from kb.errors import Faulty, NotAsked, NotInForceYet, OwnArticle
from kb.models import Attestation, RegulationVersion
from kb.regulations import REGULATIONS, Wording
from people import staff
from people.models import Branch, User
from people.roles import Role
from reporting.kpi import Kpi
from reporting.shipped import TARGETS
from routing.floor import LIMITS
from routing.states import State
from tests.cast import NOON
from tests.database import meanwhile
from tests.telephony.test_admin import YES, as_, text

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TEXT = """
第一章 总则
第一条 为规范服务，制定本规范。
第二条 服务应当：
（一）准确；
（二）及时。
第二章 附则
第三条 本规范自发布之日起施行。
""".strip()
WORDING = Wording("服务规范", "鹏商银客服〔2025〕9号", "管理制度", TEXT, (Role.AGENT, Role.QC))


@pytest.fixture
def editor(db) -> User:
    return hired("1003", "李娜", Role.KB_EDITOR)


@pytest.fixture
def reviewer(db) -> User:
    return hired("1004", "张敏", Role.KB_REVIEWER)


@pytest.fixture
def lin(db) -> User:
    return hired("1023", "林晓", Role.AGENT)


def hired(
    number: str,
    name: str,
    *roles: Role,
    branch: Branch | None = None,
    joined: datetime = NOON - 400 * DAY,
) -> User:
    return staff.hire(number=number, name=name, branch=branch, roles=roles, joined=joined)


def issued(
    editor: User, reviewer: User, wording: Wording = WORDING, at: datetime = NOON
) -> RegulationVersion:
    """The first version, or the next."""
    known = RegulationVersion.objects.filter(regulation__key="service").first()
    if known is None:
        draft = REGULATIONS.begin("service", wording, by=editor, at=at)
    else:
        draft = REGULATIONS.revise(known.regulation_id, by=editor, at=at)
        REGULATIONS.write(draft.pk, wording, by=editor, at=at)
    REGULATIONS.submit(draft.pk, by=editor, at=at)
    return REGULATIONS.approve(draft.pk, by=reviewer, at=at)


# -- the text ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (TEXT, "", "at least one article"),
        (TEXT, "前言\n" + TEXT, "Line 1 stands in no article: 前言"),
        ("第二条", "第三条", "“第三条” should be “第二条”."),
        ("第二章", "第三章", "“第三章” should be “第二章”."),
        ("第一章 总则\n", "", "before the first chapter"),
        ("第二章 附则", "第二章", "“第二章” has no title."),
        ("第三条 本规范自发布之日起施行。", "", "“第二章” has no article."),
    ],
)
def test_what_is_wrong_with_a_text_is_said(before, after, fault):
    assert before in TEXT
    with override("en"):
        assert fault in " ".join(statutes.check(TEXT.replace(before, after)))
    assert statutes.check(TEXT) == []


def test_a_text_is_chapters_of_articles_of_paragraphs():
    general, last = statutes.read(TEXT)
    assert (general.heading, general.title, last.title) == ("第一章", "总则", "附则")
    assert [article.heading for article in general.articles] == ["第一条", "第二条"]
    words = [(one.words, one.is_item) for one in general.articles[1].paragraphs]
    assert words == [("服务应当：", False), ("（一）准确；", True), ("（二）及时。", True)]
    assert [statutes.numeral(n) for n in (9, 10, 12, 20, 103, 110)] == [
        *("九", "十", "十二", "二十", "一百零三", "一百一十")
    ]


# -- from when it holds ------------------------------------------------------------------------


def test_it_is_in_force_from_its_day_and_the_one_before_until_then(editor, reviewer, monkeypatch):
    monkeypatch.setattr(clock, "_real", lambda: NOON + 2 * DAY)
    first = issued(editor, reviewer)
    new_year = date(NOON.year + 1, 1, 1)
    second = issued(editor, reviewer, replace(WORDING, force_on=new_year), at=NOON + DAY)
    first.refresh_from_db()
    midnight = datetime(NOON.year + 1, 1, 1, tzinfo=SHANGHAI)
    assert (first.state, first.valid_to, second.valid_from) == ("replaced", midnight, midnight)
    agent = as_(Role.AGENT, "zh-hans")
    listed = text(agent.get("/admin/kb/regulationversion/"))
    assert f"施行至 {midnight:%Y-%m-%d}" in listed and "已发布，待施行" in listed
    in_force = RegulationVersion.objects.in_force
    assert [*in_force(NOON + 2 * DAY), *in_force(midnight)] == [first, second]

    with pytest.raises(NotInForceYet):
        REGULATIONS.withdraw(second.pk, "Not now", by=reviewer, at=NOON + 2 * DAY)
    sooner = replace(WORDING, force_on=new_year - 10 * DAY)
    third = issued(editor, reviewer, sooner, at=NOON + 3 * DAY)
    second.refresh_from_db()
    first.refresh_from_db()
    assert second.valid_from == second.valid_to  # it was never in force
    assert first.valid_to == third.valid_from == midnight - 10 * DAY
    REGULATIONS.withdraw(third.pk, "Ended", by=reviewer, at=midnight)
    assert not in_force(midnight).exists()


def test_one_that_follows_none_may_be_withdrawn_before_its_day(editor, reviewer):
    day = bank_day(NOON) + 9 * DAY
    only = issued(editor, reviewer, replace(WORDING, force_on=day))
    REGULATIONS.withdraw(only.pk, "Not now", by=reviewer, at=NOON + DAY)
    assert not RegulationVersion.objects.in_force(NOON + 20 * DAY).exists()


def test_two_people_issue_it_and_its_text_is_checked(editor, reviewer):
    draft = REGULATIONS.begin("service", replace(WORDING, text="前言"), by=editor, at=NOON)
    with pytest.raises(Faulty):
        REGULATIONS.submit(draft.pk, by=editor, at=NOON)
    auditor = replace(WORDING, roles=(Role.AUDITOR,))
    assert len(REGULATIONS.faults(auditor, at=NOON)) == 1
    REGULATIONS.write(draft.pk, WORDING, by=editor, at=NOON)
    REGULATIONS.submit(draft.pk, by=editor, at=NOON)
    with pytest.raises(OwnArticle):
        REGULATIONS.approve(draft.pk, by=editor, at=NOON)
    version = REGULATIONS.approve(draft.pk, by=reviewer, at=NOON)
    rows = RegulationVersion.objects.filter(pk=version.pk)
    for change in ({"text": "x"}, {"roles": ["planner"]}, {"attest_days": 90}):
        with pytest.raises(DatabaseError, match="as_reviewed"), transaction.atomic():
            rows.update(**change)


def test_postgresql_keeps_two_from_being_in_force_at_once(editor, reviewer):
    first = issued(editor, reviewer)
    second = issued(editor, reviewer, at=NOON + DAY)
    rows = RegulationVersion.objects.filter(pk=first.pk)
    with pytest.raises(IntegrityError, match="regulation_one_in_force"), transaction.atomic():
        rows.update(valid_to=second.valid_from + DAY)
    rows.update(valid_to=second.valid_from)  # the control: end to end they may stand


# -- attestation -------------------------------------------------------------------------------


def test_each_to_whom_it_applies_attests_each_version_once(editor, reviewer, lin):
    first = issued(editor, reviewer)
    assert [one.version for one in attesting.open_of(lin)] == [first]
    assert attesting.open_of(editor) == []
    with pytest.raises(NotAsked):
        attesting.attest(first.pk, by=editor, at=NOON)
    kept = attesting.attest(first.pk, by=lin, at=NOON)
    assert attesting.attest(first.pk, by=lin, at=NOON + DAY) == kept
    assert attesting.open_of(lin) == []

    second = issued(editor, reviewer, at=NOON + 2 * DAY)
    assert [one.version for one in attesting.open_of(lin)] == [second]  # it asks anew
    with pytest.raises(NotAsked):
        attesting.attest(first.pk, by=lin, at=NOON + 2 * DAY)


@pytest.mark.django_db(transaction=True)
def test_who_attests_what_is_replaced_just_then_is_told(editor, reviewer, lin):
    """She waits for who holds the version, and then sees that it is not asked of her."""
    version = issued(editor, reviewer)
    replaced = RegulationVersion.objects.filter(pk=version.pk)
    said = meanwhile(
        lambda: attesting.attest(version.pk, by=lin, at=NOON),
        lambda: replaced.update(state="replaced"),
    )
    assert isinstance(said, NotAsked)
    assert not Attestation.objects.exists()


def test_postgresql_keeps_attestations(editor, reviewer, lin):
    version = issued(editor, reviewer)
    kept = attesting.attest(version.pk, by=lin, at=NOON)
    with pytest.raises(IntegrityError, match="attested_once"), transaction.atomic():
        Attestation.objects.create(version=version, by=lin, at=NOON)
    Attestation.objects.create(version=version, by=reviewer, at=NOON)  # the control
    draft = REGULATIONS.revise(version.regulation_id, by=editor, at=NOON)
    with pytest.raises(DatabaseError, match="of_what_is_published"), transaction.atomic():
        Attestation.objects.create(version=draft, by=lin, at=NOON)
    for change in (lambda: Attestation.objects.update(at=NOON + DAY), kept.delete):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            change()


def test_who_is_late_is_counted_by_regulation_branch_and_role(editor, reviewer, lin):
    centre = Branch.objects.create(code="000100", name="客户服务中心")
    tian = hired("1021", "田甜", Role.AGENT, branch=centre)
    hired("1005", "王丽", Role.QC, branch=centre)
    hired("1030", "孙洁", Role.AGENT, joined=NOON + 6 * DAY)
    version = issued(editor, reviewer)
    attesting.attest(version.pk, by=tian, at=NOON + DAY)

    last = bank_day(NOON) + 7 * DAY
    asked = attesting.everybody()
    assert not any(one.is_overdue(last) for one in asked)  # in time on the last day
    late = [one.user.username for one in asked if one.is_overdue(last + DAY)]
    assert sorted(late) == ["1005", "1023"]  # who came later has as long
    by_branch = attesting.counts(asked, lambda one: [str(one.user.branch)], day=last + DAY)
    assert {(c.name, c.asked, c.attested, c.overdue) for c in by_branch} == {
        ("客户服务中心", 2, 1, 1),
        ("None", 2, 0, 1),
    }


def test_her_first_page_says_what_is_open_and_since_when_it_is_late(editor, reviewer, monkeypatch):
    issued(editor, reviewer)
    agent = as_(Role.AGENT, "zh-hans")
    User.objects.filter(pk=agent.user.pk).update(date_joined=NOON - DAY)
    last = bank_day(NOON) + 7 * DAY
    for days, words in ((7, f"{last:%m-%d} 前签认"), (8, f"自 {last + DAY:%m-%d} 起逾期")):
        monkeypatch.setattr(clock, "_real", lambda days=days: NOON + days * DAY)
        assert f"待签认的制度 1 {words}" in text(agent.get("/admin/"))
    attesting.attest(RegulationVersion.objects.get().pk, by=agent.user, at=NOON)
    assert "待签认的制度" not in text(agent.get("/admin/"))


def test_the_overview_and_its_file_are_for_who_answers_for_it(editor, reviewer, lin):
    version = issued(editor, reviewer)
    attesting.attest(version.pk, by=lin, at=NOON)
    client = as_(Role.QC, "zh-hans")
    page = text(client.get("/admin/kb/attestation/"))
    assert "服务规范 1 / 2 50.0%" in page and "林晓 1023" not in page
    assert "林晓 1023" in text(client.get("/admin/kb/attestation/?state=attested"))
    answer = client.get("/admin/kb/attestation/export/?state=all")
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 3 and ["1023", "林晓", "", "坐席"] in [row[:4] for row in rows]
    assert as_(Role.AGENT, "zh-hans").get("/admin/kb/attestation/").status_code == 403


def test_everybody_reads_it_and_attests_what_is_asked_of_her(editor, reviewer):
    version = issued(editor, reviewer)
    page = f"/admin/kb/regulationversion/{version.pk}"
    other = as_(Role.MARKETER, "zh-hans")
    assert "第一条 为规范服务，制定本规范。" in text(other.get(f"{page}/change/"))
    other.post(f"{page}/attest/", YES)
    assert not Attestation.objects.exists()
    agent = as_(Role.AGENT, "zh-hans")
    assert "服务规范" in text(agent.get("/admin/kb/regulationversion/?todo=mine"))
    agent.post(f"{page}/attest/", YES)
    assert Attestation.objects.get().version == version
    assert "服务规范" not in text(agent.get("/admin/kb/regulationversion/?todo=mine"))


def test_words_in_it_are_words_on_the_page(editor, reviewer):
    """A text is what an editor typed: nothing in it is run."""
    evil = TEXT.replace("准确", "<script>alert(1)</script>")
    version = issued(editor, reviewer, replace(WORDING, text=evil))
    answer = as_(Role.AGENT).get(f"/admin/kb/regulationversion/{version.pk}/change/")
    assert "<script>alert(1)" not in answer.content.decode()
    assert "&lt;script&gt;alert(1)" in answer.content.decode()


# -- what ships --------------------------------------------------------------------------------


def test_a_reviewer_is_told_in_words_to_whom_it_applies_now(editor, reviewer):
    first = issued(editor, reviewer)
    second = issued(editor, reviewer, replace(WORDING, roles=(Role.AGENT,)), at=NOON + DAY)
    page = as_(Role.KB_REVIEWER, "zh-hans").get(f"/admin/kb/regulationversion/{second.pk}/change/")
    assert first.roles == ["agent", "qc"]
    assert "<del>质检员</del>" in page.content.decode().replace("<br>", "")


def test_what_ships_is_whole_and_installed_once(db, monkeypatch):
    monkeypatch.setattr(shipped, "articles", lambda: iter(()))
    monkeypatch.setattr(shipped, "guided", lambda: iter(()))
    shipped.install(at=NOON)
    shipped.install(at=NOON)
    rows = RegulationVersion.objects.filter(state="published", author=None)
    assert rows.count() == 6
    for row in rows:
        assert REGULATIONS.faults(Wording.of(row), at=NOON) == []
        articles = sum(len(chapter.articles) for chapter in statutes.read(row.text))
        assert 20 <= articles <= 40, row.title


def test_what_ships_says_what_the_system_does():
    """Its figures are words of a regulation; the same ones run the centre."""
    said = {key: wording.text for key, wording in shipped.ruled()}
    complaints_shipped.install()
    due = ClockRule.objects.get()
    for words, days in (
        (f"登记之日起{statutes.numeral(due.acknowledge_days)}日内", due.acknowledge_days),
        (f"支行在{statutes.numeral(due.reply_days)}个工作日内", due.reply_days),
        (f"{statutes.numeral(due.decide_days)}日内作出处理决定", due.decide_days),
        (f"可以延长至{statutes.numeral(due.complex_days)}日", due.complex_days),
        (f"就同一事项在{statutes.numeral(due.duplicate_days)}日内", due.duplicate_days),
    ):
        assert words in said["complaints"], days
    level, connect, abandoned = (
        TARGETS[kpi] for kpi in (Kpi.SERVICE_LEVEL, Kpi.CONNECT_RATE, Kpi.ABANDONMENT)
    )
    for words in (
        f"服务水平不低于百分之{statutes.numeral(level[0])}",
        f"接通率不低于百分之{statutes.numeral(connect[0])}",
        f"放弃率不超过百分之{statutes.numeral(abandoned[1])}",
        f"在{statutes.numeral(LIMITS[State.WRAP_UP])}秒内完成话后处理",
    ):
        assert words in said["business-management"]
    held = statutes.numeral(LIMITS[State.HELD])
    assert f"保持每次不超过{held}秒" in said["service-standards"]
