"""How pages write figures. Rounded here, once, half up, and nowhere else."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from reporting.kpi import SHARES, Kpi

NOTHING = "—"  # there is no value: not zero


def percent(share: Decimal | None, places: int = 1) -> str:
    """0.8479 → 84.8%."""
    if share is None:
        return NOTHING
    return f"{(share * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)}%"


def points(share: Decimal | None) -> str:
    """The same where the column's head says that it is per cent: 84.8."""
    return percent(share).removesuffix("%")


def mmss(seconds: Decimal | None) -> str:
    """166.4 → 02:46; an hour and more goes on counting minutes."""
    if seconds is None:
        return NOTHING
    whole = int(seconds.quantize(Decimal(1), ROUND_HALF_UP))
    return f"{whole // 60:02}:{whole % 60:02}"


def plain(number: Decimal) -> str:
    """A bound without needless places: 80.0 → 80."""
    return f"{number.quantize(Decimal('0.1'), ROUND_DOWN).normalize():f}"


def figure(kpi: Kpi, value: Decimal | None) -> str:
    """A value in the KPI's unit."""
    if kpi in SHARES:
        return percent(value)
    if kpi == Kpi.WAITING:
        return NOTHING if value is None else plain(value)
    return mmss(value)


def bare(kpi: Kpi, value: Decimal) -> str:
    """A target beside a figure that shows the unit: 80, 00:20."""
    return bound(kpi, value).removesuffix("%")


def bound(kpi: Kpi, value: Decimal) -> str:
    """A target in the KPI's unit: 80%, 00:20."""
    return f"{plain(value * 100)}%" if kpi in SHARES else figure(kpi, value)
