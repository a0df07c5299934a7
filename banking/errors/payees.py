"""Whom the bank can't pay, or not by this way."""

from django.utils.translation import gettext_lazy as _

from banking.errors.base import BankingError, OrderRefused


class PayeeUnregistered(OrderRefused):
    prompt = "refused.payee_unregistered"
    text = _("The payee at the other bank is not registered. Nothing was debited.")


class PayeeElsewhere(OrderRefused):
    prompt = "refused.payee_elsewhere"
    text = _("The payee's bank is not in the city that was asked for. Nothing was debited.")


class NoClearing(OrderRefused):
    prompt = "refused.no_clearing"
    text = _("No clearing system takes this amount now. Nothing was debited.")


class PayeeUnknown(BankingError):
    prompt = "transfer.payee_unknown"
    text = _("There is no such payee account at this bank.")


class PayeeSame(BankingError):
    prompt = "transfer.payee_same"
    text = _("The payee's account is the payer's own account.")


class NotOwnAccount(BankingError):
    prompt = "own.not_yours"
    text = _("The other account is not the customer's own. Nothing was debited.")


class BankCodeInvalid(BankingError):
    text = _("This is no bank code of another bank: check all twelve digits.")


class PayeeNumberInvalid(BankingError):
    text = _("An account number at another bank has 8 to 32 digits.")


class PayeeAlready(BankingError):
    text = _("This payee is registered already.")
