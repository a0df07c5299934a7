"""The list of what an agent can do for her caller, as the forms' modules register it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from desktop.agent.services.forms import CallForm, DeedForm, OrderForm, fillable
from telephony import attended
from telephony.attended import Attended

F = TypeVar("F", bound=type[CallForm])


class Group(Enum):
    """A heading of the list; its value is the title."""

    ENQUIRIES = pgettext_lazy("services of the desk", "Enquiries")
    TRANSFERS = _("Transfers and bills")
    DEPOSITS = _("Deposits and loans")
    PROTECTION = _("Loss, stops, passwords")
    SETTINGS = _("Statement and settings")
    PUBLIC = _("Rates and branches")
    COMPLAINTS = _("Complaints and calls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Attended):
    """One line of the list. It has a form, or an errand in the IVR, or a page elsewhere.

    `typed` finds it besides its title: the initials of its pinyin, a word of English.
    """

    group: Group
    typed: str
    form: type[CallForm] | None = None
    errand: str = ""
    about: str | Promise = ""  # of an errand: what is said before she is handed over
    page: str = ""  # its address by name
    permission: str = ""  # beside those of every agent

    @property
    def is_order(self) -> bool:
        """Whether it is drafted for her to confirm in the IVR."""
        return self.form is not None and issubclass(self.form, OrderForm)

    @property
    def is_immediate(self) -> bool:
        """Whether nothing has to be typed or agreed to."""
        form = self.form
        if form is None or not issubclass(form, DeedForm):
            return False
        return not form.base_fields and form.readback is DeedForm.readback


_services: dict[str, Service] = {}


def add(service: Service) -> None:
    """Two of one name are a fault at start-up."""
    attended.register(service)
    _services[service.name] = service


def service(
    group: Group, name: str, title: str | Promise, *, flows: str, typed: str, matter: str = ""
) -> Callable[[F], F]:
    """Register a form as the service for these flows, named with spaces between."""

    def register(form: F) -> F:
        add(
            Service(
                group=group,
                name=name,
                title=title,
                flows=tuple(flows.split()),
                typed=typed,
                matter=matter,
                form=form,
                takes=fillable(form),
            )
        )
        return form

    return register


def of(name: str) -> Service | None:
    return _services.get(name)


def every() -> list[Service]:
    """By group, in each in the order in which they were registered."""
    order = list(Group)
    return sorted(_services.values(), key=lambda service: order.index(service.group))
