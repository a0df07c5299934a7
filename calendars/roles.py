"""Everybody may see when the bank works; the administrator and the planner say so."""

from people.roles import Permissions, Role, may

_DAYS = ("specialday", "openinghours", "weeklyspan", "exceptionalspan")
_SEE = may("calendars", *_DAYS, do="view")

ROLES: dict[Role, Permissions] = {
    **{role: set(_SEE) for role in Role},
    Role.ADMINISTRATOR: may("calendars", *_DAYS, do="view add change delete"),
    Role.PLANNER: may("calendars", *_DAYS, do="view add change delete"),
}
