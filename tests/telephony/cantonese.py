"""A bank that has recorded Cantonese: every file that the language needs, a short tone each."""

import hashlib
import math
from collections.abc import Collection

from people import staff
from people.models import User
from people.roles import Role
from telephony import languages, laying
from telephony.models import OwnPrompt, Recording
from telephony.prompts import alaw
from tests.cast import NOON

TONE = bytes(
    min(range(256), key=lambda code: abs(alaw.LINEAR[code] - 3000 * math.sin(n / 3)))
    for n in range(alaw.RATE // 5)
)


def needed() -> dict[str, str]:
    """File to words of all that Cantonese needs."""
    standing = languages.standing("yue")
    assert standing
    return {each.file: each.words for each in standing.needed}


def studio_staff() -> tuple[User, User]:
    """Who uploads, and who approves."""
    lina = staff.hire(number="6001", name="李娜", branch=None, roles=[Role.MENU_OWNER])
    zhang = staff.hire(number="6002", name="张敏", branch=None, roles=[Role.SUPERVISOR])
    return lina, zhang


def record(*, without: Collection[str] = ()) -> None:
    """Everything but `without` is uploaded, approved and laid out."""
    by = studio_staff()
    Recording.objects.bulk_create(
        _used(file, words, *by) for file, words in needed().items() if file not in without
    )
    laying.lay_out()


def record_own(key: str, **words: str) -> None:
    """An entry of the bank's own: its words by language, recorded and approved."""
    by = User.objects.get(name="李娜"), User.objects.get(name="张敏")
    for lang, text in words.items():
        OwnPrompt.objects.create(key=key, lang=lang, text=text)
        _used(f"{lang}/{key}.wav", text, *by).save()
    laying.lay_out()


def _used(file: str, words: str, made_by: User, decided_by: User) -> Recording:
    audio = alaw.riff(TONE)
    return Recording(
        file=file,
        text=words,
        audio=audio,
        seconds=0.2,
        sha256=hashlib.sha256(audio).hexdigest(),
        state=Recording.State.USED,
        made_at=NOON,
        made_by=made_by,
        decided_at=NOON,
        decided_by=decided_by,
    )
