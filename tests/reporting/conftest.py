from tests.routing.conftest import hire, seat, shipped_floor  # noqa: F401
