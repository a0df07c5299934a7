"""How the page writes numbers and names, and the sign of each state."""

from collections.abc import Mapping

from routing.states import State

# Class of static/css/parts.css: colour, shape and word always together.
STATES: Mapping[State, str] = {
    State.OFFLINE: "st-off",
    State.READY: "st-ready",
    State.RESERVED: "st-ring",
    State.RINGING: "st-ring",
    State.TALKING: "st-talk",
    State.HELD: "st-hold",
    State.WRAP_UP: "st-wrap",
    State.PAUSED: "st-pause",
}


def grouped(mobile: str) -> str:
    """As it is read: 138****6027 → 138 **** 6027; what is no mobile stays."""
    return f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}" if len(mobile) == 11 else mobile
