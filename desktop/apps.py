from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DesktopConfig(AppConfig):
    name = "desktop"
    verbose_name = _("Desktop")

    def ready(self) -> None:
        import desktop.agent.services  # noqa: F401  # what docs/services.md says of the desk
        from desktop.board import boards
        from desktop.floor import look
        from live import topics

        topics.register(boards.TOPIC, boards.look)
        look.register()
