"""What stood wrong is corrected, and exactly who heard it is to be called back: nobody else."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from banking import instructions, ledger, pricing
from banking.errors import InsufficientFunds
from banking.fees import Tier
from banking.ledger import Leg
from banking.models import DepositRate, FeeTier, Journal, OutboundContact
from banking.models.customers import Vip
from banking.models.ledger import Internal
from banking.models.orders import Channel
from kb import calling_back, corrections, drafting, hearing, reading, reviewing
from kb.corrections import Wrong
from kb.errors import (
    NothingBefore,
    NoTiers,
    OutcomeUnfit,
    OutsideItsTime,
    OwnArticle,
    TakenByAnother,
)
from kb.models import ArticleVersion, Charge, Correction, Hearer, Hearing, Search
from kb.rates import Rate
from people import approvals, staff
from people.approvals import NoWord, OwnRequest
from people.models import AccessLog, Approval, User
from people.roles import Role
from telephony.deeds import Deed
from telephony.models import AgentDeed, Rewording
from tests import cast
from tests.kb.heard import (
    CALLER,
    DAY,
    EVENING,
    MORNING,
    SECOND,
    TICK,
    a_call,
    asks,
    hears,
    online,
    pays,
    wrong_fee,
)
from tests.kb.test_articles import published, written
from tests.telephony.test_admin import as_, text

pytestmark = pytest.mark.django_db

NOON = cast.NOON
RIGHT = [Tier(Decimal(0), Decimal(2), Decimal(0), None)]
SPAN = {"since": MORNING, "until": EVENING}
LATER = EVENING + timedelta(hours=1)
Way = Hearing.Way


@pytest.fixture
def clerk(db) -> User:
    return staff.hire(number="1101", name="何静", branch=None, roles=[Role.BACK_OFFICE])


@pytest.fixture
def boss(db) -> User:
    return staff.hire(number="1102", name="赵敏", branch=None, roles=[Role.SUPERVISOR])


@pytest.fixture
def editor(db) -> User:
    return staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])


@pytest.fixture
def reviewer(db) -> User:
    return staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])


@pytest.fixture
def agent(db) -> User:
    return staff.hire(number="1023", name="林晓", branch=None, roles=[Role.AGENT])


@pytest.fixture
def wang(db) -> cast.Person:
    return cast.wang(is_test=False)


@pytest.fixture
def fee(wang):
    """The schedule of the day that is wrong."""
    return wrong_fee()


def asked(schedule, clerk: User, *, at=LATER, **changes) -> Correction:
    said = {**SPAN, "why": "手续费误录为20元", "right": RIGHT, **changes}
    return corrections.ask(Wrong(schedule=schedule), **said, by=clerk, at=at)


def approved(row: Correction, boss: User, *, at=LATER) -> Correction:
    open_ = Approval.objects.get(kind="correction", subject=f"kb.correction:{row.pk}")
    approvals.approve(open_.pk, by=boss, at=at)
    row.refresh_from_db()
    return row


def listed(schedule, clerk: User, boss: User) -> Correction:
    row = approved(asked(schedule, clerk), boss)
    assert row.state == "listed"
    return row


def ways(heard) -> set[tuple[str, int | None]]:
    return {(one.way, one.call_id) for one in heard}


# -- a fee -------------------------------------------------------------------------------------


def test_who_paid_a_wrong_fee_or_heard_it_is_listed_with_what_is_at_stake(fee, wang, clerk, boss):
    """Executed, cancelled, refused, drafted by an agent, due later; and those who heard nothing."""
    chen = cast.chen(is_test=False, opening=100_000)
    first, second, fourth, fifth = (a_call(wang) for _n in range(4))
    paid = pays(asks(wang, first, at=NOON), at=NOON + SECOND)
    no = asks(wang, second, at=NOON, amount=2000)
    instructions.void(key=no.key, at=NOON + SECOND)
    third = a_call(chen)
    refused = asks(chen, third, at=NOON)
    instructions.confirm(key=refused.key, at=NOON)
    why = InsufficientFunds(available=Decimal(0), needed=Decimal(1020))
    instructions.refuse(key=refused.key, refusal=why, at=NOON)
    drafted = asks(wang, fourth, at=NOON, channel=Channel.AGENT, read_back=False)
    silent = asks(wang, fifth, at=NOON, read_back=False)  # she hung up before a word of it
    instructions.void(key=silent.key, at=NOON)

    row = listed(fee, clerk, boss)
    hers, his = row.hearers.get(customer=wang.id), row.hearers.get(customer=chen.id)
    assert row.hearers.count() == 2
    assert (hers.calls, hers.orders, hers.at_stake, hers.state) == (3, 3, 18, "waiting")
    assert (his.calls, his.orders, his.at_stake) == (1, 1, 0)
    charges = {c.order_id: (c.fee, c.right, c.charged, c.at_stake) for c in Charge.objects.all()}
    assert charges == {
        paid.key: (20, 2, 20, 18),
        no.key: (20, 2, 0, 0),
        refused.key: (20, 2, 0, 0),
        drafted.key: (20, 2, 0, 0),
    }
    assert {(one.way, one.call_id) for one in hers.hearings.all()} == {
        (Way.READ_BACK, first.pk),
        (Way.READ_BACK, second.pk),
        (Way.DRAFTED, fourth.pk),
    }


BORDERS = {  # when it is read back, how fast it is wanted; whether the day's schedule priced it
    "the moment before": (MORNING - TICK, "ordinary", False),
    "the first moment": (MORNING, "ordinary", True),
    "the last moment": (EVENING - TICK, "ordinary", True),
    "the moment after": (EVENING, "ordinary", False),
    "the day before, due on the day": (MORNING - SECOND, "next_day", True),
    "on the day, due the day after": (EVENING - SECOND, "next_day", False),
}


@pytest.mark.parametrize(("at", "speed", "counts"), BORDERS.values(), ids=BORDERS.keys())
def test_an_order_is_priced_on_the_day_for_which_it_is_read_back(fee, wang, at, speed, counts):
    order = asks(wang, a_call(wang, at=at), at=at, speed=speed)
    assert (order.fee == 20) is counts
    found = pricing.priced(fee, RIGHT, **SPAN)
    assert [one.order.key for one in found] == ([order.key] if counts else [])


def test_neighbours_are_not_in_it(fee, wang, clerk, boss):
    """Another product, another channel, another level; a test customer and a test call apart."""
    online((cast.LONG_AGO, 20))
    gold = cast.person("金卡", is_test=False, vip=Vip.GOLD)
    FeeTier.objects.create(
        kind="interbank", channel=Channel.PHONE, vip=Vip.GOLD, valid_from=cast.LONG_AGO, flat=1
    )
    pays(asks(gold, a_call(gold), at=NOON), at=NOON)
    asks(wang, None, at=NOON, channel=Channel.ONLINE)
    hears(a_call(wang), "remittance.readback", at=NOON)
    tester = cast.chen(is_test=True, opening=5000)
    pays(asks(tester, a_call(tester), at=NOON), at=NOON)
    row = listed(fee, clerk, boss)
    (apart,) = row.hearers.all()
    assert (apart.customer_id, apart.state) == (tester.id, "apart")
    assert text(as_(Role.SUPERVISOR).get(f"/admin/kb/correction/{row.pk}/change/")).count(
        "Nobody heard it"
    )


def test_whose_level_has_changed_since_is_known_by_the_fee_she_was_told(fee, wang):
    """Gold has its own schedule of 1 yuan: who is gold today, and was told 20, was not then."""
    FeeTier.objects.create(
        kind="interbank", channel=Channel.PHONE, vip=Vip.GOLD, valid_from=cast.LONG_AGO, flat=1
    )
    was_ordinary = asks(wang, a_call(wang), at=NOON)
    wang.customer.vip = Vip.GOLD
    wang.customer.save()
    is_gold = asks(wang, a_call(wang), at=NOON)
    assert (was_ordinary.fee, is_gold.fee) == (20, 1)
    assert [one.order.key for one in pricing.priced(fee, RIGHT, **SPAN)] == [was_ordinary.key]


def test_a_fee_that_was_given_back_is_no_longer_at_stake(fee, wang):
    order = pays(asks(wang, a_call(wang), at=NOON), at=NOON)
    journal = Journal.objects.get(kind="fee")
    legs = [Leg(ledger.internal(Internal.FEES), Decimal(-20)), Leg(wang.account.pk, Decimal(20))]
    ledger.post(Journal.Kind.REVERSAL, legs, at=NOON, part_of=journal.pk)
    (one,) = pricing.priced(fee, RIGHT, **SPAN)
    assert (one.order.key, one.charged, one.at_stake) == (order.key, 0, 0)


def test_who_paid_too_little_is_listed_with_what_is_missing(wang):
    schedule = wrong_fee()
    order = pays(asks(wang, a_call(wang), at=NOON), at=NOON)
    dear = [Tier(Decimal(0), Decimal(25), Decimal(0), None)]
    (one,) = pricing.priced(schedule, dear, **SPAN)
    assert (one.order.key, one.charged, one.right, one.at_stake) == (order.key, 20, 25, -5)


def test_an_order_of_no_call_counts_unless_it_came_to_nothing(wang):
    online((MORNING.date(), 20), (EVENING.date(), 2))
    schedule = pricing.Schedule("interbank", "online", "", MORNING.date())
    paid = pays(asks(wang, None, at=NOON, channel=Channel.ONLINE), at=NOON)
    left = asks(wang, None, at=NOON, channel=Channel.ONLINE)
    instructions.void(key=left.key, at=NOON)
    row = Correction(
        kind="fee", business="interbank", channel="online", valid_from=MORNING.date(),
        right=[{"above": "0", "flat": "2", "rate": "0", "cap": None}],
        wrong_from=MORNING, wrong_to=EVENING,
    )  # fmt: skip
    (person,) = corrections.people(row, until=EVENING)
    assert [one.order.key for one in person.charged] == [paid.key]
    assert (person.calls, person.at_stake) == (set(), 18)
    assert hearing.of_fee(schedule, person.charged, **SPAN) == []


def test_articles_that_quoted_the_fee_were_wrong_while_it_stood(fee, editor, reviewer, agent, wang):
    """Read or shown within the day; a version that quotes another figure is no part of it."""
    quoting = published(
        editor, reviewer, at=MORNING - DAY, spoken="手续费{{fee:interbank.phone}}。"
    )
    before, on, after, shown, listed_second = (a_call(wang) for _n in range(5))
    for call, at in ((before, MORNING - TICK), (on, MORNING), (on, NOON), (after, EVENING)):
        reading.opened(quoting.pk, by=agent, call=call, at=at)
    reading.opened(quoting.pk, by=agent, call=None, at=NOON)
    for call, found in (
        (shown, [quoting.pk]),
        (listed_second, [0, quoting.pk]),
        (on, [quoting.pk]),
    ):
        Search.objects.create(asked="手续费", by=agent, call=call, at=NOON, found=found)
    heard = hearing.of_fee(fee, [], **SPAN)
    assert ways(heard) == {(Way.READ, on.pk), (Way.READ, None), (Way.SHOWN, shown.pk)}
    assert {one.call_id: one.times for one in heard}[on.pk] == 2
    other = hearing.of_figures(["fee:interbank.counter"], **SPAN)
    assert other == []


# -- an article --------------------------------------------------------------------------------


def test_a_version_was_read_to_callers_and_by_an_agent_between_calls(
    editor, reviewer, agent, wang, clerk, boss
):
    """The same caller once with her calls; the unknown by her number; the agent to be told."""
    version = published(editor, reviewer, at=MORNING)
    calls = [a_call(wang), a_call(wang), a_call(), a_call(caller=""), a_call(is_test=True)]
    for call in calls:
        reading.opened(version.pk, by=agent, call=call, at=NOON)
    reading.opened(version.pk, by=agent, call=None, at=NOON)
    wrong = Wrong(version=version)
    row = corrections.ask(wrong, **SPAN, why="期限写错", by=clerk, at=LATER)
    approved(row, boss)
    found = {
        (one.customer_id, one.phone, one.staff_id, one.state): one.calls
        for one in row.hearers.all()
    }
    assert found == {
        (wang.id, "", None, "waiting"): 2,
        (None, CALLER, None, "waiting"): 1,
        (None, "", None, "no_number"): 1,
        (None, CALLER, None, "apart"): 1,
        (None, "", agent.pk, "waiting"): 0,
    }


def test_a_draft_that_corrects_is_approved_with_its_list(editor, reviewer, agent, wang):
    wrong = published(editor, reviewer, at=MORNING)
    call = a_call(wang, at=MORNING - SECOND)  # it began before
    reading.opened(wrong.pk, by=agent, call=call, at=MORNING)
    draft = drafting.revise(wrong.article_id, by=editor, at=NOON)
    corrections.mark(draft.pk, "算错了", by=editor, at=NOON)
    row = corrections.mark(draft.pk, "利率写错", by=editor, at=NOON)  # said better
    drafting.submit(draft.pk, by=editor, at=NOON)
    reviewing.approve(draft.pk, by=reviewer, at=NOON)
    row.refresh_from_db()
    assert (row.state, row.wrong_from, row.wrong_to) == ("approved", MORNING, NOON)
    assert (row.by, row.approved_by) == (editor, reviewer)
    assert corrections.list_due(at=NOON + corrections.SETTLES - TICK) == 0
    assert corrections.list_due(at=NOON + corrections.SETTLES) == 1
    assert corrections.list_due(at=LATER) == 0  # once
    (hearer,) = row.hearers.all()
    assert (hearer.customer_id, hearer.calls) == (wang.id, 1)
    assert Correction.objects.filter(state="dropped").count() == 1


def test_who_marked_it_does_not_approve_it_and_a_dropped_draft_corrects_nothing(editor, reviewer):
    both = staff.hire(
        number="1005", name="周洁", branch=None, roles=[Role.KB_EDITOR, Role.KB_REVIEWER]
    )
    with pytest.raises(NothingBefore):
        corrections.mark(written(editor, key="other").pk, "错了", by=editor, at=NOON)
    drafting.drop(ArticleVersion.objects.get().pk, by=editor, at=NOON)
    wrong = published(editor, reviewer, at=MORNING)
    draft = drafting.revise(wrong.article_id, by=editor, at=NOON)
    with pytest.raises(NoWord):
        corrections.mark(draft.pk, " ", by=editor, at=NOON)
    with pytest.raises(OutsideItsTime):
        corrections.mark(draft.pk, "错了", since=MORNING - TICK, by=editor, at=NOON)
    row = corrections.mark(draft.pk, "错了", by=both, at=NOON)
    drafting.submit(draft.pk, by=editor, at=NOON)
    with pytest.raises(OwnArticle):
        reviewing.approve(draft.pk, by=both, at=NOON)
    reviewing.send_back(draft.pk, "再改", by=reviewer, at=NOON)
    drafting.drop(draft.pk, by=editor, at=NOON)
    row.refresh_from_db()
    assert row.state == "dropped"


# -- a prompt ----------------------------------------------------------------------------------

KEY = "interbank.readback"
WORDS = (
    "向他行尾号{tail:tail}的账户转账{amount:amount}，手续费{fee:amount}，"
    "预计{arrives:datetime}前到账。"
)
HEARD = "向他行尾号6789的账户转账一千元，手续费二元，预计今天十五点前到账。"


@pytest.fixture
def reworded(clerk, boss) -> Rewording:
    """The words that shipped were replaced in the evening."""
    return Rewording.objects.create(
        key=KEY, lang="zh", text=WORDS.replace("预计", "预期"), before=WORDS, state="used",
        made_at=NOON, made_by=clerk, decided_at=EVENING, decided_by=boss, used_at=EVENING,
    )  # fmt: skip


SAID = {  # when the call was taken, when it was said, in what words, how long; whether it counts
    "before it was wrong": (MORNING - SECOND, MORNING - TICK, HEARD, "3.0", False),
    "a call that began before": (MORNING - SECOND, MORNING, HEARD, "3.0", True),
    "the last moment": (NOON, EVENING - TICK, HEARD, "3.0", True),
    "old words in a call that began before": (EVENING - TICK, EVENING + SECOND, HEARD, "3.0", True),
    "taken while the new ones were laid out": (EVENING, EVENING + SECOND, HEARD, "3.0", True),
    "old words in a call that began after": (LATER, LATER, HEARD, "3.0", False),
    "the new words": (NOON, NOON, HEARD.replace("预计", "预期"), "3.0", False),
    "nothing of it was heard": (NOON, NOON, HEARD, "0.0", False),
}


@pytest.mark.parametrize(("taken", "at", "words", "heard_s", "counts"), SAID.values(), ids=SAID)
def test_a_prompt_was_heard_in_the_words_that_were_wrong(
    reworded, taken, at, words, heard_s, counts
):
    call = a_call(at=taken)
    hears(call, KEY, words, at=at, heard_s=heard_s)
    hears(call, "remittance.readback", words, at=at)  # another prompt
    found = hearing.of_words(KEY, "zh", WORDS, **SPAN)
    assert ways(found) == ({(Way.SAID, call.pk)} if counts else set())


def test_words_that_stay_are_wrong_until_the_end_of_their_interval(db):
    """Nothing replaced them: what they say became true."""
    call = a_call(at=EVENING - SECOND)
    hears(call, KEY, HEARD, at=EVENING)
    assert hearing.of_words(KEY, "zh", WORDS, **SPAN) == []
    hears(call, KEY, HEARD, at=EVENING - TICK)
    assert ways(hearing.of_words(KEY, "zh", WORDS, **SPAN)) == {(Way.SAID, call.pk)}


def test_a_prompts_list_waits_for_the_last_call_that_keeps_its_words(reworded, clerk, boss):
    wrong = Wrong(words=(KEY, "zh", WORDS))
    assert wrong.stood() == (None, EVENING)
    with pytest.raises(OutsideItsTime):
        corrections.ask(wrong, since=MORNING, until=LATER, why="错", by=clerk, at=LATER)
    call = a_call(at=EVENING - SECOND)
    type(call).objects.filter(pk=call.pk).update(ended_at=None)
    row = approved(corrections.ask(wrong, **SPAN, why="错", by=clerk, at=LATER), boss)
    assert (row.state, corrections.list_due(at=LATER)) == ("approved", 0)
    hears(call, KEY, HEARD, at=LATER)
    type(call).objects.filter(pk=call.pk).update(ended_at=LATER)
    assert corrections.list_due(at=LATER) == 1
    assert row.hearers.get().phone == CALLER


# -- a rate ------------------------------------------------------------------------------------


def test_who_was_told_a_wrong_rate(editor, reviewer, agent, wang):
    """Its term and its per cent, in any language; a longer figure that begins alike is another."""
    for day, percent in (
        (cast.LONG_AGO, "0.95"),
        (MORNING.date(), "1.5"),
        (EVENING.date(), "1.55"),
    ):
        DepositRate.objects.create(
            product="time", term="1y", valid_from=day, percent=Decimal(percent)
        )
    rate = Rate("rate:time.1y", MORNING.date())
    quoting = published(editor, reviewer, at=MORNING - DAY, spoken="一年期{{rate:time.1y}}。")
    told = "整存整取，一年，年利率百分之一点五。"
    zh, en, read, table = (a_call(wang) for _n in range(4))
    hears(zh, "rates.deposit.time", told, at=MORNING)
    hears(en, "save.readback", "Put in 100 yuan, for one year, at a rate of one point five per cent"
          " a year.", at=NOON)  # fmt: skip
    reading.opened(quoting.pk, by=agent, call=read, at=NOON)
    deed = {"call": table, "by": agent, "deed": Deed.INFORMED}
    AgentDeed.objects.create(service="deposit-rates", at=NOON, **deed)
    AgentDeed.objects.create(service="loan-rates", at=NOON, **deed)
    for at, words in (
        (NOON, told.replace("一年，", "两年，")),
        (NOON, told.replace("点五", "点五五")),
        (MORNING - TICK, told),
        (EVENING, told),
    ):
        hears(a_call(), "rates.deposit.time", words, at=at)
    assert rate.stood() == (MORNING, EVENING)
    assert ways(hearing.of_rate(rate, **SPAN)) == {
        (Way.SAID, zh.pk), (Way.SAID, en.pk), (Way.READ, read.pk), (Way.TABLE, table.pk),
    }  # fmt: skip


# -- asking, approving, the facts --------------------------------------------------------------


def test_two_people_and_an_interval_in_which_it_stood(fee, clerk, boss):
    for changes, refused in (
        ({"right": []}, NoTiers),
        ({"why": " "}, NoWord),
        ({"since": MORNING - TICK}, OutsideItsTime),
        ({"until": EVENING + TICK}, OutsideItsTime),
        ({"since": NOON, "until": NOON}, OutsideItsTime),
    ):
        with pytest.raises(refused):
            asked(fee, clerk, **changes)
    row = asked(fee, clerk)
    open_ = Approval.objects.get(kind="correction")
    with pytest.raises(OwnRequest):
        approvals.approve(open_.pk, by=clerk, at=LATER)
    assert "手续费误录为20元" in approvals.of(open_).summary(open_)
    approvals.refuse(open_.pk, by=boss, at=LATER, note="不必")
    row.refresh_from_db()
    assert row.state == "dropped"
    other = asked(fee, clerk)
    with pytest.raises(IntegrityError, match="correction_approved_by_another"):
        Correction.objects.filter(pk=other.pk).update(approved_by=clerk)


def test_one_whose_end_is_to_come_is_listed_after_it(fee, wang, clerk, boss):
    row = approved(asked(fee, clerk, at=NOON), boss, at=NOON)
    assert row.state == "approved"
    pays(asks(wang, a_call(wang), at=EVENING - SECOND), at=EVENING)
    assert corrections.list_due(at=EVENING + corrections.SETTLES) == 1
    assert row.hearers.get().at_stake == 18


def test_the_list_is_facts(fee, wang, clerk, boss):
    pays(asks(wang, a_call(wang), at=NOON), at=NOON)
    row = listed(fee, clerk, boss)
    pays(asks(wang, a_call(wang), at=NOON), at=NOON)  # found too late
    assert row.hearers.get().orders == 1
    attempts = (
        lambda: Hearing.objects.all().delete(),
        lambda: Charge.objects.update(charged=0),
        lambda: Hearer.objects.update(at_stake=0),
        lambda: Hearer.objects.all().delete(),
        lambda: Correction.objects.update(wrong_from=NOON),
    )
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


# -- the calls back ----------------------------------------------------------------------------


def test_a_call_back_is_taken_tried_and_reached(fee, wang, clerk, boss):
    pays(asks(wang, a_call(wang), at=NOON), at=NOON)
    hearer = listed(fee, clerk, boss).hearers.get()
    said = {"by": clerk, "at": LATER}
    with pytest.raises(TakenByAnother):
        calling_back.tried(hearer.pk, "", **said)
    calling_back.take(hearer.pk, **said)
    with pytest.raises(TakenByAnother):
        calling_back.take(hearer.pk, by=boss, at=LATER)
    with pytest.raises(TakenByAnother):
        calling_back.reached(hearer.pk, "none", "", by=boss, at=LATER)
    calling_back.tried(hearer.pk, "无人接听", **said)
    with pytest.raises(OutcomeUnfit):
        calling_back.reached(hearer.pk, "told", "", **said)
    calling_back.reached(hearer.pk, "refunded", "支行已退18元", **said)
    hearer.refresh_from_db()
    assert (hearer.state, hearer.outcome, hearer.tries) == ("reached", "refunded", 1)
    steps = list(hearer.steps.values_list("what", "note"))
    assert steps == [("taken", ""), ("tried", "无人接听"), ("reached", "支行已退18元")]
    assert OutboundContact.objects.get().reason == "verify_order"  # she may ask whether it was us


def test_who_can_not_be_reached_is_given_up_and_what_was_taken_is_put_back(
    editor, reviewer, agent, clerk, boss
):
    version = published(editor, reviewer, at=MORNING)
    reading.opened(version.pk, by=agent, call=a_call(), at=NOON)
    reading.opened(version.pk, by=agent, call=None, at=NOON)
    row = corrections.ask(Wrong(version=version), **SPAN, why="错", by=clerk, at=LATER)
    approved(row, boss)
    caller, colleague = row.hearers.get(phone=CALLER), row.hearers.get(staff=agent)
    for one in (caller, colleague):
        calling_back.take(one.pk, by=clerk, at=LATER)
    calling_back.put_back(caller.pk, by=boss, at=LATER)
    calling_back.take(caller.pk, by=boss, at=LATER)
    with pytest.raises(NoWord):
        calling_back.give_up(caller.pk, " ", by=boss, at=LATER)
    calling_back.give_up(caller.pk, "空号", by=boss, at=LATER)
    calling_back.reached(colleague.pk, "told", "", by=clerk, at=LATER)
    assert set(row.hearers.values_list("state", "outcome")) == {
        ("given_up", ""),
        ("reached", "told"),
    }
    assert not OutboundContact.objects.exists()


# -- the pages ---------------------------------------------------------------------------------


def test_the_form_begins_with_what_is_known_and_keeps_its_microseconds(
    editor, reviewer, clerk, boss
):
    wrong = published(editor, reviewer, at=MORNING + TICK)
    fixed = published(editor, reviewer, at=NOON + TICK)
    client = as_(Role.KB_REVIEWER)
    page = f"/admin/kb/correction/ask/?version={wrong.pk}"
    assert "2026-11-24T00:00:00" in client.get(page).content.decode()
    typed = {"since": "2026-11-24T00:00:00", "until": "2026-11-24T12:00:00", "why": "写错"}
    early = client.post(page, {**typed, "since": "2026-11-23T23:59:59"})
    assert "It was not in force for all of this time" in text(early)
    assert client.post(page, typed).status_code == 302
    row = Correction.objects.get()
    assert (row.version, row.wrong_from, row.wrong_to) == (wrong, MORNING + TICK, fixed.valid_from)
    assert client.get("/admin/kb/correction/ask/").status_code == 302  # about nothing


def test_a_fee_is_corrected_from_its_page(fee, wang):
    pays(asks(wang, a_call(wang), at=NOON), at=NOON)
    client = as_(Role.BACK_OFFICE)
    tier = FeeTier.objects.get(valid_from=MORNING.date())
    page = client.get(f"/admin/banking/feetier/{tier.pk}/change/")
    assert f"/admin/kb/correction/ask/?fee={tier.pk}" in page.content.decode()
    form = client.get(f"/admin/kb/correction/ask/?fee={tier.pk}").content.decode()
    assert 'value="2.00"' in form  # of the schedule that followed
    typed = {
        "since": "2026-11-24T00:00:00", "until": "2026-11-25T00:00:00", "why": "误录",
        "tier-TOTAL_FORMS": "2", "tier-INITIAL_FORMS": "1",
        "tier-0-above": "0", "tier-0-flat": "2", "tier-0-rate": "0", "tier-0-cap": "",
        "tier-1-above": "", "tier-1-flat": "", "tier-1-rate": "", "tier-1-cap": "",
    }  # fmt: skip
    answer = client.post(f"/admin/kb/correction/ask/?fee={tier.pk}", typed, follow=True)
    row = Correction.objects.get()
    assert corrections.tiers(row) == RIGHT
    shown = text(answer)  # counted before anybody approves it
    assert "Callers 1 Calls 1 Orders 1 At stake 18.00" in shown


def test_an_empty_list_says_where_a_correction_begins(db):
    page = "/admin/kb/correction/"
    assert "更正从出错的内容发起" in text(as_(Role.BACK_OFFICE, "zh-hans").get(page))
    assert "更正从出错的内容发起" not in text(
        as_(Role.KB_REVIEWER, "zh-hans").get("/admin/kb/gap/")
    )


def test_people_are_shown_to_who_calls_them_and_exported_masked(fee, wang, clerk, boss):
    pays(asks(wang, a_call(wang), at=NOON), at=NOON)
    row = listed(fee, clerk, boss)
    page = f"/admin/kb/correction/{row.pk}/change/"
    assert wang.customer.number not in text(as_(Role.KB_REVIEWER).get(page))
    client = as_(Role.BACK_OFFICE)
    shown = text(client.get(page))
    assert f"*小梅 {wang.customer.number}" in shown
    hearer = row.hearers.get()
    hers = f"/admin/kb/hearer/{hearer.pk}/change/"
    assert wang.customer.mobile not in text(client.get(hers))
    calling_back.take(hearer.pk, by=client.user, at=LATER)
    assert wang.customer.mobile in text(client.get(hers))
    assert AccessLog.objects.filter(what="reveal", user=client.user).count() == 1
    answer = client.get(f"/admin/kb/correction/{row.pk}/export/").content.decode("utf-8-sig")
    _head, line = csv.reader(StringIO(answer))
    assert line[0] == f"*小梅 {wang.customer.number}"
    assert line[5:9] == ["1", "18.00", "taken", ""]
    assert wang.customer.mobile not in answer
    assert "*" in line[1]


def test_steps_of_a_prompt_are_found_by_an_index(db):
    """Of a million steps those of a prompt and a day are read, not all (docs/corrections.md)."""
    with CaptureQueriesContext(connection) as asked:
        hearing.of_words(KEY, "zh", WORDS, **SPAN)
    (query,) = (one["sql"] for one in asked if "telephony_step" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # of a table that is empty here
        cursor.execute(f"EXPLAIN {query}")
        plan = "".join(line for (line,) in cursor.fetchall())
    assert "step_prompt_heard" in plan
