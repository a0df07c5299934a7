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
    REMITTED = "remitted", _("Sent to another bank")
    BILL_PAID = "bill_paid", _("Bill paid")
    DEPOSITED = "deposited", _("Put into a deposit")
    REDEEMED = "redeemed", _("Taken out of a deposit")
    REPAID = "repaid", _("Loan repaid")
    ACCEPTED = "accepted", _("Instruction accepted, to be carried out later")
    WITHDRAWN = "withdrawn", _("Accepted instruction withdrawn")
    INFORMED = "informed", _("Information given")
    ENQUIRED = "enquired", _("Deposits, loans or orders told")
    STATEMENT = "statement", _("Statement sent")
    SETTING = "setting", _("Setting changed")
    NOTICE_GIVEN = "notice_given", _("Withdrawal from a notice deposit announced")
    PIN_CHANGED = "pin_changed", _("Password changed")
    ACTIVATED = "activated", _("Telephone banking activated")
    UNLOCK_ASKED = "unlock_asked", _("Unlocking of a password asked for")
    PHONE_STOPPED = "phone_stopped", _("Debits by telephone stopped")
    WARNED = "warned", _("Warned of fraud")
    CALL_CHECKED = "call_checked", _("Told whether the bank had called")
    COMPLAINED = "complained", _("Complaint recorded")
    RATED = "rated", _("Service rated")
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


# By the kind of instruction that was carried out.
EXECUTED: dict[str, Deed] = {
    "transfer": Deed.TRANSFERRED,
    "own": Deed.TRANSFERRED,
    "interbank": Deed.REMITTED,
    "remittance": Deed.REMITTED,
    "bill": Deed.BILL_PAID,
    "save": Deed.DEPOSITED,
    "instalment": Deed.DEPOSITED,
    "redeem": Deed.REDEEMED,
    "repayment": Deed.REPAID,
}
# What she called for and got: a call with one of these was served.
SERVICES = frozenset(EXECUTED.values()) | {
    *(Deed.BALANCE, Deed.ENTRIES, Deed.INFORMED, Deed.ENQUIRED, Deed.STATEMENT),
    *(Deed.ACCEPTED, Deed.WITHDRAWN, Deed.NOTICE_GIVEN, Deed.UNTOLD_TOLD),
    *(Deed.SETTING, Deed.PIN_CHANGED, Deed.ACTIVATED, Deed.UNLOCK_ASKED),
    *(Deed.LOSS_REPORTED, Deed.PHONE_STOPPED, Deed.CALL_CHECKED, Deed.COMPLAINED),
}
# To the IVR for a password and back: the last one says where she is.
TRIP = frozenset({Deed.TO_IVR, Deed.PROVED, Deed.NOT_PROVED})
