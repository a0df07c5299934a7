from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    name = "quality"
    verbose_name = _("Service quality")

    def ready(self) -> None:
        import quality.flows  # noqa: F401  # a talk with an agent ends in it
