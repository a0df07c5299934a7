"""A password that somebody else has seen opens one page: the one to choose another."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

FREE = {
    "admin:password_change",
    "admin:logout",
    "admin:jsi18n",
    "set_language",
    "healthz",
    "readyz",
}


def password_change_first(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        must = user.is_authenticated and user.must_change_password
        if must and _name(request) not in FREE:  # an unknown address leads there as well
            return redirect(reverse("admin:password_change"))
        return get_response(request)

    return middleware


def _name(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return None
