from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.health import healthz, readyz
from desktop.traffic.views import traffic
from kb.public.views import robots

admin.autodiscover()

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", healthz),
    path("readyz", readyz),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("traffic/", traffic, name="traffic"),
    path("phone/", include("telephony.phone.urls")),
    path("board/", include("desktop.board.urls")),
    path("floor/", include("desktop.floor.urls")),
    path("desk/", include("desktop.agent.urls")),
    path("receipt/", include("desktop.receipts.urls")),
    path("settlement/", include("desktop.settlement.urls")),
    path("menus/", include("desktop.menudesk.urls")),
    path("prompts/", include("desktop.studio.urls")),
    path("knowledge/", include("kb.urls")),
    path("help/", include("kb.public.urls")),
    path("en/help/", include("kb.public.urls", namespace="help-en"), {"language": "en"}),
    path("robots.txt", robots, name="robots"),
    path("api/settlement/", include("banking.intake.urls")),
    path("api/help/", include("kb.public.api_urls")),
    path("switch/", include("telephony.freeswitch.urls")),
]
