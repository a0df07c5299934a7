"""What an agent's simulated phone can't do, in words for her."""

from django.utils.translation import gettext_lazy as _

from people.errors import Refusal


class NoSimulatedSwitch(Refusal):
    text = _("This bank runs on a real FreeSWITCH, where a simulated phone never rings.")


class SwitchSilent(Refusal):
    text = _("The simulated switch does not answer, so your phone can't ring.")


class SwitchLost(Refusal):
    text = _("The simulated switch is gone, and with it whatever call you had.")


class Superseded(Refusal):
    text = _("Your phone was opened in another window; this one is off.")


class NothingThere(Refusal):
    text = _("That call is over already.")


class Unintelligible(Refusal):
    text = _("The page sent what your phone does not understand. Load the page anew.")
