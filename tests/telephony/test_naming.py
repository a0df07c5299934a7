"""Which conversation says which prompt, as the code has it."""

import pytest
from django.conf import settings

from telephony import naming, wording
from telephony.ivr import flows

flows.register()


@pytest.mark.parametrize(
    ("key", "flow"),
    [
        ("balance.one", "balance"),
        ("transfer.amount", "in-bank-transfer"),
        ("transfer.readback", "in-bank-transfer"),
        ("transfer.done", "in-bank-transfer"),
        ("complaint.speak", "complaint"),
    ],
)
def test_a_prompt_leads_to_its_flow(key, flow):
    assert flow in naming.users(key).flows
    assert "information" not in naming.users(key).flows


def test_what_every_call_says_is_nobodys():
    assert naming.users("menu.invalid").every_call
    assert naming.users("identify.pin").flows == () or naming.users("identify.pin").every_call
    assert naming.users("refused.insufficient_funds").refusal


def test_a_receipt_of_one_kind_is_not_said_by_another():
    assert naming.users("bill.done").flows
    assert "in-bank-transfer" not in naming.users("bill.done").flows


def test_what_is_said_by_nobody_stands_in_no_code():
    """Found by reading the code that runs; here the sources are searched, which finds less."""
    folders = ("telephony", "banking", "complaints", "quality", "routing")
    files = (file for folder in folders for file in (settings.BASE_DIR / folder).rglob("*.py"))
    code = "".join(file.read_text() for file in files if "migrations" not in file.parts)
    held = ("menu.", "welcome.", "announcement.", "product.", "notice.")  # by rows
    idle = [
        prompt.key
        for prompt in wording.prompts().prompts("zh")
        if not prompt.key.startswith(held) and not naming.users(prompt.key)
    ]
    assert [key for key in idle if f'"{key}"' in code] == []
    assert len(idle) < 20
