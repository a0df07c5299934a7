"""An urgent change is read by each agent, and editors see by whom."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from kb import drafting, receipts, reviewing
from kb.errors import NotAnswered, ReadFirst
from kb.models import ArticleVersion, Receipt
from people.models import User
from people.roles import Role
from routing import shipped as routing_shipped
from tests.desktop import seats
from tests.kb.test_articles import NOON, WORDS, category
from tests.kb.test_reading import editor, reviewer  # noqa: F401  # fixtures
from tests.telephony.test_admin import YES, as_, text

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def agents(db) -> list[User]:
    routing_shipped.install(at=NOON)
    return [seats.hire("1023", "林晓"), seats.hire("1021", "田甜")]


@pytest.fixture
def urgent(editor, reviewer) -> ArticleVersion:  # noqa: F811
    draft = drafting.begin("early", category(), WORDS, by=editor, at=NOON)
    drafting.submit(draft.pk, by=editor, at=NOON)
    return reviewing.approve(draft.pk, urgent=True, by=reviewer, at=NOON)


def test_each_agent_is_asked_until_she_has_read_it(urgent, agents):
    lin, tian = agents
    with pytest.raises(ReadFirst):
        receipts.require(lin, at=NOON)
    first = receipts.read(urgent.pk, by=lin, at=NOON)
    assert receipts.read(urgent.pk, by=lin, at=NOON + MINUTE) == first
    receipts.require(lin, at=NOON + MINUTE)
    assert list(receipts.pending(tian, at=NOON)) == [urgent]
    asked = [(one.user, one.read_at) for one in receipts.asked_of(urgent)]
    assert asked == [(tian, None), (lin, NOON)]
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Receipt.objects.all().delete()


def test_what_is_no_news_or_answered_no_more_is_not_asked_for(urgent, agents, editor, reviewer):  # noqa: F811
    lin, _tian = agents
    assert not receipts.pending(lin, at=NOON - MINUTE)
    assert not receipts.pending(lin, at=NOON + receipts.ASKED_FOR)
    draft = drafting.revise(urgent.article_id, by=editor, at=NOON)
    drafting.submit(draft.pk, by=editor, at=NOON)
    reviewing.approve(draft.pk, by=reviewer, at=NOON + MINUTE)
    assert not receipts.pending(lin, at=NOON + MINUTE)
    with pytest.raises(NotAnswered):
        receipts.read(draft.pk, by=lin, at=NOON + MINUTE)  # nobody asks for it


def test_the_reviewer_says_what_is_urgent_and_sees_who_has_read_it(agents, editor):  # noqa: F811
    lin, tian = agents
    draft = drafting.begin("early", category(), WORDS, by=editor, at=NOON)
    drafting.submit(draft.pk, by=editor, at=NOON)
    client = as_(Role.KB_REVIEWER, "zh-hans")
    client.post(f"/admin/kb/articleversion/{draft.pk}/approve/", {**YES, "urgent": "on"})
    draft.refresh_from_db()
    assert (draft.state, draft.urgent) == ("published", True)
    receipts.read(draft.pk, by=lin, at=NOON)
    page = text(client.get(f"/admin/kb/articleversion/{draft.pk}/change/"))
    assert f"{tian} 未读" in page and f"{lin} 11-24 12:00" in page
