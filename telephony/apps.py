from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TelephonyConfig(AppConfig):
    name = "telephony"
    verbose_name = _("Telephony")

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        from live.topics import register
        from telephony import records
        from telephony.ivr import flows

        flows.register()
        register("call.{channel}", records.look)
        autodiscover_modules("panels")
