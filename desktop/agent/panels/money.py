"""The middle column in a call: what of hers is open, and what she owns. All masked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking import losses, signs
from banking.models import Account, Customer, Instruction, LossReport, Passbook
from banking.models.orders import UNTOLD, Channel, State
from banking.signs import Mark
from calendars.clock import SHANGHAI
from telephony.models import Call, CallbackRequest
from telephony.panels import Column, Panel, Place, Reader
from telephony.panels import register as add

ACCEPTED = (State.SCHEDULED, State.HELD)
TELLS = (State.EXECUTED, State.REFUSED, State.VOID, *ACCEPTED)
MOST = 5  # open matters of a kind; a customer with more has her page in the back office


@dataclass(frozen=True, slots=True)
class Matter:
    """An instruction whose end she does not know. `untold`: she can be told now."""

    key: UUID
    amount: Decimal
    fee: Decimal
    what: str
    shape: str
    state: str
    payer: str
    payee: str
    receipt: str
    says: str
    marks: tuple[Mark, ...]
    untold: bool
    drafted: bool  # by an agent in this call: she has to confirm it


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss report in force; without an end where it was confirmed in writing."""

    number: str
    what: str
    lapses_at: datetime | None


def open_matters(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Unsettled and untold instructions, loss reports in force, call-backs asked for."""
    if call is None or call.customer is None or reader.current is None:
        return None
    orders = list(_orders(call.customer, call))
    reported = list(_losses(call.customer, reader.at))
    asked = list(
        CallbackRequest.objects.filter(
            customer=call.customer, state=CallbackRequest.State.WAITING
        ).order_by("asked_at")[:MOST]
    )
    return {
        "orders": orders,
        "losses": reported,
        "callbacks": asked,
        "count": len(orders) + len(reported) + len(asked),
    }


def _orders(customer: Customer, call: Call) -> Iterator[Matter]:
    unsettled = Q(state__in=[State.READ_BACK, State.CONFIRMED], call_ref=str(call.uuid))
    found = Instruction.objects.filter(UNTOLD | unsettled, customer=customer)
    for row in found.select_related("payer__card").order_by("-drafted_at")[:MOST]:
        yield Matter(
            key=row.key,
            amount=row.amount or Decimal(0),
            fee=row.fee or Decimal(0),
            what=row.get_kind_display(),
            shape=signs.ORDERS[row.state],
            state=row.get_state_display(),
            payer=row.payer.tail if row.payer else "",
            payee=row.payee_tail,
            receipt=row.receipt,
            says=signs.refusal(row) or _said(row),
            marks=tuple(signs.way(row)),
            untold=row.state in TELLS,
            drafted=row.state == State.READ_BACK and row.channel == Channel.AGENT,
        )


def _said(row: Instruction) -> str:
    if row.state == State.READ_BACK and row.channel == Channel.AGENT:
        return _("Drafted for her: send her to the IVR, where she hears it and confirms it.")
    if row.turned_at:
        return _("It ended otherwise than she was told: tell her first.")
    if row.state in ACCEPTED:
        return _("Accepted, but she has not heard so: tell her the receipt number.")
    if row.state == State.EXECUTED:
        return _("Executed, but she has not heard the receipt: tell her first.")
    if row.state == State.UNKNOWN:
        return _("The outcome is not known yet. Promise nothing; the back office enquires.")
    return _("Not executed: nothing has been debited.")


def _losses(customer: Customer, at: datetime) -> Iterator[Loss]:
    found = LossReport.objects.filter(losses.in_force(at), customer=customer)
    for row in found.select_related("card", "passbook")[:MOST]:
        yield Loss(row.number, str(row.lost), None if row.confirmed_at else row.lapses_at)


@dataclass(frozen=True, slots=True)
class Owned:
    """One account as she and the agent talk of it."""

    product: str
    number: str
    balance: Decimal
    available: Decimal
    remark: str
    shape: str


def accounts(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Her accounts: masked, with what can be spent and why the rest can't."""
    if call is None or call.customer is None or reader.current is None:
        return None
    rows = list(call.customer.accounts.select_related("card").order_by("opened_on", "id"))
    books = set(Passbook.objects.filter(account__in=rows).values_list("account_id", flat=True))
    return {"accounts": [_owned(row, call, row.pk in books, reader.at) for row in rows]}


def _owned(row: Account, call: Call, has_book: bool, at: datetime) -> Owned:
    shape, remark = "", ""
    if row.status == Account.Status.CLOSED:
        shape, remark = signs.OFF, row.get_status_display()
    elif row.status == Account.Status.FROZEN:
        shape, remark = signs.BREACH, row.get_status_display()
    elif row.stopped:
        shape, remark = signs.BREACH, _("reported lost in writing")
    elif row.is_stopped(at) and row.stopped_until:
        until = f"{row.stopped_until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        shape, remark = signs.WARN, _("reported lost until %(until)s") % {"until": until}
    elif row.held:
        remark = _("held %(amount)s") % {"amount": f"{row.held:,.2f}"}
    elif row.card_id and row.card_id == call.card_id:
        remark = _("she identified herself with it")
    elif row.nickname:
        remark = row.nickname
    return Owned(
        product=_product(row, has_book),
        number=str(row.card or row),
        balance=row.balance,
        available=row.available,
        remark=remark,
        shape=shape,
    )


def _product(row: Account, has_book: bool) -> str:
    if row.card_id:
        return _("Debit card")
    if has_book:
        return _("Passbook")
    return str(row.get_kind_display())


def register() -> None:
    add(
        Panel(
            name="open",
            column=Column.CUSTOMER,
            order=31,
            title=gettext_lazy("Open matters"),
            template="desk/panels/open.html",
            look=open_matters,
            key="O",
            place=Place.REST,
        )
    )
    add(
        Panel(
            name="accounts",
            column=Column.CUSTOMER,
            order=50,
            title=gettext_lazy("Accounts"),
            template="desk/panels/accounts.html",
            look=accounts,
            key="A",
        )
    )
