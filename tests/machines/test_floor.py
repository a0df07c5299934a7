"""Random callers and agents beside a model, on the live tables, with a worker that dies.

A step may be seen by the switch alone: the worker was killed between it and its service, between
a service and what it was to do, or its session in mid-transaction. After quiescence no row is
transient, nobody waits without a channel, no channel is without a row, and every wish is counted
as it ended.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import ClassVar, LiteralString
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from banking.models.customers import Vip
from people import staff
from people.errors import Refusal
from people.roles import Role
from routing import entries, offers, presence, reconcile, rounds, shipped
from routing.entries import Wish
from routing.models import Agent, AgentSkill, Presence, QueueEntry, Repair, Reservation, Skill
from routing.offers import Offer
from routing.reconcile import Action, KillLeg
from routing.states import IN_A_CALL, OFFERED, State
from tests import database
from tests.banking.together import together
from tests.cast import NOON
from tests.machines.crashes import killed_at

NODE, QUEUES = "node1", ("general", "card")
LEVELS = ({"general": 9}, {"general": 5, "card": 5}, {"card": 9})
Outcome = QueueEntry.Outcome

# Where a transaction may be stopped: it has written some of it, and waits to write the rest.
CRASHES: tuple[tuple[str, LiteralString], ...] = (
    ("round", "SELECT FROM routing_session FOR UPDATE"),  # all is written; its keys are checked
    ("answered", "LOCK TABLE routing_presence IN SHARE MODE"),
    ("leave", "LOCK TABLE routing_queueentry IN SHARE MODE"),
)

heard = st.booleans()  # whether the worker lives to see it
places = st.integers(0, 9)  # of a caller, a leg or an agent, modulo how many there are
_numbers = count(6000)


class Floor(RuleBasedStateMachine):
    """`up` and `legs` are the switch's channels; `wishes` is what each entry must come to."""

    reached: ClassVar[Counter[str]] = Counter()  # repairs and outcomes, over all examples

    @initialize()
    def open(self) -> None:
        database.empty()  # of the example before, which may have failed half-way
        shipped.install(at=NOON)
        self.now: datetime = NOON
        self.up: list[UUID] = []  # callers
        self.legs: dict[UUID, UUID] = {}  # agents' channels → the caller's
        self.suspects: frozenset[UUID] = frozenset()
        self.wishes: dict[int, str] = {}  # entry → outcome, "" while it is open
        self.silent: set[int] = set()  # agents whose page is gone
        self.agents: list[int] = []
        self.sessions: dict[int, int] = {}
        for levels in LEVELS:
            user = staff.hire(
                number=str(next(_numbers)), name="坐席", branch=None, roles=[Role.AGENT]
            )
            agent = Agent.objects.create(user=user)
            for slug, level in levels.items():
                skill = Skill.objects.get(slug=slug)
                AgentSkill.objects.create(agent=agent, skill=skill, level=level)
            self.agents.append(user.pk)
            self.sign_in(user.pk)
        for queue in (*QUEUES, *QUEUES):
            self.enter(queue, "")
        self.ring(made=True)

    # -- callers -------------------------------------------------------------------------

    @rule(queue=st.sampled_from(QUEUES), vip=st.sampled_from(["", Vip.GOLD, Vip.PRIVATE]))
    def enter(self, queue: str, vip: str) -> None:
        ref = uuid4()
        self.up.append(ref)
        wish = Wish(ref, NODE, "13800136027", "zh", vip=vip)
        self.wishes[entries.enter(wish, queue, at=self.now).pk] = ""

    @rule(
        place=places,
        seen=heard,
        cuts=heard,
        outcome=st.sampled_from([Outcome.ABANDONED, Outcome.CALLBACK]),
    )
    def go(self, place: int, seen: bool, cuts: bool, outcome: Outcome) -> None:
        """She hangs up, or asks for a call-back; what is left of the agent's leg is cut."""
        if not self.up:
            return
        ref = self.up.pop(place % len(self.up))
        if seen:
            leg = self.leave(ref, outcome)
            if cuts and leg is not None:
                self.cut({leg})

    @rule(place=places, cuts=heard, queue=st.sampled_from(QUEUES))
    def transfer(self, place: int, cuts: bool, queue: str) -> None:
        if not self.up:
            return
        ref = self.up[place % len(self.up)]
        old = QueueEntry.objects.filter(call_ref=ref, ended_at=None).first()
        if old is None:
            return  # served, and still on the line
        new = entries.transfer(ref, queue, at=self.now)
        self.wishes[old.pk] = Outcome.ANSWERED if old.answered_at else Outcome.OVERFLOW
        self.wishes[new.pk] = ""
        if cuts:
            self.cut({leg for leg, caller in self.legs.items() if caller == ref})

    # -- the dispatcher ------------------------------------------------------------------

    @rule(made=heard)
    def ring(self, made: bool) -> None:
        """A round; its legs are made, or the worker dies before that."""
        rounds.run(at=self.now)
        for offer in offers.to_ring(NODE, at=self.now):
            if made:
                self.make(offer)

    @rule()
    def decide(self) -> None:
        """A round whose offers are not rung yet."""
        rounds.run(at=self.now)

    # -- legs ----------------------------------------------------------------------------

    @rule(place=places, seen=heard)
    def answer(self, place: int, seen: bool) -> None:
        if not (leg := self.leg(place)) or not seen:
            return
        try:
            offers.answered(leg, at=self.now)
        except Refusal:
            self.cut({leg})

    @rule(place=places, first=st.booleans())
    def answer_and_hang_up_at_once(self, place: int, first: bool) -> None:
        if not (leg := self.leg(place)) or (ref := self.legs[leg]) not in self.up:
            return
        self.up.remove(ref)
        both = [lambda: self.pick_up(leg), lambda: self.leave(ref, Outcome.ABANDONED)]
        for outcome in together(*both if first else reversed(both)):
            assert outcome in (None, leg) or isinstance(outcome, Refusal), outcome
        self.cut({leg})

    @rule(place=places, seen=heard)
    def decline(self, place: int, seen: bool) -> None:
        if not (leg := self.leg(place)):
            return
        self.cut({leg})
        if seen:
            self.may_refuse(lambda: offers.refused(leg, "declined", at=self.now))

    @rule(place=places, seen=heard, made=heard)
    def lose(self, place: int, seen: bool, made: bool) -> None:
        if not (leg := self.leg(place)):
            return
        self.cut({leg})
        again: list[Offer | None] = []
        if seen:
            self.may_refuse(lambda: again.append(offers.leg_lost(leg, at=self.now)))
        for offer in again:
            if offer is not None and made:
                self.make(offer)

    @rule(place=places, seen=heard)
    def finish(self, place: int, seen: bool) -> None:
        if not (leg := self.leg(place)):
            return
        self.cut({leg})
        if not seen:
            return
        entry = QueueEntry.objects.filter(
            reservations__leg=leg, reservations__ended_at=None, state="talking"
        ).first()
        self.may_refuse(lambda: offers.finished(leg, at=self.now))
        if entry is not None:
            self.wishes[entry.pk] = Outcome.ANSWERED

    @rule(place=places, hold=st.booleans())
    def hold(self, place: int, hold: bool) -> None:
        if not (leg := self.leg(place)):
            return
        verb = offers.held if hold else offers.retrieved
        self.may_refuse(lambda: verb(leg, at=self.now))

    # -- agents --------------------------------------------------------------------------

    @rule(place=places, verb=st.sampled_from(["ready", "pause", "wrapped_up", "sign_out", "stay"]))
    def act(self, place: int, verb: str) -> None:
        agent = self.agents[place % len(self.agents)]
        verbs: dict[str, Callable[[], object]] = {
            "ready": lambda: presence.ready(agent, at=self.now),
            "pause": lambda: presence.pause(agent, "break", at=self.now),
            "wrapped_up": lambda: presence.wrapped_up(agent, at=self.now),
            "sign_out": lambda: presence.sign_out(agent, at=self.now),
            "stay": lambda: presence.stay(agent),
        }
        self.may_refuse(verbs[verb])

    @rule(place=places)
    def come_back(self, place: int) -> None:
        agent = self.agents[place % len(self.agents)]
        self.silent.discard(agent)
        self.may_refuse(lambda: self.sign_in(agent))
        self.beat()
        self.may_refuse(lambda: presence.wrapped_up(agent, at=self.now))
        self.may_refuse(lambda: presence.ready(agent, at=self.now))

    @rule(place=places)
    def close_the_browser(self, place: int) -> None:
        self.silent.add(self.agents[place % len(self.agents)])

    @rule(place=places)
    def lose_the_phone(self, place: int) -> None:
        agent = self.agents[place % len(self.agents)]
        presence.heartbeat(self.sessions[agent], phone=False, at=self.now)

    # -- the worker's sessions -----------------------------------------------------------

    @rule(crash=st.sampled_from(CRASHES), place=places)
    def die(self, crash: tuple[str, LiteralString], place: int) -> None:
        """One is killed in mid-transaction: the rows are as if the step had not been seen."""
        what, where = crash
        if what == "round":
            self.dies(what, where, lambda: rounds.run(at=self.now))
        elif what == "answered" and (leg := self.leg(place)):
            try:
                self.dies(what, where, lambda: self.pick_up(leg))
            except Refusal:
                self.cut({leg})
        elif what == "leave" and self.up:
            ref = self.up.pop(place % len(self.up))
            self.dies(what, where, lambda: self.leave(ref, Outcome.ABANDONED))

    # -- time ----------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.0, 0.001, 1, 6, 25]))
    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.beat()

    @rule()
    def reconcile(self) -> None:
        self.look()

    # -- how it is done ------------------------------------------------------------------

    def sign_in(self, agent: int) -> None:
        user = Agent.objects.select_related("user").get(pk=agent).user
        session = presence.sign_in(user, tab=uuid4(), at=self.now)
        self.sessions[agent] = session.pk
        presence.heartbeat(session.pk, phone=True, at=self.now)
        presence.ready(agent, at=self.now)

    def beat(self) -> None:
        for agent, session in self.sessions.items():
            if agent not in self.silent:
                presence.heartbeat(session, phone=True, at=self.now)

    def make(self, offer: Offer) -> None:
        self.legs[offer.leg] = offer.call_ref

    def leg(self, place: int) -> UUID | None:
        """None: there is none. Not a precondition: a race decides it, and Hypothesis replays."""
        return list(self.legs)[place % len(self.legs)] if self.legs else None

    def cut(self, legs: set[UUID]) -> None:
        for leg in legs:
            self.legs.pop(leg, None)

    def pick_up(self, leg: UUID) -> None:
        offers.answered(leg, at=self.now)

    def leave(self, ref: UUID, outcome: str) -> UUID | None:
        open_one = QueueEntry.objects.filter(call_ref=ref, ended_at=None).first()
        left = entries.leave(ref, outcome, at=self.now)
        if open_one is not None:
            self.wishes[open_one.pk] = Outcome.ANSWERED if left.was_answered else outcome
        return left.leg

    def dies(self, what: str, where: LiteralString, step: Callable[[], object]) -> None:
        if killed_at(where, step):
            self.reached[f"killed in {what}"] += 1

    def may_refuse(self, verb: Callable[[], object]) -> None:
        try:
            verb()
        except Refusal:
            return

    def look(self) -> tuple[Action, ...]:
        """The reconciler, and its actions carried out."""
        was_open = [pk for pk, outcome in self.wishes.items() if not outcome]
        looked = reconcile.run(
            NODE,
            channels={*self.up, *self.legs},
            legs=set(self.legs),
            suspects=self.suspects,
            at=self.now,
        )
        self.suspects = looked.suspects
        self.cut({action.leg for action in looked.actions if isinstance(action, KillLeg)})
        for entry in QueueEntry.objects.filter(pk__in=was_open).exclude(ended_at=None):
            assert entry.call_ref not in self.up  # nobody who is there is thrown out
            answered = entry.answered_at is not None
            self.wishes[entry.pk] = Outcome.ANSWERED if answered else Outcome.ABANDONED
        return looked.actions

    # -- what must hold ------------------------------------------------------------------

    @invariant()
    def rows_agree_with_each_other(self) -> None:
        """Whatever the switch did: one reservation, one agent and one caller in step."""
        states = dict(Presence.objects.filter(ended_at=None).values_list("agent_id", "state"))
        held = {r.agent_id: r for r in Reservation.objects.filter(ended_at=None)}
        busy = {agent for agent, state in states.items() if state in IN_A_CALL | OFFERED}
        assert busy == held.keys()
        callers = {e.pk: e for e in QueueEntry.objects.filter(ended_at=None)}
        taken = {pk for pk, e in callers.items() if e.state in ("offered", "talking")}
        assert taken == {r.entry_id for r in held.values()}
        for agent, reservation in held.items():
            if states[agent] in IN_A_CALL:
                assert callers[reservation.entry_id].state == "talking"
        assert all(e.state in ("waiting", "offered", "talking") for e in callers.values())
        assert callers.keys() == {pk for pk, outcome in self.wishes.items() if not outcome}

    def teardown(self) -> None:
        if not hasattr(self, "wishes"):
            return
        self.comes_to_rest()
        self.nothing_is_left()
        self.up.clear()
        self.comes_to_rest()
        assert not QueueEntry.objects.filter(ended_at=None).exists()
        assert not self.legs
        self.reached.update(r.facts["does"] for r in Repair.objects.all())
        ended = dict(QueueEntry.objects.values_list("pk", "outcome"))
        assert ended == self.wishes
        self.reached.update(ended.values())
        answered = QueueEntry.objects.filter(outcome=Outcome.ANSWERED)
        assert not answered.filter(answered_at=None).exists()
        others = QueueEntry.objects.exclude(outcome=Outcome.ANSWERED)
        assert not others.exclude(answered_at=None).exists()

    def comes_to_rest(self) -> None:
        """Until six looks find nothing to do, past every lease but that of a talk."""
        quiet = 0
        for _ in range(20):
            self.now += timedelta(seconds=12)
            self.beat()
            quiet = 0 if self.look() or self.suspects else quiet + 1
            if quiet == 6:
                return
        raise AssertionError("it never comes to rest")

    def nothing_is_left(self) -> None:
        states = Presence.objects.filter(ended_at=None).values_list("agent_id", "state")
        assert not [s for _, s in states if s in OFFERED], "rung for ever"
        silent = {agent for agent, s in states if agent in self.silent and s not in IN_A_CALL}
        assert all(dict(states)[agent] == State.OFFLINE for agent in silent), "a ghost at a desk"
        open_ones = QueueEntry.objects.filter(ended_at=None)
        assert set(open_ones.values_list("call_ref", flat=True)) <= set(self.up)
        legs = Reservation.objects.filter(ended_at=None).values_list("leg", flat=True)
        assert set(legs) == set(self.legs), "a row without its channel, or the reverse"


def play(machine: type[Floor], examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_the_floor_comes_to_rest_whatever_was_missed():
    Floor.reached.clear()
    play(Floor, examples=30)
    repairs = {"leave", "put_back", "kill", "away", "lapse"}
    killed = {f"killed in {what}" for what, _where in CRASHES}
    every = repairs | killed | set(Outcome.values)
    assert Floor.reached.keys() <= every
    # Hypothesis draws constants of whatever is imported too, so another module is other luck.
    assert len(every - Floor.reached.keys()) <= 6  # else little was tried


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("crash", CRASHES, ids=lambda crash: crash[0])
def test_it_is_killed_where_the_machine_would_kill_it(crash):
    """Half of what it wrote would be seen; a caller and an agent are as they were before."""
    floor = Floor()
    floor.open()
    if crash[0] == "round":
        floor.decline(0, seen=True)
        for place in range(len(LEVELS)):
            floor.come_back(place)
    if crash[0] == "leave":
        floor.answer(0, seen=True)
    before = rows()
    floor.reached.clear()
    floor.die(crash, 0)
    assert floor.reached == {f"killed in {crash[0]}": 1}
    assert rows() == before
    floor.teardown()


def rows() -> list[list[tuple[object, ...]]]:
    """All that a round, an answer and a hang-up write."""
    return [list(table.objects.order_by("pk").values_list()) for table in TABLES]


TABLES = (Presence, QueueEntry, Reservation)


class Unwatched(Floor):
    """Control: nobody compares the rows with the channels."""

    def look(self) -> tuple[Action, ...]:
        return ()


@pytest.mark.django_db(transaction=True)
def test_control_a_floor_that_nobody_reconciles_is_found_out():
    with pytest.raises(AssertionError):
        play(Unwatched, examples=10, phases=(Phase.generate,))
