import pytest
from django.db import ProgrammingError, connection

from calendars import clock
from people.models import AccessLog, User


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE people_accesslog",
        "UPDATE people_accesslog SET reason = 'none'",
        "DELETE FROM people_accesslog",
        "ALTER TABLE people_accesslog DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SET ROLE bankline_owner",
    ],
)
def test_a_fact_stays_as_it_was_written(statement):
    user = User.objects.create_user("1023", name="林晓")
    AccessLog.objects.create(
        at=clock.now(), user=user, what="view", subject="banking.customer:1", reason="来电"
    )
    with (
        pytest.raises(ProgrammingError, match="permission denied|must be owner"),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AccessLog.objects.get().reason == "来电"
