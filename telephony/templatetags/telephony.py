"""How pages write durations: mm:ss."""

from django import template

register = template.Library()


@register.filter
def mmss(seconds: float) -> str:
    """75.4 → 01:15; an hour and more goes on counting minutes."""
    whole = max(0, int(seconds))
    return f"{whole // 60:02d}:{whole % 60:02d}"
