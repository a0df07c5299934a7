"""Cards, passwords, and what may leave by telephone."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from banking.errors.base import BankingError, OrderRefused


class PhoneStopped(OrderRefused):
    prompt = "refused.phone_stopped"
    text = _(
        "The customer has stopped debits by telephone; a branch allows them again. "
        "Nothing was debited."
    )


class PhoneDormant(OrderRefused):
    prompt = "refused.phone_dormant"
    text = _(
        "Telephone banking was not used for too long; a branch allows debits again. "
        "Nothing was debited."
    )


class CardInvalid(BankingError):
    prompt = "identify.card_invalid"
    text = _("There is no such card at this bank.")


class PinWrong(BankingError):
    """`left`: how many tries remain before the PIN is locked."""

    prompt = "identify.pin_wrong"
    kinds = {"left": int}
    text = _("The PIN is wrong. Tries left: %(left)s.")


class TransactionPinWrong(PinWrong):
    prompt = "order.pin_wrong"


class PinLocked(BankingError):
    prompt = "identify.pin_locked"
    text = _("The query PIN is locked. Please try again tomorrow, or go to a branch.")


class TransactionPinLocked(PinLocked):
    prompt = "order.pin_locked"
    text = _("The transaction PIN is locked. It is unlocked at a branch.")


class CodeWrong(PinWrong):
    prompt = "activate.code_wrong"
    text = _("The activation code is wrong. Tries left: %(left)s.")


class CodeSpent(PinLocked):
    """Never issued, used, too old, or tried too often: another is issued at a branch."""

    prompt = "activate.code_spent"
    text = _("There is no valid activation code. A branch issues one.")


class NumberThrottled(PinLocked):
    """Even what is right is not looked at, until the hour is over: so neither is given away."""

    prompt = "identify.throttled"
    text = _("Too many wrong cards and passwords came from this number. Try again in an hour.")


class NotProved(BankingError):
    prompt = "password.not_proved"
    text = _("The old password was not given in this call. Nothing was changed.")


class PinWeak(BankingError):
    text: ClassVar[str | Promise] = _(
        "A PIN has six digits: not all the same, not in a row, no birthday."
    )


class PinMalformed(PinWeak):
    prompt = "entry.invalid"
    text = _("A PIN has six digits.")


class PinRepeats(PinWeak):
    prompt = "password.weak_repeats"
    text = _("A PIN may not be one digit six times.")


class PinRuns(PinWeak):
    prompt = "password.weak_runs"
    text = _("A PIN may not be six digits in a row.")


class PinBirthday(PinWeak):
    prompt = "password.weak_birthday"
    text = _("A PIN may not be the customer's birthday.")


class PinUnchanged(PinWeak):
    prompt = "password.unchanged"
    text = _("The new PIN is the old one.")


class PinOfTheOther(PinWeak):
    prompt = "password.of_the_other"
    text = _("Query PIN and transaction PIN may not be the same.")


class NotHolder(BankingError):
    prompt = "access.not_holder"
    text = _("No customer has both this card number and this ID number.")


class NothingLocked(BankingError):
    prompt = "unlock.nothing_locked"
    text = _("No password of this card is locked.")


class UnlockAskedAlready(BankingError):
    prompt = "unlock.already"
    text = _("Unlocking this card was asked for already.")


class PhoneStoppedAlready(BankingError):
    prompt = "stop.already"
    text = _("Debits by telephone are stopped already.")


class PhoneNotStopped(BankingError):
    text = _("Debits by telephone are not stopped. Nothing was changed.")


class LimitNotLower(BankingError):
    prompt = "limits.not_lower"
    kinds = {"single": Decimal, "daily": Decimal}
    text = _(
        "The limits are %(single)s yuan at once and %(daily)s yuan a day: they may only be lowered."
    )


class LimitAboveCap(BankingError):
    kinds = {"cap": Decimal}
    text = _(
        "By telephone a password moves %(cap)s yuan a day at most: a higher limit never holds."
    )


class LimitNotHigher(BankingError):
    text = _("The limits are as high as that already. Nothing was changed.")


class TermBegun(BankingError):
    text = _("The day on which it was to begin has come. Nothing was changed: ask for a later one.")


class TermTaken(BankingError):
    text = _("There is such a row already, or it can't be. Nothing was changed.")
