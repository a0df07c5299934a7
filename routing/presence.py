"""What an agent does about herself: sign in, be ready, pause, finish the wrap-up, sign out.

Lock order everywhere in routing: the caller's entry first, then the agent.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from people.models import User
from routing import news
from routing.errors import (
    InACall,
    NoAgent,
    NotSignedIn,
    PhoneAway,
    SignedInElsewhere,
    UnknownReason,
    WrongState,
)
from routing.models import Agent, PauseReason, Presence, Session
from routing.states import BUSY, IN_A_CALL, OFFERED, PATH, State

HEARTBEAT_S = 5  # of real time: how often a page says that it lives
LEASE_S = 15  # of real time: what it may miss and still be offered callers
GONE_S = 60  # of real time: then she is signed out; until then the page takes up its work

# Reasons that the system gives, with their names in Chinese and English.
SETTING_UP, MISSED, PHONE_LOST, PAGE_LOST = "setting_up", "missed", "phone_lost", "page_lost"
LONG_WRAP_UP, READING = "long_wrap_up", "reading"
SYSTEM_REASONS = {
    SETTING_UP: ("上线准备", "Setting up"),
    MISSED: ("未接来电", "Missed a call"),
    PHONE_LOST: ("话机断线", "Phone lost"),
    PAGE_LOST: ("页面断线", "Page lost"),
    LONG_WRAP_UP: ("话后超时", "Wrap-up too long"),
    READING: ("阅读急件", "Urgent reading"),
}

# Two changes in one instant, or by a clock that stands behind, stay in order.
MOVE = """
    WITH over AS (
        UPDATE routing_presence SET ended_at = greatest(%(at)s, started_at)
        WHERE agent_id = %(agent)s AND ended_at IS NULL RETURNING ended_at
    )
    INSERT INTO routing_presence (agent_id, state, reason_id, entry_id, started_at)
    VALUES (%(agent)s, %(to)s, %(reason)s, %(entry)s,
        coalesce((SELECT ended_at FROM over), %(at)s))
"""
LOCK = "SELECT user_id, is_active FROM routing_agent WHERE user_id = %s FOR UPDATE"
DESK = """
    SELECT s.*, p.state AS now FROM routing_session s
    JOIN routing_presence p ON p.agent_id = s.agent_id AND p.ended_at IS NULL
    WHERE s.agent_id = %s AND s.ended_at IS NULL
"""


def lease() -> timedelta:
    """How long a heartbeat holds. Pages live in real time, whatever CLOCK_RATE says."""
    return timedelta(seconds=LEASE_S * settings.CLOCK_RATE)


# -- the agent's own verbs ---------------------------------------------------------------------


@transaction.atomic(durable=True)
def sign_in(user: User, *, tab: UUID, at: datetime) -> Session:
    """Open her desk in this tab; again, or after a window that is gone, go on with the same.

    Raises NoAgent, SignedInElsewhere.
    """
    agent = _lock_of(user.pk, to_work=True)
    session = _open_session(agent)
    if session is None:
        session = Session.objects.create(agent=agent, tab=tab, started_at=at, heartbeat_at=at)
        move(agent.pk, State.PAUSED, at=at, reason=SETTING_UP)
    elif session.tab != tab:
        if has_page(session, at):
            raise SignedInElsewhere
        _take(session, tab, at)  # the other window is gone, its lease not yet cleared away
    return session


@transaction.atomic(durable=True)
def take_over(user: User, *, tab: UUID, at: datetime) -> Session:
    """Go on in this tab; the other one only looks from now on. A call goes on.

    Raises NoAgent, NotSignedIn.
    """
    session = _session(_lock_of(user.pk))
    _take(session, tab, at)
    return session


@transaction.atomic(durable=True)
def sign_out(agent_id: int, *, at: datetime) -> None:
    """Raises NotSignedIn, InACall."""
    session, state = _desk(_lock_of(agent_id))
    if state in BUSY:
        raise InACall
    _end(session, at)


@transaction.atomic(durable=True)
def ready(agent_id: int, *, at: datetime) -> None:
    """Take calls from now on, or go on doing so.

    Raises NoAgent, NotSignedIn, PhoneAway, InACall.
    """
    session, state = _desk(_lock_of(agent_id, to_work=True))
    if not has_phone(session, at):
        raise PhoneAway
    if state in BUSY:
        raise InACall
    if state != State.READY:
        move(agent_id, State.READY, at=at, now=state)


@transaction.atomic(durable=True)
def pause(agent_id: int, reason: str, *, at: datetime) -> bool:
    """Take no calls; during one, as soon as it is wrapped up. True if it holds already.

    Raises NotSignedIn, UnknownReason.
    """
    session, state = _desk(_lock_of(agent_id))
    chosen = PauseReason.objects.filter(slug=reason, is_active=True, by_system=False).first()
    if chosen is None:
        raise UnknownReason
    if state in BUSY:
        session.pause_wanted = chosen
        session.save(update_fields=["pause_wanted"])
        news.desk_changed(agent_id)
        return False
    move(agent_id, State.PAUSED, at=at, reason=reason, now=state)
    return True


@transaction.atomic(durable=True)
def hold_back(agent_id: int, reason: str) -> None:
    """Not ready after this wrap-up, for a reason of the system's; her own wish to pause stays.

    Raises NotSignedIn, WrongState.
    """
    session, state = _desk(_lock_of(agent_id))
    if state != State.WRAP_UP:
        raise WrongState(state=state.label)
    if session.pause_wanted_id is None:
        session.pause_wanted = _reason(reason)
        session.save(update_fields=["pause_wanted"])


@transaction.atomic(durable=True)
def stay(agent_id: int) -> None:
    """Take back the wish to pause after this call. Raises NotSignedIn."""
    session = _session(_lock_of(agent_id))
    session.pause_wanted = None
    session.save(update_fields=["pause_wanted"])
    news.desk_changed(agent_id)


@transaction.atomic(durable=True)
def wrapped_up(agent_id: int, *, at: datetime) -> None:
    """The call is written up: ready again, or paused if she wished so or has no phone.

    Raises NotSignedIn, WrongState.
    """
    _session, state = _desk(_lock_of(agent_id))
    if state != State.WRAP_UP:
        raise WrongState(state=state.label)
    free(agent_id, at=at)


# -- what keeps her there ----------------------------------------------------------------------


@transaction.atomic(durable=True)
def heartbeat(session_id: int, *, phone: bool, at: datetime) -> bool:
    """Her page lives, and has its phone or not. False if the session is over.

    A ready agent whose phone is gone is paused at once: nobody is rung in vain.
    """
    open_ones = Session.objects.filter(pk=session_id, ended_at=None)
    if phone:
        return bool(open_ones.update(heartbeat_at=at, phone_at=at))
    agent_id = open_ones.values_list("agent_id", flat=True).first()
    if agent_id is None:
        return False
    lock(agent_id)  # before the session's row, like everybody
    if not open_ones.update(heartbeat_at=at, phone_at=None):
        return False
    if state_of(agent_id) == State.READY:
        move(agent_id, State.PAUSED, at=at, reason=PHONE_LOST)
    return True


@transaction.atomic  # with the reconciler's note of it
def lapse(agent_id: int, *, at: datetime) -> bool:
    """End the session of a page that is gone, or of who takes no calls any more.

    Not while she has a caller or is offered one: those end by what becomes of her leg.
    True if it ended. Raises NoAgent.
    """
    agent = _lock_of(agent_id)
    if state_of(agent_id) in IN_A_CALL | OFFERED:
        return False
    session = lock_session(agent.pk)  # a beat may be on its way
    if session is None or not is_gone(session, at):
        return False
    _end(session, at)
    return True


# -- inside routing ----------------------------------------------------------------------------


def state_of(agent_id: int) -> State:
    """What she does now."""
    now = Presence.objects.filter(agent_id=agent_id, ended_at=None).values_list("state", flat=True)
    return State(now[0]) if now else State.OFFLINE


def lock(*agent_ids: int) -> None:
    """The agents' rows, locked in one order until the transaction ends."""
    rows = Agent.objects.select_for_update().filter(pk__in=agent_ids)
    list(rows.order_by("pk").values_list("pk"))


def lock_session(agent_id: int) -> Session | None:
    """Her open session, with its agent, locked until the transaction ends."""
    found = Session.objects.select_for_update(of=("self",)).select_related("agent")
    return found.filter(agent_id=agent_id, ended_at=None).first()


def free(agent_id: int, *, at: datetime) -> None:
    """After a caller or an offer; needs `lock`: ready again, or what she or her phone says."""
    open_one = Session.objects.filter(agent_id=agent_id, ended_at=None)
    session = open_one.select_related("pause_wanted").first()
    if session is None:
        move(agent_id, State.OFFLINE, at=at)
    elif wanted := session.pause_wanted:
        move(agent_id, State.PAUSED, at=at, reason=wanted.slug)
    elif has_phone(session, at):
        move(agent_id, State.READY, at=at)
    else:
        move(agent_id, State.PAUSED, at=at, reason=PHONE_LOST)


def move(
    agent_id: int,
    to: State,
    *,
    at: datetime,
    entry_id: int | None = None,
    reason: str = "",
    now: State | None = None,
) -> None:
    """From the state she is in (`now`, if it is known) to `to`, at `at`; needs `lock`.

    Raises WrongState.
    """
    state = now or state_of(agent_id)
    if to not in PATH[state]:
        raise WrongState(state=state.label)
    if to == State.PAUSED:  # the pause that she wished for, or one before it
        Session.objects.filter(agent_id=agent_id, ended_at=None).exclude(pause_wanted=None).update(
            pause_wanted=None
        )
    values: dict[str, int | str | datetime | None] = {
        "agent": agent_id,
        "to": to.value,
        "reason": _reason(reason).pk if reason else None,
        "entry": entry_id,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE, values)
    news.desk_changed(agent_id, wake=to == State.READY)


def _reason(slug: str) -> PauseReason:
    if slug not in SYSTEM_REASONS:
        return PauseReason.objects.get(slug=slug)
    name, name_en = SYSTEM_REASONS[slug]
    found, _made = PauseReason.objects.get_or_create(
        slug=slug, defaults={"name": name, "name_en": name_en, "by_system": True, "order": 90}
    )
    return found


def has_page(session: Session, at: datetime) -> bool:
    """Whether her page was heard of within its lease."""
    return session.heartbeat_at >= at - lease()


def is_gone(session: Session, at: datetime) -> bool:
    """Whether nothing more is to be expected of it; needs its `agent`."""
    gone = timedelta(seconds=GONE_S * settings.CLOCK_RATE)
    return not session.agent.is_active or session.heartbeat_at < at - gone


def has_phone(session: Session, at: datetime) -> bool:
    """Whether a call could reach her."""
    oldest = at - lease()
    return has_page(session, at) and session.phone_at is not None and session.phone_at >= oldest


def _lock_of(agent_id: int, *, to_work: bool = False) -> Agent:
    """Who takes no calls any more may still finish, and leave."""
    agent = next(iter(Agent.objects.raw(LOCK, [agent_id])), None)
    if agent is None or (to_work and not agent.is_active):
        raise NoAgent
    return agent


def _take(session: Session, tab: UUID, at: datetime) -> None:
    session.tab, session.heartbeat_at = tab, at
    session.save(update_fields=["tab", "heartbeat_at"])
    news.desk_changed(session.agent_id)


def _open_session(agent: Agent) -> Session | None:
    return agent.sessions.filter(ended_at=None).select_related("pause_wanted").first()


def _session(agent: Agent) -> Session:
    session = _open_session(agent)
    if session is None:
        raise NotSignedIn
    return session


def _desk(agent: Agent) -> tuple[Session, State]:
    """Her session and what she does, in one look. Raises NotSignedIn."""
    for session in Session.objects.raw(DESK, [agent.pk]):
        return session, State(session.now)  # type: ignore[attr-defined]  # of the query
    raise NotSignedIn


def _end(session: Session, at: datetime) -> None:
    session.ended_at, session.sip_hash, session.phone_at = at, "", None
    session.save(update_fields=["ended_at", "sip_hash", "phone_at"])
    move(session.agent_id, State.OFFLINE, at=at)
