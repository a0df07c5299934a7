"""What an agent does for her caller: the IVR's own services, from her page.

A `Service` is a form that becomes a request (`banking/requests.py`). The order is drafted under
the same rules, limits and fees as the caller's own; her yes and her password are the IVR's
(`telephony/ivr/flows/errands.py`), and so is the receipt.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desktop.agent.services.deposits import InstalmentForm, OpenForm, RedemptionForm
from desktop.agent.services.forms import OrderForm
from desktop.agent.services.paying import BillForm, RepaymentForm
from desktop.agent.services.transfers import (
    InterbankForm,
    OwnForm,
    RemittanceForm,
    TransferForm,
)


@dataclass(frozen=True, slots=True)
class Service:
    """One button of the panel."""

    name: str
    title: str | Promise
    form: type[OrderForm]


_services: dict[str, Service] = {}


def add(service: Service) -> None:
    """Two of one name are a fault at start-up."""
    if service.name in _services:
        raise ValueError(f"two services are called {service.name!r}")
    _services[service.name] = service


def of(name: str) -> Service | None:
    return _services.get(name)


def every() -> list[Service]:
    """In the order in which they were added: the order of the telephone bank's own menu."""
    return list(_services.values())


add(Service("transfer", _("Transfer within the bank"), TransferForm))
add(Service("interbank", _("To another bank in this city"), InterbankForm))
add(Service("remittance", _("To another city"), RemittanceForm))
add(Service("own", _("Between own accounts"), OwnForm))
add(Service("bill", _("Pay a bill"), BillForm))
add(Service("save", _("Open a deposit"), OpenForm))
add(Service("instalment", _("Pay an instalment"), InstalmentForm))
add(Service("redeem", _("Draw from a deposit"), RedemptionForm))
add(Service("repayment", _("Repay a loan"), RepaymentForm))
