"""What `freeswitch_config` writes and what it refuses to write; no FreeSWITCH needed."""

import stat
from ipaddress import ip_network
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from telephony.freeswitch.configuration import AgentPhones, Unusable
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
    assert condition.get("expression") == "^(961202|25198888)([*][0-9]{8})?$"  # a trial's token


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


# -- agents' browsers ----------------------------------------------------------------------------

AGENTS = {
    "realm": "bankline",
    "directory_url": "http://127.0.0.1:8000/switch/directory/",
    "directory_key": "a key",
    "ws_port": 7443,
}


def profile(document: ElementTree.Element, name: str) -> dict[str | None, str | None]:
    found = document.find(f".//profile[@name='{name}']")
    assert found is not None
    return {param.get("name"): param.get("value") for param in found.iter("param")}


def test_without_agents_nobody_can_register(document):
    assert [found.get("name") for found in document.iter("profile")][-1] == "bank"
    assert "mod_xml_curl" not in {node.get("module") for node in document.iter("load")}
    assert profile(document, "bank")["disable-register"] == "true"


def test_agents_register_on_loopback_and_their_sound_goes_where_callers_does(folder):
    made = configuration(
        folder,
        sip_ip="192.0.2.7",
        allowed=(ip_network("192.0.2.0/29"),),
        agents=AgentPhones(**AGENTS),
    )
    document = ElementTree.fromstring(made.render())
    agents = profile(document, "agents")
    assert agents["ws-binding"] == "127.0.0.1:7443"
    assert (agents["sip-ip"], agents["rtp-ip"]) == ("127.0.0.1", "192.0.2.7")
    assert (agents["auth-calls"], agents["accept-blind-reg"]) == ("true", "false")
    assert agents["inbound-codec-prefs"] == agents["outbound-codec-prefs"] == "PCMA"
    curl = params(document, "xml_curl.conf")
    assert curl["gateway-url"] == AGENTS["directory_url"]
    assert curl["gateway-credentials"] == "freeswitch:a key"


def test_an_agents_phone_leads_to_a_refusal_alone(folder):
    made = configuration(folder, agents=AgentPhones(**AGENTS))
    document = ElementTree.fromstring(made.render())
    context = profile(document, "agents")["context"]
    actions = document.findall(f".//context[@name='{context}']//action")
    assert [(one.get("application"), one.get("data")) for one in actions] == [("respond", "403")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"directory_url": "http://192.0.2.7/switch/directory/"}, "may not travel in clear"),
        ({"directory_url": "http://web.example/"}, "may not travel in clear"),
        ({"directory_url": "nonsense"}, "may not travel in clear"),
        ({"directory_key": ""}, "needs a key"),
    ],
)
def test_agents_secrets_do_not_travel_in_clear(options, words):
    with pytest.raises(Unusable, match=words):
        AgentPhones(**{**AGENTS, **options})


@pytest.mark.django_db
def test_the_command_wants_a_number_first(tmp_path):
    with pytest.raises(CommandError, match="no number to take calls to|No language has audio"):
        call_command("freeswitch_config", str(tmp_path / "switch"))
