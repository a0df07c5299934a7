"""The knowledge desk as editor and reviewer see it, all of it in their language."""

import pytest
from playwright.sync_api import expect

from calendars import clock
from kb import drafting, shipped
from kb.models import Article, ArticleVersion
from people.roles import Role
from tests.browser.test_admin import latin_words


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
    page.get_by_label("话术").fill("请带身份证件到网点办理。")
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
    expect(page.get_by_text("知识已发布。")).to_be_visible()
    assert ArticleVersion.objects.get(pk=draft.pk).state == "published"
