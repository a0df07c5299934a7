"""The live directory: FreeSWITCH (mod_xml_curl) asks web who may register, and with what.

Asked once a REGISTER and once a call to an agent. It knows only who is signed in now: the
switch keeps no list of agents and no secret.
"""

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from hmac import compare_digest
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template import Context, Engine
from django.views.decorators.csrf import csrf_exempt

from calendars import clock
from routing import phones

USER = "freeswitch"
MEDIA_TIMEOUT_MS = 10_000  # without a packet: the browser has vanished
TEMPLATE = Path(__file__).with_name("directory.xml")


@csrf_exempt
def directory(request: HttpRequest) -> HttpResponse:
    """The entry of the staff number asked for, or that there is none."""
    if not _is_the_switch(request.headers.get("Authorization", "")):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = request.POST
    number = asked.get("user", "") if asked.get("domain") == settings.SIP_REALM else ""
    ha1 = phones.directory_entry(number)
    if ha1 and asked.get("sip_auth_method") == "REGISTER" and proves(ha1, asked):
        phones.registered(number, at=clock.now())
    return HttpResponse(entry(number, ha1), content_type="text/xml")


def entry(number: str, ha1: str | None) -> str:
    """The document. Django escapes every value for XML."""
    values = {
        "realm": settings.SIP_REALM,
        "number": number,
        "ha1": ha1,
        "media_timeout_ms": MEDIA_TIMEOUT_MS,
    }
    template = Engine().from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(Context(values, use_l10n=False))


def proves(ha1: str, asked: Mapping[str, str]) -> bool:
    """Whether who registers knows the secret (RFC 2617, qop auth). FreeSWITCH checks it too."""

    def digest(*parts: str) -> str:
        return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()

    said = {
        name: asked.get(f"sip_auth_{name}", "")
        for name in ("nonce", "nc", "cnonce", "qop", "uri", "method", "response")
    }
    right = digest(
        ha1,
        *(said[name] for name in ("nonce", "nc", "cnonce", "qop")),
        digest(said["method"], said["uri"]),
    )
    return compare_digest(right.encode(), said["response"].encode())


def _is_the_switch(authorization: str) -> bool:
    """Whether it shows the key of the directory, as `freeswitch_config` gave it to the switch."""
    scheme, _, credentials = authorization.partition(" ")
    try:
        given = b64decode(credentials, validate=True)
    except ValueError:
        return False
    wanted = f"{USER}:{settings.DIRECTORY_KEY}".encode()
    return scheme.lower() == "basic" and compare_digest(given, wanted)
