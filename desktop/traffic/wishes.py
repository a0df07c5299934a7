"""Who asks for demo traffic, and how the process that drives it hears of it."""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from desktop import demo
from desktop.models import Traffic
from people.errors import Refusal
from people.models import User

CHANNEL = "demo_traffic"  # NOTIFY: the row has changed
USUAL = 10  # calls a minute by one click; the simulated agents are busy with it, not drowned
MOST = 120


class NoDemoBank(Refusal):
    text = _("Demo traffic is for the demo bank on the simulated switch alone.")


class TooMuch(Refusal):
    text = _("From 1 to %(most)s calls a minute.")


def possible() -> bool:
    """Whether this bank is a demo and its switch simulated."""
    return bool(settings.PHONE_URL) and demo.exists()


@transaction.atomic(durable=True)
def ask(calls_per_minute: int, *, by: User, at: datetime) -> None:
    """So many calls a minute from now on; 0 is none. Raises NoDemoBank, TooMuch."""
    if not possible():
        raise NoDemoBank
    if not 0 <= calls_per_minute <= MOST:
        raise TooMuch(most=MOST)
    Traffic.objects.update_or_create(
        pk=1, defaults={"calls_per_minute": calls_per_minute, "asked_by": by, "asked_at": at}
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def wanted() -> int:
    """Calls a minute that are asked for."""
    return Traffic.objects.filter(pk=1).values_list("calls_per_minute", flat=True).first() or 0
