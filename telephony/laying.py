"""What callers hear of the bank's own, laid out as files where switch, worker and pages find it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from calendars import clock
from telephony import languages
from telephony.models import OwnPrompt, Recording, Rewording
from telephony.spoken.catalogue import OWN

_ALONE = "SELECT pg_advisory_xact_lock(hashtext('own prompts'))"


@transaction.atomic
def lay_out() -> None:
    """Write the bank's own folder anew; a recording that is there is never changed.

    A call in progress keeps the files that it was told: what is heard no more stays there. Whoever
    lays out last has read last, so that no older state is written over a newer one.
    """
    folder = settings.OWN_PROMPTS
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
    takes = [
        {
            "name": recording.file,
            "text": recording.text,
            "file": _file(folder, recording),
            "duration_s": float(recording.seconds),
        }
        for recording in Recording.objects.filter(state=Recording.State.USED)
    ]
    words = _by_language(OwnPrompt.objects.values_list("lang", "key", "text"))
    used = Rewording.objects.filter(state=Rewording.State.USED)
    changed = _by_language(used.values_list("lang", "key", "text"))
    if takes or words or changed or (folder / OWN).exists():  # else it has nothing of its own
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{OWN}.{os.getpid()}.part"
        said = {"words": words, "changed": changed, "takes": takes}
        draft.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        draft.replace(folder / OWN)  # whoever reads it meanwhile has the old one, whole
    languages.note(at=clock.now())  # each is offered as long as it lacks nothing


def _file(folder: Path, recording: Recording) -> str:
    """Its name below the folder, where it is written if it isn't there."""
    name = f"{recording.file.removesuffix('.wav')}.{recording.sha256[:12]}.wav"
    path = folder / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.part")
        draft.write_bytes(bytes(recording.audio))
        draft.replace(path)
    return name


def _by_language(rows: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for lang, key, text in rows:
        found.setdefault(lang, {})[key] = text
    return found
