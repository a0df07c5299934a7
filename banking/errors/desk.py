"""What the settlement desk refuses its clerks, and the REST intake those who hand orders in."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from banking.errors.base import BankingError


class NoDeskRule(BankingError):
    text = _("No rule of the settlement desk is in force yet. The back office enters it.")


class NotInHand(BankingError):
    text = _("The order is not in your hand any more. Nothing was changed.")


class TakenAlready(BankingError):
    text = _("A colleague has this order, or it is done. Nothing was changed.")


class OwnWork(BankingError):
    text = _("Somebody else must check what you made or checked. Nothing was changed.")


class SeenAlready(BankingError):
    """She had it in her hand to check: what she would key again she knows."""

    text = _("You saw its amount when you checked it. Somebody else keys it. Nothing was changed.")


class KeyedOtherwise(BankingError):
    """Which of the two differs is not said: she keys both again from the payer's order."""

    text = _("Account and amount were not keyed as the payer's order has them. Key both again.")


class RepeatsAnother(BankingError):
    text = _("The order seems to repeat another. Say that it does not, or give the money back.")


class RouteClosed(BankingError):
    text = _("No such way is open to this bank for this amount. Choose another.")


class NoReasonGiven(BankingError):
    text = _("Say why. Nothing was changed.")


class NothingSuspended(BankingError):
    text = _("The order is not suspended, or its money has left it. Nothing was changed.")


class SignatureRefused(BankingError):
    """Of all that can be wrong with a signature the sender learns only that it is."""

    status: ClassVar[int] = 401
    text = _("The key or the signature is not accepted.")


class ClockDiffers(BankingError):
    status: ClassVar[int] = 401
    text = _("The request's time differs from ours by more than is allowed.")


class Replayed(BankingError):
    status: ClassVar[int] = 401
    text = _("This signed request was taken before. Sign it anew, with another nonce.")


class PayerUnknown(BankingError):
    status: ClassVar[int] = 422
    text = _("The customer has no such account that could pay. Nothing was debited.")


class IntakeKeyReused(BankingError):
    text = _("This key belongs to another order. Nothing was debited.")
