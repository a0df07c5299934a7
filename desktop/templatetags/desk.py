"""How the agent's page writes shares, rates, moments of a form and spans of time."""

from datetime import datetime
from decimal import Decimal

from django import template

from calendars.clock import SHANGHAI

register = template.Library()


@register.filter
def percent(share: Decimal | None) -> str:
    """0.8125 → 81.3%; — where there is none."""
    return "—" if share is None else f"{share * 100:.1f}%"


@register.filter
def local_field(at: datetime | None) -> str:
    """A moment as a browser's `datetime-local` field takes it, in Asia/Shanghai."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}" if at else ""


@register.filter
def percent_of(rate: Decimal) -> str:
    """A rate of a price list: 0.000300 → 0.03%."""
    return f"{(rate * 100).normalize():f}%"


@register.filter
def between(since: datetime, until: datetime) -> float:
    """Seconds from the one to the other."""
    return (until - since).total_seconds()
