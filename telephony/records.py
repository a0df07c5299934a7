"""What is written of calls: opened, told step by step, closed. The only writer of those tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from live.topics import announce
from people.errors import Refusal
from people.models import User
from telephony.deeds import SERVICES, Deed
from telephony.models import Call, CallbackRequest, Leg, MenuVersion, Number, Step


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


@transaction.atomic(durable=True)
def open_call(arrival: Arrival, *, at: datetime, recovered: bool = False) -> Call:
    """The row of a call that a worker takes; the same call again gives the same row."""
    number = (
        Number.objects.select_related("menu").filter(number=arrival.dialled, is_active=True).first()
    )
    version = (
        number
        and MenuVersion.objects.filter(menu=number.menu, state=MenuVersion.State.PUBLISHED).first()
    )
    call, made = Call.objects.get_or_create(
        uuid=arrival.uuid,
        defaults={
            "node": arrival.node,
            "number": number,
            "dialled": arrival.dialled,
            "caller": arrival.caller,
            "is_test": arrival.is_test,
            "started_at": min(arrival.started_at, at),
            "taken_at": at,
            "menu": version,
            "recovered": int(recovered),
        },
    )
    if made:
        Leg.objects.create(
            call=call,
            uuid=arrival.uuid,
            kind=Leg.Kind.CALLER,
            address=arrival.caller,
            started_at=call.started_at,
            answered_at=at,
        )
    return call


@transaction.atomic(durable=True)
def write(steps: Sequence[Step], positions: Mapping[int, Position]) -> None:
    """A batch: the steps of many calls in order, and how far each caller came."""
    # A batch whose commit was not heard of is written again: the number of a step is its key.
    Step.objects.bulk_create(steps, ignore_conflicts=True)
    for call_id, position in positions.items():
        Call.objects.filter(pk=call_id).update(
            language=position.language,
            language_chosen=position.language_chosen,
            menu_node=position.menu_node,
            hinted=position.hinted,
        )
    _announce({step.call_id: step.seq for step in steps})


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


@transaction.atomic(durable=True)
def close_call(uuid: UUID, *, cause: str, by: str, at: datetime, estimated: bool = False) -> None:
    """The call is over. Closing a closed call changes nothing."""
    call = Call.objects.select_for_update().filter(uuid=uuid, ended_at=None).first()
    if call is None:
        return
    call.ended_at = max(at, call.started_at)
    call.end_cause, call.ended_by, call.end_estimated = cause, by, estimated
    call.outcome = _outcome(call)
    call.save(update_fields=["ended_at", "end_cause", "ended_by", "end_estimated", "outcome"])
    call.legs.filter(ended_at=None).update(ended_at=call.ended_at, cause=cause)
    _announce({call.pk: last_steps([call.pk]).get(call.pk, 0) + 1})


def _outcome(call: Call) -> str:
    deeds = set(call.steps.filter(kind=Step.Kind.DID).values_list("deed", flat=True))
    if Deed.CALLBACK in deeds:
        return Call.Outcome.CALLBACK
    if Deed.FAULT in deeds:
        return Call.Outcome.FAULT
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


def _announce(versions: Mapping[int, int]) -> None:
    """Tell who watches these calls: test phones only, so that no caller pays for a NOTIFY."""
    for pk, channel in Call.objects.filter(pk__in=versions, is_test=True).values_list("pk", "uuid"):
        announce(topic(channel), versions[pk])


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
    return request


@transaction.atomic(durable=True)
def request_callback(call_id: int, *, phone: str, at: datetime) -> str:
    """Note that she wants to be called back at `phone`; asked again in one call, the same one.

    Returns the receipt: 12 digits, spoken to her.
    """
    call = Call.objects.select_for_update().get(pk=call_id)
    request, made = CallbackRequest.objects.get_or_create(
        call=call,
        state=CallbackRequest.State.WAITING,
        defaults={
            "receipt": f"{at:%y%m%d}{call_id % 1_000_000:06d}",
            "phone": phone,
            "customer_id": call.customer_id,
            "language": call.language,
            "asked_at": at,
        },
    )
    if not made and request.phone != phone:
        request.phone = phone
        request.save(update_fields=["phone"])
    return request.receipt
