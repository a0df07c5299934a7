"""By which number she is known before she proves herself, and which calls were the bank's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from banking.core.views import Channel


@dataclass(frozen=True, slots=True)
class KnownCaller:
    """Whose bound number calls. It is a signal: for a greeting and a place, never for money."""

    customer_id: int
    vip: str  # ordinary | gold | platinum | private
    is_senior: bool  # of the age from which a person is offered first
    is_test: bool


@dataclass(frozen=True, slots=True)
class ContactView:
    """The bank called her: spoken as the prompts `desk.<desk>` and `contact.<reason>`."""

    desk: str
    reason: str
    at: datetime


class Contacts(Protocol):
    def known_by(self, phone: str, *, at: datetime) -> KnownCaller | None:
        """Who is greeted by the number that she calls from."""

    def contacts(self, customer_id: int, *, at: datetime) -> tuple[ContactView, ...]:
        """Calls of the bank to her, the newest first, as far back as they are told."""

    def report_caller(
        self,
        customer_id: int,
        *,
        phone: str,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
    ) -> str:
        """Somebody called her in the bank's name: stop her debits by telephone, open a case.

        The case's number; asked again in one call, the same one.
        """
