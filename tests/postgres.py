"""A pytest plugin (`-p tests.postgres`): the suite's own cluster, up before settings are read."""

import os
from pathlib import Path

from config.postgres import OWNER, Cluster

_cluster = _server = None
if "DATABASE_URL" not in os.environ:
    _cluster = Cluster.of(Path(__file__).resolve().parent.parent, test=True)
    _server = _cluster.start()
    _cluster.ensure_roles()
    os.environ["DATABASE_URL"] = _cluster.url()
    os.environ["DATABASE_OWNER_URL"] = _cluster.url(OWNER)


def pytest_unconfigure() -> None:
    if _cluster is not None:
        _cluster.release(_server)
