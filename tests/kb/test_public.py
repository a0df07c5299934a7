"""What everybody may read, and that nothing else is there: by no address, no search, no count."""

from datetime import date, timedelta

import pytest
from django.test import Client

from banking.models import CallerTerm
from calendars import clock
from kb import drafting, reviewing
from kb.models import ArticleVersion
from kb.public.limit import ByAddress
from kb.search import finding
from kb.texts import Text
from people import staff
from people.roles import Role
from tests.kb.test_articles import WORDS, category

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HELP, API = "/help/", "/api/help/"


@pytest.fixture
def editors(db):
    return (
        staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR]),
        staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER]),
    )


@pytest.fixture
def publish(editors):
    """``publish("early", public=True, …)``: answered from now on, or from its hour."""
    editor, reviewer = editors

    def made(key: str, **said: object) -> ArticleVersion:
        words = {name: getattr(WORDS, name) for name in Text.__slots__} | said
        now = clock.now()
        draft = drafting.begin(key, category(), Text(**words), by=editor, at=now)
        drafting.submit(draft.pk, by=editor, at=now)
        return reviewing.approve(draft.pk, by=reviewer, at=now)

    return made


@pytest.fixture(autouse=True)
def nobody_has_asked(monkeypatch):
    """Another test's database had other steps under the same numbers."""
    ByAddress.cache.clear()
    monkeypatch.setattr(finding, "_public", finding._Kept(only_public=True))


def page(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_what_is_public_is_found_and_read_by_whoever_comes(client, publish):
    CallerTerm.objects.create(what="senior", valid_from=date(2020, 1, 1), value=60)
    answer = "提前支取按活期。满{{senior:age}}岁可直接转人工。"
    publish("early", public=True, steps=("带身份证",), answer=answer)
    assert "存款" in page(client, HELP)
    assert WORDS.question in page(client, HELP, q="定期提前取")
    assert WORDS.question in page(client, f"{HELP}deposits/")
    told = page(client, f"{HELP}deposits/early/")
    assert "带身份证" in told
    assert "满60岁" in told  # the figure of the moment
    assert page(client, HELP, q="  ") == page(client, HELP)

    english = page(client, "/en/help/deposits/early/")
    assert 'hreflang="zh-hans" href="/help/deposits/early/"' in english
    assert "By subject" in english
    moved = client.get(f"{HELP}loans/early/")
    assert (moved.status_code, moved["Location"]) == (302, f"{HELP}deposits/early/")

    answer = client.get(f"{API}articles/early").json()
    assert answer == {
        "key": "early",
        "url": "/help/deposits/early/",
        "category": "deposits",
        "question": WORDS.question,
        "spoken": WORDS.spoken,
        "customers": "all",
        "version": 1,
        "since": answer["since"],
        "answer": "提前支取按活期。满60岁可直接转人工。",
        "steps": ["带身份证"],
        "branches": [],
        "attachments": [],
        "by_keys": [],
    }
    assert client.get(f"{API}categories").json() == [
        {"code": "deposits", "name": "存款", "name_en": "Deposits"}
    ]


def test_what_is_not_public_or_not_answered_now_is_nowhere(client, editors, publish):
    now = clock.now()
    nothing = everything(client)
    assert nothing[f"{HELP}deposits/early/", ""] == nothing[f"{HELP}nothing/at-all/", ""]

    hidden = publish("early", public=False)
    publish("later", public=True, starts_at=now + DAY, question="以后定期提前支取怎么计息？")
    gone = publish("gone", public=True, question="以前定期提前支取怎么计息？")
    reviewing.withdraw(gone.pk, "停办", by=editors[1], at=clock.now())
    draft = drafting.revise(hidden.article_id, by=editors[0], at=now)
    words = {name: getattr(WORDS, name) for name in Text.__slots__} | {"public": True}
    drafting.write(draft.pk, Text(**words), by=editors[0], at=now)  # to be public, not yet
    assert everything(client) == nothing

    publish("shown", public=True)  # the control
    assert client.get(f"{API}articles").json()["count"] == 1
    assert client.get(f"{API}articles", {"q": "定期提前支取"}).json()["count"] == 1
    assert page(client, HELP, q="定期提前支取").count("<li>") == 1


def everything(client: Client) -> dict[tuple[str, str], bytes]:
    """What is said wherever the articles of these keys could show: the same without them."""
    keys = ("early", "later", "gone", "nothing")
    asked = [
        *((HELP, ""), (HELP, "q=定期提前支取"), ("/en/help/", "q=dingqi")),
        *((f"{HELP}deposits/", ""), (f"{HELP}nothing/at-all/", "")),
        *((f"{HELP}deposits/{key}/", "") for key in keys),
        *((f"{API}categories", ""), (f"{API}articles", "")),
        *((f"{API}articles", query) for query in ("category=deposits", "q=定期提前支取")),
        *((f"{API}articles/{key}", "") for key in keys),
    ]
    return {(address, query): client.get(f"{address}?{query}").content for address, query in asked}


def test_a_word_of_a_hidden_article_changes_no_public_search(client, publish):
    """挂矢 sounds like 挂失: tried where no article has the word as it was typed."""
    publish("loss", public=True, question="挂失怎么办理？", phrasings=(), keywords=("挂失",))
    before = page(client, HELP, q="挂矢")
    assert "挂失怎么办理？" in before
    publish("secret", public=False, question="挂矢是内部项目吗？", keywords=("挂矢",))
    assert page(client, HELP, q="挂矢") == before


@pytest.mark.parametrize("address", [f"{HELP}deposits/early/", f"{API}articles/early"])
def test_it_is_known_again_until_it_changes(client, editors, publish, address):
    version = publish("early", public=True)
    first = client.get(address)
    assert first["Cache-Control"] == "public, no-cache"
    known = {"if-none-match": first["ETag"]}
    assert client.get(address, headers=known).status_code == 304
    draft = drafting.revise(version.article_id, by=editors[0], at=clock.now())
    drafting.submit(draft.pk, by=editors[0], at=clock.now())
    reviewing.approve(draft.pk, by=editors[1], at=clock.now())
    assert client.get(address, headers=known).status_code == 200  # another version


def test_one_address_asks_so_often_and_others_go_on(client, monkeypatch):
    monkeypatch.setattr(ByAddress, "rate", "2/min")
    assert [client.get(HELP).status_code for _n in range(3)] == [200, 200, 429]
    refused = client.get(f"{API}articles")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) <= 60
    assert (
        client.get(HELP, headers={"x-forwarded-for": "1.2.3.4"}).status_code == 429
    )  # anybody's word
    nets = ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1", "10.0.0.9")
    assert [client.get(HELP, REMOTE_ADDR=one).status_code for one in nets] == [
        *(200, 200, 429),
        *(200, 200),
    ]


def test_pages_run_no_script_but_ours_and_robots_read_nothing_else(client):
    policy = client.get(HELP)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert client.get("/robots.txt").content.decode().splitlines() == [
        *("User-agent: *", "Allow: /help/", "Allow: /en/help/", "Disallow: /")
    ]
    for method in ("post", "put", "patch", "delete"):
        for address in (HELP, f"{API}articles", f"{API}categories"):
            assert getattr(client, method)(address).status_code == 405, (method, address)


def test_the_schema_names_these_addresses_and_what_they_say(client):
    schema = client.get(f"{API}schema", {"format": "json"}).json()
    assert sorted(schema["paths"]) == [
        *("/api/help/articles", "/api/help/articles/{key}", "/api/help/categories"),
    ]
    said = schema["components"]["schemas"]["Whole"]["properties"].keys()
    assert not said & {"owner", "author", "reviewer", "source", "services", "keywords", "phrasings"}
