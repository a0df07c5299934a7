"""The keys of this installation: from the environment, else made once under ``var/keys``.

A bank sets SECRET_KEY, PIN_KEY and PAN_KEY itself (settings refuse a public host without them);
a bare clone makes its own, readable by nobody else.
"""

import os
import secrets
from pathlib import Path


def read_or_make(name: str, folder: Path) -> str:
    """The key called `name`, 64 hex digits unless the environment holds another one.

    Raises PermissionError if the file can be read by others: a key that leaked is no key.
    """
    if from_environment := os.environ.get(name):
        return from_environment
    file = folder / name.lower()
    try:
        mode = file.stat().st_mode & 0o777
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _make(file)
    if mode & 0o077:
        raise PermissionError(f"{file} is open to others ({mode:o}); make it 0600 or remove it.")
    return file.read_text().strip()


def _make(file: Path) -> str:
    value = secrets.token_hex(32)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(value)
    try:
        os.link(draft, file)  # fails if another process was faster: then its key holds
    except FileExistsError:
        return file.read_text().strip()
    finally:
        draft.unlink()
    return value
