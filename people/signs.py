"""A state as every page shows it: colour, shape and word (static/css/parts.css)."""

from django.utils.html import format_html
from django.utils.safestring import SafeString


def sign(shape: str, word: str) -> SafeString:
    return format_html('<span class="st {}">{}</span>', shape, word)
