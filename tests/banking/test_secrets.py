"""What prints dots, and what lies in the database of a card or ID number."""

import copy
import logging
import pickle

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from banking import vault
from banking.models import Card, Customer
from banking.secret import Secret
from tests import cast

PAN = Secret("6222024000000000012")


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{:>20}".format, "%s".__mod__])
def test_a_secret_prints_dots(show):
    assert show(PAN).strip() == "••••••"


def test_a_secret_does_not_slip_into_a_log_an_exception_or_a_queue(caplog):
    logging.getLogger("x").warning("card %s", PAN)
    assert "6222" not in caplog.text
    assert "6222" not in repr(ValueError(PAN)) + str([PAN]) + f"{PAN!r}"
    with pytest.raises(TypeError):
        pickle.dumps(PAN)
    with pytest.raises(TypeError):
        copy.copy(PAN)


def test_secrets_compare_by_value():
    assert Secret("1") == Secret("1") and Secret("1") != Secret("2") and Secret("1") != "1"
    assert len({Secret("1"), Secret("1")}) == 1 and len(PAN) == 19


def test_what_is_sealed_opens_for_its_purpose_alone():
    sealed = vault.seal(PAN, "card")
    assert b"6222" not in sealed.box
    assert vault.unseal(sealed.box, sealed.version, "card") == PAN
    with pytest.raises(InvalidTag):
        vault.unseal(sealed.box, sealed.version, "id")
    with pytest.raises(InvalidTag):
        vault.unseal(sealed.box[:-1] + bytes([sealed.box[-1] ^ 1]), sealed.version, "card")
    assert vault.seal(PAN, "card").box != sealed.box  # equal numbers don't look equal


def test_a_number_is_looked_up_by_purpose():
    assert vault.lookups(PAN, "card") != vault.lookups(PAN, "id")
    assert vault.seal(PAN, "card").lookup == vault.lookups(PAN, "card")[-1]


def test_a_new_key_finds_and_opens_what_the_old_one_sealed(settings):
    settings.PAN_KEY = "old"
    before = vault.seal(PAN, "card")
    settings.PAN_KEY = "old,new"
    after = vault.seal(PAN, "card")
    assert (before.version, after.version) == (1, 2)
    assert {before.lookup, after.lookup} == set(vault.lookups(PAN, "card"))
    for sealed in (before, after):
        assert vault.unseal(sealed.box, sealed.version, "card") == PAN


@pytest.mark.django_db(transaction=True)
def test_no_table_holds_a_number_or_pin_in_clear():
    wang = cast.wang()
    clear = [wang.pan.reveal(), wang.id_number.reveal(), wang.query_pin, wang.transaction_pin]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                hexes = [secret.encode().hex() for secret in clear]
                assert not [one for one in clear + hexes if one in row], table
    card, customer = Card.objects.get(), Customer.objects.get()
    assert (card.first4, card.last4) == (clear[0][:4], clear[0][-4:])
    assert customer.id_last4 == clear[1][-4:]
