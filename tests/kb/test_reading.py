"""What is looked for and opened at a desk is kept with its call; what is suggested fits it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from kb import drafting, reading, reviewing, suggesting
from kb.errors import NotAnswered
from kb.models import ArticleVersion, Reading, Search
from kb.search import finding
from kb.texts import Text
from people import staff
from people.models import User
from people.roles import Role
from telephony import shipped
from telephony.deeds import Deed
from telephony.models import AgentDeed, Call, Step
from tests import cast, savers
from tests.desktop import seats
from tests.kb.test_articles import NOON, WORDS, category

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def fresh(monkeypatch) -> None:
    """Another test's database had other steps under the same numbers."""
    monkeypatch.setattr(finding, "_kept", finding._Kept())


@pytest.fixture
def editor(db) -> User:
    return staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])


@pytest.fixture
def reviewer(db) -> User:
    return staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])


@pytest.fixture
def publish(editor, reviewer):
    """``publish("fees", question=…, services=…)``: answered from noon on."""

    def published(key: str, *, at=NOON, **words) -> ArticleVersion:
        text = Text(**{**{f: getattr(WORDS, f) for f in Text.__slots__}, **words})
        draft = drafting.begin(key, category(), text, by=editor, at=at)
        drafting.submit(draft.pk, by=editor, at=at)
        return reviewing.approve(draft.pk, by=reviewer, at=at)

    return published


@pytest.fixture
def call(db) -> Call:
    shipped.install(at=NOON)
    return seats.calls_in(None, at=NOON)


def look(words: str, by: User, call: Call | None, *, at=NOON) -> Search | None:
    return reading.searched(words, by=by, call=call, at=at)


def test_a_reading_keeps_version_agent_call_and_what_was_asked(publish, editor, call):
    version = publish("early")
    answer = reading.opened(version.pk, asked=" 提前支取 ", by=editor, call=call, at=NOON)
    assert (answer.version, answer.spoken) == (version, WORDS.spoken)
    kept = Reading.objects.get()
    assert (kept.version, kept.by, kept.call, kept.at) == (version, editor, call, NOON)
    assert (kept.search.asked, kept.search.found) == ("提前支取", [version.pk])
    for verb in (Reading.objects.all().delete, lambda: Search.objects.update(asked="x")):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            verb()


def test_between_calls_and_suggested_it_is_kept_too(publish, editor):
    reading.opened(publish("early").pk, by=editor, call=None, at=NOON)
    kept = Reading.objects.get()
    assert (kept.call, kept.search) == (None, None)


def test_what_is_answered_no_more_is_neither_shown_nor_kept(publish, editor, reviewer):
    version = publish("early")
    reviewing.withdraw(version.pk, "错了", by=reviewer, at=NOON + MINUTE)
    with pytest.raises(NotAnswered):
        reading.opened(version.pk, by=editor, call=None, at=NOON + MINUTE)
    assert not Reading.objects.exists()


def test_the_same_words_in_the_same_call_are_one_search(publish, editor, call):
    version = publish("early")
    first = look("定期", editor, call)
    reading.opened(version.pk, asked="定期", by=editor, call=call, at=NOON + MINUTE)
    assert Reading.objects.get().search == first
    others = [
        look("定期", editor, None),  # another call, or none
        look("定期", editor, None, at=NOON + 2 * reading.SAME),  # long after
        look("活期", editor, None, at=NOON + 2 * reading.SAME),
    ]
    assert len({first, *others}) == Search.objects.count() == 4
    assert look("  ", editor, call) is None


# -- what is suggested ------------------------------------------------------------------------


def stepped(call: Call, *flows: str) -> None:
    Step.objects.bulk_create(
        Step(
            call=call, seq=seq, at=NOON, kind=Step.Kind.DID, deed=Deed.INFORMED,
            menu_node="transfer", flow=flow,
        )
        for seq, flow in enumerate(flows, start=50)
    )  # fmt: skip


def test_what_the_agent_does_comes_before_what_the_caller_did_and_might_have(call, editor):
    stepped(call, "balance", "in-bank-transfer")
    AgentDeed.objects.create(call=call, at=NOON, by=editor, service="loss", deed=Deed.LOSS_REPORTED)
    flows = suggesting.flows_of(call)
    assert flows[:3] == ["loss-report", "in-bank-transfer", "balance"]
    assert {"interbank-transfer", "own-transfer"} <= set(flows[3:])  # of the menu she stood in


@pytest.mark.parametrize(
    ("product", "term", "first"), [("time", "1y", "early-time"), ("notice", "7d", "early-notice")]
)
def test_what_she_holds_moves_its_articles_up(publish, call, product, term, first):
    """Two that answer it alike; the caller who is known has a deposit of one kind."""
    for key, named in (("early-time", "定期"), ("early-notice", "通知存款")):
        publish(key, question=f"{named}能提前取吗？", phrasings=("没到日子能取吗",), keywords=())
    savers.published_rates()
    wang = cast.wang(opening=200_000)
    savers.puts(wang, 100_000, product, term)
    call.customer = wang.customer
    call.save(update_fields=["customer"])
    found = reading.results("没到日子能取吗", call, at=NOON)
    assert found[0].article.key == first


def test_the_nearest_service_first_and_of_one_the_most_read(publish, editor):
    broad = publish("a-broad", services=("balance", "transfer", "loss-report"))
    narrow = publish("b-narrow", services=("balance",))
    read = publish("c-read", services=("balance", "other"))
    other = publish("d-other", services=("loss-report",))
    publish("e-none", services=("branches",))
    reading.opened(read.pk, by=editor, call=None, at=NOON)
    found = suggesting.of_flows(["balance", "loss-report"], at=NOON)
    assert found == [read, narrow, broad, other]
    assert suggesting.of_flows(["balance", "loss-report"], at=NOON, limit=1) == [read]
    assert suggesting.of_flows([], at=NOON) == []


def test_between_calls_what_people_published_lately_is_news(publish):
    old = publish("old", at=NOON - suggesting.NEWS)
    new = publish("new", at=NOON - MINUTE)
    newest = publish("newest", at=NOON)
    assert suggesting.news(at=NOON) == [newest, new]
    assert old in suggesting.news(at=NOON - MINUTE)
