"""Telephone banking's conversations, each registered under the name a menu entry runs."""


def register() -> None:
    """Import every flow, so that the walker finds them. Called once at start-up."""
    from telephony.ivr.flows import (  # noqa: F401
        balance,
        bills,
        deposits,
        desks,
        enquiry,
        information,
        interbank,
        loans,
        loss,
        own_accounts,
        passwords,
        phone_limits,
        statement,
        transactions,
        transfer,
        verify_call,
        withdrawal_notices,
    )
