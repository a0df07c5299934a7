"""Why an order is not carried out, whatever it is for."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from banking.errors.base import BankingError, OrderRefused


class InsufficientFunds(OrderRefused):
    prompt = "refused.insufficient_funds"
    kinds = {"available": Decimal, "needed": Decimal}
    text: ClassVar[str | Promise] = _(
        "Not enough money: %(available)s yuan available, %(needed)s yuan needed. "
        "Nothing was debited."
    )


class SingleLimitExceeded(OrderRefused):
    prompt = "refused.limit_single"
    kinds = {"limit": Decimal}
    text = _("A single transfer may be at most %(limit)s yuan. Nothing was debited.")


class DailyLimitExceeded(OrderRefused):
    prompt = "refused.limit_daily"
    kinds = {"left": Decimal}
    text = _("Only %(left)s yuan may still be transferred today. Nothing was debited.")


class AccountFrozen(OrderRefused):
    prompt = "refused.frozen"
    text = _("The account is frozen or reported lost. Nothing was debited.")


class AccountClosed(OrderRefused):
    prompt = "refused.account_closed"
    text = _("The account is closed. Nothing was debited.")


class NotDemand(OrderRefused):
    prompt = "refused.not_demand"
    text = _("This is no demand account; it can't pay. Nothing was debited.")


class AmountInvalid(BankingError):
    prompt = "transfer.amount_invalid"
    text = _("The amount must be more than zero, in whole fen.")


class NotConfirmed(BankingError):
    text = _("The instruction was not confirmed. Nothing was debited.")


class AlreadySettled(BankingError):
    text = _("The instruction was executed or refused already; it can't be void any more.")


class Voided(BankingError):
    text = _("The instruction is void. Nothing was debited.")


class OutcomeUnknown(BankingError):
    text = _("What became of the instruction is being enquired. It is not carried out again.")


class KeyReused(BankingError):
    text = _("This key belongs to another instruction. Nothing was debited.")


class UnknownInstruction(BankingError):
    text = _("There is no instruction with this key.")


class NotSettled(BankingError):
    text = _("The instruction has no outcome yet that could be told.")


class HoldUnknown(BankingError):
    text = _("There is no such hold.")


class NotHeld(BankingError):
    text = _("The order is not held any more. Nothing was changed.")
