"""Who looked at a customer's data: each view and each reveal is written down with its reason."""

from datetime import datetime

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from people.models import AccessLog, User

What = AccessLog.What


class NoReason(Refusal):
    text = _("Say why you need to see this. Nothing was shown.")


def record(
    user: User,
    what: str,
    subject: Model,
    *,
    field: str = "",
    reason: str,
    address: str | None = None,
    at: datetime,
) -> AccessLog:
    """Write down that `user` sees `subject` (of a reveal: its `field`); call it before showing.

    `address` is the reader's IP address. Raises NoReason.
    """
    if not reason.strip():
        raise NoReason
    return AccessLog.objects.create(
        at=at,
        user=user,
        what=What(what),
        subject=f"{subject._meta.label_lower}:{subject.pk}",
        field=field,
        reason=reason.strip(),
        address=address,
    )
