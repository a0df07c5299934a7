"""The process: how it starts, what it binds, what it logs, how it ends."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from telephony import esl
from telephony.simswitch.phone import Phone
from tests.contracts.rig import PASSWORD
from tests.contracts.simulated import ROOT, Process

COMMAND = [sys.executable, "-m", "telephony.simswitch"]


def start(*options: str) -> subprocess.CompletedProcess[str]:
    """Run one that can't start; its status and what it said."""
    return subprocess.run(
        [*COMMAND, *options], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


def test_it_needs_no_django():
    script = "import sys; import telephony.simswitch.__main__; sys.exit('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=30, check=False)
    assert done.returncode == 0


def test_it_listens_on_loopback_alone(process: Process):
    opened = Path("/proc/net/tcp").read_text().splitlines()[1:]
    wanted = {f"{port:04X}" for port in (process.esl_port, process.phone_port)}
    listening = {
        address.split(":")[1]: address.split(":")[0]
        for address, state in (line.split()[1::2][:2] for line in opened)
        if state == "0A" and address.split(":")[1] in wanted
    }
    assert set(listening) == wanted
    assert set(listening.values()) == {"0100007F"}


async def test_term_ends_every_call_and_then_itself(process: Process):
    async with Phone.connect(process.phone_port, PASSWORD) as phone:
        await phone.dial("961202")
        await phone.hears("held")
        process.process.terminate()
        gone = await phone.hears("hangup")
        assert gone.what["cause"] == "SYSTEM_SHUTDOWN"
    assert await asyncio.to_thread(process.process.wait, 10) == 0


async def test_the_log_has_calls_and_no_keys(process: Process):
    async with Phone.connect(process.phone_port, PASSWORD) as phone:
        call = await phone.dial("961202", "13800138000")
        await phone.keys("918273#")
        await phone.hang_up()
        await phone.hears("hangup")
    process.stop()
    said = process.log.read_text()
    assert f"call {call}: 13800138000 dials 961202" in said
    assert f"call {call}: ended, NORMAL_CLEARING by phone" in said
    assert "918273" not in said


def test_an_empty_password_is_refused(tmp_path: Path, prompts: Path):
    empty = tmp_path / "empty"
    empty.write_text("\n")
    done = start("--prompts", str(prompts), "--password-file", str(empty))
    assert done.returncode == 2
    assert "the password file is empty" in done.stderr


def test_a_missing_password_file_is_named(tmp_path: Path, prompts: Path):
    done = start("--prompts", str(prompts), "--password-file", str(tmp_path / "none"))
    assert done.returncode == 2
    assert "can't read the password file: No such file" in done.stderr


def test_a_port_that_is_taken_is_said(process: Process, tmp_path: Path, prompts: Path):
    done = start(
        *("--prompts", str(prompts), "--password-file", str(tmp_path / "password")),
        *("--esl-port", str(process.esl_port), "--phone-port", "0"),
    )
    assert done.returncode == 1
    assert "address already in use" in done.stderr


async def test_a_faster_clock_plays_faster(tmp_path: Path, prompts: Path):
    process = Process(tmp_path, prompts, "--rate", "100")
    try:
        async with Phone.connect(process.phone_port, PASSWORD) as phone:
            assert not phone.virtual
            await phone.dial("961202")
            notice = await phone.hears("nobody.drives", within_s=5)  # real seconds
            over = await phone.hears("hangup", within_s=5)
            assert 5 < over.at - notice.at < 8  # the notice and five seconds' patience
    finally:
        process.stop()


async def test_calls_outlive_every_connection_of_the_event_socket(process: Process):
    lost = asyncio.Event()
    connected: asyncio.Queue[None] = asyncio.Queue()
    client = esl.Client(
        "127.0.0.1",
        process.esl_port,
        PASSWORD,
        on_connected=lambda: connected.put(None),
        on_lost=lambda why: lost.set(),
        backoff_s=(0.01, 0.05),
    )
    running = asyncio.create_task(client.run())
    async with Phone.connect(process.phone_port, PASSWORD) as phone:
        await asyncio.wait_for(connected.get(), 5)
        call = await phone.dial("961202")
        await phone.hears("held")
        assert await client.api(f"sched_del {call}") == "+OK Deleted: 1\n"

        assert await phone.drop_esl() == 1

        await asyncio.wait_for(lost.wait(), 5)
        await asyncio.wait_for(connected.get(), 5)
        assert await client.api(f"uuid_exists {call}") == "true"
        assert json.loads(await client.api("show channels as json"))["row_count"] == 1
    running.cancel()


async def test_an_agents_phone_that_goes_away_has_lost_its_call_and_not_hung_up(process: Process):
    connected = asyncio.Event()

    async def on_connected() -> None:
        connected.set()

    client = esl.Client("127.0.0.1", process.esl_port, PASSWORD, on_connected=on_connected)
    running = asyncio.create_task(client.run())
    await asyncio.wait_for(connected.wait(), 5)
    async with process.phone() as witness:
        await witness.subscribe()
        async with process.phone() as phone:
            await phone.register("1001")
            calling = asyncio.create_task(client.bgapi("originate user/1001 &park"))
            await phone.hears("invited")
            await phone.answer()
            assert (await asyncio.wait_for(calling, 5)).startswith("+OK ")
        gone = await witness.hears("hangup")
    assert (gone.what["cause"], gone.what["by"]) == ("NORMAL_TEMPORARY_FAILURE", "phone")
    assert await client.bgapi("originate user/1001 &park") == "-ERR USER_NOT_REGISTERED\n"
    running.cancel()
