"""The bank's machines at a glance: how many are in which state, and which needs help first."""

from dataclasses import dataclass
from datetime import datetime

from banking.models.atms import Atm

Alarm = Atm.Alarm
# What needs help first comes first; what works comes last.
ORDER = (
    Atm.State.OFFLINE,
    Atm.State.FAULT,
    Atm.State.JAMMED,
    Atm.State.RETAINED,
    Atm.State.NO_CASH,
    Atm.State.MAINTENANCE,
    Atm.State.ONLINE,
)
_URGENT = (Alarm.BROKEN, Alarm.NEAR, Alarm.OFF, Alarm.NONE)


@dataclass(frozen=True, slots=True)
class Group:
    """The machines in one state; `alarm` is that of the most urgent one."""

    state: Atm.State
    count: int
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class Strip:
    """All machines, and the one that is broken for the longest."""

    total: int
    groups: tuple[Group, ...]
    worst: Atm | None


def strip(at: datetime) -> Strip:
    """One query."""
    machines = list(Atm.objects.select_related("branch").order_by("since", "code"))
    broken = [machine for machine in machines if machine.alarm(at) == Alarm.BROKEN]
    return Strip(
        total=len(machines),
        groups=tuple(_group(state, machines, at) for state in ORDER),
        worst=broken[0] if broken else None,
    )


def _group(state: Atm.State, machines: list[Atm], at: datetime) -> Group:
    alarms = [machine.alarm(at) for machine in machines if machine.state == state]
    if state == Atm.State.ONLINE:
        return Group(state, len(alarms), Alarm.NONE)
    return Group(state, len(alarms), min(alarms, key=_URGENT.index, default=Alarm.OFF))
