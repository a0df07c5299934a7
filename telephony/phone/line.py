"""The way from here to the simulated switch's phones."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from telephony import wording
from telephony.phone.errors import NoSimulatedSwitch, SwitchSilent
from telephony.phone.speech import Speech
from telephony.simswitch.phone import Phone, PhoneError


def is_simulated() -> bool:
    """Whether there is a simulated switch whose phones we can be."""
    return bool(settings.PHONE_URL)


def of_this_checkout() -> str:
    """The phones of the `make run` that serves here, for a command in another terminal; or ""."""
    try:
        note = json.loads((settings.VAR / "run.json").read_text())
        word = (settings.KEYS / "event_socket_password").read_text().strip()
    except (OSError, ValueError):
        return ""
    port = note.get("phone_port")
    return f"phone://:{quote(word, safe='')}@127.0.0.1:{port}" if port else ""


@asynccontextmanager
async def connect(address: str = "") -> AsyncIterator[Phone]:
    """A phone on the simulated switch, at PHONE_URL; hung up at the end of the block.

    Raises NoSimulatedSwitch, SwitchSilent.
    """
    address = address or settings.PHONE_URL
    if not address:
        raise NoSimulatedSwitch
    url = urlsplit(address)
    opening = Phone.connect(
        url.port or 8022, unquote(url.password or ""), host=url.hostname or "127.0.0.1"
    )
    try:
        phone = await opening.__aenter__()
    except (OSError, PhoneError) as error:
        raise SwitchSilent(why=str(error)) from error
    try:
        yield phone
    finally:
        await opening.__aexit__(None, None, None)


def speech() -> Speech:
    """The catalogue read backwards; anew only when the bank's own recordings have changed."""
    return _speech(wording.stamp(), settings.PROMPTS)


@lru_cache(maxsize=1)
def _speech(_stamp: wording.Stamp, shipped: Path) -> Speech:
    return Speech.load(shipped, wording.prompts())
