"""What the rules of deposits refuse."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from banking.errors.base import BankingError, OrderRefused


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


class MaturesSoon(BankingError):
    kinds = {"day": date}
    text = _("It matures on %(day)s: that is too soon to change what happens then.")


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
