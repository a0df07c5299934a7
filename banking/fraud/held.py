"""An order under review: its money is set aside, until two people release or refuse it.

It never lapses by itself. What they decide is carried out in the transaction of their decision
(`people.approvals`), so that a crash in between leaves it held.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from banking import holds, instructions, ledger, operations, phone_debits
from banking.errors import HeldRefused, NotHeld, OrderRefused
from banking.ledger import Funds
from banking.models import Instruction
from banking.models.orders import State
from banking.transfers import check_accounts


def accept(order: Instruction, funds: Mapping[int, Funds], *, at: datetime) -> None:
    """A confirmed order that is locked: set its amount and fee aside, and give it its number.

    Raises AccountClosed, AccountFrozen, InsufficientFunds.
    """
    assert order.payer_id and order.amount is not None and order.fee is not None
    payer = funds[order.payer_id]
    check_accounts(payer, at=at)
    holds.reserve(
        key=order.key, funds=payer, amount=order.amount + order.fee, reason=_("under review"), at=at
    )
    instructions.accept(order, State.HELD, at=at)


def release(key: UUID, *, at: datetime) -> Instruction:
    """Let it go on: carried out from what was set aside, or scheduled where it is due later.

    What can't be carried out any more (her account was stopped, her day's limit is used up) is
    refused, and the money is hers again. Needs a transaction. Raises NotHeld.
    """
    order, accounts = _lock(key)
    holds.lift(key=key, at=at)
    if order.due_at is not None and at < order.due_at:
        instructions.schedule(order)
        return order
    funds = {one.id: one for one in ledger.lock(*accounts)}  # with what was just set free
    try:
        with transaction.atomic():
            assert order.customer_id  # only a spent key has none
            phone_debits.check(order.customer_id, order.channel)
            operations.of(order.kind).carry_out(order, funds, at=at)
    except OrderRefused as refusal:
        instructions.refused(instructions.lock(key), refusal, at=at)
        return instructions.lock(key)
    if after := operations.of(order.kind).after:
        transaction.on_commit(lambda: after(order, at=at))
    return order


def refuse(key: UUID, *, at: datetime) -> Instruction:
    """Not to be carried out: the money is hers again. Needs a transaction. Raises NotHeld."""
    order, _funds = _lock(key)
    holds.lift(key=key, at=at)
    instructions.refused(order, HeldRefused(), at=at)
    return order


def _lock(key: UUID) -> tuple[Instruction, dict[int, Funds]]:
    """Alone with it, its customer and its accounts. Raises NotHeld."""
    order, funds = instructions.lock_all(key)
    if order.state != State.HELD:
        raise NotHeld
    return order, funds
