"""What the terms of loans refuse."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from banking.errors.base import OrderRefused


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
