"""The knowledge desk as editor and reviewer see it, all of it in their language."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from calendars import clock
from kb import drafting, gaps, opinions, reading, shipped
from kb.models import Article, ArticleVersion, Gap, Opinion
from people import staff
from people.roles import Role
from telephony import shipped as telephony_shipped
from telephony.deeds import Deed
from telephony.models import Step
from tests.browser.test_admin import latin_words
from tests.desktop import seats


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
