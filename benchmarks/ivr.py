"""`ivr-cpu`, `ivr-gap`, `ivr-rate`: a call of five prompts and eleven keys, against the dialplan.

Two numbers of one FreeSWITCH, called by the same SIPp callers in turns: ours, driven by the
worker over the event socket with every step recorded, and one whose dialplan does the same
with FreeSWITCH's own `play_and_get_digits`, same files, same keys, nothing recorded. A call
whose keys came out wrong is never hung up by the bank, and so fails.

cpu   CPU (/proc) of worker and switch a call, over the switch's for the dialplan in the round
      before: the middle one of these ratios, so that a slow minute of the machine counts in both.
gap   From the last key of an answer to the first sound of the next prompt, as a caller's
      handset hears it at that load: p95, less the dialplan's.
rate  Calls a second that all end well, over the dialplan's.
"""

import asyncio
import contextlib
import math
import os
import shutil
import subprocess
import sys
import tempfile
import wave
from array import array
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.database import database  # noqa: E402
from config.postgres import Cluster  # noqa: E402
from telephony.freeswitch.configuration import Notice  # noqa: E402
from telephony.ivr.line import USUAL  # noqa: E402
from telephony.spoken import VOICED, catalogue  # noqa: E402
from tests.freeswitch import switch as freeswitch  # noqa: E402
from tests.freeswitch.handset import handset  # noqa: E402
from tests.freeswitch.sipp import Caller, Result, phone  # noqa: E402
from tests.freeswitch.switch import PASSWORD, Switch  # noqa: E402

GOALS = {"ivr-cpu": "<=1.6", "ivr-gap": "<=150", "ivr-rate": ">=0.5"}
OURS, NATIVE = "961202", "7961202"
ROUNDS, CALLS, A_SECOND, PROBES = 5, 90, 6.0, 3  # three probes take as long as the load
TRY_S, FIRST_RATE, TOP_RATE, FINE = 12.0, 8.0, 128.0, 1.15

# What is said, a pitch a prompt, so that a handset hears which one begins; and what is keyed.
PROMPTS = {
    400: ["welcome.961202", "menu.language.1", "menu.language.3"],
    600: ["menu.root.1", "menu.hint"],
    800: ["menu.personal.1"],
    1000: ["identify.card"],
    1250: ["identify.pin"],
}
KEYS = ["1", "1", "1", "357#", "246#"]
PAUSES = [2.0, 0.8, 0.8, 0.8, 0.8]
SECONDS = 1.6  # of each file
TREE = {
    "root": ("主菜单", False, {"1": ("个人业务", "personal")}),
    "personal": ("个人业务", False, {"1": ("测试", "bench")}),
}


# -- the worker and its bank, in processes of their own ----------------------------------------


def set_up() -> None:
    """A menu that leads to the benchmark's flow."""
    _django()
    from calendars import clock
    from telephony import menus, publishing
    from telephony.models import Menu, Number

    _register()
    menu = Menu.objects.create(slug="main", name="bench")
    publishing.put_into_service(menus.draft(menu, TREE).pk, by=None, at=clock.now())
    Number.objects.create(number=OURS, menu=menu, greeting="welcome.961202")


def work(audio: str) -> None:
    """The product's worker with one flow more."""
    _django()
    import uvloop
    from django.conf import settings

    from telephony.worker.work import Worker

    settings.PROMPTS = Path(audio)
    _register()
    uvloop.run(Worker("bench", drain_s=0).run())


def check(calls: int) -> None:
    """Whether every call's record holds the keys that were pressed; prints how many steps."""
    _django()
    from telephony.models import Call, Step

    for call in Call.objects.order_by("-pk")[:calls]:
        keyed = Step.objects.filter(call=call, kind=Step.Kind.KEYED).order_by("seq")
        if "".join(step.keys for step in keyed) != "".join(KEYS):
            raise SystemExit(f"call {call.pk} was recorded with {[s.keys for s in keyed]}")
    print(Step.objects.count() / Call.objects.count())


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def _register() -> None:
    from telephony.ivr.registry import flow
    from telephony.ivr.signals import Ended

    @flow("bench")
    async def bench(call, bank) -> None:
        """Two entries; right keys end the call, wrong ones leave it to the caller's patience."""
        card = await call.ask_digits("identify.card", least=3, most=3)
        pin = await call.ask_digits("identify.pin", least=3, most=3)
        if [card + "#", pin + "#"] == KEYS[3:]:
            await call.line.hang_up()
        raise Ended


# -- the switch --------------------------------------------------------------------------------


def write_audio(folder: Path) -> None:
    """Every file of the catalogue, each a link to one of six tones, and their manifest."""
    import hashlib
    import json

    pitches = {key: hertz for hertz, keys in PROMPTS.items() for key in keys}
    texts = catalogue.load(audio=folder)
    folder.mkdir(parents=True, exist_ok=True)
    tones = {hertz: _tone(folder, hertz) for hertz in (*PROMPTS, 300)}
    manifest = {}
    for lang in VOICED:
        for needed in texts.recordings(lang):
            key = Path(needed.name).stem.split("-")[0]
            tone = tones[300 if needed.fragment else pitches.get(key, 300)]
            file = folder / needed.name
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                file.symlink_to(tone)
            digest = hashlib.sha256(tone.read_bytes()).hexdigest()
            manifest[needed.name] = {
                "text": needed.text,
                "sha256": digest,
                "duration_s": SECONDS,
            }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False))


def _tone(folder: Path, hertz: int) -> Path:
    turn = 2 * math.pi * hertz / 8_000
    samples = array("h", (int(9_000 * math.sin(turn * n)) for n in range(int(8_000 * SECONDS))))
    file = folder / f"tone-{hertz}.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8_000, len(samples), "NONE", ""))
        out.writeframes(samples.tobytes())
    return file


def native_extension(audio: Path) -> ElementTree.Element:
    """The same conversation by FreeSWITCH alone: what the worker's line asks for, word by word."""
    prompts = catalogue.load(audio=audio)
    first_ms, between_ms = round(USUAL.first_key_s * 1000), round(USUAL.between_keys_s * 1000)
    actions = [("set", "sensitive_dtmf=true"), ("answer", "")]
    for number, (keys, (_, said)) in enumerate(zip(KEYS, PROMPTS.items(), strict=True)):
        files = [str(audio / file) for key in said for file in prompts.say("zh", key).files]
        sound = files[0] if len(files) == 1 else "file_string://" + "!".join(files)
        most, ends = (24, "#*") if keys.endswith("#") else (1, "none")
        actions.append(
            (
                "play_and_get_digits",
                f"0 {most} 1 {first_ms} {ends} {sound} '' key{number} '' {between_ms}",
            )
        )
    wrong = "${cond(" + "".join(f"${{key{n}}}" for n in range(5))
    wrong += f" == {''.join(KEYS).replace('#', '')} ? right : wrong)}}"
    actions.append(("transfer", f"{wrong} XML native"))
    extension = ElementTree.Element("extension", name="native")
    condition = ElementTree.SubElement(
        extension, "condition", field="destination_number", expression=f"^{NATIVE}$"
    )
    for application, data in actions:
        ElementTree.SubElement(condition, "action", application=application, data=data)
    return extension


NATIVE_CONTEXT = """<context name="native">
<extension name="right"><condition field="destination_number" expression="^right$">
<action application="hangup" data="NORMAL_CLEARING"/></condition></extension>
<extension name="wrong"><condition>
<action application="endless_playback" data="silence_stream://-1"/></condition></extension>
</context>"""


async def start_switch(folder: Path, audio: Path) -> Switch:
    """The shipped configuration, with a second number that needs no worker."""
    made = freeswitch.configuration(
        folder,
        prompts=audio,
        notice=Notice(["tone-300.wav"], ["tone-300.wav"], ["tone-300.wav"]),
        rtp_first=16_400,
        rtp_last=26_400,
        max_calls=3_000,
        calls_a_second=1_000,
    )

    class WithNative(type(made)):
        def render(self) -> str:
            document = ElementTree.fromstring(super().render())
            public = document.find(".//context[@name='public']")
            public.insert(0, native_extension(audio))
            document.find("section[@name='dialplan']").append(
                ElementTree.fromstring(NATIVE_CONTEXT)
            )
            return ElementTree.tostring(document, encoding="unicode")

    return await freeswitch.start(WithNative(**vars(made)), tones=False)


# -- measuring ---------------------------------------------------------------------------------


TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int, *, with_dead_children: bool = False) -> float:
    """Seconds of CPU that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = sum(map(int, fields[11:15] if with_dead_children else fields[11:13]))
    return ticks * TICK_S


def postgres_s(cluster: Cluster) -> float:
    """Of the server and its backends, those that ended included."""
    main = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
    used = cpu_s(main, with_dead_children=True)
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == main:
                used += cpu_s(int(folder.name))
    return used


@dataclass
class Side:
    """What was measured of one number."""

    number: str
    switch_s: list[float] = field(default_factory=list)  # CPU a call
    worker_s: list[float] = field(default_factory=list)
    postgres_s: list[float] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)

    @property
    def total_s(self) -> list[float]:
        return [a + b for a, b in zip(self.switch_s, self.worker_s, strict=True)]

    def p95_ms(self) -> float:
        return quantiles(self.gaps_s, n=20)[-1] * 1000


@dataclass
class Bench:
    switch: Switch
    cluster: Cluster
    worker: "subprocess.Popen[bytes]"

    async def round(self, side: Side) -> None:
        """One load of calls with a few handsets among them."""
        before = self._used()
        caller = Caller(side.number, KEYS, PAUSES, stays_s=None, waits_s=15)
        load = asyncio.create_task(
            phone(self.switch, caller, calls=CALLS, at_once=CALLS, a_second=A_SECOND)
        )
        probes = [await self._probe(side) for _ in range(PROBES)]
        require(await load)
        after = self._used()
        calls = CALLS + len(probes)
        used = [(b - a) / calls for a, b in zip(before, after, strict=True)]
        side.switch_s.append(used[0])
        side.worker_s.append(used[1] if side.number == OURS else 0.0)
        side.postgres_s.append(used[2] if side.number == OURS else 0.0)

    async def _probe(self, side: Side) -> None:
        """A caller with ears: answers each prompt as soon as she knows it, and times the next."""
        async with handset() as ears:
            caller = Caller(side.number, stays_s=None, waits_s=30, media_port=ears.port)
            calling = asyncio.create_task(phone(self.switch, caller))
            await ears.hears(400, within_s=5)
            await ears.speak(2_000, 0.1)
            for keys, (_, following) in zip(KEYS, pairwise([*PROMPTS, 0]), strict=True):
                for key in keys:
                    ended = await ears.key(key)
                if following:
                    begun = await ears.begins(following, since=ended, within_s=5)
                    side.gaps_s.append(begun - ended)
            require(await calling)

    async def top_rate(self, number: str) -> float:
        """The highest rate at which no call fails, to within FINE."""
        good, rate, bad = 0.0, FIRST_RATE, math.inf
        while rate <= TOP_RATE and bad / max(good, 0.1) > FINE:
            if await self._bears(number, rate):
                good = rate
                rate = rate * 2 if bad == math.inf else math.sqrt(good * bad)
            else:
                bad = rate
                rate = math.sqrt(good * bad) if good else rate / 2
            print(f"  … {number}: {good:.0f}/s", file=sys.stderr, flush=True)
        return good

    async def _bears(self, number: str, rate: float) -> bool:
        calls = round(rate * TRY_S)
        caller = Caller(number, KEYS, PAUSES, stays_s=None, waits_s=15)
        result = await phone(self.switch, caller, calls=calls, at_once=calls, a_second=rate)
        if result.successful < calls:
            await self._empties()
        return result.successful == calls

    async def _empties(self) -> None:
        """The next try doesn't pay for what one that was too much has left behind."""
        async with self.switch.events() as (client, _):
            await client.api("hupall")
            while not (await client.api("show channels count")).strip().startswith("0 total"):
                await asyncio.sleep(0.2)
        while (await phone(self.switch, Caller(OURS, KEYS, PAUSES, stays_s=None))).failed:
            await asyncio.sleep(0.2)

    def _used(self) -> tuple[float, float, float]:
        return (
            cpu_s(self.switch.process.pid),
            cpu_s(self.worker.pid),
            postgres_s(self.cluster),
        )

    def check(self, calls: int) -> float:
        """The records of the last calls hold what was keyed; steps a call."""
        return float(script("--check", str(calls)))


def require(result: Result) -> None:
    if result.failed or not result.successful:
        raise SystemExit(f"{result.failed} calls failed: {result.errors[:2000]}")


def script(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, __file__, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


@contextlib.asynccontextmanager
async def bench():
    with (
        database("ivr") as base,
        tempfile.TemporaryDirectory(prefix="bankline-bench-") as place,
    ):
        folder = Path(place)
        audio = folder / "audio"
        write_audio(audio)
        switch = worker = None
        try:
            switch = await start_switch(folder, audio)
            os.environ |= {
                "FREESWITCH_URL": "esl://:"
                f"{PASSWORD.replace(' ', '%20')}@127.0.0.1:{switch.configuration.event_port}",
                "SWITCH_PROMPTS": str(audio),
            }
            script("--set-up")
            with (folder / "worker.log").open("wb") as log:
                worker = subprocess.Popen(
                    [sys.executable, __file__, "--worker", str(audio)], stdout=log, stderr=log
                )
            made = Bench(switch, base.cluster, worker)
            while (await phone(switch, Caller(OURS, KEYS, PAUSES, stays_s=None))).failed:
                if worker.poll() is not None:
                    raise SystemExit((folder / "worker.log").read_text())
            yield made
        finally:
            if worker:
                worker.kill()
                worker.wait()
            if switch:
                await freeswitch.stop(switch)


# -- what is printed ---------------------------------------------------------------------------


async def main(names: list[str]) -> None:
    if lacking := [name for name in ("freeswitch", "sipp") if not shutil.which(name)]:
        for name in names:
            print(f"bench {name}: no {' and no '.join(lacking)} on PATH, so there is no ratio")
        return
    async with bench() as on:
        if {"ivr-cpu", "ivr-gap"} & set(names):
            await compare(on, names)
        if "ivr-rate" in names:
            await compare_rates(on)


async def compare(on: Bench, names: list[str]) -> None:
    ours, native = Side(OURS), Side(NATIVE)
    for _ in range(ROUNDS):
        for side in (native, ours):
            await on.round(side)
    steps = on.check(ROUNDS * (CALLS + PROBES))
    load = f"{ROUNDS} rounds of {CALLS} calls at {A_SECOND:g}/s, in turns"
    if "ivr-cpu" in names:
        pairs = [a / b for a, b in zip(ours.total_s, native.switch_s, strict=True)]
        print(f"bench ivr-cpu ratio={median(pairs):.2f} goal={GOALS['ivr-cpu']}")
        print(
            f"  {', '.join(f'{pair:.2f}' for pair in pairs)}; "
            f"CPU a call: dialplan {median(native.switch_s) * 1000:.1f} ms; ours "
            f"{median(ours.total_s) * 1000:.1f} ms = switch {median(ours.switch_s) * 1000:.1f} + "
            f"worker {median(ours.worker_s) * 1000:.1f}; PostgreSQL "
            f"{median(ours.postgres_s) * 1000:.1f} ms apart "
            f"({steps:.0f} steps recorded a call, no wrong key); {load}"
        )
    if "ivr-gap" in names:
        ratio = ours.p95_ms() - native.p95_ms()
        print(f"bench ivr-gap ratio={ratio:.0f} goal={GOALS['ivr-gap']}")
        print(
            f"  from the last key to the next prompt, p95 of {len(ours.gaps_s)}: ours "
            f"{ours.p95_ms():.0f} ms (median {median(ours.gaps_s) * 1000:.0f}), dialplan "
            f"{native.p95_ms():.0f} ms ({median(native.gaps_s) * 1000:.0f}); {load}"
        )


async def compare_rates(on: Bench) -> None:
    native, ours = await on.top_rate(NATIVE), await on.top_rate(OURS)
    print(f"bench ivr-rate ratio={ours / native:.2f} goal={GOALS['ivr-rate']}")
    print(
        f"  calls a second for {TRY_S:.0f} s with none failed: ours {ours:.0f}, dialplan "
        f"{native:.0f}; SIPp runs on the same {os.cpu_count()} cores"
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--set-up"]:
            set_up()
        case ["--worker", folder]:
            work(folder)
        case ["--check", calls]:
            check(int(calls))
        case names:
            asyncio.run(main(names or list(GOALS)))
