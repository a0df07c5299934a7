"""A core that can't be reached for a while, as a bank's own may be."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from banking.core import OrderView
from banking.embedded import EmbeddedCore
from banking.errors import CoreUnavailable


class FarCore(EmbeddedCore):
    """`broken`: the question does not arrive, or it does and its answer is lost."""

    broken: ClassVar[Literal["", "question", "answer"]] = ""

    def execute(self, key: UUID, *, at: datetime) -> OrderView:
        if self.broken == "question":
            raise CoreUnavailable
        order = super().execute(key, at=at)
        if self.broken == "answer":
            raise CoreUnavailable
        return order

    def enquire(self, key: UUID, *, at: datetime) -> OrderView:
        if self.broken:
            raise CoreUnavailable
        return super().enquire(key, at=at)
