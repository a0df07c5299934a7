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
    FAULT = "fault", _("Technical fault")
    RECOVERED = "recovered", _("Taken over by another worker")


SERVICES = frozenset(
    {Deed.BALANCE, Deed.ENTRIES, Deed.TRANSFERRED, Deed.LOSS_REPORTED, Deed.UNTOLD_TOLD}
)
