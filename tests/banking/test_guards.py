"""What PostgreSQL says itself, whatever the application says of a row."""

import psycopg
import pytest

from banking.models import Account, InternalBalance, Journal, Posting
from tests import cast
from tests.banking.test_attacks import JOURNAL, LEGS, Scene, staged, trigger

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene() -> Scene:
    return staged()


def test_what_the_application_says_of_a_journal_is_overwritten(scene, app):
    with app.transaction():
        [journal] = app.execute(
            "INSERT INTO banking_journal (kind, at, booked_on, summary, number, xact)"
            " VALUES ('transfer', now(), '2026-11-24', '', %s, 1) RETURNING id",
            [scene.receipt],
        ).fetchone()
        app.execute(
            "INSERT INTO banking_posting (journal_id, account_id, amount)"
            " VALUES (%(j)s, %(wang)s, -1), (%(j)s, %(chen)s, 1)",
            {"j": journal, "wang": scene.wang, "chen": scene.chen},
        )
    written = Journal.objects.get(pk=journal)
    assert written.number != scene.receipt and written.xact > 1
    assert Posting.objects.get(journal=journal, account_id=scene.wang).balance == 8499


def test_many_legs_at_once_say_what_each_left_behind(scene, app):
    """Three of one account in one statement: her balance after each, in the order given."""
    with app.transaction():
        [journal] = app.execute(JOURNAL).fetchone()
        legs = [(scene.wang, -1), (scene.chen, 5), (scene.wang, -1), (scene.wang, -3)]
        app.execute(
            "SELECT banking_post_each(%s, %s, %s::numeric[])",
            [[journal] * 4, [account for account, _ in legs], [amount for _, amount in legs]],
        )
    postings = Posting.objects.filter(journal=journal, account_id=scene.wang).order_by("id")
    assert [leg.balance for leg in postings] == [8499, 8498, 8495]
    assert Account.objects.get(pk=scene.wang).balance == 8495


def test_legs_may_come_after_a_savepoint_of_their_own_transaction(scene, app):
    with app.transaction():
        with app.transaction():  # a savepoint
            [journal] = app.execute(JOURNAL).fetchone()
        with app.transaction():
            app.execute(
                "INSERT INTO banking_posting (journal_id, account_id, amount)"
                " VALUES (%s, %s, -1), (%s, %s, 1)",
                [journal, scene.wang, journal, scene.chen],
            )
    assert Account.objects.get(pk=scene.wang).balance == 8499


def test_a_restored_copy_counts_transactions_anew_and_is_no_hole(scene, app, owner):
    """A journal whose transaction's number comes round again takes no legs even then."""
    kept = trigger("journal", "append_only")
    owner.execute(kept.off)
    try:
        while not (answer := _legs_when_the_number_comes_round(scene, app, owner)):
            continue  # another session of the cluster took the number
    finally:
        owner.execute(kept.on)
    assert "a posting is written with its journal" in answer


def _legs_when_the_number_comes_round(scene, app, owner) -> str:
    """What PostgreSQL answers to the transaction whose number the old journal bears; "" if
    the number passed us by."""
    [now] = app.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    owner.execute("UPDATE banking_journal SET xact = %s WHERE id = %s", [now + 10, scene.journal])
    while True:
        with app.transaction(force_rollback=True):
            [mine] = app.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
            if mine > now + 10:
                return ""
            if mine == now + 10:
                with pytest.raises(psycopg.Error) as refused:
                    app.execute(
                        "INSERT INTO banking_posting (journal_id, account_id, amount)"
                        " VALUES (%s, %s, -1)",
                        [scene.journal, scene.wang],
                    )
                return str(refused.value)


def test_a_snapshot_can_not_be_forged(scene, app):
    cash = Account.objects.get(number="cash").pk
    app.execute(
        "INSERT INTO banking_internalbalance (account_id, at, upto, balance)"
        " VALUES (%s, now(), 1, 999)",
        [cash],
    )
    assert InternalBalance.objects.get().balance == -10_200


def test_a_closed_account_takes_no_posting_by_any_route(scene, app, owner):
    empty = cast.person("空户", opening=0)
    Account.objects.filter(pk=empty.account.pk).update(status=Account.Status.CLOSED)
    attack = LEGS.format(journal=JOURNAL, legs="({wang}, -5.00), ({chen}, 5.00)").format(
        wang=scene.wang, chen=empty.account.pk
    )
    with pytest.raises(psycopg.Error, match="is closed or unknown"):
        app.execute(attack)
