"""Calls as they were, menus as callers hear them, call-backs to be done. Verbs, no forms."""

from telephony.admin import announcements, callbacks, calls, emergencies, menus, studio, wrapups

__all__ = ["announcements", "callbacks", "calls", "emergencies", "menus", "studio", "wrapups"]
