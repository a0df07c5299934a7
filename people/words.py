"""How the reader's language puts words together."""

from collections.abc import Iterable

from django.utils.translation import pgettext


def listed(words: Iterable[object]) -> str:
    """One after the other: 甲、乙 or A, B; "" of none."""
    return pgettext("between the words of a list", ", ").join(map(str, words))
