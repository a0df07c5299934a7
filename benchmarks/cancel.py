"""`cancel`: the caller's BYE while an agent's phone rings → that phone is cancelled, ms over 200.

Worker and switch are processes of their own. On FreeSWITCH both people are SIP: the time runs from
the event of the caller's own hang-up, which sends the BYE, to that of the agent's phone, which got
the CANCEL; both are stamped by one clock. Where there is no FreeSWITCH it is measured on simswitch.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.database import database  # noqa: E402
from telephony.simswitch.phone import Phone  # noqa: E402
from tests.contracts.real import Process, real  # noqa: E402
from tests.contracts.rig import PASSWORD  # noqa: E402

GOAL_MS = 200.0
TRIALS, WARM_UP = 60, 5
WITHIN_S = 20.0
PROMPTS = ROOT / "static" / "prompts"


def main() -> None:
    with database("cancel"):
        number = people()
        switch = "FreeSWITCH" if shutil.which("freeswitch") else "simswitch"
        measure = on_freeswitch if switch == "FreeSWITCH" else on_simswitch
        with tempfile.TemporaryDirectory(prefix="bankline-") as folder:
            took = asyncio.run(measure(Path(folder), number))[WARM_UP:]
    p95 = quantiles(took, n=20)[18]
    print(f"bench cancel ratio={p95 / GOAL_MS:.2f} goal=<=1")
    print(
        f"  on {switch}: caller's BYE → agent's phone cancelled, median {median(took):.0f} ms, "
        f"p95 {p95:.0f} ms (the ratio's), slowest {max(took):.0f} ms of {len(took)}"
    )


def people() -> str:
    """An agent who is ready for the whole run; her number."""
    import django

    django.setup()
    from django.db import connection

    from calendars import clock
    from routing import presence, shipped
    from telephony import shipped as menus
    from tests import cast
    from tests.desktop import seats

    cast.bank_terms()
    shipped.install(at=clock.now())
    menus.install(at=clock.now())
    user, at = seats.hire("1023", "林晓", "general"), clock.now()
    session = seats.sits_down(user, at=at)
    presence.heartbeat(session.pk, phone=True, at=at + timedelta(hours=1))
    connection.close()
    return user.username


@asynccontextmanager
async def worker(port: int, dial: str) -> AsyncIterator[None]:
    """`manage.py telephony`, once it takes calls."""
    env = os.environ | {
        "FREESWITCH_URL": f"esl://:{PASSWORD}@127.0.0.1:{port}",
        "AGENT_DIAL": dial,
    }
    command = (sys.executable, "manage.py", "telephony", "--drain", "0", "--notice-after", "0")
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=env, stderr=subprocess.PIPE
    )
    assert process.stderr
    try:
        while "took over" not in (await process.stderr.readline()).decode():
            assert process.returncode is None
        rest = asyncio.create_task(process.stderr.read())
        yield
    finally:
        process.kill()
        await process.wait()
    await rest


async def on_freeswitch(folder: Path, number: str) -> list[float]:
    process = Process(folder, PROMPTS)
    try:
        async with real(process) as rig, worker(process.esl, phone_of(process)):
            return [await cancelled(rig) for _ in range(TRIALS + WARM_UP)]
    finally:
        process.stop()


def phone_of(process: Process) -> str:
    return f"sofia/phones/rings@127.0.0.1:{process.phones}"


async def cancelled(rig) -> float:
    """One call that is hung up while the agent's phone rings; ms until it rings no more."""
    caller = await rig.dial()
    await caller.keys("0")
    rig.spied.rewind()
    leg = await rig.until(rig.spied.next("CHANNEL_PROGRESS", Call_Direction="outbound"))
    rig.spied.rewind()
    phone = await rig.until(rig.spied.next("CHANNEL_PROGRESS", Caller_Context="phones"))
    await caller.hang_up()
    rig.spied.rewind()
    bye = await rig.until(rig.spied.next("CHANNEL_HANGUP", caller.far))
    rig.spied.rewind()
    gone = await rig.until(rig.spied.next("CHANNEL_HANGUP", phone["Unique-ID"]))
    rig.spied.rewind()
    await rig.until(rig.spied.next("CHANNEL_HANGUP_COMPLETE", leg["Unique-ID"]))
    rig.spied.events.clear()
    rig.spied.rewind()
    return stamp_ms(gone) - stamp_ms(bye)


def stamp_ms(event) -> float:
    return int(event["Event-Date-Timestamp"]) / 1000


async def on_simswitch(folder: Path, number: str) -> list[float]:
    (folder / "key").write_text(PASSWORD)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "telephony.simswitch", "--esl-port", "0", "--phone-port", "0"),
        *("--prompts", str(PROMPTS), "--password-file", str(folder / "key")),
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    try:
        ports = json.loads(await process.stdout.readline())
        at = ports["phone_port"]
        async with (
            worker(ports["esl_port"], "user/{number}"),
            Phone.connect(at, PASSWORD) as agent,
        ):
            await agent.register(number)
            return [await silenced(at, agent) for _ in range(TRIALS + WARM_UP)]
    finally:
        process.kill()
        await process.wait()


async def silenced(port: int, agent: Phone) -> float:
    """As `cancelled`, on simulated phones."""
    async with Phone.connect(port, PASSWORD) as caller:
        await caller.dial("961202", "13800136027")
        await caller.hears("menu.language.1", within_s=WITHIN_S)
        await caller.keys("0")
        await agent.hears("invited", within_s=WITHIN_S)
        await caller.hang_up()
        bye = await caller.hears("hangup", within_s=WITHIN_S)
        gone = await agent.hears("hangup", within_s=WITHIN_S)
        return (gone.at - bye.at) * 1000


if __name__ == "__main__":
    main()
