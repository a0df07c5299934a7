"""The admin theme: our name, our tokens, and the side bar in the order of the work."""

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": _("Bankline"),
    "SITE_HEADER": _("Pengcheng Commercial Bank"),
    "SITE_SUBHEADER": _("Customer service centre"),
    "SITE_URL": None,
    "SHOW_LANGUAGES": True,
    "BORDER_RADIUS": "6px",
    "DASHBOARD_CALLBACK": "desktop.home.dashboard",
    "STYLES": [lambda request: static("css/tokens.css"), lambda request: static("css/admin.css")],
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "items": [
                    {"title": _("Today"), "icon": "today", "link": reverse_lazy("admin:index")}
                ]
            },
        ],
    },
}
