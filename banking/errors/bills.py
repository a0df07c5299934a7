"""What billers and their bills refuse."""

from django.utils.translation import gettext_lazy as _

from banking.errors.base import BankingError


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
