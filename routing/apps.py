from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutingConfig(AppConfig):
    name = "routing"
    verbose_name = _("Routing")

    def ready(self) -> None:
        from live import topics
        from routing import news

        topics.register(news.FLOOR, news.look)
        topics.register(news.AGENT, news.look)
