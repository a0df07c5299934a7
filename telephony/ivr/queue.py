"""What a conversation asks of the queue and of the agent. The worker's speaks to routing.

From `enter` until `leave` or the end an agent may answer at any moment: then whatever is said or
asked on the line ends with `Answered`, and the conversation is to call `talk`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from routing.entries import Door, Standing
from telephony.ivr import registry


class Proof(StrEnum):
    """What an agent may send her caller to the IVR for."""

    IDENTIFY = "identify"
    TRANSACTION_PIN = "transaction_pin"


# A password; an order that her agent drafted: she hears it, confirms it and gives hers; or a
# whole flow that no agent may hear.
Errand = Proof | UUID | registry.Flow


def errand(argument: str) -> Errand:
    """As a command's argument says it: a proof, a flow or an order's key. Raises ValueError."""
    if argument in tuple(Proof):
        return Proof(argument)
    flow = registry.find(argument)
    return flow if flow is not None and flow.unheard else UUID(argument)


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The agent hung up: the talk is over."""


@dataclass(frozen=True, slots=True)
class AgentLost:
    """Her line went; she is rung again, and the caller waits for her."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The caller waits in another queue."""

    queue: str


@dataclass(frozen=True, slots=True)
class ToIvr:
    """The agent sends her on an errand, and waits for her."""

    errand: Errand


Turn = AgentLeft | AgentLost | Forwarded | ToIvr


class Queue(Protocol):
    """A caller's place in a queue, and the agent who answers."""

    @property
    def waits(self) -> bool:
        """Whether she is in a queue or with an agent, also since before a take-over."""
        ...

    async def door(self, slug: str) -> Door:
        """Whether somebody could come at all: opening hours, agents signed in."""
        ...

    async def enter(self, slug: str, *, vip: str) -> None:
        """Let her wait; who waits already stays where she is."""
        ...

    async def standing(self) -> Standing | None:
        """Her place; None while the agent whom she talked to is rung again."""
        ...

    async def leave(self, outcome: str) -> None:
        """She waits no more. Raises Answered if an agent was quicker."""
        ...

    async def talk(self) -> Turn:
        """Let them talk, until the caller is to hear something again. Raises HungUp."""
        ...
