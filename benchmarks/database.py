"""A database of one benchmark's own, in the cluster of this checkout, gone after it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.postgres import APP, OWNER, Cluster

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Database:
    """The product's tables, empty. `name` in `cluster`."""

    cluster: Cluster
    name: str

    def connect(self, role: str = OWNER) -> Any:
        return self.cluster.connect(role, self.name)


@contextmanager
def database(benchmark: str) -> Iterator[Database]:
    """Made for the block; the environment of this process and its children leads there."""
    cluster = Cluster.of(ROOT)
    server = cluster.start()
    cluster.ensure_roles()
    name = f"bench_{benchmark}_{os.getpid()}"
    with cluster.connect() as postgres:
        postgres.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
    try:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": cluster.url(APP, name),
            "DATABASE_OWNER_URL": cluster.url(OWNER, name),
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
        yield Database(cluster, name)
    finally:
        with cluster.connect() as postgres:
            postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")
        cluster.release(server)
