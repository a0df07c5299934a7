from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TelephonyConfig(AppConfig):
    name = "telephony"
    verbose_name = _("Telephony")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate
        from django.utils.module_loading import autodiscover_modules

        from live.topics import register
        from telephony import records
        from telephony.ivr import flows

        flows.register()
        # What they ask approval for.
        import telephony.rewording
        import telephony.studio
        import telephony.studio_batch  # noqa: F401

        register("call.{channel}", records.look)
        autodiscover_modules("panels")
        post_migrate.connect(_offer_the_shipped_menu, sender=self)


def _offer_the_shipped_menu(**kwargs: object) -> None:
    """What a new release ships otherwise than the last one reaches a bank as a draft."""
    from telephony import shipped

    shipped.offer()
