"""What is done at the settlement desk: each verb checks a form and calls one service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from banking.models import SettlementOrder
from banking.settlement_desk import checking, making, queue, suspending
from banking.settlement_desk.blind import CHECK, MAKE
from desktop.settlement import forms
from people.models import User

WORK = "banking.work_settlement_desk"

State = SettlementOrder.State
Answer = Callable[[int, Mapping[str, Any], User, datetime], SettlementOrder]


@dataclass(frozen=True, slots=True)
class Verb:
    """`goes_on`: she is done with it, and gets the next order."""

    form: type[django_forms.Form]
    do: Answer
    says: Promise
    needs: str = WORK
    goes_on: bool = False


def _with(service: Callable[..., SettlementOrder]) -> Answer:
    def do(order_id: int, values: Mapping[str, Any], by: User, at: datetime) -> SettlementOrder:
        return service(order_id, by, **values, at=at)

    return do


def _return(order_id: int, values: Mapping[str, Any], by: User, at: datetime) -> SettlementOrder:
    reason = SettlementOrder.Reason(values["reason"])
    return making.propose_return(order_id, by, reason=reason, at=at)


VERBS: dict[str, Verb] = {
    "claim": Verb(forms.Nothing, _with(queue.claim), _("The order is in your hand.")),
    "put-back": Verb(forms.Nothing, _with(queue.put_back), _("The order waits again.")),
    "make": Verb(forms.Make, _with(making.make), _("Made: it waits to be checked."), MAKE, True),
    "return": Verb(forms.Why, _return, _("A checker decides on giving it back."), MAKE, True),
    "clear": Verb(forms.Words, _with(making.clear), _("Noted: it is no duplicate."), MAKE),
    "accept": Verb(forms.Nothing, _with(checking.accept), _("Checked."), CHECK, True),
    "send-back": Verb(
        forms.Words, _with(checking.send_back), _("Its maker has it again."), CHECK, True
    ),
    "suspend": Verb(
        forms.Words,
        _with(suspending.suspend),
        _("Suspended; it must be settled by the end of the day."),
        goes_on=True,
    ),
    "resume": Verb(forms.Words, _with(suspending.resume), _("The order waits for a maker again.")),
}


def needed(name: str, order: SettlementOrder) -> str:
    """The right that a verb wants; who takes an order must be able to do what it waits for."""
    if name == "claim":
        return CHECK if order.state == State.TO_CHECK else MAKE
    return VERBS[name].needs
