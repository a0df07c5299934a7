"""Where files to and from billers lie: `<EXCHANGE>/billers/out` and `…/in`, a folder each.

A line of transfer (SFTP, a courier's disk) empties the one and fills the other. The database is
the record: a file that is gone is written again from it, and one that lies here twice is read once.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from banking import bill_files
from banking.errors import ReplyInvalid
from banking.models import BillerFile

log = logging.getLogger(__name__)
AGAIN = timedelta(days=2)  # so long a file that was never fetched is put out again


def run(*, at: datetime) -> None:
    """Write what is due, put it out, read what has come, and finish what was begun."""
    for biller, day in bill_files.due(at=at):
        bill_files.write(biller, day, at=at)
    out, into = (settings.EXCHANGE / "billers" / name for name in ("out", "in"))
    for folder in (out, into, into / "read", into / "wrong"):
        folder.mkdir(parents=True, exist_ok=True)
    for file in BillerFile.objects.filter(made_at__gte=at - AGAIN, billerreply=None):
        _put(out / file.name, file.text)
    for path in sorted(into.glob("*.txt")):
        _read(path, at=at)
    for reply in bill_files.unfinished():
        bill_files.carry_through(reply, at=at)


def _put(path: Path, text: str) -> None:
    """Whole, or not there: whoever fetches it never sees a half."""
    if path.exists():
        return
    half = path.with_suffix(".part")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


def _read(path: Path, *, at: datetime) -> None:
    try:
        bill_files.take_in(path.read_text(encoding="utf-8"), at=at)
    except (ReplyInvalid, UnicodeDecodeError) as wrong:
        log.warning("%s is no answer to a file of ours: %s", path.name, wrong)
        path.replace(path.parent / "wrong" / path.name)
    else:
        path.replace(path.parent / "read" / path.name)
