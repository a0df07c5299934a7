"""What the complaints desk refuses."""

from django.utils.translation import gettext_lazy as _

from people.errors import Refusal


class ComplaintRefused(Refusal):
    """Base: the case is as it was."""


class NotNow(ComplaintRefused):
    text = _("The case is past this step, or has not come to it. Nothing was changed.")


class OwnAnswer(ComplaintRefused):
    text = _("Somebody else must review what you answered. Nothing was changed.")


class NothingSaid(ComplaintRefused):
    text = _("Write what is to be kept of it. Nothing was changed.")


class OffAxis(ComplaintRefused):
    text = _("Each axis takes a category of its own that is in use. Nothing was changed.")


class NotThisBranch(ComplaintRefused):
    text = _("The case is with another branch. Nothing was changed.")
    status = 403


class NoClock(ComplaintRefused):
    text = _("No clock of complaints is in force.")
