"""What is written of calls: opened, told step by step, closed. The only writer of those tables."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from banking import contacts, sql
from calendars import hours
from live.topics import announce
from people.errors import Refusal
from people.models import User
from routing import news
from routing.models import Reservation
from telephony import trials
from telephony.deeds import SERVICES, TRIP, Deed
from telephony.models import AgentDeed, Call, CallbackRequest, Number, Step


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call as the switch reports it."""

    uuid: UUID
    node: str
    dialled: str
    caller: str
    started_at: datetime
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """How far a caller came; enough for another worker to go on with her."""

    language: str
    language_chosen: bool
    menu_node: str
    hinted: bool


def open_call(arrival: Arrival, *, at: datetime, recovered: bool = False) -> Call:
    """The row of a call that a worker takes; the same call again gives the same row."""
    dialled, code = trials.dialled(arrival.dialled)
    number = next(iter(Number.objects.raw(_NUMBER, {"number": dialled, "at": at})), None)
    call = Call(
        uuid=arrival.uuid,
        node=arrival.node,
        number=number,
        dialled=arrival.dialled,
        caller=arrival.caller,
        is_test=arrival.is_test or bool(code),
        started_at=min(arrival.started_at, at),
        taken_at=at,
        menu_id=getattr(number, "published", None),  # of _NUMBER
        recovered=int(recovered),
    )
    if not (_open_trial(call, code, at=at) if code else _open(call)):
        return Call.objects.get(uuid=arrival.uuid)
    if number:
        call.is_closed = bool(number.hours) and not hours.is_open(number.hours, at)
        call.welcome = _welcome(number, is_closed=call.is_closed)
    return call


@transaction.atomic(durable=True)
def _open_trial(call: Call, code: str, *, at: datetime) -> bool:
    """Of a draft, or of nothing."""
    token = trials.lock(code, at=at)
    call.menu_id = token.version_id if token else None
    opened = _open(call)
    if opened and token:
        trials.used(token, call, at=at)
    return opened


def _open(call: Call) -> bool:
    """The call and the caller's leg in one statement; False if the call is there."""
    row = [column.get_db_prep_save(column.pre_save(call, True), connection) for column in _COLUMNS]
    if (opened := sql.row(_OPEN, row)) is None:
        return False
    (call.pk,), call._state.adding = opened, False
    return True


_COLUMNS = [column for column in Call._meta.concrete_fields if not column.primary_key]
_OPEN = f"""
    WITH opened AS (
        INSERT INTO telephony_call ({", ".join(column.column for column in _COLUMNS)})
        VALUES ({", ".join(["%s"] * len(_COLUMNS))})
        ON CONFLICT (uuid) DO NOTHING
        RETURNING *
    ), leg AS (
        INSERT INTO telephony_leg (call_id, uuid, kind, address, started_at, answered_at, cause)
        SELECT id, uuid, 'caller', caller, started_at, taken_at, '' FROM opened
    )
    SELECT id FROM opened
"""  # noqa: S608  # our own names


def _welcome(number: Number, *, is_closed: bool) -> tuple[str, ...]:
    announced: str | None = getattr(number, "announced", None)  # of _NUMBER
    greeting = number.closed_greeting if is_closed else number.greeting
    return (announced, greeting) if announced else (greeting,)


# The number that was dialled, the version of its menu that callers hear now, and what they hear
# before anything else.
_NUMBER = """
    SELECT dialled.*, version.id AS published, (
        SELECT prompt FROM telephony_announcement
        WHERE off_at IS NULL AND on_at <= %(at)s AND until > %(at)s
            AND (number_id IS NULL OR number_id = dialled.id)
        ORDER BY number_id NULLS LAST, on_at DESC LIMIT 1
    ) AS announced
    FROM telephony_number dialled
    LEFT JOIN telephony_menuversion version
        ON version.menu_id = dialled.menu_id AND version.state = 'published'
    WHERE dialled.number = %(number)s AND dialled.is_active
"""


def write(steps: Sequence[Step], positions: Mapping[int, Position]) -> None:
    """A batch: the steps of many calls in order, and how far each caller came.

    One statement, so it is a transaction of its own; the ORM would take one a caller.
    """
    said = [{name: getattr(step, name) for name in _STEP} for step in steps]
    came = [{"id": pk, **asdict(position)} for pk, position in positions.items()]
    for channel, last in sql.rows(_WRITE, [_json(said), _json(came)]):
        announce(topic(channel), last)
    if away := {step.call_id for step in steps if step.deed in TRIP}:
        _tell_their_agents(away)


def _tell_their_agents(calls: set[int]) -> None:
    """Her caller went to the IVR for a password, or is back: the agent's page shows it."""
    refs = Call.objects.filter(pk__in=calls).values("uuid")
    for agent in Reservation.objects.filter(ended_at=None, entry__call_ref__in=refs).values_list(
        "agent_id", flat=True
    ):
        news.desk_changed(agent)


_STEP = {  # columns and their types
    "call_id": "bigint",
    "seq": "integer",
    "at": "timestamptz",
    "kind": "text",
    "prompt": "text",
    "text": "text",
    "deed": "text",
    "keys": "text",
    "heard_s": "numeric",
    "barged": "boolean",
    "menu_node": "text",
    "flow": "text",
    "instruction": "uuid",
}

# A batch whose commit was not heard of is written again: the number of a step is its key. Told
# of are test calls alone, whose phones watch: no caller pays for a NOTIFY.
_WRITE = f"""
    WITH said AS (
        SELECT * FROM json_to_recordset(%s)
            AS step ({", ".join(f"{name} {kind}" for name, kind in _STEP.items())})
    ), written AS (
        INSERT INTO telephony_step ({", ".join(_STEP)}) SELECT * FROM said
        ON CONFLICT (call_id, seq) DO NOTHING
    ), moved AS (
        UPDATE telephony_call SET
            language = came.language,
            language_chosen = came.language_chosen,
            menu_node = came.menu_node,
            hinted = came.hinted
        FROM json_to_recordset(%s) AS came
            (id bigint, language text, language_chosen boolean, menu_node text, hinted boolean)
        WHERE telephony_call.id = came.id
    )
    SELECT call.uuid, max(said.seq)
    FROM said JOIN telephony_call call ON call.id = said.call_id
    WHERE call.is_test
    GROUP BY call.uuid
"""  # noqa: S608  # our own names


def _json(rows: list[dict[str, object]]) -> str:
    return json.dumps(rows, default=str, ensure_ascii=False)


@transaction.atomic(durable=True)
def identified(
    call_id: int, *, customer_id: int, card_id: int, card_tail: str, until: datetime, language: str
) -> None:
    """She proved who she is, with this card, in this language; good until `until`."""
    Call.objects.filter(pk=call_id).update(
        customer_id=customer_id,
        card_id=card_id,
        card_tail=card_tail,
        verified_until=until,
        language=language,
        language_chosen=True,
    )


@transaction.atomic(durable=True)
def query_pin_refused(call_id: int, failures: int) -> None:
    """How many query passwords were refused in this call; survives a take-over."""
    Call.objects.filter(pk=call_id).update(pin_failures=failures)


def close_call(uuid: UUID, *, cause: str, by: str, at: datetime, estimated: bool = False) -> None:
    """The call is over. Closing a closed call changes nothing."""
    did = sql.rows(_DID, [uuid])
    ending: dict[str, str | UUID | datetime | bool] = {
        "uuid": uuid,
        "cause": cause,
        "by": by,
        "at": at,
        "estimated": estimated,
        "outcome": _outcome({deed for (deed,) in did}),
    }
    for (last,) in sql.rows(_CLOSE, ending):
        announce(topic(uuid), last + 1)


_DID = """
    SELECT step.deed FROM telephony_call call JOIN telephony_step step ON step.call_id = call.id
    WHERE call.uuid = %s AND step.kind = 'did'
"""
# Gives the last step of a test call.
_CLOSE = """
    WITH call AS (
        UPDATE telephony_call SET
            ended_at = greatest(%(at)s, started_at),
            end_cause = %(cause)s,
            ended_by = %(by)s,
            end_estimated = %(estimated)s,
            outcome = %(outcome)s
        WHERE uuid = %(uuid)s AND ended_at IS NULL
        RETURNING id, ended_at, is_test
    ), legs AS (
        UPDATE telephony_leg leg SET ended_at = call.ended_at, cause = %(cause)s
        FROM call WHERE leg.call_id = call.id AND leg.ended_at IS NULL
    )
    SELECT coalesce((SELECT max(seq) FROM telephony_step WHERE call_id = call.id), 0)
    FROM call WHERE is_test
"""


def _outcome(deeds: set[str]) -> str:
    if Deed.CALLBACK in deeds:
        return Call.Outcome.CALLBACK
    if Deed.ANSWERED in deeds:
        return Call.Outcome.AGENT
    if Deed.FAULT in deeds:
        return Call.Outcome.FAULT
    if Deed.QUEUED in deeds and Deed.LEFT_QUEUE not in deeds:
        return Call.Outcome.ABANDONED
    if deeds & SERVICES:
        return Call.Outcome.SERVED
    if deeds & {Deed.PIN_REFUSED, Deed.PIN_LOCKED}:
        return Call.Outcome.LOCKED
    return Call.Outcome.DROPPED


def live_calls(node: str) -> dict[UUID, Call]:
    """Every call of a node that has not ended, by channel."""
    calls = Call.objects.filter(node=node, ended_at=None).select_related("number", "menu")
    return {call.uuid: call for call in calls}


def find(uuid: UUID) -> Call | None:
    """The call of a channel."""
    return Call.objects.filter(uuid=uuid).first()


def last_steps(call_ids: Iterable[int]) -> dict[int, int]:
    """The number of each call's last step, for a worker that goes on with it."""
    rows = Step.objects.filter(call__in=list(call_ids)).values_list("call").annotate(Max("seq"))
    return dict(rows)


@transaction.atomic(durable=True)
def taken_over(call_ids: Iterable[int]) -> None:
    """Another worker goes on with these calls."""
    for call in Call.objects.select_for_update().filter(pk__in=list(call_ids)):
        call.recovered += 1
        call.save(update_fields=["recovered"])


def topic(channel: UUID) -> str:
    """What a test phone watches: the record of its own call."""
    return f"call.{channel}"


def look(channel: str) -> tuple[int, None]:
    """How far a call's record is: its last step, one more when it has ended."""
    call = Call.objects.filter(uuid=channel).annotate(last=Max("steps__seq")).first()
    if call is None:  # the phone rings, no worker has taken it yet
        return 0, None
    return (call.last or 0) + (call.ended_at is not None), None


@transaction.atomic(durable=True)
def agent_did(
    call_id: int, service: str, deed: Deed, *, number: str = "", by: User, at: datetime
) -> AgentDeed:
    """What her agent did for her, by a service of the desk; `number` is its receipt."""
    return AgentDeed.objects.create(
        call_id=call_id, service=service, deed=deed, number=number, by=by, at=at
    )


class CalledBackAlready(Refusal):
    text = _("Somebody has called back already.")


@transaction.atomic(durable=True)
def called_back(request_id: int, *, by: User, at: datetime) -> CallbackRequest:
    """A member of staff reached her. Raises CalledBackAlready."""
    request = CallbackRequest.objects.select_for_update(of=["self"]).get(pk=request_id)
    if request.state == CallbackRequest.State.DONE:
        raise CalledBackAlready
    request.state, request.done_at, request.done_by = CallbackRequest.State.DONE, at, by
    request.save(update_fields=["state", "done_at", "done_by"])
    if request.customer_id:
        contacts.note(
            request.customer_id,
            desk=contacts.Desk.SERVICE,
            reason=contacts.Reason.CALL_BACK,
            at=at,
            by=by,
        )
    return request


@transaction.atomic(durable=True)
def request_callback(call_id: int, *, phone: str, at: datetime, language: str = "") -> str:
    """Note that she wants to be called back at `phone`; asked again in one call, the same one.

    `language` is hers as she chose it just now; the call's row may not know it yet.
    Returns the receipt: 12 digits, spoken to her.
    """
    call = Call.objects.select_for_update().get(pk=call_id)
    request, made = CallbackRequest.objects.get_or_create(
        call=call,
        state=CallbackRequest.State.WAITING,
        defaults={
            "phone": phone,
            "customer_id": call.customer_id,
            "language": language or call.language,
            "asked_at": at,
        },
    )
    if made:
        request.refresh_from_db(fields=["receipt"])
    elif request.phone != phone:
        request.phone = phone
        request.save(update_fields=["phone"])
    return request.receipt
