"""Files that go with an article: fixed with its wording, and left to whom that is left."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from calendars import clock
from kb import attachments, bulk, drafting, importing, reviewing, serving
from kb.attaching.errors import FileRefused, TooLarge
from kb.errors import NameAttached, NotNow, OwnArticle, TooManyAttachments
from kb.models import ArticleStep, ArticleVersion, Attachment, Document
from kb.public.limit import ByAddress
from kb.search import finding
from people import staff
from people.models import User
from people.roles import Role
from tests import cast
from tests.database import meanwhile
from tests.kb.attached import docx, jpeg, pdf, png, stream
from tests.kb.test_articles import WORDS, written
from tests.kb.test_attaching import HTML
from tests.kb.test_import import row
from tests.telephony.test_admin import as_, text

pytestmark = pytest.mark.django_db

NOON = cast.NOON
FORM, PICTURE = "挂失申请书.pdf", "流程图.png"


@pytest.fixture
def editor(db) -> User:
    return staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])


@pytest.fixture
def reviewer(db) -> User:
    return staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])


def attach(version: ArticleVersion, by: User, name: str = FORM, content: bytes = b"", **said):
    return attachments.attach(version.pk, name, content or pdf(), by=by, at=NOON, **said)


def told(version: ArticleVersion) -> list[str]:
    return [one.name for one in attachments.of(version)]


def publish(draft: ArticleVersion, editor: User, reviewer: User) -> ArticleVersion:
    drafting.submit(draft.pk, by=editor, at=NOON)
    return reviewing.approve(draft.pk, by=reviewer, at=NOON)


# -- with the wording --------------------------------------------------------------------------


def test_a_file_is_kept_once_and_goes_from_version_to_version(editor, reviewer):
    draft = written(editor)
    attach(draft, editor, PICTURE, png())
    attach(draft, editor, "C:\\表\\" + FORM, is_form=True)
    attach(draft, editor, "同一张.png", png())
    assert told(draft) == [FORM, PICTURE, "同一张.png"]  # forms first
    assert Document.objects.count() == 2
    first = publish(draft, editor, reviewer)

    second = drafting.revise(first.article_id, by=editor, at=NOON)
    assert told(second) == told(first)
    attachments.detach(second.attachments.get(name=PICTURE).pk, by=editor, at=NOON)
    attach(second, editor, PICTURE, png(5, 5))
    attachments.mark(second.attachments.get(name=FORM).pk, is_form=False, by=editor, at=NOON)
    assert len(told(first)) == 3
    assert first.attachments.get(name=FORM).is_form
    assert Document.objects.count() == 3
    (change,) = attachments.changed(second)
    shown = [(piece.words.split(" ·")[0], piece.new) for piece in change.pieces]
    assert shown == [(FORM, False), (PICTURE, False), (FORM, True), (PICTURE, True)]
    assert attachments.changed(first) == []
    steps = ArticleStep.objects.filter(version=second).values_list("what", "note")
    assert list(steps)[1:] == [("detached", PICTURE), ("attached", PICTURE), ("drafted", FORM)]


def test_what_was_reviewed_gets_and_loses_no_file(editor, reviewer):
    draft = written(editor)
    kept = attach(draft, editor)
    draft.refresh_from_db()
    drafting.submit(draft.pk, by=editor, at=NOON)
    for state in ("review", "published"):
        with pytest.raises(NotNow):
            attach(draft, editor, PICTURE, png())
        with pytest.raises(NotNow):
            attachments.detach(kept.pk, by=editor, at=NOON)
        with pytest.raises(NotNow):
            attachments.mark(kept.pk, is_form=True, by=editor, at=NOON)
        for write in (
            lambda: Attachment.objects.create(version=draft, document=kept.document, name="x"),
            lambda: Attachment.objects.filter(pk=kept.pk).delete(),
            lambda: Attachment.objects.filter(pk=kept.pk).update(is_form=True),
        ):
            with pytest.raises(DatabaseError, match="of_a_draft"), transaction.atomic():
                write()
        assert told(draft) == [FORM], state
        if state == "review":
            reviewing.approve(draft.pk, by=reviewer, at=NOON)
    other = drafting.revise(draft.article_id, by=editor, at=NOON)  # the guard's control: a draft
    Attachment.objects.filter(version=other).update(is_form=True)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Attachment.objects.filter(version=other).update(version=draft)
    with pytest.raises(IntegrityError, match="attachment_name_once"), transaction.atomic():
        Attachment.objects.create(version=other, document=kept.document, name=FORM)
    Attachment.objects.filter(version=other).delete()


def test_the_content_of_a_file_is_nobodys_to_change(editor):
    attach(written(editor), editor)
    for write in (
        lambda: Document.objects.update(content=b"x"),
        lambda: Document.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


@pytest.mark.django_db(transaction=True)
def test_no_file_slips_in_while_the_draft_is_submitted(editor):
    """The trigger waits for who holds the version, and then sees that it is no draft."""
    draft = written(editor)
    document = attach(draft, editor).document
    said = meanwhile(
        lambda: Attachment.objects.create(version=draft, document=document, name="later.pdf"),
        lambda: ArticleVersion.objects.filter(pk=draft.pk).update(state="review"),
    )
    assert "of_a_draft" in str(said)


def test_who_attached_a_file_does_not_approve_it(editor, reviewer):
    draft = written(editor)
    attach(draft, reviewer)
    drafting.write(draft.pk, WORDS, by=editor, at=NOON)
    drafting.submit(draft.pk, by=editor, at=NOON)
    with pytest.raises(OwnArticle):
        reviewing.approve(draft.pk, by=reviewer, at=NOON)
    assert [r.version for r in bulk.to_approve([draft.pk], by=reviewer, at=NOON).refused] == [draft]
    other = written(editor, key="other")
    drafting.submit(other.pk, by=editor, at=NOON)
    assert reviewing.approve(other.pk, by=reviewer, at=NOON)  # the control


def test_a_version_carries_so_many_and_so_much(editor, settings):
    draft = written(editor)
    settings.ATTACHMENT_BYTES = 2_000
    for n in range(attachments.MOST):
        attach(draft, editor, f"{n}.txt", b"x%d" % n)
    with pytest.raises(TooManyAttachments):
        attach(draft, editor, "one-more.txt", b"x")
    other = written(editor, key="other")
    for n in range(3):
        attach(other, editor, f"{n}.txt", bytes([65 + n]) * 2_000)
    with pytest.raises(TooManyAttachments):
        attach(other, editor, "3.txt", b"x")
    with pytest.raises(TooLarge):
        attach(other, editor, "4.txt", b"x" * 2_001)
    with pytest.raises(NameAttached):
        attach(draft, editor, "0.txt", b"x")


def test_what_is_refused_leaves_nothing(editor):
    draft = written(editor)
    with pytest.raises(FileRefused):
        attach(draft, editor, FORM, HTML)
    assert not Document.objects.exists()
    assert not ArticleStep.objects.filter(what="attached").exists()


def test_a_file_of_articles_takes_no_attachment_away(editor, reviewer):
    draft = written(editor)
    attach(draft, editor, is_form=True)
    publish(draft, editor, reviewer)
    lines = [row(2, key="early", spoken="请到网点办理。", attachments="没有的.pdf")]
    file = importing.bring("a", lines, by=editor, at=NOON)
    assert importing.take(file.pk, by=editor, at=NOON).counts["changed"] == 1
    second = ArticleVersion.objects.get(article__key="early", state="draft")
    assert told(second) == [FORM]
    assert second.attachments.get().is_form


# -- who reads it ------------------------------------------------------------------------------


@pytest.fixture
def answered(editor, reviewer):
    """``answered("early", public=True)``: with a form and a picture."""
    ByAddress.cache.clear()
    finding._public = finding._Kept(only_public=True)

    def made(key: str = "early", *, public: bool = True) -> ArticleVersion:
        draft = written(editor, key=key)
        ArticleVersion.objects.filter(pk=draft.pk).update(public=public)
        attach(draft, editor, is_form=True)
        attach(draft, editor, PICTURE, png())
        drafting.submit(draft.pk, by=editor, at=clock.now())
        return reviewing.approve(draft.pk, by=reviewer, at=clock.now())

    return made


def test_whoever_comes_gets_the_files_of_what_is_public(client, answered, reviewer):
    version = answered()
    form, picture = attachments.of(version)
    address = f"/help/deposits/early/{form.pk}/"
    page = client.get("/help/deposits/early/").content.decode()
    assert address in page
    assert FORM in page
    told = client.get("/api/help/articles/early").json()["attachments"]
    assert told == [
        {"name": FORM, "type": "application/pdf", "size": len(pdf()), "form": True, "url": address},
        {
            "name": PICTURE,
            "type": "image/png",
            "size": len(png()),
            "form": False,
            "url": f"/help/deposits/early/{picture.pk}/",
        },
    ]
    got = client.get(address)
    assert (got.status_code, got.content, got["Content-Type"]) == (200, pdf(), "application/pdf")
    assert got["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Content-Security-Policy"].endswith("sandbox")
    assert "script" not in got["Content-Security-Policy"]
    assert not got.cookies
    assert got["Cache-Control"] == "public, no-cache"
    assert client.get(address, headers={"if-none-match": got["ETag"]}).status_code == 304
    seen = client.get(f"/en/help/deposits/early/{picture.pk}/")
    assert seen["Content-Disposition"].startswith("inline")

    reviewing.withdraw(version.pk, "停办", by=reviewer, at=clock.now())
    assert client.get(address, headers={"if-none-match": got["ETag"]}).status_code == 404


def test_no_other_file_is_there_by_any_address(client, answered, editor):
    hidden, shown = answered("hidden", public=False), answered("shown")
    draft = drafting.revise(shown.article_id, by=editor, at=clock.now())
    nothing = client.get("/help/nothing/at-all/")
    for version, key in ((hidden, "hidden"), (hidden, "shown"), (draft, "shown"), (shown, "x")):
        for one in attachments.of(version):
            got = client.get(f"/help/deposits/{key}/{one.pk}/")
            assert (got.status_code, got.content) == (404, nothing.content)
    one = attachments.of(shown)[0]
    assert client.get(f"/help/loans/shown/{one.pk}/").status_code == 404
    assert client.get(f"/help/deposits/shown/{one.pk}/").status_code == 200  # the control


def test_inside_who_may_read_articles_gets_their_files(answered):
    one = attachments.of(answered(public=False))[0]
    address = f"/knowledge/file/{one.pk}/"
    got = as_(Role.AGENT).get(address)
    assert got.content == pdf()
    assert got["Cache-Control"] == "private, no-cache"
    assert got["Content-Security-Policy"].endswith("sandbox")
    assert as_(Role.PLANNER).get(address).status_code == 403
    assert "/login/" in Client().get(address)["Location"]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("说明.txt", "说明".encode("gb18030"), "text/plain; charset=gb18030"),
        ("说明.txt", "说明".encode("utf-8-sig"), "text/plain; charset=utf-8"),
        ("表.csv", b"a,b", "text/csv; charset=utf-8"),
        ("表.docx", docx(), serving.TYPES["docx"]),
        ("照片.jpeg", jpeg(), "image/jpeg"),
    ],
)  # fmt: skip
def test_each_kind_is_served_as_what_it_is(editor, name, content, kind):
    one = attach(written(editor), editor, name, content)
    got = as_(Role.AGENT).get(f"/knowledge/file/{one.pk}/")
    assert got["Content-Type"] == kind
    inline = kind.startswith("image/")
    assert got["Content-Disposition"].startswith("inline" if inline else "attachment")


# -- at the desk of editors --------------------------------------------------------------------

FIELDS = {
    "question": WORDS.question,
    "spoken": WORDS.spoken,
    "answer": WORDS.answer,
    "source": WORDS.source,
    "customers": "all",
    "reverify_days": "180",
    "attachments-TOTAL_FORMS": "2",
    "attachments-INITIAL_FORMS": "0",
}


def brought(*files: tuple[str, bytes]) -> dict[str, SimpleUploadedFile]:
    return {
        f"attachments-{n}-file": SimpleUploadedFile(name, content)
        for n, (name, content) in enumerate(files)
    }


def test_an_editor_brings_and_removes_files_in_the_form(editor):
    draft = written(editor)
    client = as_(Role.KB_EDITOR, "zh-hans")
    page = f"/admin/kb/articleversion/{draft.pk}/change/"
    files = brought((FORM, pdf()), (PICTURE, png()))
    sent = client.post(page, {**FIELDS, **files, "attachments-0-is_form": "on"})
    assert sent.status_code == 302, text(sent)
    form, picture = attachments.of(draft)
    assert (form.is_form, picture.is_form) == (True, False)
    assert FORM in text(client.get(page))

    rows = {
        **FIELDS,
        "attachments-TOTAL_FORMS": "3",
        "attachments-INITIAL_FORMS": "2",
        "attachments-0-id": str(form.pk),  # no form any more
        "attachments-1-id": str(picture.pk),
        "attachments-1-DELETE": "on",
        "attachments-2-file": SimpleUploadedFile(PICTURE, png(4, 4)),
    }
    assert client.post(page, rows).status_code == 302
    assert told(draft) == [FORM, PICTURE]
    assert not draft.attachments.filter(is_form=True).exists()
    assert draft.attachments.get(name=PICTURE).document.size == len(png(4, 4))

    client.logout()
    reader = as_(Role.AGENT, "zh-hans")
    assert FORM in text(reader.get(page))
    assert reader.post(page, rows).status_code in (200, 403)
    assert told(draft) == [FORM, PICTURE]


def test_a_new_article_may_have_a_file_at_once(editor):
    client = as_(Role.KB_EDITOR, "zh-hans")
    category = written(editor).article.category_id
    own = {"key": "with-a-file", "category": category}
    sent = client.post("/admin/kb/articleversion/add/", {**FIELDS, **own, **brought((FORM, pdf()))})
    assert sent.status_code == 302, text(sent)
    assert told(ArticleVersion.objects.get(article__key="with-a-file")) == [FORM]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([(FORM, HTML)], "文件内容不属于可上传的类型"),
        ([(FORM, pdf(b"<< /S /JavaScript >>"))], "会自动运行或对外联接的内容（/JavaScript）"),
        ([("表.docx", docx(word__vbaProject_dot_bin=b"x"))], "会自动运行"),
        ([(FORM, png())], "文件名不是以 .png 结尾"),
        ([(FORM, pdf()), (FORM, pdf(stream(b"x")))], f"已有名为 {FORM} 的附件"),
        ([("大.txt", b"x" * 3_001)], "最大 2.9\xa0KB"),
        ([(f"{n}.txt", b"x" * 2_500) for n in range(4)], "最多带 10 个附件"),
    ],
)
def test_a_refused_file_is_said_beside_it_and_nothing_typed_is_lost(editor, settings, files, why):
    settings.ATTACHMENT_BYTES = 3_000
    draft = written(editor)
    client = as_(Role.KB_EDITOR, "zh-hans")
    typed = {**FIELDS, "spoken": "改过的话术。", "attachments-TOTAL_FORMS": "4"}
    page = client.post(f"/admin/kb/articleversion/{draft.pk}/change/", {**typed, **brought(*files)})
    shown = page.content.decode()
    assert why in shown
    assert "改过的话术。" in shown
    assert "请重新选择要上传的文件" in shown
    draft.refresh_from_db()
    assert (draft.spoken, Attachment.objects.count(), Document.objects.count()) == (
        WORDS.spoken,
        0,
        0,
    )


def test_an_exported_file_names_them(editor, reviewer):
    draft = written(editor)
    attach(draft, editor, "=表.pdf")
    publish(draft, editor, reviewer)
    exported = as_(Role.KB_EDITOR, "zh-hans").get("/admin/kb/articleversion/export/csv/?todo=all")
    said = exported.content.decode("utf-8-sig")
    assert "附件（仅列名称）" in said
    assert "'=表.pdf" in said
