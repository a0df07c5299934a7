#!/usr/bin/env python
"""Django's command line, on the embedded PostgreSQL unless DATABASE_URL names another."""

import os
import sys

# These change tables, so they act as the owner; everything else is bankline_app.
OWNERS = {"migrate", "makemigrations", "sqlmigrate", "pgtrigger"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNERS:
        os.environ.setdefault("DATABASE_ROLE", "owner")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    if settings.CLUSTER is None:
        return execute_from_command_line(sys.argv)
    server = settings.CLUSTER.start()
    try:
        settings.CLUSTER.ensure_roles()
        return execute_from_command_line(sys.argv)
    finally:
        from django.db import connections

        connections.close_all()
        settings.CLUSTER.release(server)


if __name__ == "__main__":
    main()
