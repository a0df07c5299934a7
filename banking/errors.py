"""What the bank refuses: each with the sentence to read, the prompt to hear and its values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal


class BankingError(Refusal):
    """Nothing has moved. `kinds` says which values are yuan, so that they survive as JSON."""

    kinds: ClassVar[Mapping[str, type]] = {}

    def __str__(self) -> str:
        shown = {
            name: f"{value:,.2f}" if isinstance(value, Decimal) else value
            for name, value in self.values.items()
        }
        return str(self.text) % shown

    def stored(self) -> dict[str, Any]:
        """The values as JSON holds them; `revived` is the way back."""
        return {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in self.values.items()
        }


class OrderRefused(BankingError):
    """The bank's final answer to a confirmed order: recorded with it, and given again."""


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


class HeldRefused(OrderRefused):
    """Two people looked at an order that the fraud guard held, and said no."""

    prompt = "refused.held"
    text = _("After a check the order was not carried out. Nothing was debited.")


class FraudSuspected(BankingError):
    """The fraud guard refuses the order before it is read back."""

    prompt = "refused.fraud"
    text = _("To protect the customer's money this order is refused. Nothing was debited.")


class PersonNeeded(BankingError):
    """What a person must look into before it goes on: the caller is led to one."""

    prompt = "fraud.agent"
    text = _("To protect the customer's money a person must check this. Nothing was debited.")


class LoanNothingDue(OrderRefused):
    prompt = "loan.nothing_due"
    text = _("Nothing of the loan is due. Nothing was debited.")


class LoanDueFirst(OrderRefused):
    prompt = "loan.due_first"
    kinds = {"due": Decimal}
    text = _("%(due)s yuan are due and come first. Nothing was debited.")


class LoanAboveDue(OrderRefused):
    prompt = "loan.above_due"
    kinds = {"due": Decimal}
    text = _("Only %(due)s yuan are due. Nothing was debited.")


class LoanAboveBalance(OrderRefused):
    prompt = "loan.above_balance"
    kinds = {"left": Decimal}
    text = _("%(left)s yuan or more pay off the whole loan: settle it. Nothing was debited.")


class LoanPartTooSmall(OrderRefused):
    prompt = "loan.part_too_small"
    kinds = {"least": Decimal}
    text = _("At least %(least)s yuan are repaid early at a time. Nothing was debited.")


class LoanQuoteChanged(OrderRefused):
    """What it comes to is no longer what she heard: midnight passed, or something was paid."""

    prompt = "loan.quote_changed"
    text = _("What is to be paid has changed since it was read back. Nothing was debited.")


class NotDemand(OrderRefused):
    prompt = "refused.not_demand"
    text = _("This is no demand account; it can't pay. Nothing was debited.")


class PayeeUnregistered(OrderRefused):
    prompt = "refused.payee_unregistered"
    text = _("The payee at the other bank is not registered. Nothing was debited.")


class PayeeElsewhere(OrderRefused):
    prompt = "refused.payee_elsewhere"
    text = _("The payee's bank is not in the city that was asked for. Nothing was debited.")


class NoClearing(OrderRefused):
    prompt = "refused.no_clearing"
    text = _("No clearing system takes this amount now. Nothing was debited.")


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


class PayeeUnknown(BankingError):
    prompt = "transfer.payee_unknown"
    text = _("There is no such payee account at this bank.")


class PayeeSame(BankingError):
    prompt = "transfer.payee_same"
    text = _("The payee's account is the payer's own account.")


class NotOwnAccount(BankingError):
    prompt = "own.not_yours"
    text = _("The other account is not the customer's own. Nothing was debited.")


class AmountInvalid(BankingError):
    prompt = "transfer.amount_invalid"
    text = _("The amount must be more than zero, in whole fen.")


class ContractUnknown(BankingError):
    prompt = "bills.contract_unknown"
    text = _("No biller knows this contract number. Nothing was debited.")


class NothingOwed(BankingError):
    prompt = "bills.nothing_owed"
    text = _("Nothing is owed on this contract. Nothing was debited.")


class BillAmountInvalid(BankingError):
    prompt = "bills.amount_invalid"
    text = _("The biller does not take this amount. Nothing was debited.")


class BillerUnavailable(BankingError):
    prompt = "bills.unavailable"
    text = _("The biller does not answer now. Nothing was debited.")


class BillAnswered(BankingError):
    text = _("The biller has answered meanwhile, or was never asked. Nothing was changed.")


class ReplyInvalid(BankingError):
    """`line` is the first that is wrong; 0 where the whole is."""

    kinds = {"line": int}
    text = _("The biller's answer does not fit the file, line %(line)s. Nothing was taken in.")


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


class CoreUnavailable(BankingError):
    """An outage, not a refusal: whether the order was carried out is asked by `enquire`."""

    text = _("The bank's books can't be reached now. Please enquire what became of the order.")


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


class CardLost(BankingError):
    text = _("The card is reported lost or closed. Nothing was changed.")


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


class LimitNotHigher(BankingError):
    text = _("The limits are as high as that already. Nothing was changed.")


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


class ProductNotOffered(OrderRefused):
    prompt = "deposit.not_offered"
    text = _("This deposit is not offered at present. Nothing was debited.")


class RateChanged(OrderRefused):
    prompt = "deposit.rate_changed"
    text = _("The rate has changed since it was read back. Nothing was debited.")


class BelowMinimum(OrderRefused):
    prompt = "deposit.below_minimum"
    kinds = {"minimum": Decimal}
    text = _("At least %(minimum)s yuan are needed. Nothing was debited.")


class NoInstalmentDue(OrderRefused):
    prompt = "instalment.none_due"
    text = _("No instalment is due: this month's is paid. Nothing was debited.")


class InstalmentDiffers(OrderRefused):
    prompt = "instalment.differs"
    kinds = {"monthly": Decimal}
    text = _("Each instalment is %(monthly)s yuan. Nothing was debited.")


class WholeOnly(OrderRefused):
    prompt = "redeem.whole_only"
    text = _("This deposit is withdrawn whole, or was in part before. Nothing was debited.")


class NotADeposit(OrderRefused):
    prompt = "redeem.no_deposit"
    text = _("This is no deposit of hers that is open. Nothing was debited.")


class DayNotOver(BankingError):
    text = _("%(day)s is not over yet; it can't be closed.")


class NoticeStands(BankingError):
    prompt = "notice.stands"
    text = _("A withdrawal from this deposit is announced already.")


class NoNotice(BankingError):
    prompt = "notice.none"
    text = _("No withdrawal from this deposit is announced.")


class NoticeTooLarge(BankingError):
    prompt = "notice.too_large"
    kinds = {"principal": Decimal}
    text = _("The deposit has only %(principal)s yuan.")


class NoticeTooSmall(BankingError):
    prompt = "notice.too_small"
    kinds = {"minimum": Decimal}
    text = _("A withdrawal that is announced is of %(minimum)s yuan at least.")


class BankCodeInvalid(BankingError):
    text = _("This is no bank code of another bank: check all twelve digits.")


class PayeeNumberInvalid(BankingError):
    text = _("An account number at another bank has 8 to 32 digits.")


class PayeeAlready(BankingError):
    text = _("This payee is registered already.")


class LossNotFound(BankingError):
    prompt = "loss.not_found"
    text = _("No card or passbook fits that number and that ID number.")


class LossAlready(BankingError):
    prompt = "loss.already"
    text = _("This card or passbook is reported lost already; it is stopped.")


class IdNumberInvalid(BankingError):
    text = _("This is no valid ID number.")


class CustomerExists(BankingError):
    text = _("There is a customer with this ID number already.")


class HoldUnknown(BankingError):
    text = _("There is no such hold.")


class NotHeld(BankingError):
    text = _("The order is not held any more. Nothing was changed.")


class RuleDrafted(BankingError):
    text = _("There is a draft of this rule already: change that one.")


class RuleChanged(BankingError):
    text = _("The draft is not what was asked for any more. Nothing was changed.")


class RuleOver(BankingError):
    text = _("The rule is not in force. Nothing was changed.")


class WatchInvalid(BankingError):
    text = _("This is no such number. Nothing was added.")


class WatchedAlready(BankingError):
    text = _("This number is on the watch list already.")


class WatchOver(BankingError):
    text = _("This number was taken off the watch list already.")


class NoMobile(BankingError):
    text = _("The bank has no mobile of this customer that could be bound.")


class BoundAlready(BankingError):
    text = _("This mobile is bound already.")


class NotBound(BankingError):
    text = _("This mobile is not bound any more.")


class CaseTaken(BankingError):
    text = _("Who has taken the case closes it; it is taken once. Nothing was changed.")


class CaseClosed(BankingError):
    text = _("The case is closed. Nothing was changed.")


class NoFinding(BankingError):
    text = _("Say what was found. Nothing was changed.")


class ThresholdInvalid(BankingError):
    """`name`: which of a fraud rule's values can't be."""

    kinds = {"name": str}
    text = _("A rule can't have this value: %(name)s.")


def revived(code: str, values: Mapping[str, Any]) -> OrderRefused:
    """The refusal that was recorded by its class name and `stored()` values."""
    kind = next(kind for kind in OrderRefused.__subclasses__() if kind.__name__ == code)
    return kind(**{name: kind.kinds.get(name, str)(value) for name, value in values.items()})
