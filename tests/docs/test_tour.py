"""The tour names files and functions: they are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = sorted(
    set(re.findall(r"`([\w/]+\.py)(?::([\w.]+))?`", (ROOT / "docs/tour.md").read_text()))
)


def test_the_tour_names_places():
    assert len(PLACES) > 25


@pytest.mark.parametrize(("file", "name"), PLACES)
def test_a_place_on_the_tour_exists(file, name):
    tree = ast.parse((ROOT / file).read_text())
    body = tree.body
    for part in filter(None, name.split(".")):
        found = [
            node
            for node in body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name == part
        ]
        assert found, f"{file} has no {name}"
        body = found[0].body
