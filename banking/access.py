"""The clocks and counts of telephone banking: dated rows, and what holds until there is one."""

from datetime import date

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
}


def rule(name: Name, *, day: date) -> int:
    """The value in force on `day`."""
    rows = AccessRule.objects.filter(name=name, valid_from__lte=day).order_by("-valid_from")
    value = rows.values_list("value", flat=True).first()
    return DEFAULTS[name] if value is None else value
