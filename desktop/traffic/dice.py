"""What callers want and how long things take, drawn from one seed. Pure; seconds throughout."""

import math
from dataclasses import dataclass
from enum import Enum
from random import Random


class Goal(Enum):
    """What a caller phones for. Shares are of a bank whose IVR serves most of its callers."""

    BALANCE = "balance"
    ENTRIES = "entries"
    TRANSFER = "transfer"
    PERSON = "person"  # straight from the first menu
    PROVED_PERSON = "proved_person"  # after she has identified herself


SHARES = {
    Goal.BALANCE: 38,
    Goal.ENTRIES: 15,
    Goal.TRANSFER: 12,
    Goal.PERSON: 20,
    Goal.PROVED_PERSON: 15,
}
PATIENCE_S = 110.0  # mean of an exponential; Technion's log of 1999 has callers wait that long
LEAST_PATIENCE_S = 4.0
TALK_S, WRAP_UP_S = 74.5, 12.0  # together the 86.5 s of the source centre of 2004
SPREAD = 0.7  # of a lognormal: service times of real centres


@dataclass(frozen=True, slots=True)
class Plan:
    """One call as its caller means it to go."""

    goal: Goal
    english: bool
    wrong_pins: int  # before the right one
    patience_s: float
    takes_callback: bool  # when her patience is over, rather than hang up
    talk_s: float | None  # she ends the talk after so long; None leaves it to the agent


class Dice:
    """Draws. The same seed gives the same day."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)  # noqa: S311  # it is to be the same each time

    def gap(self, a_minute: float) -> float:
        """To the next caller: arrivals are a Poisson process."""
        return self._chance.expovariate(a_minute / 60)

    def plan(self) -> Plan:
        chance = self._chance.random
        mistakes = 3 if chance() < 0.01 else 1 if chance() < 0.1 else 0
        return Plan(
            goal=self._chance.choices(list(SHARES), weights=list(SHARES.values()))[0],
            english=chance() < 0.04,
            wrong_pins=mistakes,
            patience_s=max(LEAST_PATIENCE_S, self._chance.expovariate(1 / PATIENCE_S)),
            takes_callback=chance() < 0.15,
            talk_s=self.lognormal(TALK_S) if chance() < 0.5 else None,
        )

    def lognormal(self, mean_s: float) -> float:
        return self._chance.lognormvariate(math.log(mean_s) - SPREAD**2 / 2, SPREAD)

    def think(self, speech_s: float) -> float:
        """From the beginning of a prompt to the key: she knows it, or hears it out."""
        if self._chance.random() < 0.5:
            return min(speech_s, self._chance.uniform(1.0, 4.0))
        return speech_s + self._chance.uniform(0.5, 2.0)

    def between(self, least_s: float, most_s: float) -> float:
        return self._chance.uniform(least_s, most_s)

    def happens(self, share: float) -> bool:
        return self._chance.random() < share

    def index(self, count: int) -> int:
        return self._chance.randrange(count)

    def score(self) -> str:
        """The key that rates an agent; "" for who hangs up instead."""
        return self._chance.choices(("5", "4", "3", "2", "1", ""), weights=(60, 22, 3, 1, 1, 13))[0]

    def yuan(self) -> int:
        return self._chance.choice((50, 80, 100, 120, 200, 300, 500))
