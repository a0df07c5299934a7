"""What Bankline refuses, in words for the one who asked."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """Expected: the request can't be done. `text` is read, `prompt` is heard.

    `text` is a lazy message with named places, filled from the keyword arguments when shown;
    `values` holds them for a prompt to speak.
    """

    text: ClassVar[str | Promise] = _("This can't be done now.")
    prompt: ClassVar[str] = "refused.technical"
    status: ClassVar[int] = 409

    def __init__(self, **values: Any) -> None:
        super().__init__(type(self).__name__)
        self.values = values

    def __str__(self) -> str:
        return str(self.text) % self.values
