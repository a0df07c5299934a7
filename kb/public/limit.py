"""How often one address may ask, in each web process (settings.HELP_RATE)."""

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

View = Callable[..., HttpResponse]


class ByAddress(SimpleRateThrottle):
    """Pages and REST count together. Who has IPv6 has as many addresses as she likes: her net."""

    scope = "help"
    rate = settings.HELP_RATE

    def get_cache_key(self, request: Request | HttpRequest, view: Any) -> str:
        said = self.get_ident(request)  # type: ignore[arg-type]  # looks at META alone
        try:
            address = ip_address(said)
        except ValueError:
            return f"help:{said}"
        bits = 64 if address.version == 6 else 32
        return f"help:{ip_network((address, bits), strict=False)}"


def limited(view: View) -> View:
    """A page that says to wait instead."""

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        throttle = ByAddress()
        if throttle.allow_request(request, view):  # type: ignore[arg-type]
            return view(request, *args, **kwargs)
        wait = max(1, round(throttle.wait() or 1))
        answer = render(request, "help/wait.html", {"wait": wait}, status=429)
        answer["Retry-After"] = str(wait)
        return answer

    return counted
