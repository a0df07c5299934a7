"""A pytest plugin (`-p tests.available`): what this machine has, and what is skipped without it.

`python -m tests.available` says the same in one line, which ends `make test`. A CI without a
browser fails; a laptop without one skips.
"""

import os
import shutil
import sys

import pytest

NEEDS = {
    "browser": ("chromium",),
    "freeswitch": ("freeswitch", "sipp"),
}


def missing(marker: str) -> list[str]:
    """The programs that tests with this marker need and this machine has not."""
    return [name for name in NEEDS[marker] if shutil.which(name) is None]


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true"}


@pytest.hookimpl(tryfirst=True)  # before a fixture starts what is not there
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in NEEDS:
        if item.get_closest_marker(marker) and (names := missing(marker)):
            pytest.skip(f"no {' and no '.join(names)} on PATH")


def main() -> int:
    skipped = {marker: names for marker in NEEDS if (names := missing(marker))}
    for marker, names in skipped.items():
        print(f"Skipped: the tests marked {marker} (no {' and no '.join(names)} on PATH).")
    if not skipped:
        print("Nothing was skipped for want of a program.")
    if in_ci() and "browser" in skipped:
        print("A CI without a browser proves too little.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
