"""The way from here to the simulated switch's phones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from urllib.parse import unquote, urlsplit

from django.conf import settings

from telephony.phone.errors import NoSimulatedSwitch, SwitchSilent
from telephony.phone.speech import Speech
from telephony.simswitch.phone import Phone, PhoneError


def is_simulated() -> bool:
    """Whether there is a simulated switch whose phones we can be."""
    return bool(settings.PHONE_URL)


@asynccontextmanager
async def connect() -> AsyncIterator[Phone]:
    """A phone on the simulated switch; hung up at the end of the block.

    Raises NoSimulatedSwitch, SwitchSilent.
    """
    if not is_simulated():
        raise NoSimulatedSwitch
    url = urlsplit(settings.PHONE_URL)
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


@cache
def speech() -> Speech:
    """The catalogue read backwards, once a process."""
    return Speech.load(settings.PROMPTS)
