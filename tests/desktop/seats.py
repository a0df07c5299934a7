"""An agent at her desk and a caller at her door, made through the services alone."""

from datetime import datetime, timedelta
from uuid import uuid4

from people import staff
from people.models import User
from people.roles import Role
from routing import entries, offers, presence, rounds
from routing.entries import Wish
from routing.models import Agent, AgentSkill, QueueEntry, Session, Skill
from routing.offers import Offer
from telephony import records
from telephony.deeds import Deed
from telephony.models import Call, Step
from telephony.records import Arrival, Position
from tests import cast

NODE = "node1"


def seat(user: User, *queues: str) -> Agent:
    """Make her an agent for these queues' skills."""
    agent = Agent.objects.create(user=user)
    for slug in queues or ("general",):
        AgentSkill.objects.create(agent=agent, skill=Skill.objects.get(slug=slug), level=5)
    return agent


def hire(number: str = "1023", name: str = "林晓", *queues: str) -> User:
    user = staff.hire(number=number, name=name, branch=None, roles=[Role.AGENT])
    seat(user, *queues)
    return user


def sits_down(user: User, *, at: datetime) -> Session:
    """Signed in with a phone, and ready."""
    session = presence.sign_in(user, tab=uuid4(), at=at)
    presence.heartbeat(session.pk, phone=True, at=at)
    presence.ready(user.pk, at=at)
    return session


def calls_in(
    who: cast.Person | None = None,
    *deeds: Deed,
    at: datetime,
    caller: str = "13800136027",
    node: str = "transfer",
) -> Call:
    """She has been in the IVR for a while: identified if `who`, with what was done there."""
    arrival = Arrival(uuid4(), NODE, "961202", caller, at - timedelta(seconds=78))
    call = records.open_call(arrival, at=arrival.started_at)
    if who:
        records.identified(
            call.pk,
            customer_id=who.id,
            card_id=who.card.pk,
            card_tail=who.card.last4,
            until=at + timedelta(minutes=30),
            language="zh",
        )
    done = ([Deed.IDENTIFIED] if who else []) + list(deeds)
    steps = [
        Step(
            call=call,
            seq=seq,
            at=arrival.started_at + timedelta(seconds=9 * seq),
            kind=Step.Kind.DID,
            deed=deed,
            menu_node=node,
        )
        for seq, deed in enumerate(done, start=1)
    ]
    records.write(steps, {call.pk: Position("zh", True, node, True)})
    call.refresh_from_db()
    return call


def waits(call: Call, queue: str = "general", *, at: datetime) -> QueueEntry:
    wish = Wish(
        call_ref=call.uuid,
        node=NODE,
        caller=call.caller,
        language=call.language,
        customer_id=call.customer_id,
        is_test=call.is_test,
    )
    return entries.enter(wish, queue, at=at)


def rings(*, at: datetime) -> Offer:
    """The round offers the caller, the worker rings the agent."""
    rounds.run(at=at)
    (offer,) = offers.to_ring(NODE, at=at)
    return offer
