"""The knowledge desk as editor and reviewer see it, all of it in their language."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from calendars import clock
from kb import drafting, gaps, opinions, reading, shipped
from kb.attaching import looking
from kb.models import Article, ArticleVersion, Gap, Opinion
from people import staff
from people.roles import Role
from telephony import shipped as telephony_shipped
from telephony.deeds import Deed
from telephony.models import Step
from tests.browser.test_admin import latin_words
from tests.desktop import seats
from tests.kb.attached import pdf, png
from tests.kb.test_attaching import HTML

# In the names of files, and of kinds that have no other.
FILES = {"pdf", "png", "jpg", "docx", "xlsx", "txt", "csv", "PDF", "KB", "MB"}


@pytest.fixture
def articles(transactional_db, monkeypatch):
    """Of what ships, a few that need no table of the bank."""
    few = [one for one in shipped.articles() if "{{" not in one.text.words][:12]
    monkeypatch.setattr(shipped, "articles", lambda: few)
    shipped.install(at=clock.now())
    return few


def test_the_editors_way_to_a_review(articles, log_in, page, shoot, base_url):
    editor = log_in(Role.KB_EDITOR)
    Article.objects.update(owner=editor)
    page.goto(f"{base_url}/admin/kb/articleversion/")
    expect(page.get_by_text(articles[0].text.question)).to_be_visible()
    assert latin_words(page) == set()
    shoot("kb-list")

    article = Article.objects.get(key=articles[0].key)
    draft = drafting.revise(article.pk, by=editor, at=clock.now())
    page.goto(f"{base_url}/admin/kb/articleversion/{draft.pk}/change/")
    shoot("kb-draft")
    page.get_by_label("口头答复").fill("请带身份证件到网点办理。")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("成功").first).to_be_visible()
    drafting.submit(draft.pk, by=editor, at=clock.now())

    log_in(Role.KB_REVIEWER)
    page.goto(f"{base_url}/admin/kb/articleversion/{draft.pk}/change/")
    expect(page.locator("ins").first).to_have_text("请带身份证件到网点办理。")
    expect(page.locator("ins")).to_have_count(1)  # a browser's line ends are no change
    shoot("kb-review")
    page.get_by_role("link", name="审核通过").or_(
        page.get_by_role("button", name="审核通过")
    ).first.click()
    page.locator("#dialog").get_by_role("button", name="审核通过").click()
    expect(page.get_by_text("已发布。")).to_be_visible()
    assert ArticleVersion.objects.get(pk=draft.pk).state == "published"


def test_what_agents_found_and_did_not(articles, log_in, page, shoot, base_url):
    """Gaps, opinions and the use of it all, in both languages."""
    at = clock.now() - timedelta(hours=30)
    agents = [
        staff.hire(number=number, name=name, branch=None, roles=[Role.AGENT])
        for number, name in (("1023", "林晓"), ("1021", "田甜"))
    ]
    telephony_shipped.install(at=at)
    calls = [seats.calls_in(None, at=at) for _n in range(3)]
    for asked, agent, call in (
        ("数字人民币钱包怎么开", 0, 0),
        ("请问数字人民币钱包怎么开", 1, 1),
        ("古币可以鉴定吗", 1, 2),
    ):
        gaps.report(asked, by=agents[agent], call=calls[call], at=at)
        reading.searched(asked, by=agents[agent], call=calls[call], at=at)
    version = ArticleVersion.objects.get(article__key=articles[0].key)
    now = clock.now()
    reading.opened(version.pk, asked="存款", by=agents[0], call=calls[0], at=now)
    Step.objects.create(
        call=calls[0], seq=90, at=now, kind=Step.Kind.DID, deed=Deed.FORWARDED, text="loan"
    )
    said = {"by": agents[0], "call": calls[0], "at": at}
    opinions.give(version.pk, useful=True, **said)
    opinions.give(version.pk, useful=False, words="办理时间已经改了，请核对。", **said)

    Article.objects.update(owner=log_in(Role.KB_EDITOR))
    gap, opinion = Gap.objects.earliest("id"), Opinion.objects.latest("id")
    for language in ("zh-hans", "en"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
        for name in ("gap", f"gap/{gap.pk}/change", "opinion", f"opinion/{opinion.pk}/change",
                     "search"):  # fmt: skip
            page.goto(f"{base_url}/admin/kb/{name}/")
            shoot(f"kb-{name.split('/')[0]}{'-page' if '/' in name else ''}-{language}")
            if language == "zh-hans":
                assert latin_words(page) == set(), name


def test_a_file_is_looked_at_and_its_good_rows_are_taken(
    articles, log_in, page, shoot, base_url, tmp_path
):
    editor = log_in(Role.KB_EDITOR)
    kept, changed = articles[0], articles[1]
    category = kept.category
    rows = [
        ("编号", "分类", "标准问", "口头答复", "完整答案", "依据"),
        ("new-one", category, "新问题怎么办？", "请到网点办理。", "带身份证件。", "管理规范"),
        ("wrong-one", "水产", "问" * 101, "", "完整。", "管理规范"),
        (changed.key, changed.category, changed.text.question, "请先致电。",
         changed.text.answer.replace("\n", ""), changed.text.source),
        (kept.key, "", "", "", "", ""),
    ]  # fmt: skip
    path = tmp_path / "条目.csv"
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in rows), "gb18030")
    page.goto(f"{base_url}/admin/kb/articleversion/")
    page.get_by_role("link", name="导入", exact=True).click()
    page.goto(f"{base_url}/admin/kb/articlefile/add/")
    shoot("kb-import-form")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("没有“水产”这个分类")).to_be_visible()
    keys = f"{changed.key}-{kept.key}-new-one-wrong"
    assert latin_words(page) <= {*keys.split("-"), "csv"}
    looked_at = page.url
    for language in ("en", "zh-hans"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
        for kind in ("refused", "changed", "new"):
            page.goto(f"{looked_at}?show={kind}")
            shoot(f"kb-import-{kind}-{language}")
    page.get_by_role("link", name="导入可用的行").or_(
        page.get_by_role("button", name="导入可用的行")
    ).first.click()
    page.locator("#dialog").get_by_role("button", name="导入可用的行").click()
    expect(page.get_by_text("草稿已建好，请在条目列表中提交审核。")).to_be_visible()
    shoot("kb-import-taken")
    drafts = ArticleVersion.objects.filter(state="draft", author=editor)
    assert sorted(draft.article.key for draft in drafts) == sorted([changed.key, "new-one"])

    page.goto(f"{base_url}/admin/kb/articleversion/?todo=draft")
    page.locator("#action-toggle").check()
    page.get_by_role("combobox").select_option("submit_many")
    shoot("kb-many-chosen")
    page.get_by_role("button", name="执行").click()
    go = page.get_by_role("button", name="批量提交审核")
    expect(go).to_be_visible()  # a picture taken on the way to the next page can fail
    shoot("kb-many")
    go.click()
    expect(page.get_by_text("已处理 2 条。")).to_be_visible()
    assert not drafts.all().exists()  # asked anew


def test_a_form_goes_with_its_article_to_everybody(
    articles, log_in, page, shoot, base_url, tmp_path
):
    """Refused, brought, reviewed, and saved by whoever reads the help page."""
    told = next(one for one in articles if one.text.public)
    category = Article.objects.get(key=told.key).category.code
    files = {"挂失申请书.pdf": pdf(), "流程图.png": png(600, 400), "坏的.pdf": HTML}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    editor = log_in(Role.KB_EDITOR)
    draft = drafting.revise(Article.objects.get(key=told.key).pk, by=editor, at=clock.now())
    form = f"{base_url}/admin/kb/articleversion/{draft.pk}/change/"
    page.goto(form)
    row = page.locator("#attachments-data")
    row.locator("input[type=file]").first.set_input_files(tmp_path / "坏的.pdf")
    page.get_by_label("口头答复").fill("请带身份证件到网点办理。")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("文件内容不属于可上传的类型")).to_be_visible()
    expect(page.get_by_label("口头答复")).to_have_value("请带身份证件到网点办理。")
    assert latin_words(page) <= FILES
    page.get_by_text("文件内容不属于可上传的类型").scroll_into_view_if_needed()
    shoot("kb-attach-refused-zh")
    for name in ("挂失申请书.pdf", "流程图.png"):
        row.locator("input[type=file]").first.set_input_files(tmp_path / name)
        if name.endswith("pdf"):
            row.locator("input[type=checkbox][id$=is_form]").first.check()
        page.get_by_role("button", name="保存并继续编辑").click()
        expect(row.get_by_role("link", name=name)).to_be_visible()
        page.wait_for_load_state()  # until its rows are the theme's
    for language in ("en", "zh-hans"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
        page.goto(form)
        row.scroll_into_view_if_needed()
        shoot(f"kb-attached-draft-{language}")
    drafting.submit(draft.pk, by=editor, at=clock.now())

    log_in(Role.KB_REVIEWER)
    for language in ("en", "zh-hans"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
        page.goto(form)
        shoot(f"kb-attached-review-{language}")
    assert latin_words(page) <= FILES
    expect(page.locator("ins", has_text="挂失申请书.pdf")).to_be_visible()
    page.get_by_role("link", name="审核通过").or_(
        page.get_by_role("button", name="审核通过")
    ).first.click()
    page.locator("#dialog").get_by_role("button", name="审核通过").click()
    expect(page.get_by_text("已发布。")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="流程图.png").click()
    image = opened.value.locator("img")
    assert image.evaluate("img => [img.naturalWidth, img.naturalHeight]") == [600, 400]
    opened.value.close()

    page.context.clear_cookies()
    page.goto(f"{base_url}/help/{category}/{told.key}/")
    shoot("help-attached-zh")
    with page.expect_download() as download:
        page.get_by_role("link", name="挂失申请书.pdf").click()
    assert download.value.suggested_filename == "挂失申请书.pdf"
    assert download.value.path().read_bytes() == pdf()
    assert page.context.cookies() == []


def test_what_a_browser_prints_and_pictures_may_be_attached(page, base_url):
    """Files of a program that we did not write."""
    page.goto(f"{base_url}/help/")
    for name, content in (
        ("网页.pdf", page.pdf()),
        ("网页.png", page.screenshot()),
        ("网页.jpg", page.screenshot(type="jpeg")),
    ):
        kind = looking.look(name, content, most=10_000_000)
        assert name.endswith(kind.value)


def test_whoever_comes_finds_what_is_public(articles, page, shoot, base_url):
    """As she types, on a computer and on a telephone, in both languages."""
    told = next(one for one in articles if one.text.public)
    page.goto(f"{base_url}/help/")
    expect(page.get_by_role("heading", name="按业务查看")).to_be_visible()
    assert latin_words(page) <= {"English"}
    shoot("help-index")
    page.get_by_role("searchbox").press_sequentially(told.text.question[:8])
    link = page.get_by_role("link", name=told.text.question)
    expect(link).to_be_visible()
    shoot("help-found")
    link.click()
    expect(page.get_by_role("heading", name=told.text.question)).to_be_visible()
    shoot("help-article")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("link", name="By subject")).to_be_visible()
    shoot("help-article-en")
    page.set_viewport_size({"width": 375, "height": 740})
    for name, address in (
        *(("index", "/help/"), ("found-en", f"/en/help/?q={told.text.question[:8]}")),
        ("article-en", page.url.removeprefix(base_url)),
    ):
        page.goto(base_url + address)
        shoot(f"help-narrow-{name}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
