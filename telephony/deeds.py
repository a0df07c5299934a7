"""What the bank did in a call, as its record shows it and as its outcome is told from."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Deed(TextChoices):
    """A step of the bank's. Heard and keyed lines stand beside it with the figures."""

    IDENTIFIED = "identified", _("Identified by card and query password")
    PIN_REFUSED = "pin_refused", _("Password refused")
    PIN_LOCKED = "pin_locked", _("Password locked")
    BALANCE = "balance", _("Balance told")
    ENTRIES = "entries", _("Last transactions told")
    CONFIRMED = "confirmed", _("Instruction confirmed with the transaction password")
    TRANSFERRED = "transferred", _("Transfer executed")
    TOLD = "told", _("Receipt heard to the end")
    UNTOLD_TOLD = "untold_told", _("Outcome of an earlier instruction told")
    CANCELLED = "cancelled", _("Cancelled by the caller")
    REFUSED = "refused", _("Refused by a rule")
    LOSS_REPORTED = "loss_reported", _("Loss reported, card and accounts frozen")
    CALLBACK = "callback", _("Call-back requested")
    QUEUED = "queued", _("Waits for a person")
    ANSWERED = "answered", _("Answered by an agent")
    HELD = "held", _("Put on hold by the agent")
    RETRIEVED = "retrieved", _("Taken back from hold")
    TO_IVR = "to_ivr", _("Sent to the IVR by the agent")
    PROVED = "proved", _("Password given in the IVR")
    NOT_PROVED = "not_proved", _("No password given in the IVR")
    FORWARDED = "forwarded", _("Transferred to another queue")
    AGENT_LOST = "agent_lost", _("Agent's line lost")
    REQUEUED = "requeued", _("Waits again, with her place")
    AGENT_LEFT = "agent_left", _("Ended by the agent")
    LEFT_QUEUE = "left_queue", _("Stopped waiting")
    FAULT = "fault", _("Technical fault")
    RECOVERED = "recovered", _("Taken over by another worker")


SERVICES = frozenset(
    {Deed.BALANCE, Deed.ENTRIES, Deed.TRANSFERRED, Deed.LOSS_REPORTED, Deed.UNTOLD_TOLD}
)
# To the IVR for a password and back: the last one says where she is.
TRIP = frozenset({Deed.TO_IVR, Deed.PROVED, Deed.NOT_PROVED})
