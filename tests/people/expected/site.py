"""The pages of the site itself."""

from tests.people.expected import EVERYBODY

PUBLIC = {
    "": EVERYBODY,  # leads to the admin's home page
    "healthz": EVERYBODY,
    "readyz": EVERYBODY,
    "set_language": EVERYBODY,
    "admin:login": EVERYBODY,
}

PAGES = {
    "admin:index": EVERYBODY,
    "admin:jsi18n": EVERYBODY,
    "admin:search": EVERYBODY,  # finds the pages that the reader may open
    "admin:logout": EVERYBODY,
    "admin:password_change": EVERYBODY,
    "admin:password_change_done": EVERYBODY,
    "admin:autocomplete": EVERYBODY,  # asks for the right to see the model; below: branches
    "admin:app_list": EVERYBODY,  # of people: everybody may see the branches
    "admin:view_on_site": EVERYBODY,  # only redirects
    "admin/(?P<url>.*)$": EVERYBODY,  # not found
}
