"""The help pages: categories, search as one types, an article. They work without a script."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import conditional_page, require_safe

from calendars import clock
from kb import serving
from kb.public import answers
from kb.public.limit import limited

SHOWN = "public, no-cache"  # kept by whoever likes, and asked for again: what is withdrawn is gone
OTHER = {"zh-hans": "en", "en": "zh-hans"}
SPACES = {"zh-hans": "help", "en": "help-en"}
POLICY = {
    **{f"{what}-src": [SELF] for what in ("script", "style", "connect")},
    **{what: [NONE] for what in ("default-src", "base-uri", "frame-ancestors")},
    "img-src": [SELF, "data:"],
    "form-action": [SELF],
}


def page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """In the language that its address names; so often an hour; known again by its ETag."""

    counted = limited(view)

    @csp(POLICY)
    @conditional_page
    @require_safe
    @wraps(view)
    def shown(
        request: HttpRequest, *args: Any, language: str = settings.LANGUAGE_CODE, **kwargs: Any
    ) -> HttpResponse:
        with translation.override(language):
            request.current_app = SPACES[language]
            answer = counted(request, *args, language=language, **kwargs)
        answer.headers.setdefault("Cache-Control", SHOWN)
        answer.headers["Content-Language"] = language
        return answer

    return shown


@page
def index(request: HttpRequest, language: str) -> HttpResponse:
    """The categories, or what answers what was asked; to a script, the answers alone."""
    at, asked = clock.now(), request.GET.get("q", "").strip()[:200]
    found = answers.find(asked, at=at)
    part = "HX-Request" in request.headers
    context = {
        "asked": asked,
        "found": found,
        "categories": [] if part else answers.categories(at=at),
        **_chrome(language, "index"),
    }
    answer = render(request, "help/_found.html" if part else "help/index.html", context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@page
def category(request: HttpRequest, code: str, language: str) -> HttpResponse:
    at = clock.now()
    versions = list(answers.public(at=at).filter(article__category__code=code))
    if not versions:
        return nothing(request, language)
    context = {
        "category": versions[0].article.category,
        "found": answers.told(versions, at=at),
        **_chrome(language, "category", code),
    }
    return render(request, "help/category.html", context)


@page
def article(request: HttpRequest, code: str, key: str, language: str) -> HttpResponse:
    """Under the category that it is in; under another it leads there."""
    found = answers.whole(key, at=clock.now())
    if found is None:
        return nothing(request, language)
    if found.category.code != code:
        there = reverse(
            "help:article", args=[found.category.code, key], current_app=SPACES[language]
        )
        return HttpResponseRedirect(there)
    context = {"article": found, **_chrome(language, "article", code, key)}
    return render(request, "help/article.html", context)


@page
def file(
    request: HttpRequest, code: str, key: str, attachment_id: int, language: str
) -> HttpResponse:
    """That goes with an article; under no other address than the article's own."""
    found = answers.file(code, key, attachment_id, at=clock.now())
    return serving.answer(found) if found else nothing(request, language)


def nothing(request: HttpRequest, language: str) -> HttpResponse:
    """One answer for what never was, what is not public and what is answered no more."""
    return render(request, "help/nothing.html", _chrome(language, "index"), status=404)


def _chrome(language: str, name: str, *args: str) -> dict[str, str]:
    """The same page in the other language."""
    other = OTHER[language]
    return {
        "other": other,
        "other_url": reverse(f"help:{name}", args=args, current_app=SPACES[other]),
    }


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """The help pages are for everybody, search engines too; nothing else is."""
    lines = ("User-agent: *", "Allow: /help/", "Allow: /en/help/", "Disallow: /", "")
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
