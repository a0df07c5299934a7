"""The rig over FreeSWITCH: its own configuration, calling itself by SIP on the loopback."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from tests.contracts.rig import NUMBER, PASSWORD, WITHIN_S, Agent, Caller, Never, Rig

T = TypeVar("T")
STARTS_WITHIN_S = 30
MODULES = [
    "commands",
    "dptools",
    "dialplan_xml",
    "event_socket",
    "sofia",
    "sndfile",
    "tone_stream",
    "logfile",
]

NOTICE = "1 1 1 5000 none zh/nobody.drives.wav '' nobody_choice ^1$ 5000 goodbye XML bankline"
CONFIGURATION = """<?xml version="1.0"?>
<document type="freeswitch/xml">
<X-PRE-PROCESS cmd="set" data="sound_prefix={prompts}"/>
<section name="configuration">
<configuration name="switch.conf"><settings>
  <param name="max-sessions" value="500"/><param name="sessions-per-second" value="200"/>
  <param name="rtp-start-port" value="{rtp}"/><param name="rtp-end-port" value="{rtp_end}"/>
</settings></configuration>
<configuration name="modules.conf"><modules>{modules}</modules></configuration>
<configuration name="event_socket.conf"><settings>
  <param name="listen-ip" value="127.0.0.1"/><param name="listen-port" value="{esl}"/>
  <param name="password" value="{password}"/>
</settings></configuration>
<configuration name="logfile.conf"><settings/><profiles><profile name="default">
  <settings><param name="logfile" value="{folder}/log/freeswitch.log"/></settings>
  <mappings><map name="all" value="debug,info,notice,warning,err,crit,alert"/></mappings>
</profile></profiles></configuration>
<configuration name="timezones.conf"><timezones/></configuration>
<configuration name="acl.conf"><network-lists/></configuration>
<configuration name="post_load_modules.conf"><modules/></configuration>
<configuration name="sofia.conf"><global_settings/><profiles><profile name="bank"><settings>
  <param name="sip-ip" value="127.0.0.1"/><param name="rtp-ip" value="127.0.0.1"/>
  <param name="sip-port" value="{sip}"/><param name="dialplan" value="XML"/>
  <param name="context" value="bankline"/><param name="auth-calls" value="false"/>
  <param name="apply-inbound-acl" value="loopback.auto"/>
  <param name="manage-presence" value="false"/>
  <param name="inbound-codec-prefs" value="PCMA"/><param name="outbound-codec-prefs" value="PCMA"/>
  <param name="rfc2833-pt" value="101"/><param name="rtp-timer-name" value="soft"/>
</settings></profile></profiles></configuration>
</section>
<section name="dialplan"><context name="bankline">
<extension name="bank"><condition field="destination_number" expression="^(961202|25198888)$">
  <action application="multiset" data="sensitive_dtmf=true bankline=1"/>
  <action application="sched_transfer" data="+2 nobody XML bankline"/>
  <action application="answer"/>
  <action application="endless_playback" data="silence_stream://-1"/>
  <action application="transfer" data="held XML bankline"/>
</condition></extension>
<extension name="held"><condition field="destination_number" expression="^held$">
  <action application="endless_playback" data="silence_stream://-1"/>
  <action application="transfer" data="held XML bankline"/>
</condition></extension>
<extension name="nobody"><condition field="destination_number" expression="^nobody$">
  <action application="set" data="bankline_nobody=1"/>
  <action application="play_and_get_digits" data="{notice}"/>
  <action application="playback" data="zh/nobody.record.wav"/>
  <action application="playback" data="tone_stream://%(500,0,1000)"/>
  <action application="record" data="{recordings}/nobody/${{uuid}}.wav 120"/>
  <action application="playback" data="zh/nobody.thanks.wav"/>
  <action application="hangup" data="NORMAL_CLEARING"/>
</condition></extension>
<extension name="goodbye"><condition field="destination_number" expression="^goodbye$">
  <action application="hangup" data="NORMAL_TEMPORARY_FAILURE"/>
</condition></extension>
<extension name="answers"><condition field="destination_number" expression="^answers$">
  <action application="answer"/>
  <action application="endless_playback" data="silence_stream://-1"/>
</condition></extension>
<extension name="busy"><condition field="destination_number" expression="^busy$">
  <action application="hangup" data="USER_BUSY"/>
</condition></extension>
<extension name="rings"><condition field="destination_number" expression="^rings$">
  <action application="ring_ready"/><action application="sleep" data="60000"/>
</condition></extension>
</context></section>
</document>
"""


class SipCaller(Caller):
    def __init__(self, rig: "Real", channel: str, far: str) -> None:
        self._rig, self.channel, self._far = rig, channel, far

    async def keys(self, digits: str) -> None:
        # Straight into the channel's queue: by RTP the test could not know when they arrived.
        said = await self._rig.spy.api(f"uuid_recv_dtmf {self.channel} {digits}")
        assert said.startswith("+OK"), said

    async def hang_up(self) -> None:
        assert await self._rig.spy.api(f"uuid_kill {self._far}") == "+OK\n"


class SipAgent(Agent):
    def __init__(self, rig: "Real", behaviour: str) -> None:
        self._rig, self.channel = rig, str(uuid4())
        self._number = f"4{uuid4().int % 10**9:09d}"  # by which the phone's own leg is found
        self.dial = (
            f"{{origination_uuid={self.channel},origination_caller_id_number={self._number}}}"
            f"sofia/bank/{behaviour}@127.0.0.1:{rig.sip}"
        )

    async def hang_up(self) -> None:
        self._rig.spied.rewind()
        answered = self._rig.spied.next(
            "CHANNEL_ANSWER", Caller_Caller_ID_Number=self._number, Call_Direction="inbound"
        )
        phone = (await self._rig.until(answered))["Unique-ID"]
        assert await self._rig.spy.api(f"uuid_kill {phone}") == "+OK\n"


class Real(Rig):
    def __init__(self, process: "Process") -> None:
        self.prompts, self.recordings = process.prompts, process.recordings
        self.port, self.sip = process.esl, process.sip

    async def dial(self, number: str = NUMBER) -> Caller:
        far, caller = str(uuid4()), f"138{uuid4().int % 10**8:08d}"
        said = await self.spy.bgapi(
            f"originate {{origination_uuid={far},origination_caller_id_number={caller}}}"
            f"sofia/bank/{number}@127.0.0.1:{self.sip} &endless_playback(silence_stream://-1)"
        )
        assert said == f"+OK {far}\n"
        event = await self.until(self.driven.next("CHANNEL_ANSWER", Caller_Caller_ID_Number=caller))
        return SipCaller(self, event["Unique-ID"], far)

    async def stranger(self) -> Caller:
        far = str(uuid4())
        said = await self.spy.bgapi(
            f"originate {{origination_uuid={far}}}sofia/bank/answers@127.0.0.1:{self.sip} &park"
        )
        assert said == f"+OK {far}\n"
        return SipCaller(self, far, far)

    async def agent(self, behaviour: str = "answers") -> Agent:
        return SipAgent(self, behaviour)

    async def until(self, wanted: Awaitable[T], within_s: float = WITHIN_S) -> T:
        try:
            return await asyncio.wait_for(wanted, within_s)
        except TimeoutError:
            raise Never(f"not within {within_s:g} s") from None

    async def close(self) -> None:
        await self.spy.api("hupall")
        await super().close()


class Process:
    """FreeSWITCH on ports of its own, in a folder of its own."""

    def __init__(self, folder: Path, prompts: Path) -> None:
        self.prompts, self.recordings = prompts, folder / "recordings"
        self.esl, self.sip = _free(socket.SOCK_STREAM), _free(socket.SOCK_DGRAM)
        for name in ("conf", "log", "db", "run", "recordings/nobody"):
            (folder / name).mkdir(parents=True)
        (folder / "conf" / "freeswitch.xml").write_text(
            CONFIGURATION.format(
                folder=folder,
                prompts=prompts,
                recordings=self.recordings,
                password=PASSWORD,
                esl=self.esl,
                sip=self.sip,
                notice=NOTICE,
                rtp=28000,
                rtp_end=28999,
                modules="".join(f'<load module="mod_{name}"/>' for name in MODULES),
            )
        )
        binary = shutil.which("freeswitch")
        assert binary
        places = {"conf": "conf", "log": "log", "db": "db", "run": "run", "temp": "run"}
        with (folder / "out").open("w") as out:
            self.process = subprocess.Popen(
                [
                    *(binary, "-nonat", "-nocal", "-nf", "-nc"),
                    *(
                        part
                        for flag, at in places.items()
                        for part in (f"-{flag}", str(folder / at))
                    ),
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.log = folder / "log" / "freeswitch.log"
        self._await_port()

    def _await_port(self) -> None:
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.esl)) == 0:
                    return
            assert self.process.poll() is None, "FreeSWITCH ended at once"
            time.sleep(0.05)  # another program's start: nothing of ours to wait on
        raise AssertionError("FreeSWITCH did not open its event socket")

    def stop(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def real(process: Process) -> AsyncIterator[Real]:
    """A rig on a running FreeSWITCH; its calls end with it."""
    rig = Real(process)
    await rig.open()
    try:
        yield rig
    finally:
        await rig.close()
