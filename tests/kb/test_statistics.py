"""What editors learn of the searches and readings: what led nowhere, what misleads."""

from datetime import timedelta

import pytest

from kb import gaps, reading, statistics
from kb.models import ArticleVersion, Search
from kb.search import finding
from kb.statistics import Searched, Unmet
from people import staff
from people.models import User
from people.roles import Role
from telephony import shipped
from telephony.deeds import Deed
from telephony.models import Call, Step
from tests.desktop import seats
from tests.kb.test_articles import NOON
from tests.kb.test_reading import editor, publish, reviewer  # noqa: F401  # fixtures
from tests.telephony.test_admin import as_, text

pytestmark = pytest.mark.django_db

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SINCE, UNTIL = NOON - DAY, NOON + DAY


@pytest.fixture(autouse=True)
def fresh(monkeypatch) -> None:
    """Another test's database had other steps under the same numbers."""
    monkeypatch.setattr(finding, "_kept", finding._Kept())


@pytest.fixture
def lin(db) -> User:
    shipped.install(at=NOON)
    return staff.hire(number="1023", name="林晓", branch=None, roles=[Role.AGENT])


def call() -> Call:
    return seats.calls_in(None, at=NOON)


def forwarded(call: Call, *, at) -> None:
    Step.objects.create(call=call, seq=90, at=at, kind=Step.Kind.DID, deed=Deed.FORWARDED)


def read(version: ArticleVersion, by: User, call: Call | None, *, asked="", at=NOON) -> None:
    reading.opened(version.pk, asked=asked, by=by, call=call, at=at)


def test_searches_by_what_came_of_them(publish, lin):  # noqa: F811
    version = publish("early")
    read(version, lin, call(), asked="提前支取")
    for asked in ("定期提前", "xyzzy", "xyzzy 请问", "请问xyzzy"):
        reading.searched(asked, by=lin, call=call(), at=NOON)
    gaps.report("xyzzy", by=lin, call=None, at=NOON)
    test = call()
    Call.objects.filter(pk=test.pk).update(is_test=True)
    reading.searched("foobar", by=lin, call=test, at=NOON)
    assert statistics.searched(SINCE, UNTIL) == Searched(opened=1, listed=1, nothing=3, gaps=1)
    assert statistics.searched(SINCE, NOON).hit_rate is None
    assert statistics.unmet(SINCE, UNTIL, limit=9) == [
        Unmet("xyzzy", 3, 3),
        Unmet("定期提前", 1, 0),
    ]


def test_an_article_is_unread_once_it_was_there_long_enough(publish, lin):  # noqa: F811
    old, read_one = publish("old", at=NOON - 9 * DAY), publish("read", at=NOON - 9 * DAY)
    publish("new", at=NOON - DAY)
    read(read_one, lin, None)
    assert list(statistics.unread(7, at=NOON)) == [old]
    assert list(statistics.unread(7, at=NOON + 8 * DAY))[:2] == [old, read_one]


def test_who_reads_it_and_still_transfers_is_counted_by_calls(publish, lin):  # noqa: F811
    good, bad = publish("good"), publish("bad")
    lost, kept = call(), call()
    read(bad, lin, lost)
    read(bad, lin, lost, at=NOON + MINUTE)
    read(bad, lin, kept)
    forwarded(lost, at=NOON + 2 * MINUTE)
    forwarded(kept, at=NOON - MINUTE)  # before: it came to her so
    read(good, lin, kept)
    (found,) = statistics.misleading(SINCE, UNTIL, limit=9)
    assert (found.version, found.calls, found.transferred, found.share) == (bad, 2, 1, 0.5)


def test_the_page_says_it_in_both_languages(publish, lin, monkeypatch):  # noqa: F811
    monkeypatch.setattr("calendars.clock._real", lambda: NOON + MINUTE)
    version, one = publish("early"), call()
    read(version, lin, one)
    forwarded(one, at=NOON)
    reading.searched("xyzzy", by=lin, call=None, at=NOON)
    page = text(as_(Role.KB_EDITOR, "zh-hans").get("/admin/kb/search/?days=30"))
    for words in ("检索未命中", "xyzzy", version.question, "100.0%"):
        assert words in page
    asked = Search.objects.get()
    english = as_(Role.KB_REVIEWER)
    assert "Searched without a hit" in text(english.get("/admin/kb/search/?days=x"))
    assert "xyzzy" in text(english.get(f"/admin/kb/search/{asked.pk}/change/"))
