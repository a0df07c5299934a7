"""The rig over FreeSWITCH, configured as it ships; callers and agents are calls to itself."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from telephony.freeswitch.configuration import Configuration, Notice, command
from tests import ports
from tests.contracts.rig import (
    NUMBER,
    PASSWORD,
    STARTS_WITHIN_S,
    WITHIN_S,
    Agent,
    Caller,
    Never,
    Rig,
)

T = TypeVar("T")
# Beside what ships: the agents' phones, which a profile of the suite's own answers.
PHONES = """<profile name="phones"><settings>
<param name="sip-ip" value="127.0.0.1"/><param name="rtp-ip" value="127.0.0.1"/>
<param name="sip-port" value="{port}"/><param name="context" value="phones"/>
<param name="dialplan" value="XML"/><param name="auth-calls" value="false"/>
<param name="apply-inbound-acl" value="loopback.auto"/>
<param name="inbound-codec-prefs" value="PCMA"/><param name="rtp-timer-name" value="soft"/>
</settings></profile>
</profiles>"""
BEHAVIOURS = """<section name="dialplan"><context name="phones">
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
</context>"""
SOUNDS = """<document type="freeswitch/xml">
<X-PRE-PROCESS cmd="set" data="sound_prefix={prompts}"/>"""


class SipCaller(Caller):
    def __init__(self, rig: "Real", channel: str, far: str) -> None:
        self._rig, self.channel, self.far = rig, channel, far

    async def keys(self, digits: str) -> None:
        # Straight into the channel's queue: by RTP the test could not know when they arrived.
        said = await self._rig.spy.api(f"uuid_recv_dtmf {self.channel} {digits}")
        assert said.startswith("+OK"), said

    async def is_quiet(self) -> None:
        """It plays silence all along."""

    async def hang_up(self) -> None:
        assert await self._rig.spy.api(f"uuid_kill {self.far}") == "+OK\n"


class SipAgent(Agent):
    def __init__(self, rig: "Real", behaviour: str) -> None:
        self._rig, self.channel = rig, str(uuid4())
        self._number = f"4{uuid4().int % 10**9:09d}"  # by which the phone's own leg is found
        self.dial = (
            f"{{origination_uuid={self.channel},origination_caller_id_number={self._number}}}"
            f"sofia/phones/{behaviour}@127.0.0.1:{rig.phones}"
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
        self.port, self.sip, self.phones = process.esl, process.sip, process.phones

    async def open(self) -> None:
        await super().open()
        for profile in ("bank", "phones"):  # SIP starts after the event socket
            await self.until(self._takes_calls(profile), STARTS_WITHIN_S)

    async def _takes_calls(self, profile: str) -> None:
        while "CALLS-IN" not in await self.spy.api(f"sofia status profile {profile}"):
            pass

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
            f"originate {{origination_uuid={far}}}"
            f"sofia/phones/answers@127.0.0.1:{self.phones} &park"
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
    """FreeSWITCH with the configuration that ships, on ports of its own, in a folder of its own."""

    def __init__(self, folder: Path, prompts: Path) -> None:
        self.prompts, self.recordings = prompts, folder / "recordings"
        self.esl, self.sip, self.phones = ports.free(), ports.free(), ports.free()
        shipped = Configuration(
            home=folder / "home",
            numbers=("961202", "25198888"),
            notice=Notice(
                ("zh/nobody.drives.wav",), ("zh/nobody.record.wav",), ("zh/nobody.thanks.wav",)
            ),
            prompts=prompts,
            recordings=self.recordings,
            event_password=PASSWORD,
            event_port=self.esl,
            sip_port=self.sip,
            **ports.rtp(),
        )
        file = shipped.write()
        document = file.read_text()
        for old, new in (
            ('<document type="freeswitch/xml">', SOUNDS.format(prompts=prompts)),
            ("</profiles>\n    </configuration>\n  </section>", PHONES.format(port=self.phones)
             + "\n    </configuration>\n  </section>"),
            ('<section name="dialplan">', BEHAVIOURS),
        ):  # fmt: skip
            assert document.count(old) == 1, old
            document = document.replace(old, new)
        file.write_text(document)
        binary = shutil.which("freeswitch")
        assert binary
        self.log = folder / "home" / "log" / "freeswitch.log"
        with (folder / "out").open("w") as out:
            self.process = subprocess.Popen(
                command(binary, folder / "home"),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def stop(self) -> int:
        self.process.kill()  # asked to end, it takes six seconds
        return self.process.wait()


@asynccontextmanager
async def real(process: Process) -> AsyncIterator[Real]:
    """A rig on a running FreeSWITCH; its calls end with it."""
    rig = Real(process)
    await rig.open()
    try:
        yield rig
    finally:
        await rig.close()
