"""What ratings refuse."""

from django.utils.translation import gettext_lazy as _

from people.errors import Refusal


class RatedAlready(Refusal):
    text = _("This call was rated already.")
