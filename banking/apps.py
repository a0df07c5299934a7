from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Where the operations are (`banking/operations.py`): each registers its own.
OPERATIONS = (
    "transfers",
    "deposits.opening",
    "deposits.instalments",
    "deposits.withdrawals",
    "loans.repayments",
)


class BankingConfig(AppConfig):
    name = "banking"
    verbose_name = _("Banking")

    def ready(self) -> None:
        for name in OPERATIONS:
            import_module(f"banking.{name}")
