"""What her caller has complained of, and the way to take a complaint down."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from complaints.models import Complaint
from telephony.models import Call
from telephony.panels import Column, Panel, Reader
from telephony.panels import register as add

MOST = 3


def complaints(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Hers who is identified, else those from this number; what is not told yet comes first."""
    if call is None or reader.current is None:
        return None
    hers = Q(customer=call.customer_id) if call.customer_id else Q(phone=call.caller or None)
    found = Complaint.objects.filter(hers).select_related("reason")
    return {
        "cases": [
            {"row": row, "late": row.told_at is None and row.due_at < reader.at}
            for row in found.order_by("-told_at", "-received_at")[:MOST]
        ],
        "may_register": reader.user.has_perm("complaints.add_complaint"),
    }


def register() -> None:
    add(
        Panel(
            name="complaints",
            column=Column.HELP,
            order=55,
            title=gettext_lazy("Complaints"),
            template="desk/panels/complaints.html",
            look=complaints,
            key="G",
        )
    )
