"""How pages write yuan: thousands set apart, two places, a true minus sign."""

from decimal import Decimal

from django import template

from banking.settlement_desk.blind import MASK

register = template.Library()


@register.filter
def yuan(amount: Decimal | None) -> str:
    """1500 → 1,500.00; — where there is none."""
    return "—" if amount is None else f"{amount:,.2f}".replace("-", "−")


@register.filter
def signed(amount: Decimal) -> str:
    """What an account's owner sees: +1,500.00 or −1,500.00."""
    return f"{amount:+,.2f}".replace("-", "−")


@register.filter
def blind(figure: str, hidden: bool) -> str:
    """The figure, unless its reader is not to see it (`banking/settlement_desk/blind.py`)."""
    return MASK if hidden else figure
