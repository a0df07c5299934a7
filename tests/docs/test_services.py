"""docs/services.md is what the registries say, and a way of keys leads where it says."""

import re

from django.core.management import call_command

from banking import operations
from banking.limits import ALLOWED_BY
from desktop.agent import services as desk
from telephony import attended
from telephony.ivr import registry
from telephony.services import page, services


def test_the_page_is_what_the_code_says():
    call_command("services", check=True)


def test_a_bank_has_forty_of_them_at_least():
    assert len(services()) >= 40
    rows = [line for line in page().splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(rows) == len(services())


def test_a_limit_is_said_by_where_it_is_kept():
    for service in services():
        row = next(line for line in page().splitlines() if f"`{service.flow.name}`: " in line)
        counted = any(each.counted for each in service.operations)
        assert all((f"`{kept}`" in row) == counted for kept in ALLOWED_BY), service.flow.name


def test_every_kind_of_order_is_reached_by_some_service():
    reached = {kind for service in services() for kind in service.flow.orders}
    assert reached == {kind.value for kind in operations.kinds()}


def test_every_operation_says_what_it_books():
    assert all(operations.of(kind).journals for kind in operations.kinds())


def test_the_desk_offers_each_service_or_says_why_not():
    for service in services():
        offered = attended.offering(service.flow.name)
        why_not = attended.why_not(service.flow.name)
        assert bool(offered) != bool(why_not), service.flow.name


def test_what_the_desk_offers_stands_for_flows_that_are_built():
    for service in desk.every():
        assert all(registry.find(name) for name in service.flows), service.name


def test_an_order_at_the_desk_is_one_that_its_flows_end_in():
    for service in desk.every():
        if service.is_order:
            orders = {kind for name in service.flows for kind in registry.find(name).orders}
            assert orders == {service.name}


def test_what_no_agent_may_hear_is_handed_over_and_nothing_else():
    for service in desk.every():
        assert service.unheard == service.errand.startswith("change-"), service.name
