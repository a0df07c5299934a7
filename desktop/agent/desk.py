"""What the page says of its agent: her state, her session, the call it is about."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from people.models import User
from routing import floor, offers, presence
from routing.errors import NotSignedIn, SignedInElsewhere
from routing.floor import Name
from routing.models import Agent, Presence, Session
from routing.offers import Current
from routing.states import BUSY, IN_A_CALL, State
from telephony.models import Call, Command


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent's page at one moment."""

    user: User
    is_agent: bool
    state: State
    since: datetime | None
    reason: Name | None
    limit_s: int | None  # when the state asks for attention
    session: Session | None
    pause_wanted: Name | None
    current: Current | None
    call: Call | None
    refused: Command | None  # of this call, the last that was not carried out

    @property
    def is_busy(self) -> bool:
        return self.state in BUSY

    @property
    def is_talking(self) -> bool:
        return self.state in IN_A_CALL

    @property
    def was_answered(self) -> bool:
        """Whether she has the caller already: then a line that comes again is taken at once."""
        return self.current is not None and self.current.answered_at is not None

    def is_at(self, tab: UUID | None) -> bool:
        """Whether this browser tab is the one that acts."""
        return self.session is not None and self.session.tab == tab


def read(user: User) -> Desk:
    """Six queries, three between calls: none of the panels'."""
    now = (
        Presence.objects.filter(agent=user.pk, ended_at=None)
        .select_related("reason", "agent")
        .first()
    )
    state = State(now.state) if now else State.OFFLINE
    reason = now.reason if now else None
    session = (
        Session.objects.filter(agent=user.pk, ended_at=None).select_related("pause_wanted").first()
    )
    wanted = session.pause_wanted if session else None
    current = offers.current(user.pk) if state in BUSY else None
    return Desk(
        user=user,
        is_agent=Agent.objects.filter(pk=user.pk, is_active=True).exists(),
        state=state,
        since=now.started_at if now else None,
        reason=Name.of(reason) if reason else None,
        limit_s=reason.limit_s if reason else floor.LIMITS.get(state),
        session=session,
        pause_wanted=Name.of(wanted) if wanted else None,
        current=current,
        call=(call := _call(current)),
        refused=_refused(user, call),
    )


def _call(current: Current | None) -> Call | None:
    if current is None:
        return None
    return (
        Call.objects.select_related("customer", "menu", "number")
        .filter(uuid=current.call_ref)
        .first()
    )


def _refused(user: User, call: Call | None) -> Command | None:
    if call is None:
        return None
    last = Command.objects.filter(call=call, asked_by=user, done_at__isnull=False).order_by("-id")
    command = last.first()
    return command if command and command.answer else None


def acting(user: User, tab: UUID | None) -> Session:
    """Her session, if this tab is the one that acts. Raises NotSignedIn, SignedInElsewhere."""
    session = Session.objects.filter(agent=user.pk, ended_at=None).first()
    if session is None:
        raise NotSignedIn
    if session.tab != tab:
        raise SignedInElsewhere
    return session


def beat(session: Session, *, phone: bool, at: datetime) -> bool:
    """Keep her session alive from the tab that acts. False if it is over."""
    return presence.heartbeat(session.pk, phone=phone, at=at)
