"""The secret of an agent's phone: one a sign-in, kept as a hash, gone with it."""

import pytest

from banking.secret import Secret
from routing import phones, presence
from routing.errors import NotSignedIn
from tests import cast


def test_a_secret_is_random_and_only_its_hash_is_kept(seat):
    agent = seat("林晓")

    secret = phones.issue_secret(agent.session.pk, at=cast.NOON)

    agent.session.refresh_from_db()
    assert isinstance(secret, Secret)
    assert len(secret) >= 32
    assert secret.reveal() not in agent.session.sip_hash
    assert phones.directory_entry(agent.user.username) == agent.session.sip_hash
    assert secret != phones.issue_secret(agent.session.pk, at=cast.NOON)


def test_a_new_secret_wants_the_phone_to_register_anew(seat):
    agent = seat("林晓").is_ready(cast.NOON)

    phones.issue_secret(agent.session.pk, at=cast.NOON)

    agent.session.refresh_from_db()
    assert not presence.has_phone(agent.session, cast.NOON)
    assert phones.registered(agent.user.username, at=cast.NOON)
    agent.session.refresh_from_db()
    assert presence.has_phone(agent.session, cast.NOON)


def test_a_sign_in_that_is_over_gets_no_secret_and_registers_nothing(seat):
    agent = seat("林晓")
    phones.issue_secret(agent.session.pk, at=cast.NOON)
    presence.sign_out(agent.pk, at=cast.NOON)

    with pytest.raises(NotSignedIn):
        phones.issue_secret(agent.session.pk, at=cast.NOON)
    assert phones.directory_entry(agent.user.username) is None
    assert not phones.registered(agent.user.username, at=cast.NOON)
