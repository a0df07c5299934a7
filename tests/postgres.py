"""A pytest plugin (`-p tests.postgres`): before settings are read, the suite's own cluster is
up and the Chinese catalogue compiled."""

import os
from pathlib import Path

from config.messages import compile_if_stale
from config.postgres import OWNER, Cluster

compile_if_stale()
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
