"""An asyncio client of FreeSWITCH's event socket. Depends on nothing but Python ≥ 3.11.

`client` keeps a connection, `wire` reads and writes its bytes, `server_wire` is the switch's
end of the same for simulators and tests.
"""

from telephony.esl.channels import Channel
from telephony.esl.client import Client
from telephony.esl.errors import (
    AuthenticationFailed,
    CommandFailed,
    EslError,
    HungUp,
    Lost,
    NoSuchChannel,
    Overflow,
    ProtocolError,
    Unsendable,
)
from telephony.esl.link import Counts
from telephony.esl.wire import Event, Frame, Parser

__all__ = [
    "AuthenticationFailed",
    "Channel",
    "Client",
    "CommandFailed",
    "Counts",
    "EslError",
    "Event",
    "Frame",
    "HungUp",
    "Lost",
    "NoSuchChannel",
    "Overflow",
    "Parser",
    "ProtocolError",
    "Unsendable",
]
