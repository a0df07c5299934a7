"""满意度: one question after the agent has hung up, asked once, answered or not."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from calendars import clock
from quality import ratings, shipped
from quality.errors import RatedAlready
from quality.models import AskRule, Rating
from reporting import kpi, today
from reporting.today import Span
from routing.models import Queue
from telephony.deeds import Deed
from telephony.models import Call
from tests.telephony.talks import deeds, talk

pytestmark = pytest.mark.django_db(transaction=True)

LANGUAGES = pytest.mark.parametrize("language", ["1", "3"])


@pytest.fixture
async def asked(bank) -> None:
    """Callers of every queue are asked."""
    await bank.query(shipped.install, at=clock.now())


async def served(bank, phone, user):
    """She talked to an agent, who hung up first."""
    agent = await (await bank.seat(user)).is_ready()
    await talk(phone, agent)
    await agent.hangs_up()
    return agent


async def the_rating(bank) -> Rating:
    return await bank.query(Rating.objects.select_related("queue", "call").get)


@LANGUAGES
async def test_she_rates_the_agent_who_served_her(dial, bank, lin, asked, language):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await phone.hears("menu.language.1")
    await phone.keys(language)
    await phone.hears("menu.root.1")
    await phone.keys("0")
    await phone.hears("agent.transfer")
    await agent.answers()
    await phone.phone.hears("bridged")
    phone.forgets()
    await agent.hangs_up()
    await phone.hears("rating.ask")
    await phone.keys("5")
    await phone.hears("rating.thanks")
    await phone.hears("goodbye")
    await phone.is_hung_up()
    await bank.settled()
    rating = await the_rating(bank)
    assert (rating.score, rating.agent_id) == (5, lin.pk)
    assert rating.queue.slug == {"1": "general", "3": "english"}[language]
    assert rating.asked_at <= rating.keyed_at
    assert (await deeds(bank))[-2:] == [Deed.AGENT_LEFT, Deed.RATED]
    assert await agent.state() == "wrap_up"  # hers goes on meanwhile


@pytest.mark.parametrize("key", ["", "9", "0", "*", "#"])
async def test_it_is_repeated_once_and_then_she_is_let_go(dial, bank, lin, asked, key):
    phone = await dial()
    await served(bank, phone, lin)
    await phone.hears("rating.ask")
    if key:
        await phone.keys(key)
    await phone.hears("rating.again")
    if key:
        await phone.keys(key)
    await phone.hears("goodbye")
    await phone.is_hung_up()
    await bank.settled()
    assert (await the_rating(bank)).score is None
    call = await bank.query(Call.objects.get)
    assert (call.outcome, call.ended_by) == (Call.Outcome.AGENT, Call.EndedBy.BANK)


@pytest.mark.parametrize("where", ["rating.ask", "rating.again"])
async def test_who_hangs_up_has_been_asked_and_not_rated(dial, bank, lin, asked, where):
    phone = await dial()
    agent = await served(bank, phone, lin)
    await phone.hears(where)
    await phone.hangs_up()
    await bank.settled()
    assert (await the_rating(bank)).score is None
    assert await agent.state() == "wrap_up"


async def test_a_queue_that_is_not_asked_says_goodbye_at_once(dial, bank, lin, asked):
    def no_more() -> None:
        AskRule.objects.update(valid_from=clock.bank_day(clock.now()) - timedelta(days=1))
        general = Queue.objects.get(slug="general")
        AskRule.objects.create(
            queue=general, valid_from=clock.bank_day(clock.now()), is_asked=False
        )

    await bank.query(no_more)
    phone = await dial()
    await served(bank, phone, lin)
    await phone.hears_next("goodbye")
    assert not await bank.query(Rating.objects.exists)


async def test_the_caller_who_hangs_up_first_is_not_asked(dial, bank, lin, asked):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await talk(phone, agent)
    await phone.hangs_up()
    await bank.settled()
    assert not await bank.query(Rating.objects.exists)


async def test_a_rating_is_keyed_once_and_the_question_asked_once(dial, bank, lin, asked):
    phone = await dial()
    await served(bank, phone, lin)
    await phone.hears("rating.ask")
    await phone.keys("2")
    await phone.hears("rating.thanks")
    rating = await the_rating(bank)
    with pytest.raises(RatedAlready):
        await bank.query(ratings.keyed, rating.pk, 5, at=clock.now())
    with pytest.raises(DatabaseError, match="keyed once"):
        await bank.query(lambda: Rating.objects.filter(pk=rating.pk).update(score=5))
    assert await bank.query(ratings.ask, rating.call.uuid, at=clock.now()) is None
    assert (await the_rating(bank)).score == 2


async def test_the_figures_count_callers_and_no_test_call(dial, bank, lin, zhou, asked):
    agent = await (await bank.seat(lin)).is_ready()
    for caller, key, test in (("13900139001", "5", False), ("13900139002", "1", True)):
        phone = await dial(caller=caller, test=test)
        await talk(phone, agent)
        await agent.hangs_up()
        await phone.hears("rating.ask")
        await phone.keys(key)
        await phone.is_hung_up()
        await agent.wraps_up()
    assert await bank.query(Rating.objects.count) == 2
    day = await bank.query(today.ratings, Span.day(clock.now()))
    assert day.total() == kpi.Ratings(asked=1, rated=1, satisfied=1)
    assert set(day.by_queue()) == {"general"}
    mine = await bank.query(today.mine, lin.pk, at=clock.now())
    assert mine.ratings == day.total()
    assert (await bank.query(today.mine, zhou.pk, at=clock.now())).ratings == kpi.Ratings()
