"""Refusals as problem details (RFC 9457): a type that stays, and a sentence for people."""

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response

from people.errors import Refusal

MEDIA = "application/problem+json"


def of_refusal(refusal: Refusal, **more: Any) -> Response:
    """`type` ends in the refusal's name: urn:bankline:insufficient-funds."""
    return problem(_name(refusal), str(refusal), refusal.status, **more)


def of_exception(error: APIException) -> Response:
    """What the framework itself refuses: a body that is no JSON, a shape that is not ours."""
    if isinstance(error, ValidationError):
        detail = _("The order is not as it should be. Nothing was debited.")
        return problem("invalid-order", detail, 422, errors=error.detail)
    return problem(_name(error), str(error.detail), error.status_code)


def problem(name: str, detail: str, status: int, **more: Any) -> Response:
    body = {"type": f"urn:bankline:{name}", "status": status, "detail": detail, **more}
    return Response(body, status=status, content_type=MEDIA)


def _name(error: Exception) -> str:
    """InsufficientFunds → insufficient-funds."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
