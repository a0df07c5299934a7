from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config.grants import grant
        from config.schedules import arrange

        post_migrate.connect(grant)
        post_migrate.connect(arrange)
