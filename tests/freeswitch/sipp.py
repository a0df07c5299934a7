"""Callers who phone by SIP and press keys as RFC 2833 events: SIPp, which nobody here wrote.

SIPp plays its events through a raw socket, so keys want root, as a CI has it.
"""

import asyncio
import csv
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from tests.freeswitch.switch import Switch

LEAD_S = 0.8  # SIPp's play_dtmf sends nothing for so long, then the first key
KEY_S = 0.402  # its event and the pause after it
EVENT_TYPE = 96  # the payload type that SIPp's play_dtmf sends

HEAD = """<?xml version="1.0"?>
<scenario name="caller">
<send retrans="500"><![CDATA[
INVITE sip:{number}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{caller}@[local_ip]:[local_port]>;tag=[pid]-[call_number]
To: <sip:{number}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:{caller}@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=caller 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio {media} RTP/AVP 8 {event}
a=rtpmap:8 PCMA/8000
a=rtpmap:{event} telephone-event/8000
a=fmtp:{event} 0-15
]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
"""
REQUEST = """<send{retrans}><![CDATA[
{method} [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{caller}@[local_ip]:[local_port]>;tag=[pid]-[call_number]
To: <sip:{number}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: {sequence} {method}
Max-Forwards: 70
Content-Length: 0

]]></send>
"""
REFUSED = """<recv response="{code}"/>
<send><![CDATA[
ACK sip:{number}@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
"""
BYE_FROM_THE_BANK = """<recv request="BYE" timeout="{limit_ms}"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""


@dataclass(frozen=True)
class Caller:
    """What a caller does: dials, and keys one group after the other, each after its pause.

    `pauses` are the seconds from the answer, or from the last key of a group, to the next group's
    first key: no less than LEAD_S. Then she stays for `stays_s` and hangs up; with `stays_s` None
    she waits for the bank to hang up. `refused` expects that answer to her INVITE instead.
    `[field0]` in a group is the first column of her row.
    """

    number: str
    keys: Sequence[str] = ()
    pauses: Sequence[float] = ()
    stays_s: float | None = 1.0
    waits_s: float = 60.0  # for the bank to hang up
    caller: str = "13800138000"
    rows: Sequence[Sequence[str]] = field(default_factory=tuple)  # one a call, in turn
    media_port: int | None = None  # audio goes there instead of to SIPp
    refused: int | None = None

    def scenario(self) -> str:
        names = {"number": self.number, "caller": self.caller}
        media = self.media_port or "[auto_media_port]"
        text = HEAD.format(**names, media=media, event=EVENT_TYPE)
        if self.refused:
            return text + REFUSED.format(**names, code=self.refused) + "</scenario>\n"
        text += '<recv response="200" rrs="true"/>\n'
        text += REQUEST.format(**names, method="ACK", sequence=1, retrans="")
        sending_s = 0.0
        for pause_s, group in zip(self.pauses, self.keys, strict=True):
            assert pause_s >= LEAD_S, "SIPp is not so quick; it would swallow keys."
            text += _pause(pause_s - LEAD_S + sending_s)
            text += f'<nop><action><exec play_dtmf="{escape(group)}"/></action></nop>\n'
            sending_s = LEAD_S + KEY_S * self._length(group)
        if self.stays_s is None:
            text += BYE_FROM_THE_BANK.format(limit_ms=int((self.waits_s + sending_s) * 1000))
        else:
            text += _pause(self.stays_s + sending_s)
            text += REQUEST.format(**names, method="BYE", sequence=2, retrans=' retrans="500"')
            text += '<recv response="200"/>\n'
        return text + "</scenario>\n"

    def _length(self, group: str) -> int:
        longest = [max((len(row[n]) for row in self.rows), default=0) for n in range(self._columns)]
        return len(re.sub(r"\[field(\d+)\]", lambda m: "x" * longest[int(m[1])], group))

    @property
    def _columns(self) -> int:
        return min(map(len, self.rows), default=0)


@dataclass(frozen=True)
class Result:
    """How SIPp's calls went. `errors` is what it had to say, if anything."""

    successful: int
    failed: int
    seconds: float
    errors: str


async def phone(
    switch: Switch,
    caller: Caller,
    *,
    calls: int = 1,
    at_once: int = 1,
    a_second: float = 10.0,
    limit_s: float = 120.0,
) -> Result:
    """Let callers like this one phone the switch; returns when the last has hung up."""
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "caller.xml").write_text(caller.scenario())
        options = ["-sf", "caller.xml", "-s", caller.number, "-i", "127.0.0.1", "-mi", "127.0.0.1"]
        options += ["-m", str(calls), "-l", str(at_once), "-r", f"{a_second:g}", "-nostdin"]
        # Its watchdog reports a busy machine as an error; ours may be one.
        options += ["-watchdog_interval", "0"]
        options += ["-timeout", f"{limit_s:.0f}", "-trace_err", "-error_file", "errors"]
        options += ["-trace_stat", "-stf", "statistics", "-fd", "1"]
        if caller.rows:
            with (folder / "rows").open("w") as rows:
                rows.write("SEQUENTIAL\n")
                rows.writelines(";".join(row) + "\n" for row in caller.rows)
            options += ["-inf", "rows"]
        began = loop.time()
        process = await asyncio.create_subprocess_exec(
            *("sipp", f"127.0.0.1:{switch.configuration.sip_port}", *options),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), limit_s + 10)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        seconds = loop.time() - began
        errors = folder / "errors"
        told = errors.read_text(errors="replace") if errors.exists() else ""
        statistics = folder / "statistics"
        if not statistics.exists():
            return Result(0, calls, seconds, told or said.decode(errors="replace"))
        *_, last = csv.DictReader(statistics.open(), delimiter=";")
        return Result(int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]), seconds, told)


def _pause(seconds: float) -> str:
    return f'<pause milliseconds="{int(seconds * 1000)}"/>\n'
