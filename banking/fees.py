"""What a transfer costs, by the published schedule of the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from banking.models.customers import Vip
from banking.models.orders import Channel, FeeTier, Instruction

FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Tier:
    """Yuan; `rate` is a share of the amount."""

    above: Decimal
    flat: Decimal
    rate: Decimal
    cap: Decimal | None


def to_fen(amount: Decimal) -> Decimal:
    """Half up, as the bank's price list rounds."""
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)


def fee(amount: Decimal, tiers: Sequence[Tier]) -> Decimal:
    """Of the highest tier below the amount: flat plus rate, at most the cap. No tier: free."""
    below = [tier for tier in tiers if tier.above < amount]
    if not below:
        return Decimal("0.00")
    tier = max(below, key=lambda tier: tier.above)
    cost = to_fen(tier.flat + amount * tier.rate)
    return cost if tier.cap is None else min(cost, tier.cap)


def schedule(
    kind: Instruction.Kind, channel: Channel, *, day: date, vip: str = Vip.ORDINARY
) -> list[Tier]:
    """The tiers in force on `day`: those of the newest date that has begun, of her level's own
    schedule where there is one, else of the one for all."""
    rows = FeeTier.objects.filter(
        kind=kind, channel=Channel(channel).priced_as, vip__in=["", vip], valid_from__lte=day
    )
    begun = sorted(rows, key=lambda row: (row.vip, row.valid_from), reverse=True)
    return [
        Tier(row.above, row.flat, row.rate, row.cap)
        for row in begun
        if (row.vip, row.valid_from) == (begun[0].vip, begun[0].valid_from)
    ]
