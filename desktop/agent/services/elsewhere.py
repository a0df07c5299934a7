"""What is not done in a form: passwords, in the IVR; complaints, in a dialog of their own."""

from django.utils.translation import gettext_lazy as _

from desktop.agent.services.registry import Group, Service, add
from telephony import attended
from telephony.ivr.queue import Proof

NEW_PASSWORD = _(
    "She gives the old password to the IVR and keys the new one twice; you neither hear nor see "
    "it, and have her back afterwards."
)

add(
    Service(
        group=Group.PROTECTION,
        name="query-password",
        title=_("Change the query password"),
        flows=("change-query-password",),
        typed="xgcxmm cxmm mm password",
        matter="phone-bank-password",
        errand="change-query-password",
        about=NEW_PASSWORD,
    )
)
add(
    Service(
        group=Group.PROTECTION,
        name="transaction-password",
        title=_("Change the transaction password"),
        flows=("change-transaction-password",),
        typed="xgjymm jymm mm password",
        matter="phone-bank-password",
        errand="change-transaction-password",
        about=NEW_PASSWORD,
    )
)
add(
    Service(
        group=Group.PROTECTION,
        name="activation",
        title=_("Activate telephone banking"),
        flows=(),
        typed="ktdhyh kt jhm",
        matter="phone-bank-password",
        errand=Proof.IDENTIFY.value,
        about=_(
            "A branch issues a one-time code to who shows her ID and her card. With it in hand she "
            "keys card number and code in the IVR, and chooses her query password. Without a code "
            "nothing is activated by telephone."
        ),
    )
)
add(
    Service(
        group=Group.COMPLAINTS,
        name="complaint",
        title=_("Take down a complaint"),
        flows=("complaint",),
        typed="djts ts",
        page="desk:complaint",
        permission="complaints.add_complaint",
    )
)
for _flow in ("agent-card", "agent-corporate"):
    attended.leave_out(_flow, "she is with a person already; F8 sends her to that queue")
