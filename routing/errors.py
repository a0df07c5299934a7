"""What routing refuses."""

from django.utils.translation import gettext_lazy as _

from people.errors import Refusal


class NoAgent(Refusal):
    text = _("You are not set up to take calls. Ask your supervisor.")


class NotSignedIn(Refusal):
    text = _("You are not signed in.")


class SignedInElsewhere(Refusal):
    text = _("Your desk is open in another window. Go on there, or take it over here.")


class InACall(Refusal):
    text = _("Not while a call lasts.")


class WrongState(Refusal):
    text = _("That can't follow now: you are “%(state)s”.")


class PhoneAway(Refusal):
    text = _("Your phone is not connected, so no call could reach you.")


class UnknownReason(Refusal):
    text = _("Choose a reason for the pause.")


class NoSuchQueue(Refusal):
    text = _("There is no such queue.")


class CallerGone(Refusal):
    text = _("The caller has hung up.")


class OfferOver(Refusal):
    text = _("The call went to somebody else.")
