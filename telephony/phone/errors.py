"""What the test phone can't do, in words for whoever holds it."""

from django.utils.translation import gettext_lazy as _

from people.errors import Refusal


class NoSimulatedSwitch(Refusal):
    text = _("This bank runs on a real FreeSWITCH. Dial it with a SIP phone.")


class SwitchSilent(Refusal):
    text = _("The simulated switch does not answer (%(why)s). Is it running? Nothing was dialled.")


class SwitchRefused(Refusal):
    text = _("The simulated switch refused: %(why)s.")


class SwitchLost(Refusal):
    text = _("The simulated switch is gone, and the call with it.")


class OnACall(Refusal):
    text = _("This phone is on a call already.")


class NotOnACall(Refusal):
    text = _("This phone is not on a call.")


class NoSuchNumber(Refusal):
    text = _("The bank has no number %(number)s in service.")


class CallerUnclear(Refusal):
    text = _("The caller's number is up to 20 digits, or nothing.")


class NoTestCard(Refusal):
    text = _("This is no card of a test customer.")


class Unintelligible(Refusal):
    text = _("The page sent what this phone does not understand. Load the page anew.")
