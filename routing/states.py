"""What an agent can be doing (坐席状态), and how one state follows another."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """The label is what people read; reserved shows as ringing on boards (domain.md §9)."""

    OFFLINE = "offline", _("Offline")
    READY = "ready", _("Ready")
    RESERVED = "reserved", _("Reserved")
    RINGING = "ringing", _("Ringing")
    TALKING = "talking", _("Talking")
    HELD = "held", _("On hold")
    WRAP_UP = "wrap_up", _("Wrap-up")
    PAUSED = "paused", _("Paused")


IN_A_CALL = frozenset({State.TALKING, State.HELD})
OFFERED = frozenset({State.RESERVED, State.RINGING})
BUSY = IN_A_CALL | OFFERED | {State.WRAP_UP}

# From → to. What is not here is refused, whoever asks.
PATH: dict[State, frozenset[State]] = {
    State.OFFLINE: frozenset({State.PAUSED}),
    State.PAUSED: frozenset({State.READY, State.PAUSED, State.OFFLINE}),  # another reason
    State.READY: frozenset({State.RESERVED, State.PAUSED, State.OFFLINE}),
    State.RESERVED: frozenset({State.RINGING, State.READY, State.PAUSED, State.OFFLINE}),
    State.RINGING: frozenset(
        {State.TALKING, State.READY, State.PAUSED, State.WRAP_UP, State.OFFLINE}
    ),
    # A lost leg is rung again: talking goes back to ringing, and from there to wrap-up.
    State.TALKING: frozenset({State.HELD, State.WRAP_UP, State.RINGING}),
    State.HELD: frozenset({State.TALKING, State.WRAP_UP, State.RINGING}),
    State.WRAP_UP: frozenset({State.READY, State.PAUSED, State.OFFLINE}),
}

# Class of static/css/parts.css: colour, shape and word always together.
SHAPES: dict[State, str] = {
    State.OFFLINE: "st-off",
    State.READY: "st-ready",
    State.RESERVED: "st-ring",
    State.RINGING: "st-ring",
    State.TALKING: "st-talk",
    State.HELD: "st-hold",
    State.WRAP_UP: "st-wrap",
    State.PAUSED: "st-pause",
}
