"""docs/services.md is what the registries say, and a way of keys leads where it says."""

from django.core.management import call_command

from banking import operations
from telephony.services import services


def test_the_page_is_what_the_code_says():
    call_command("services", check=True)


def test_every_kind_of_order_is_reached_by_some_service():
    reached = {kind for service in services() for kind in service.flow.orders}
    assert reached == {kind.value for kind in operations.kinds()}


def test_every_operation_says_what_it_books():
    assert all(operations.of(kind).journals for kind in operations.kinds())
