"""The words of SMS and e-mail, by language: a file an area, the same keys and places in each.

A letter is a title and a text with places in braces. Money is written with its two places, times
are of Asia/Shanghai.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from calendars.clock import SHANGHAI

FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Letter:
    title: str
    text: str


def write(template: str, language: str, values: Mapping[str, Any]) -> Letter:
    """The letter in her language; Cantonese is written in Chinese.

    Raises KeyError for a template or a value that is not there.
    """
    words = catalogue(language if language in LANGUAGES else "zh")[template]
    shown = {name: _shown(value) for name, value in values.items()}
    return Letter(words.title.format(**shown), words.text.format(**shown))


@cache
def catalogue(language: str) -> Mapping[str, Letter]:
    """Every letter of a language. Two of one key are a fault at first use."""
    found: dict[str, Letter] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        for key, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if key in found:
                raise RuntimeError(f"{path}: {key!r} is in another file as well")
            found[key] = Letter(**entry)
    return found


def _shown(value: Any) -> str:
    match value:
        case Decimal():
            return f"{value:,.2f}"
        case datetime():
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return str(value)
