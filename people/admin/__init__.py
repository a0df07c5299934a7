"""The back office of people: staff and roles, who looked at whom, what waits for a second."""

from people.admin import approvals, staff

__all__ = ["approvals", "staff"]
