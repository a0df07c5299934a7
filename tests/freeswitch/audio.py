"""Every file of the catalogue as a short silence, so that a conversation takes little time."""

import hashlib
import json
from pathlib import Path

from telephony.spoken import VOICED, catalogue
from telephony.worker.line import MUSIC
from tests.contracts.audio import write

PROMPT_MS, FRAGMENT_MS, MUSIC_MS = 200, 40, 2_000


def write_all(folder: Path) -> None:
    """The files and the manifest that says they are what the catalogue wants."""
    texts = catalogue.load(audio=folder)
    manifest = {}
    for lang in VOICED:
        for needed in texts.recordings(lang):
            file = folder / needed.name
            length = FRAGMENT_MS if needed.fragment else PROMPT_MS
            write(file, length)
            manifest[needed.name] = {
                "text": needed.text,
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "duration_s": length / 1000,
            }
    for piece in MUSIC:
        write(folder / piece, MUSIC_MS)
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False))
