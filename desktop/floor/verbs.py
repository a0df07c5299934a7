"""What a supervisor does on her page."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from routing import news
from telephony import records
from telephony.models import Call


class NoNumber(Refusal):
    text = _("There is no number to call back.")


def ask_callback(call_id: int, *, at: datetime) -> str:
    """Ask staff to ring back who gave up, at the number she called from; the receipt.

    Asked again, the same one. Raises NoNumber.
    """
    caller = Call.objects.filter(pk=call_id).values_list("caller", flat=True).first()
    if not caller:
        raise NoNumber
    receipt = records.request_callback(call_id, phone=caller, at=at)
    with transaction.atomic(durable=True):
        news.floor_changed()
    return receipt
