"""A call as the switch reports it: by its start event, or in its list of channels."""

from uuid import UUID

from calendars import clock
from telephony import esl
from telephony.records import Arrival

LONGEST_NUMBER = 32  # a caller may call herself anything


def arrival(event: esl.Event, node: str) -> Arrival:
    """What the start event says of a call."""
    return Arrival(
        uuid=UUID(event["Unique-ID"]),
        node=node,
        dialled=event.get("Caller-Destination-Number")[:LONGEST_NUMBER],
        caller=event.get("Caller-Caller-ID-Number")[:LONGEST_NUMBER],
        started_at=clock.now(),
        is_test=event.get("variable_bankline_test") == "1",
    )


def listed(channel: dict[str, str], node: str, *, is_test: bool) -> Arrival:
    """What the switch's list of channels says of one."""
    return Arrival(
        uuid=UUID(channel["uuid"]),
        node=node,
        dialled=(channel.get("initial_dest") or channel.get("dest", ""))[:LONGEST_NUMBER],
        caller=channel.get("cid_num", "")[:LONGEST_NUMBER],
        started_at=clock.now(),
        is_test=is_test,
    )
