"""What an agent does about herself: sign in, be ready, pause, finish the wrap-up, sign out.

Lock order everywhere in routing: the caller's entry first, then the agent.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

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
from routing.states import BUSY, PATH, State

HEARTBEAT_S = 5  # of real time: how often a page says that it lives
LEASE_S = 15  # of real time: what it may miss

# Reasons that the system gives, with their names in Chinese and English.
SETTING_UP, MISSED, PHONE_LOST = "setting_up", "missed", "phone_lost"
SYSTEM_REASONS = {
    SETTING_UP: ("上线准备", "Setting up"),
    MISSED: ("未接来电", "Missed a call"),
    PHONE_LOST: ("话机断线", "Phone lost"),
}


def lease() -> timedelta:
    """How long a heartbeat holds. Pages live in real time, whatever CLOCK_RATE says."""
    return timedelta(seconds=LEASE_S * settings.CLOCK_RATE)


# -- the agent's own verbs ---------------------------------------------------------------------


@transaction.atomic(durable=True)
def sign_in(user: User, *, tab: UUID, at: datetime) -> Session:
    """Open her desk in this tab; again in the same tab gives the same session.

    Raises NoAgent, SignedInElsewhere.
    """
    agent = _lock_of(user.pk)
    session = _open_session(agent)
    if session is None:
        session = Session.objects.create(agent=agent, tab=tab, started_at=at, heartbeat_at=at)
        move(agent.pk, State.PAUSED, at=at, reason=SETTING_UP)
    elif session.tab != tab:
        raise SignedInElsewhere
    return session


@transaction.atomic(durable=True)
def take_over(user: User, *, tab: UUID, at: datetime) -> Session:
    """Go on in this tab; the other one only looks from now on. A call goes on.

    Raises NoAgent, NotSignedIn.
    """
    session = _session(_lock_of(user.pk))
    session.tab, session.heartbeat_at = tab, at
    session.save(update_fields=["tab", "heartbeat_at"])
    news.desk_changed(user.pk)
    return session


@transaction.atomic(durable=True)
def sign_out(agent_id: int, *, at: datetime) -> None:
    """Raises NotSignedIn, InACall."""
    session = _session(_lock_of(agent_id))
    if state_of(agent_id) in BUSY:
        raise InACall
    _end(session, at)


@transaction.atomic(durable=True)
def ready(agent_id: int, *, at: datetime) -> None:
    """Take calls from now on. Raises NotSignedIn, PhoneAway, InACall, WrongState."""
    session = _session(_lock_of(agent_id))
    if not has_phone(session, at):
        raise PhoneAway
    if state_of(agent_id) in BUSY:
        raise InACall
    move(agent_id, State.READY, at=at)


@transaction.atomic(durable=True)
def pause(agent_id: int, reason: str, *, at: datetime) -> bool:
    """Take no calls; during one, as soon as it is wrapped up. True if it holds already.

    Raises NotSignedIn, UnknownReason.
    """
    session = _session(_lock_of(agent_id))
    chosen = PauseReason.objects.filter(slug=reason, is_active=True, by_system=False).first()
    if chosen is None:
        raise UnknownReason
    if state_of(agent_id) in BUSY:
        session.pause_wanted = chosen
        session.save(update_fields=["pause_wanted"])
        news.desk_changed(agent_id)
        return False
    move(agent_id, State.PAUSED, at=at, reason=reason)
    return True


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
    session = _session(_lock_of(agent_id))
    if (state := state_of(agent_id)) != State.WRAP_UP:
        raise WrongState(state=state.label)
    if wanted := session.pause_wanted:
        session.pause_wanted = None
        session.save(update_fields=["pause_wanted"])
        move(agent_id, State.PAUSED, at=at, reason=wanted.slug)
    elif has_phone(session, at):
        move(agent_id, State.READY, at=at)
    else:
        move(agent_id, State.PAUSED, at=at, reason=PHONE_LOST)


# -- what keeps her there ----------------------------------------------------------------------


@transaction.atomic(durable=True)
def heartbeat(session_id: int, *, phone: bool, at: datetime) -> bool:
    """Her page lives, and has its phone or not. False if the session is over.

    A ready agent whose phone is gone is paused at once: nobody is rung in vain.
    """
    seen = Session.objects.filter(pk=session_id, ended_at=None).update(
        heartbeat_at=at, phone_at=at if phone else None
    )
    if not seen:
        return False
    if not phone:
        agent_id = Session.objects.values_list("agent_id", flat=True).get(pk=session_id)
        _lock_of(agent_id)
        if state_of(agent_id) == State.READY:
            move(agent_id, State.PAUSED, at=at, reason=PHONE_LOST)
    return True


@transaction.atomic(durable=True)
def lapse(agent_id: int, *, at: datetime) -> bool:
    """End a session whose page was not heard of for a lease, unless a call goes on.

    True if it ended.
    """
    session = _open_session(_lock_of(agent_id))
    if session is None or session.heartbeat_at + lease() > at or state_of(agent_id) in BUSY:
        return False
    _end(session, at)
    return True


# -- inside routing ----------------------------------------------------------------------------


def state_of(agent_id: int) -> State:
    """What she does now."""
    now = Presence.objects.filter(agent_id=agent_id, ended_at=None).values_list("state", flat=True)
    return State(now[0]) if now else State.OFFLINE


def lock(agent_id: int) -> Agent:
    """The agent's row, locked until the transaction ends. Raises NoAgent."""
    return _lock_of(agent_id)


def move(
    agent_id: int,
    to: State,
    *,
    at: datetime,
    entry_id: int | None = None,
    reason: str = "",
) -> Presence:
    """From the state she is in to `to`, at `at`; needs `lock`. Raises WrongState."""
    now = Presence.objects.filter(agent_id=agent_id, ended_at=None).first()
    state = State(now.state) if now else State.OFFLINE
    if to not in PATH[state] and not (to == state == State.PAUSED):
        raise WrongState(state=state.label)
    if now is not None:
        at = max(at, now.started_at)  # two changes in one instant stay in order
        Presence.objects.filter(pk=now.pk).update(ended_at=at)
    if to == State.READY:
        news.wake_dispatcher()
    news.desk_changed(agent_id)
    return Presence.objects.create(
        agent_id=agent_id,
        state=to,
        started_at=at,
        entry_id=entry_id,
        reason=_reason(reason) if reason else None,
    )


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


def has_phone(session: Session, at: datetime) -> bool:
    """Whether a call could reach her."""
    oldest = at - lease()
    return has_page(session, at) and session.phone_at is not None and session.phone_at >= oldest


def _lock_of(agent_id: int) -> Agent:
    agent = Agent.objects.select_for_update().filter(pk=agent_id, is_active=True).first()
    if agent is None:
        raise NoAgent
    return agent


def _open_session(agent: Agent) -> Session | None:
    return agent.sessions.filter(ended_at=None).select_related("pause_wanted").first()


def _session(agent: Agent) -> Session:
    session = _open_session(agent)
    if session is None:
        raise NotSignedIn
    return session


def _end(session: Session, at: datetime) -> None:
    session.ended_at, session.sip_hash, session.phone_at = at, "", None
    session.save(update_fields=["ended_at", "sip_hash", "phone_at"])
    move(session.agent_id, State.OFFLINE, at=at)
