"""What the pages of calls and menus share."""

from django.utils.translation import gettext as _

STYLES = {"all": ["css/call-admin.css"]}


def language_name(code: str) -> str:
    return {"zh": _("Mandarin"), "en": _("English")}.get(code, code)
