"""What `bankline_app` may do with each table, said anew after each migrate.

django-pgtrigger lets any session switch its triggers off (``SET pgtrigger.ignore``): fence, facts
and history with them. Each trigger that it installs brings the function that asks for that; the
last word here is a function that says no.
"""

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from pghistory.models import Event

from config.postgres import APP

NEVER_IGNORED = """
    CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name)
    RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""


def grant(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Rows may be read and written; journals and facts only added; nothing truncated.

    Of a model that names its `insertable` columns the others are PostgreSQL's to fill.

    Runs once for each app, after its content types and permissions: only the last counts.
    """
    last = [app for app in apps.get_app_configs() if app.models_module][-1]
    if sender.name != last.name:
        return
    with connections[using].cursor() as cursor:
        cursor.execute(NEVER_IGNORED)
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP])
        if not cursor.fetchone():
            return  # a bank with one role has its own grants
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP}"
        )
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP}")
        for model in apps.get_models(include_auto_created=True):
            if getattr(model, "append_only", False) or issubclass(model, Event):
                cursor.execute(f'REVOKE UPDATE, DELETE ON "{model._meta.db_table}" FROM {APP}')
            if columns := ", ".join(getattr(model, "insertable", ())):
                cursor.execute(f'REVOKE INSERT ON "{model._meta.db_table}" FROM {APP}')
                cursor.execute(f'GRANT INSERT ({columns}) ON "{model._meta.db_table}" TO {APP}')
