"""What the caller hears: values spoken by grammar, prompts from a catalogue. No Django in here.

say_amount("zh", Decimal("1050.30"))  # fragments: ("n.1000", "zero", "n.50", "u.yuan", …)
text("zh", …)                         # 一千零五十元三角
load().say("zh", "balance.one", tail="6789", …)  # an Utterance: text, files, duration_s
"""

from telephony.spoken.catalogue import Catalogue, Recording, Utterance, load
from telephony.spoken.errors import (
    BadCatalogue,
    MissingAudio,
    SpeechError,
    UnknownLanguage,
    UnknownPrompt,
    Unspeakable,
    WrongValues,
)
from telephony.spoken.grammar import (
    LANGUAGES,
    VOICED,
    fragments,
    say_amount,
    say_card_tail,
    say_date,
    say_datetime,
    say_day,
    say_days,
    say_digits,
    say_number,
    say_percent,
    say_phone,
    say_receipt,
    say_term,
    say_time,
    say_times,
    text,
)

__all__ = [
    "LANGUAGES",
    "VOICED",
    "BadCatalogue",
    "Catalogue",
    "MissingAudio",
    "Recording",
    "SpeechError",
    "UnknownLanguage",
    "UnknownPrompt",
    "Unspeakable",
    "Utterance",
    "WrongValues",
    "fragments",
    "load",
    "say_amount",
    "say_card_tail",
    "say_date",
    "say_datetime",
    "say_day",
    "say_days",
    "say_digits",
    "say_number",
    "say_percent",
    "say_phone",
    "say_receipt",
    "say_term",
    "say_time",
    "say_times",
    "text",
]
