"""Who may open what: one module an app, each page, action and socket named.

An address that is not named here fails `tests/people/test_urls.py`, so that nobody adds one
without saying who may open it. Let in means: not refused; an unknown object is no refusal, so
a page must look at the rights before it looks at the object. A verb that is offered by the row's
state is refused to all on a row that is none: `tests/people/test_verbs.py` presses it on one.
"""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules

from people.roles import Role

Roles = frozenset[Role]
EVERYBODY: Roles = frozenset(Role)  # who is logged in
NOBODY: Roles = frozenset()


def crud(
    app: str,
    model: str,
    *,
    look: Iterable[Role],
    add: Iterable[Role] = NOBODY,
    delete: Iterable[Role] = NOBODY,
) -> dict[str, Roles]:
    """The admin's pages of a model. Who may change it may look at it: the form says which."""
    page = f"admin:{app}_{model}"
    return {
        f"{page}_changelist": frozenset(look),
        f"{page}_change": frozenset(look),
        f"{page}_history": frozenset(look),
        f"{page}_add": frozenset(add),
        f"{page}_delete": frozenset(delete),
        # Leads to the page above, which refuses.
        f"admin/{app}/{model}/<path:object_id>/": EVERYBODY,
    }


def _collect(name: str) -> dict[str, Roles]:
    found: dict[str, Roles] = {}
    for module in iter_modules(__path__):
        for key, roles in getattr(import_module(f"{__name__}.{module.name}"), name, {}).items():
            assert key not in found, f"{key} is named twice"
            found[key] = roles
    return found


def pages() -> dict[str, Roles]:
    return _collect("PAGES")


def actions() -> dict[str, Roles]:
    """ "app.model:action" → who is offered it."""
    return _collect("ACTIONS")


def sockets() -> dict[str, Roles]:
    return _collect("SOCKETS")


def public() -> set[str]:
    """Pages for whom nobody has to be logged in."""
    return set(_collect("PUBLIC"))
