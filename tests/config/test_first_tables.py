"""Tables made in one step are those that Django's own steps make."""

import pytest
from django.db import connection, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader

from config.first_tables import FirstTables
from config.postgres import OWNER
from tests.conftest import as_role

APP = "calendars"  # nobody's tables point at it; constraints, triggers and a late field are in it
THERE = """
    SELECT table_name, column_name, data_type, is_nullable, column_default
    FROM information_schema.columns WHERE table_name LIKE 'calendars\\_%'
    UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL
    FROM pg_constraint WHERE conrelid::regclass::text LIKE 'calendars\\_%'
    UNION ALL SELECT tablename, indexname, indexdef, NULL, NULL
    FROM pg_indexes WHERE tablename LIKE 'calendars\\_%'
    UNION ALL SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), NULL, NULL
    FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'calendars\\_%' AND NOT tgisinternal
"""


def there() -> set[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(THERE)
        return set(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_at_once_is_as_step_by_step():
    loader = MigrationLoader(None)
    migration = loader.get_migration(APP, "0001_tables")
    before = loader.project_state((APP, "0001_tables"), at_end=False)
    (at_once,) = migration.operations
    with as_role(OWNER), transaction.atomic():
        shipped = there()

        def take(operations, back: bool) -> None:
            one = type("Migration", (migrations.Migration,), {"operations": operations})
            with connection.schema_editor(atomic=False) as editor:
                way = one("0001_tables", APP)
                (way.unapply if back else way.apply)(before.clone(), editor)

        take([at_once], back=True)
        assert there() == set()
        take(at_once.operations, back=False)
        assert there() == shipped
        take([at_once], back=True)
        take([at_once], back=False)
        assert there() == shipped
        transaction.set_rollback(True)
    assert len(shipped) > 80


def test_only_tables_are_made_at_once():
    with pytest.raises(TypeError, match="RunSQL"):
        FirstTables(
            [
                migrations.CreateModel("Lamp", fields=[("id", models.BigAutoField())]),
                migrations.RunSQL("SELECT 1"),
            ]
        )
