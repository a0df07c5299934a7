from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KbConfig(AppConfig):
    name = "kb"
    verbose_name = _("Knowledge base")

    def ready(self) -> None:
        import kb.corrections  # noqa: F401  # a kind of approval
        from kb import walking
        from telephony import story

        story.guided_by(walking.told)
