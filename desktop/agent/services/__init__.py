"""What an agent does for her caller: the telephone bank's own services, from her page.

An order (`OrderForm`) is drafted under the same rules, limits and fees as the caller's own; her
yes and her password are the IVR's (`telephony/ivr/flows/errands.py`), and so is the receipt. What
is no order (`DeedForm`) is done at once, by the same core and after the same read-back. What she
keys and no agent may hear is handed to the IVR, flow and all (`elsewhere.py`).
`telephony/attended.py` knows which flow each stands for.
"""

from importlib import import_module

from desktop.agent.services.registry import Group, Service, every, of

__all__ = ["Group", "Service", "every", "of"]

# The order of the list, within each of its groups.
for _module in (
    *("accounts", "transfers", "deposits", "notices", "paying", "following", "borrowing"),
    *("stopping", "elsewhere", "contacts", "information"),
):
    import_module(f"{__name__}.{_module}")
