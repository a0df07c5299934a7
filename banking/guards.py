"""Triggers that the application can't talk its way round.

django-pgtrigger lets any session switch its triggers off by a setting (``pgtrigger.ignore``),
which is right for data repair and wrong for money. `config/grants.py` bars that door after each
migrate. These guards never had it, name every table with its schema (a temporary table must not
stand in for a ledger), and may run as their owner, so that a balance changes by a posting alone.
"""

from typing import Any

import pgtrigger
from django.db import models
from pgtrigger import compiler


class GuardSql(compiler.UpsertTriggerSql):
    """pgtrigger's installation template without the ignore function."""

    def get_template(self) -> str:
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER LANGUAGE plpgsql SET search_path TO pg_catalog, pg_temp AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$;
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE PROCEDURE {execute};
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class OwnerSql(GuardSql):
    """As GuardSql, with the rights of who migrates."""

    def get_template(self) -> str:
        return super().get_template().replace("plpgsql SET", "plpgsql SECURITY DEFINER SET")


class _Unignorable:
    """Mixed in before a pgtrigger class: its SQL comes from our templates."""

    as_owner = False

    def compile(self, model: type[models.Model]) -> compiler.Trigger:
        plain = super().compile(model)  # type: ignore[misc]
        arguments: dict[str, Any] = plain.sql.kwargs
        sql = OwnerSql(**arguments) if self.as_owner else GuardSql(**arguments)
        return compiler.Trigger(name=plain.name, sql=sql)


class Guard(_Unignorable, pgtrigger.Trigger):  # type: ignore[misc]
    """A trigger of our own words."""


class OwnerGuard(Guard):
    """A trigger that may do what `bankline_app` may not."""

    as_owner = True


class Forbid(_Unignorable, pgtrigger.Protect):  # type: ignore[misc]
    """No such operation, for anybody."""


class Frozen(_Unignorable, pgtrigger.ReadOnly):  # type: ignore[misc]
    """These fields stay as they were written."""


class Path(_Unignorable, pgtrigger.FSM):  # type: ignore[misc]
    """A state goes these ways alone."""
