"""Every page × every role, every action × every role, every socket × every role."""

import re
from collections.abc import Iterator
from inspect import iscoroutinefunction
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage import default_storage
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.exceptions import NotAuthenticated
from rest_framework.exceptions import PermissionDenied as ApiDenied

from config.asgi import application
from config.sockets import urlpatterns as socket_patterns
from people import staff
from people.models import User
from people.roles import Role
from tests.people import expected

pytestmark = pytest.mark.django_db

SAMPLES = {"int": 0, "str": "people", "string": "x", "slug": "x", "path": "0", "uuid": UUID(int=0)}
QUERIES = {
    "admin:autocomplete": {"app_label": "people", "model_name": "user", "field_name": "branch"}
}


def routes(patterns=None, prefix="", namespace="") -> Iterator[tuple[str, URLPattern]]:
    """Each page under its name, or under its route where it has none."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, route, inner)
        else:
            yield (namespace + pattern.name if pattern.name else route), pattern


PAGES = dict(routes())


@pytest.fixture
def people(db):
    """One member of staff a role."""
    return {
        role: staff.hire(number=f"8{index:03}", name=role.value, branch=None, roles=[role])
        for index, role in enumerate(Role)
    }


def arguments(pattern) -> dict[str, object]:
    converters = pattern.pattern.converters
    names = {
        name: SAMPLES[re.sub("Converter$", "", type(c).__name__).lower()]
        for name, c in converters.items()
    }
    names |= dict.fromkeys(pattern.pattern.regex.groupindex.keys() - names.keys(), "x")
    return names


def let_in(name, user) -> bool:
    request = RequestFactory().get("/", QUERIES.get(name, {}))
    request.user, request.session = user, {}
    request._messages = default_storage(request)
    request.LANGUAGE_CODE = "zh-hans"
    pattern = PAGES[name]
    view = pattern.callback
    if iscoroutinefunction(view):
        view = async_to_sync(view)
    try:
        response = view(request, **{**pattern.default_args, **arguments(pattern)})
    except (PermissionDenied, ApiDenied, NotAuthenticated):
        return False
    except Http404:
        return True
    to_login = response.status_code == 302 and "/login/" in response["Location"]
    return response.status_code not in (401, 403) and not to_login


def test_every_page_says_who_may_open_it():
    named = expected.pages().keys() | expected.public()
    assert sorted(PAGES.keys() - named) == [], "say who may open these (tests/people/expected)"
    assert sorted(named - PAGES.keys()) == [], "these are gone"


@pytest.mark.parametrize("role", Role)
def test_every_page_opens_for_whom_it_should(people, role):
    user = User.objects.get(pk=people[role].pk)  # fresh: permissions are cached
    for name, roles in expected.pages().items():
        if name in PAGES:
            assert let_in(name, user) is (role in roles), name


def test_who_is_not_logged_in_sees_the_public_pages_alone():
    assert {name for name in PAGES if let_in(name, AnonymousUser())} == expected.public()


def test_who_has_no_role_sees_no_data(db):
    user = staff.hire(number="9999", name="新人", branch=None, roles=[])
    open_to_all = {name for name, roles in expected.pages().items() if roles == expected.EVERYBODY}
    seen = {name for name in expected.pages().keys() & PAGES.keys() if let_in(name, user)}
    assert seen < open_to_all
    assert not any(name.endswith(("_changelist", "_history")) for name in seen)


def offered(model_admin, user) -> set[str]:
    request = RequestFactory().get("/")
    request.user = user
    found = set(model_admin.get_actions(request))
    if hasattr(model_admin, "get_actions_detail"):
        for action in (
            *model_admin.get_actions_list(request),
            *model_admin.get_actions_detail(request, 0),
            *model_admin.get_actions_row(request),
            *model_admin.get_actions_submit_line(request, 0),
        ):
            found.add(action.method.original_function_name)
    return found


def test_every_action_is_offered_to_whom_it_should(people):
    found: dict[str, set[Role]] = {key: set() for key in expected.actions()}
    for model, model_admin in admin.site._registry.items():
        for role, user in people.items():
            for name in offered(model_admin, user):
                found.setdefault(f"{model._meta.label_lower}:{name}", set()).add(role)
    assert found == {key: set(roles) for key, roles in expected.actions().items()}


def test_no_action_runs_without_being_asked():
    """Without a dialog the theme runs an action on GET: any link could press the button."""
    unasked = []
    for model, model_admin in admin.site._registry.items():
        for kind in ("list", "detail", "row"):
            for action in getattr(model_admin, f"_get_base_actions_{kind}", list)():
                if not hasattr(action.method, "dialog"):
                    unasked.append(f"{model._meta.label_lower}:{action.action_name}")
                assert action.method.allowed_permissions, action.action_name
    assert unasked == []


# -- sockets -----------------------------------------------------------------------------------

SOCKETS = {pattern.name or str(pattern.pattern): pattern for pattern in socket_patterns}


def test_every_socket_says_who_may_open_it():
    assert SOCKETS.keys() == expected.sockets().keys()


@pytest.mark.django_db(transaction=True)
async def test_every_socket_opens_for_whom_it_should(people):
    for name, pattern in SOCKETS.items():
        for role in [None, *Role]:
            user = AnonymousUser() if role is None else people[role]
            socket = WebsocketCommunicator(pattern.callback, "/")
            socket.scope |= {"user": user, "url_route": {"kwargs": arguments(pattern), "args": ()}}
            accepted, _ = await socket.connect(timeout=10)
            assert accepted is (role in expected.sockets()[name]), (name, role)
            await socket.disconnect()


async def test_a_socket_of_another_origin_is_refused():
    socket = WebsocketCommunicator(
        application, "/anything/", headers=[(b"origin", b"https://elsewhere.example")]
    )
    accepted, _ = await socket.connect(timeout=10)
    assert not accepted
