"""What apps may put on the agent's page, and that it can be reached by keys."""

import pytest

from telephony import panels
from telephony.panels import Column, Panel


def all_panels() -> list[Panel]:
    return [panel for column in Column for panel in panels.of(column)]


def test_two_of_one_name_are_a_fault():
    again = all_panels()[0]
    with pytest.raises(ValueError, match=again.name):
        panels.register(again)


def test_each_column_stands_in_its_order():
    for column in Column:
        orders = [panel.order for panel in panels.of(column)]
        assert orders == sorted(orders)


# What is shown during a call, and between calls: the two never stand together.
IN_A_CALL = {"call", "wrapup", "customer", "verification", "ivr", "open", "accounts", "contacts"}


def test_no_two_panels_that_show_at_once_have_one_key():
    for during in (True, False):
        keys = [p.key for p in all_panels() if p.key and (p.name in IN_A_CALL) is during]
        assert len(keys) == len(set(keys)), keys
