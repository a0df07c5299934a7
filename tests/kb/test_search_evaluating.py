"""How well the search finds is measured on anybody's questions, and nothing of them is kept."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from calendars import clock
from kb import drafting, reviewing
from kb.search import finding, peers, questions
from kb.search.measuring import measure
from kb.search.questions import Query, Unreadable
from people import staff
from people.roles import Role
from tests.kb.test_articles import WORDS, category
from tests.kb.test_search import LOSS

pytestmark = pytest.mark.django_db

ARTICLES = """id,question,answer
loss,银行卡丢了怎么挂失,请立即口头挂失
rate,定期利率是多少,
open,怎么开户,带身份证
"""
QUERIES = "query,expected\n我的卡丢了,loss\n存定期多少利率,rate|open\n"


@pytest.fixture
def csv(tmp_path):
    def write(name: str, text: str, encoding: str = "utf-8") -> str:
        (tmp_path / name).write_bytes(text.encode(encoding))
        return str(tmp_path / name)

    return write


def evaluated(*args: str, **options) -> tuple[str, dict]:
    out = StringIO()
    call_command("evaluate_search", *args, stdout=out, **options)
    shown = out.getvalue().strip()
    return shown, json.loads(shown.splitlines()[-1])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_foreign_corpus_is_searched_beside_its_peers(csv, encoding):
    shown, last = evaluated(
        csv("q.csv", QUERIES, encoding), articles=csv("a.csv", ARTICLES, encoding)
    )
    assert (last["articles"], last["queries"]) == (3, 2)
    assert last["recall@1"] == last["mrr"] == 1
    for figures in (last, last["pg_trgm"], last["bm25"]):
        assert figures["recall@3"] == 1
        assert 0 < figures["p50_ms"] <= figures["p95_ms"]
    assert "pg_trgm" in shown


def test_nothing_of_a_foreign_corpus_is_kept(csv, tmp_path):
    paths = csv("q.csv", QUERIES), csv("a.csv", ARTICLES)
    before = rows()
    evaluated(paths[0], articles=paths[1])
    assert rows() == before
    assert {path.name for path in tmp_path.iterdir()} == {"q.csv", "a.csv"}


def rows() -> set[tuple[str, int]]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = set()
        for name in tables:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            found.add((name, cursor.fetchone()[0]))
    return found


def test_our_own_articles_are_found_as_an_agent_finds_them(csv, monkeypatch):
    monkeypatch.setattr(finding, "_kept", finding._Kept())
    editor = staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])
    reviewer = staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])
    for key, text in {"early": WORDS, "loss": LOSS}.items():
        draft = drafting.begin(key, category(), text, by=editor, at=clock.now())
        drafting.submit(draft.pk, by=editor, at=clock.now())
        reviewing.approve(draft.pk, by=reviewer, at=clock.now())
    queries = "query,expected\n存单没到期,early\n卡找不到,no-such|\n"
    with pytest.raises(CommandError, match=r"row 3: there is no article 'no-such'"):
        evaluated(csv("q.csv", queries))
    shown, last = evaluated(csv("q.csv", queries.replace("no-such", "early|loss")))
    assert (last["queries"], last["articles"], last["recall@1"]) == (2, 2, 1)
    shown, _last = evaluated(csv("q.csv", "query,expected\nqqq,loss\n"), misses=True)
    assert "qqq  loss, not —" in shown


@pytest.mark.parametrize(
    ("queries", "articles", "told"),
    [
        ("asked,expected\nx,loss\n", ARTICLES, "no column 'query'; its first line has asked"),
        ("", ARTICLES, "no column 'query'; its first line has nothing"),
        ("query,expected\n", ARTICLES, "no row"),
        ("query,expected\n卡,loss\n卡,lost\n", ARTICLES, "row 3: there is no article 'lost'"),
        ("query,expected\n卡,\n", ARTICLES, "row 2: a query and what is expected"),
        (QUERIES, "id,answer\n1,x\n", "no column 'question'"),
        (QUERIES, "id,question\n1,x\n1,y\n", "row 3: '1' is the id of an earlier row"),
        (QUERIES, "id,question\n1,\n", "row 2: an id and a question"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_by_its_row(csv, queries, articles, told):
    with pytest.raises(CommandError, match=told):
        evaluated(csv("q.csv", queries), articles=csv("a.csv", articles))


def test_a_file_that_is_no_text_or_not_there_is_named(csv, tmp_path):
    (tmp_path / "bad.csv").write_bytes(b"query,expected\n\xff\xff\xff,1\n")
    with pytest.raises(Unreadable, match=r"bad\.csv is neither"):
        questions.queries(tmp_path / "bad.csv", ())
    with pytest.raises(Unreadable, match="No such file"):
        questions.queries(tmp_path / "none.csv", ())


def test_without_articles_it_says_where_they_come_from(csv):
    with pytest.raises(CommandError, match="manage.py demo"):
        evaluated(csv("q.csv", QUERIES))


def test_figures_are_counted_by_the_place_of_the_first_that_answers():
    found = {"a": ["1"], "b": ["x", "y", "2"], "c": ["x", "y", "z", "3"], "d": []}
    asked = [Query(q, frozenset(e)) for q, e in zip("abcd", ("1", "2", "3", "4"), strict=True)]
    figures = measure(asked, lambda query, _limit: found[query])
    assert (figures.recall_1, figures.recall_3) == (0.25, 0.5)
    assert figures.mrr == pytest.approx((1 + 1 / 3 + 1 / 4) / 4)
    assert [query.asked for query, _found in figures.missed] == ["c", "d"]


def test_trigrams_meet_what_shares_a_run_of_characters():
    with peers.pg_trgm([("1", "银行卡挂失"), ("2", "怎么开户")]) as ask:
        assert ask("开户", 1) == ["2"]
