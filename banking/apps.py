from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Where the operations are (`banking/operations.py`): each registers its own.
OPERATIONS = (
    "transfers",
    "interbank",
    "bills",
    "deposits.opening",
    "deposits.instalments",
    "deposits.withdrawals",
    "loans.repayments",
)


# Kinds of request that need a second pair of eyes (`people.approvals`).
APPROVALS = ("bill_approvals", "fraud.two_eyes", "settlement_desk.suspense", "tariffs", "two_eyes")


class BankingConfig(AppConfig):
    name = "banking"
    verbose_name = _("Banking")

    def ready(self) -> None:
        for name in (*OPERATIONS, *APPROVALS):
            import_module(f"banking.{name}")
