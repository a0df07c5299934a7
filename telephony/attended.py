"""What of the telephone bank an agent's desk offers, and what it leaves out and why.

The desk registers its services here by the flows that each stands for; docs/services.md and its
test read it. A service asks no less than its flow does, and no more.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from telephony.ivr import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """A service that an agent gives. `name` stands in its address and in the call's record.

    `matter` is the wrap-up code that a call with it suggests, `takes` what of its form a guide may
    fill in: no number that she dictates.
    """

    name: str
    title: str | Promise
    flows: tuple[str, ...]
    matter: str = ""
    takes: frozenset[str] = frozenset()

    @property
    def identified(self) -> bool:
        """Whether the caller has to prove who she is before."""
        return any(flow.identified for flow in self._built())

    @property
    def unheard(self) -> bool:
        """Whether she is handed to the IVR for it: what she keys no agent may hear."""
        return any(flow.unheard for flow in self._built())

    def _built(self) -> Iterator[registry.Flow]:
        for name in self.flows:
            flow = registry.find(name)
            if flow is None:
                raise LookupError(f"the desk's {self.name!r} stands for no flow: {name!r}")
            yield flow


_attended: dict[str, Attended] = {}
_left_out: dict[str, str] = {}


def register(service: Attended) -> None:
    """Two of one name are a fault at start-up."""
    if service.name in _attended:
        raise ValueError(f"two services of the desk are called {service.name!r}")
    _attended[service.name] = service


def leave_out(flow: str, why: str) -> None:
    """No agent gives it; `why` is read in docs/services.md, in English."""
    _left_out[flow] = why


def of(name: str) -> Attended | None:
    return _attended.get(name)


def offering(flow: str) -> list[Attended]:
    """What the desk offers for a flow, in the order of its list."""
    return [service for service in _attended.values() if flow in service.flows]


def why_not(flow: str) -> str:
    """Why the desk leaves a flow out; "" where nobody said."""
    return _left_out.get(flow, "")
