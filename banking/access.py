"""The clocks and counts of telephone banking: dated rows, and what holds until there is one."""

from datetime import date

from banking import sql
from banking.models import AccessRule

Name = AccessRule.Name
# domain.md §1: by the PBOC's rules of 2016, 6 months, and 50,000 yuan; the others are ours.
DEFAULTS = {
    Name.DORMANT_MONTHS: 6,
    Name.QUERY_CALL: 3,
    Name.QUERY_DAY: 5,
    Name.IN_ALL: 3,
    Name.CODE_HOURS: 72,
    Name.CODE_TRIES: 3,
    Name.REQUEST_DAYS: 5,
    Name.APPROVAL_HOURS: 72,
    Name.PERIOD_DAYS: 366,
    Name.PASSWORD_CAP: 50_000,
    Name.NUMBER_HOUR: 20,
    Name.SILENCE_S: 5,
    Name.BETWEEN_S: 3,
    Name.TRIES: 3,
    Name.LAST_N: 5,
    Name.PAGE_N: 5,
}


def rule(name: Name, *, day: date) -> int:
    """The value in force on `day`."""
    return rules(name, day=day)[0]


def rules(*names: Name, day: date) -> list[int]:
    """The values in force on `day`, of several at once."""
    # Of each the newest, which comes last.
    found: dict[str, int] = dict(sql.rows(_RULES, [list(names), day]))
    return [found.get(name, DEFAULTS[name]) for name in names]


_RULES = """
    SELECT name, value FROM banking_accessrule
    WHERE name = ANY(%s::text[]) AND valid_from <= %s ORDER BY valid_from
"""
