"""How pages write durations and amounts: mm:ss, and yuan with a sign where money moved."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def mmss(seconds: float) -> str:
    """75.4 → 01:15; an hour and more goes on counting minutes."""
    whole = max(0, int(seconds))
    return f"{whole // 60:02d}:{whole % 60:02d}"


@register.filter
def yuan(amount: Decimal) -> str:
    """1500 → 1,500.00"""
    return f"{amount:,.2f}".replace("-", "−")


@register.filter
def signed(amount: Decimal) -> str:
    """What an account's owner sees: +1,500.00 or −1,500.00."""
    return f"{amount:+,.2f}".replace("-", "−")
