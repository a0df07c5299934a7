"""What every refusal of the bank is."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from people.errors import Refusal


class BankingError(Refusal):
    """Nothing has moved. `kinds` says which values are yuan, so that they survive as JSON."""

    kinds: ClassVar[Mapping[str, type]] = {}

    def __str__(self) -> str:
        shown = {
            name: f"{value:,.2f}" if isinstance(value, Decimal) else value
            for name, value in self.values.items()
        }
        return str(self.text) % shown

    def stored(self) -> dict[str, Any]:
        """The values as JSON holds them; `revived` is the way back."""
        return {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in self.values.items()
        }


class OrderRefused(BankingError):
    """The bank's final answer to a confirmed order: recorded with it, and given again."""


class CoreUnavailable(BankingError):
    """An outage, not a refusal: whether the order was carried out is asked by `enquire`."""

    text = _("The bank's books can't be reached now. Please enquire what became of the order.")


def revived(code: str, values: Mapping[str, Any]) -> OrderRefused:
    """The refusal that was recorded by its class name and `stored()` values."""
    kind = next(kind for kind in OrderRefused.__subclasses__() if kind.__name__ == code)
    return kind(**{name: kind.kinds.get(name, str)(value) for name, value in values.items()})
