"""How files get to clearing and back: `out` is emptied by its courier, `in` is filled by it.

Handed over at least once: a crash between writing and noting writes the same file again, under
its own name. What was taken in goes to `in/done`, what was refused to `in/refused`.
"""

from datetime import datetime
from pathlib import Path

from banking import clearing_batches, vault
from banking.models import ClearingFile


def hand_over(folder: Path, *, at: datetime) -> int:
    """Write the files that nobody has yet; how many."""
    out = _there(folder / "out")
    waiting = ClearingFile.objects.filter(direction="out", delivered_at=None).order_by("id")
    for file in waiting:
        draft = out / f".{file.name}.part"
        draft.touch(mode=0o600)
        draft.write_bytes(content(file))
        draft.replace(out / file.name)  # whole or not at all, for whoever looks
        file.delivered_at = at
        file.save(update_fields=["delivered_at"])
    return len(waiting)


def take_in(folder: Path, *, at: datetime) -> list[ClearingFile]:
    """Import what lies there, in the order of names."""
    incoming = _there(folder / "in")
    taken = []
    for path in sorted(incoming.glob("*.csv")):
        file = clearing_batches.take_in(path.name, path.read_bytes(), at=at)
        if clearing_batches.is_complete(file):  # else it stays for the next run
            place = "refused" if file.fault else "done"
            path.replace(_there(incoming / place) / path.name)
        taken.append(file)
    return taken


def content(file: ClearingFile) -> bytes:
    """As it went out or came in."""
    opened = vault.unseal(bytes(file.box), file.key_version, clearing_batches.PURPOSE)
    return opened.reveal().encode()


def _there(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
