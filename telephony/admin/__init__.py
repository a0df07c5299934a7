"""Calls as they were, menus as callers hear them, call-backs to be done. Verbs, no forms."""

from telephony.admin import (
    announcements,
    batches,
    callbacks,
    calls,
    emergencies,
    languages,
    menus,
    studio,
    wrapups,
)

__all__ = [
    "announcements",
    "batches",
    "callbacks",
    "calls",
    "emergencies",
    "languages",
    "menus",
    "studio",
    "wrapups",
]
