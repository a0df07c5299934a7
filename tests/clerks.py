"""The settlement desk's people and its rule; orders that need hands."""

from datetime import datetime
from itertools import count

from banking.models import DeskRule, ExternalPayee, SettlementOrder
from banking.settlement_desk import checking, making, queue
from people import staff
from people.models import User
from people.roles import Role
from tests import cast
from tests.banking.test_interbank import done, remittance
from tests.cast import IN_BEIJING, LONG_AGO, NOON, UNLISTED, Person

_numbers = count(1)


def desk_rule(**changes: object) -> DeskRule:
    """A lease of five minutes; keyed again above 20,000 yuan, checked by two above 40,000."""
    terms = {"lease_min": 5, "rekey_above": 20_000, "second_above": 40_000, "skew_s": 300}
    return DeskRule.objects.create(valid_from=LONG_AGO, **{**terms, **changes})


def maker(name: str = "徐芳") -> User:
    return _hired(name, Role.SETTLEMENT_MAKER)


def checker(name: str = "胡军") -> User:
    return _hired(name, Role.SETTLEMENT_CHECKER)


def _hired(name: str, *roles: Role) -> User:
    return staff.hire(number=f"D{next(_numbers):04}", name=name, branch=None, roles=roles)


def order_for_hands(
    payer: Person,
    amount: int | str = 1500,
    *,
    at: datetime = NOON,
    payee: ExternalPayee | None = None,
) -> SettlementOrder:
    """To a bank that the directory lacks: it waits for a clerk."""
    to = payee or payer.customer.external_payees.filter(bank_code=UNLISTED).first()
    to = to or cast.payee_elsewhere(payer, bank_code=UNLISTED)
    order = done(remittance(payer, to, amount), at)
    return SettlementOrder.objects.get(instruction=order)


def make(
    order: SettlementOrder, clerk: User, *, at: datetime = NOON, **changes: object
) -> SettlementOrder:
    """Claimed and completed, rightly."""
    queue.claim(order.pk, clerk, at=at)
    keyed = making.Keyed(making._number(order), order.amount)
    terms = {
        "bank_code": IN_BEIJING,
        "system": "large_value",
        "postscript": order.remark,
        "keyed": keyed,
        **changes,
    }
    return making.make(order.pk, clerk, at=at, **terms)  # type: ignore[arg-type]


def check(order: SettlementOrder, clerk: User, *, at: datetime = NOON) -> SettlementOrder:
    queue.claim(order.pk, clerk, at=at)
    return checking.accept(order.pk, clerk, at=at)
