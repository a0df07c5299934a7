"""Who has attested what: most of the staff, some of them not in time."""

from datetime import datetime, timedelta
from random import Random

from kb import attesting, shipped

ISSUED_BEFORE = timedelta(days=9)  # so that who has not attested by now is late
DONE = 0.7  # of what is asked of everybody


def build(seed: int, at: datetime) -> None:
    """Issues the regulations that ship. Needs the staff."""
    issued_at = at - ISSUED_BEFORE
    shipped.issue(at=issued_at)
    dice = Random(seed)  # noqa: S311  # the same each time
    asked = sorted(attesting.everybody(), key=lambda one: (one.user.username, one.version.pk))
    for one in asked:
        after = timedelta(minutes=dice.randrange(int(ISSUED_BEFORE / timedelta(minutes=1))))
        if dice.random() < DONE:
            attesting.attest(one.version.pk, by=one.user, at=issued_at + after)
