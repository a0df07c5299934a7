"""What `freeswitch_config` writes and what it refuses to write; no FreeSWITCH needed."""

import stat
from ipaddress import ip_network
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from telephony.freeswitch.configuration import Unusable
from tests.freeswitch.switch import configuration


def params(document: ElementTree.Element, name: str) -> dict[str | None, str | None]:
    found = document.find(f".//configuration[@name='{name}']")
    assert found is not None
    return {param.get("name"): param.get("value") for param in found.iter("param")}


@pytest.fixture
def document(folder):
    return ElementTree.fromstring(configuration(folder, event_password="<&'\">").render())


def test_a_value_is_escaped(document):
    assert params(document, "event_socket.conf")["password"] == "<&'\">"


def test_ports_are_plain_figures(folder):
    document = ElementTree.fromstring(configuration(folder, sip_port=5060).render())
    assert params(document, "sofia.conf")["sip-port"] == "5060"


def test_everything_listens_on_loopback_unless_told(document):
    assert params(document, "event_socket.conf")["listen-ip"] == "127.0.0.1"
    sip = params(document, "sofia.conf")
    assert sip["sip-ip"] == sip["rtp-ip"] == "127.0.0.1"


def test_no_log_is_told_of_keys(document):
    """FreeSWITCH writes keys at INFO and below; sensitive_dtmf keeps them out of events."""
    maps = [node.get("value") for node in document.iter("map")]
    assert maps
    assert set(maps) == {"warning,err,crit,alert"}
    first = document.find(".//context[@name='public']//action")
    assert first is not None
    assert "sensitive_dtmf=true" in str(first.get("data"))


def test_a_dialled_number_is_the_whole_of_it(document):
    condition = document.find(".//context[@name='public']//condition")
    assert condition is not None
    assert condition.get("expression") == "^(961202|25198888)$"


def test_files_are_ours_alone(folder):
    made = configuration(folder)
    file = made.write()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for path in (made.home, made.home / "conf", made.recordings, made.recordings / "nobody"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"numbers": ()}, "no number"),
        ({"numbers": ("961202|.*",)}, "no number that can be dialled"),
        ({"home": Path("/my files/switch")}, "can't work with the path"),
        ({"prompts": Path("/srv/a!b")}, "can't work with the path"),
        ({"recordings": Path("/srv/${x}")}, "can't work with the path"),
        ({"event_password": ""}, "needs a password"),
        ({"event_ip": "0.0.0.0"}, "loopback only"),
        ({"sip_ip": "192.0.2.7"}, "name the operator's network"),
    ],
)
def test_what_would_not_work_or_not_be_safe_is_refused(folder, options, words):
    with pytest.raises(Unusable, match=words):
        configuration(folder, **options)


def test_others_are_let_in_by_network(folder):
    made = configuration(folder, sip_ip="192.0.2.7", allowed=(ip_network("192.0.2.0/29"),))
    document = ElementTree.fromstring(made.render())
    assert [node.get("cidr") for node in document.iter("node")] == ["192.0.2.0/29"]
    assert params(document, "sofia.conf")["apply-inbound-acl"] == "trunk"


@pytest.mark.django_db
def test_the_command_wants_a_number_first(tmp_path):
    with pytest.raises(CommandError, match="no number to take calls to|No language has audio"):
        call_command("freeswitch_config", str(tmp_path / "switch"))
