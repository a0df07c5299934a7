"""A complete FreeSWITCH configuration in one folder, made from a few facts.

One XML document (`freeswitch.xml` beside this module) says it all: a SIP profile that takes
calls to our numbers and nothing else, one where agents' browsers register and can dial nothing,
the event socket on loopback, a dialplan that holds each call for the worker, and what a caller
hears when no worker drives.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.template import Context, Engine

from telephony.nobody import LONGEST_REPORT_S, REPORTS, WITHIN_S

TEMPLATE = Path(__file__).with_name("freeswitch.xml")
MODULES = (
    "mod_console",
    "mod_logfile",
    "mod_event_socket",
    "mod_commands",
    "mod_dptools",
    "mod_dialplan_xml",
    "mod_sndfile",
    "mod_tone_stream",
    "mod_sofia",  # last: it takes calls
)
# FreeSWITCH wants all its folders named once one is; none of them is its package's own.
FOLDERS = (
    *("conf", "log", "db", "run", "certs", "recordings", "storage", "cache", "temp"),
    *("scripts", "grammar", "htdocs", "sounds"),
)
NUMBER = re.compile(r"\+?[0-9]{3,20}")
# What stays one word in an application's argument, unexpanded, in file_string and in XML.
PLAIN_PATH = re.compile(r"/[\w./@+,:=~-]*", re.ASCII)


class Unusable(ValueError):
    """A configuration that FreeSWITCH could not run, or that would not be safe."""


@dataclass(frozen=True)
class Notice:
    """The files that are heard when nobody drives, below the audio folder."""

    drives: Sequence[str]  # we can't serve you; 1 for an emergency loss report
    record: Sequence[str]  # what to say after the tone
    thanks: Sequence[str]


@dataclass(frozen=True)
class AgentPhones:
    """Where agents' browsers register, and whom the switch asks about them. Raises Unusable."""

    realm: str  # the domain of their addresses; their secrets are hashed with it
    directory_url: str  # of web: telephony/freeswitch/directory.py
    directory_key: str
    ws_port: int = 7443  # WebSocket on loopback; wss:// is for a reverse proxy

    def __post_init__(self) -> None:
        url = urlsplit(self.directory_url)
        if url.scheme != "https" and not _is_loopback(url.hostname or ""):
            raise Unusable(f"Secrets may not travel in clear to {self.directory_url}: use https.")
        if not self.directory_key:
            raise Unusable("The directory of agents needs a key.")


@dataclass(frozen=True)
class Configuration:
    """What differs from one switch to the next. Raises Unusable."""

    home: Path
    numbers: Sequence[str]
    notice: Notice
    prompts: Path  # the audio folder as the switch sees it
    recordings: Path  # emergency messages are left in its folder REPORTS
    event_password: str
    event_port: int = 8021
    event_ip: str = "127.0.0.1"
    sip_ip: str = "127.0.0.1"
    sip_port: int = 5060
    allowed: Sequence[IPv4Network] = field(default_factory=tuple)  # the operator's networks
    rtp_first: int = 16384
    rtp_last: int = 32767
    max_calls: int = 1000
    calls_a_second: int = 100
    patience_s: int = WITHIN_S  # how long a call waits for a worker
    message_s: int = LONGEST_REPORT_S
    silence_s: int = 60  # without a packet: the caller's line went dead without a word
    hold_silence_s: int = 1800  # … while she has us on hold
    agents: AgentPhones | None = None  # None: nobody can register

    def __post_init__(self) -> None:
        for path in (self.home, self.prompts, self.recordings):
            if not PLAIN_PATH.fullmatch(str(path)):
                raise Unusable(
                    f"FreeSWITCH can't work with the path {str(path)!r}: "
                    "letters, digits and ./_-@+,:=~ are safe, spaces are not."
                )
        for number in self.numbers:
            if not NUMBER.fullmatch(number):
                raise Unusable(f"{number!r} is no number that can be dialled.")
        if not self.numbers:
            raise Unusable("There is no number to take calls to.")
        if not self.event_password:
            raise Unusable("The event socket needs a password.")
        if not ip_address(self.event_ip).is_loopback:
            raise Unusable(f"The event socket may not listen on {self.event_ip}: loopback only.")
        if not ip_address(self.sip_ip).is_loopback and not self.allowed:
            raise Unusable(
                f"SIP on {self.sip_ip} takes calls without a password: name the operator's "
                "network with --allow."
            )

    def render(self) -> str:
        """The document. Django escapes every value for XML."""
        allowed = self.allowed or [IPv4Network("127.0.0.0/8")]
        return (
            Engine()
            .from_string(TEMPLATE.read_text(encoding="utf-8"))
            .render(
                Context(
                    {
                        **vars(self),
                        "modules": self._modules(),
                        # A draft's token may follow: 961202*48213377.
                        "numbers": f"^({'|'.join(map(re.escape, self.numbers))})([*][0-9]{{8}})?$",
                        "allowed": [str(network) for network in allowed],
                        "notice": self._audio(self.notice.drives),
                        "instructions": self._audio(self.notice.record),
                        "reports": REPORTS,
                        "thanks": self._audio(self.notice.thanks),
                    },
                    use_l10n=False,  # 5060 and never 5,060
                )
            )
        )

    def write(self) -> Path:
        """Write it, readable by nobody else; an existing one is replaced in one step."""
        inner = [self.home / name for name in FOLDERS]
        for folder in (self.home, *inner, self.recordings, self.recordings / REPORTS):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.home / "conf" / "freeswitch.xml"
        draft = file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(self.render())
        return draft.replace(file)

    def _modules(self) -> Sequence[str]:
        return MODULES if self.agents is None else ("mod_xml_curl", *MODULES)

    def _audio(self, files: Sequence[str]) -> str:
        return "file_string://" + "!".join(str(self.prompts / name) for name in files)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name, which may lead anywhere
        return False


def command(binary: str, home: Path) -> list[str]:
    """What starts FreeSWITCH with the configuration in `home`, in the foreground."""
    # Without NAT detection and clock calibration it is up in two seconds instead of five. Normal
    # priority: a realtime switch on the worker's own cores starves who answers its callers.
    start = [binary, "-nf", "-nc", "-nonat", "-nocal", "-np"]
    return start + [part for name in FOLDERS for part in (f"-{name}", str(home / name))]
