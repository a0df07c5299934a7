"""An app's first migration in one step."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

STEPS = (CreateModel, AddField, AddConstraint, AddIndex, AddTrigger)


class FirstTables(Operation):
    """Makes tables that `makemigrations` wrote as they are after all of its steps.

    Django renders every related model anew after each step, which with our tables and triggers
    takes a minute; rendered once they take seconds. For the first migration of an app alone: its
    tables must not be there yet.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        if strange := [one for one in operations if not isinstance(one, STEPS)]:
            raise TypeError(f"not a step of first tables: {strange[0]!r}")
        self.operations = operations

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.operations], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # what is not rendered is not rendered anew
        for one in self.operations:
            one.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for kind in (CreateModel, AddTrigger):  # fields, constraints and indexes come with them
            for one in self.operations:
                if isinstance(one, kind):
                    one.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for one in reversed(self.operations):  # triggers go with their tables
            if isinstance(one, CreateModel):
                one.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        tables = sum(isinstance(one, CreateModel) for one in self.operations)
        return f"Create the app's {tables} tables"
