"""Flows by the name under which a menu entry runs them."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from telephony.ivr.bank import Bank
    from telephony.ivr.call import Call

Conversation = Callable[["Call", "Bank"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Flow:
    """A service of telephone banking. `identified`: only after card and query password.

    `orders` are the kinds of instruction that it ends in (`banking/operations.py`). `unheard`:
    she keys what no agent may hear, so that her agent hands her over for the whole of it.
    """

    name: str
    identified: bool
    run: Conversation
    orders: tuple[str, ...] = ()
    unheard: bool = False

    @property
    def about(self) -> str:
        """What it is, in the words of its docstring's first line."""
        return (self.run.__doc__ or "").strip().split("\n", 1)[0]


_flows: dict[str, Flow] = {}


def flow(
    name: str, *, identified: bool = False, orders: Iterable[str] = (), unheard: bool = False
) -> Callable[[Conversation], Conversation]:
    """Register a conversation. Two of one name are a fault at start-up."""

    def register(run: Conversation) -> Conversation:
        if name in _flows:
            raise RuntimeError(f"two flows are called {name!r}")
        _flows[name] = Flow(name, identified, run, tuple(orders), unheard)
        return run

    return register


def find(name: str) -> Flow | None:
    """The flow of that name; None if it isn't built, and so isn't offered."""
    return _flows.get(name)


def names() -> frozenset[str]:
    return frozenset(_flows)
