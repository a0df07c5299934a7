"""`make test` runs no benchmark, but what they are built on must not move away from under them."""

from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS, HERE

SCRIPTS = {script for script, *_ in BENCHMARKS.values()}


@pytest.mark.parametrize("script", sorted(SCRIPTS))
def test_it_finds_what_it_measures(script):
    assert import_module(f"benchmarks.{Path(script).stem}").__doc__


def test_none_is_left_out():
    apart = {"__main__.py", "database.py"}
    assert {path.name for path in HERE.glob("*.py")} - apart == SCRIPTS
