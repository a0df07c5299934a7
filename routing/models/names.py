"""What rows are called: by the bank's names in the reader's language, or by their moment."""

from datetime import datetime

from django.utils.translation import get_language

from calendars.clock import SHANGHAI


def local(zh: str, en: str) -> str:
    """The name for who reads now; without one in English, the Chinese."""
    chinese = (get_language() or "zh").startswith("zh")
    return zh if chinese or not en else en


def moment(at: datetime) -> str:
    """The second, as the bank's clocks show it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
