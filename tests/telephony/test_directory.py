"""What FreeSWITCH is told about agents, when it asks with its key and when it does not."""

import hashlib
from base64 import b64encode
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client

from people import staff
from people.roles import Role
from routing import phones, presence
from routing.models import Agent, Session
from telephony.freeswitch import directory
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
ASKS = {"section": "directory", "domain": "bankline", "user": "1001"}
REGISTERS = {
    "action": "sip_auth",
    "sip_auth_method": "REGISTER",
    "sip_auth_nonce": "02258359-969a-457b-9150-7134993ead65",
    "sip_auth_nc": "00000001",
    "sip_auth_cnonce": "u0sl7oc6q431",
    "sip_auth_qop": "auth",
    "sip_auth_uri": "sip:bankline",
}


def key(password: str = "", user: str = "freeswitch") -> str:
    text = f"{user}:{password or settings.DIRECTORY_KEY}"
    return "Basic " + b64encode(text.encode()).decode()


def ask(authorization: str | None = None, **asked: str):
    return Client().post(
        "/switch/directory/",
        {**ASKS, **asked},
        headers={"authorization": key() if authorization is None else authorization},
    )


def told(answer) -> dict[str | None, str | None]:
    """The parameters of the user that an answer holds; none if it holds no user."""
    assert answer.status_code == 200
    document = ElementTree.fromstring(answer.content)
    return {param.get("name"): param.get("value") for param in document.iter("param")}


@pytest.fixture
def session(transactional_db) -> Session:
    user = staff.hire(number="1001", name="林晓", branch=None, roles=[Role.AGENT])
    Agent.objects.create(user=user)
    return presence.sign_in(user, tab=uuid4(), at=cast.NOON)


def ha1(secret: str) -> str:
    return hashlib.md5(f"1001:bankline:{secret}".encode()).hexdigest()


def test_who_is_signed_in_is_told_by_the_hash_of_her_secret(session):
    secret = phones.issue_secret(session.pk, at=cast.NOON)

    answer = ask()

    entry = told(answer)
    assert entry["a1-hash"] == ha1(secret.reveal())
    assert entry["dial-string"] == (
        "{media_timeout=10000,media_hold_timeout=10000}${sofia_contact(agents/1001@bankline)}"
    )
    assert secret.reveal() not in answer.content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"user": "1002"},
        {"user": ""},
        {"user": "1001' OR '1'='1"},
        {"domain": "elsewhere"},
        {"user": "", "purpose": "network-list"},
    ],
)
def test_anything_else_is_not_found(session, asked):
    phones.issue_secret(session.pk, at=cast.NOON)

    assert told(ask(**asked)) == {}


def test_who_has_asked_for_no_secret_has_no_phone(session):
    assert told(ask()) == {}


def test_who_has_signed_out_or_may_not_work_is_not_found(session):
    phones.issue_secret(session.pk, at=cast.NOON)
    agent = session.agent
    Agent.objects.filter(pk=agent.pk).update(is_active=False)
    assert told(ask()) == {}
    Agent.objects.filter(pk=agent.pk).update(is_active=True)
    assert told(ask())

    presence.sign_out(agent.pk, at=cast.NOON)

    assert told(ask()) == {}


def test_the_last_secret_counts(session):
    first = phones.issue_secret(session.pk, at=cast.NOON)
    second = phones.issue_secret(session.pk, at=cast.NOON)

    assert told(ask())["a1-hash"] == ha1(second.reveal()) != ha1(first.reveal())


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic ????", "Basic bm8gY29sb24=", "Bearer x", key("wrong"), key(user="root")],
)
def test_who_does_not_show_the_key_is_told_nothing(session, authorization):
    phones.issue_secret(session.pk, at=cast.NOON)

    answer = ask(authorization)

    assert answer.status_code == 403
    assert b"a1-hash" not in answer.content


def test_it_is_asked_by_post_alone():
    assert Client().get("/switch/directory/", headers={"authorization": key()}).status_code == 405


def test_a_switch_on_loopback_is_not_sent_to_https(session, settings):
    settings.SECURE_SSL_REDIRECT = True
    phones.issue_secret(session.pk, at=cast.NOON)

    assert told(ask())


# -- a phone that registers ----------------------------------------------------------------------


def response(secret: str) -> str:
    """RFC 2617 by hand."""
    right = ":".join(
        [
            ha1(secret),
            *(REGISTERS[f"sip_auth_{name}"] for name in ("nonce", "nc", "cnonce", "qop")),
            hashlib.md5(b"REGISTER:sip:bankline").hexdigest(),
        ]
    )
    return hashlib.md5(right.encode()).hexdigest()


def test_a_phone_that_proves_its_secret_is_noted(session):
    secret = phones.issue_secret(session.pk, at=cast.NOON)

    ask(**REGISTERS, sip_auth_response=response(secret.reveal()))

    session.refresh_from_db()
    assert session.phone_at is not None


@pytest.mark.parametrize("said", ["", "0" * 32, "中"])
def test_a_phone_that_does_not_is_not(session, said):
    phones.issue_secret(session.pk, at=cast.NOON)

    assert told(ask(**REGISTERS, sip_auth_response=said))  # FreeSWITCH refuses it by itself

    session.refresh_from_db()
    assert session.phone_at is None


def test_a_call_to_her_is_no_sign_of_her_phone(session):
    phones.issue_secret(session.pk, at=cast.NOON)

    assert told(ask(action="user_call"))

    session.refresh_from_db()
    assert session.phone_at is None


def test_the_example_of_the_rfc():
    """RFC 2617, 3.5: Mufasa opens the circle of life."""
    asked = {
        "sip_auth_method": "GET",
        "sip_auth_uri": "/dir/index.html",
        "sip_auth_nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        "sip_auth_nc": "00000001",
        "sip_auth_cnonce": "0a4f113b",
        "sip_auth_qop": "auth",
        "sip_auth_response": "6629fae49393a05397450978507c4ef1",
    }
    mufasa = hashlib.md5(b"Mufasa:testrealm@host.com:Circle Of Life").hexdigest()

    assert directory.proves(mufasa, asked)
    assert not directory.proves(mufasa, {**asked, "sip_auth_nc": "00000002"})
