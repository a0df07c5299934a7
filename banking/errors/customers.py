"""Customers, what they lost, and how the bank reaches them."""

from django.utils.translation import gettext_lazy as _

from banking.errors.base import BankingError


class CardLost(BankingError):
    text = _("The card is reported lost or closed. Nothing was changed.")


class PeriodInvalid(BankingError):
    prompt = "period.invalid"
    text = _("A period ends today or before, and not before it begins.")


class PeriodTooLong(BankingError):
    prompt = "period.too_long"
    kinds = {"days": int}
    text = _("A period may cover at most %(days)s days.")


class NoAddress(BankingError):
    prompt = "statement.no_address"
    text = _("The bank has no such address of the customer.")


class LossNotFound(BankingError):
    prompt = "loss.not_found"
    text = _("No card or passbook fits that number and that ID number.")


class LossAlready(BankingError):
    prompt = "loss.already"
    text = _("This card or passbook is reported lost already; it is stopped.")


class LossOver(BankingError):
    text = _("The loss report has lapsed or was lifted. Nothing was changed.")


class LossConfirmed(BankingError):
    text = _("The loss report is confirmed in writing already. Nothing was changed.")


class IdNumberInvalid(BankingError):
    text = _("This is no valid ID number.")


class CustomerExists(BankingError):
    text = _("There is a customer with this ID number already.")


class NoMobile(BankingError):
    text = _("The bank has no mobile of this customer that could be bound.")


class BoundAlready(BankingError):
    text = _("This mobile is bound already.")


class NotBound(BankingError):
    text = _("This mobile is not bound any more.")
