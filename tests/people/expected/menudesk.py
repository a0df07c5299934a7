"""The menu desk: looked at by who may see menus; each verb asks for its own right."""

from tests.people.expected.telephony import MENUS

PAGES = {
    "menudesk:newest": MENUS,
    "menudesk:version": MENUS,
    "menudesk:do": MENUS,
}
