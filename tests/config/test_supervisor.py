"""`make run`, whole: a checkout of its own, the real processes, and every way to end them."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import urllib.request
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from config import supervisor
from config.postgres import Cluster
from config.supervisor import Refused, decide, first_one

ROOT = Path(__file__).resolve().parent.parent.parent
START_LIMIT_S = 120.0
LEFT_OUT = (".venv", ".git", "var", "node_modules", "tests", "benchmarks", "docs", ".*_cache")
SETTINGS = SimpleNamespace(
    BASE_DIR=ROOT, SWITCH="simulated", FREESWITCH_URL="", CLOCK_RATE=1.0, KEYS=None
)


def settings(**changes) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(SETTINGS), **changes})


# -- what it refuses before anything is started ------------------------------------------------


def test_a_port_that_is_taken_is_named_with_another_one(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(Refused, match=rf"Port {port} .*make run PORT=\d+") as refused:
            decide(SETTINGS)
    assert supervisor.is_free(int(str(refused.value).rsplit("=", 1)[1]))


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8000 "])
def test_what_is_no_port_is_refused(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(Refused, match="PORT is a port"):
        decide(SETTINGS)


def test_a_clock_of_its_own_is_for_the_simulated_switch(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(Refused, match="add SWITCH=simulated"):
        decide(settings(SWITCH="freeswitch", CLOCK_RATE=10.0))


@pytest.mark.parametrize(
    ("changes", "found", "switch"),
    [
        ({"SWITCH": "auto"}, "/usr/bin/freeswitch", "freeswitch"),
        ({"SWITCH": "auto"}, None, "simulated"),
        ({"SWITCH": "auto", "CLOCK_RATE": 10.0}, "/usr/bin/freeswitch", "simulated"),
        ({"SWITCH": "auto", "BASE_DIR": Path("/my bank")}, "/usr/bin/freeswitch", "simulated"),
        ({"SWITCH": "simulated"}, "/usr/bin/freeswitch", "simulated"),
        ({"SWITCH": "freeswitch"}, "/usr/bin/freeswitch", "freeswitch"),
        ({"FREESWITCH_URL": "esl://:x@127.0.0.1:1"}, "/usr/bin/freeswitch", "external"),
    ],
)
def test_which_switch_it_starts(monkeypatch, changes, found, switch):
    monkeypatch.setattr(shutil, "which", lambda name: found)
    assert supervisor.choose_switch(settings(**changes))[0] == switch


def test_a_switch_that_is_asked_for_and_missing_is_refused(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Refused, match="no freeswitch on PATH"):
        supervisor.choose_switch(settings(SWITCH="freeswitch"))


def test_a_start_that_is_under_way_is_no_address(tmp_path):
    assert first_one(tmp_path) == (
        "Bankline is just being started from this checkout by another `make run`."
    )


# -- the whole ---------------------------------------------------------------------------------


class Run:
    """One `python -m config.supervisor` and what it said."""

    def __init__(self, process: asyncio.subprocess.Process, checkout: Path) -> None:
        self.process, self.checkout = process, checkout
        self.said: list[str] = []

    async def says(self, words: str, within_s: float = START_LIMIT_S) -> str:
        """The next line with these words."""
        assert self.process.stdout
        async with asyncio.timeout(within_s):
            while line := (await self.process.stdout.readline()).decode():
                self.said.append(line)
                if words in line:
                    return line
        raise AssertionError(f"It ended without {words!r}:\n{''.join(self.said)}")

    def note(self) -> dict[str, str | int]:
        return json.loads((self.checkout / "var" / "run.json").read_text())

    def children(self) -> list[int]:
        """Every process of this checkout but the supervisor."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().decode(errors="replace")
                at = str((folder / "cwd").readlink())
                dead = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
            except OSError:
                continue
            ours = at.startswith(str(self.checkout)) or f"{self.checkout}/" in words
            if ours and not dead and int(folder.name) != self.process.pid:
                found.append(int(folder.name))
        return found

    def child(self, words: str) -> int:
        (pid, *_) = sorted(
            pid
            for pid in self.children()
            if words in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        )
        return pid


@asynccontextmanager
async def run(checkout: Path, *, ignoring: tuple[signal.Signals, ...] = (), **environment):
    given = {
        **{name: value for name, value in os.environ.items() if "DATABASE" not in name},
        **{"SWITCH": "simulated", "DEMO": "off", "PORT": str(supervisor.free_port())},
        **environment,
    }

    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where nohup started the tests
        for name in ignoring:
            signal.signal(name, signal.SIG_IGN)

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "config.supervisor"),
        cwd=checkout,
        env=given,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=ignore,
    )
    try:
        yield Run(process, checkout)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture(scope="module")
def checkout():
    with tempfile.TemporaryDirectory(prefix="bankline-run-") as name:
        Path(name).chmod(0o755)  # as root, PostgreSQL runs as somebody else
        copy = Path(name) / "checkout"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        yield copy
        shutil.rmtree(Cluster.of(copy).sockets, ignore_errors=True)


whole = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc"),
]


class TestWhole:
    pytestmark = whole

    async def test_it_serves_repairs_and_stops_though_a_shell_hid_ctrl_c(self, checkout):
        async with run(checkout, ignoring=(signal.SIGINT,)) as bank:
            await bank.says("Bankline serves at")
            url = str(bank.note()["url"])
            with await asyncio.to_thread(urllib.request.urlopen, f"{url}healthz") as answer:
                assert answer.status == 200
            assert "simulated" in await bank.says("switch")

            async with run(checkout) as second:
                told = await second.says("already serves")
                assert url in told
                assert await second.process.wait() == 0

            async with run(checkout, PORT=url.rsplit(":", 1)[1].strip("/")) as third:
                await third.says("already serves")  # rather than: the port is taken

            os.kill(bank.child("manage.py telephony"), signal.SIGKILL)
            assert "starting it again" in await bank.says("worker was ended by SIGKILL")

            began = time.monotonic()
            os.kill(bank.process.pid, signal.SIGINT)
            await bank.says("Stopped.")
            assert await bank.process.wait() == 0
            assert time.monotonic() - began < 5
            assert bank.children() == []

    async def test_killed_it_takes_all_along_and_the_next_one_starts(self, checkout):
        async with run(checkout, ignoring=(signal.SIGHUP,)) as killed:
            await killed.says("Bankline serves at")
            os.kill(killed.process.pid, signal.SIGHUP)  # nohup: it goes on
            os.kill(killed.process.pid, signal.SIGKILL)
            await killed.process.wait()
            async with run(checkout) as bank:
                await bank.says("Bankline serves at")
                os.kill(bank.process.pid, signal.SIGTERM)
                await bank.says("Stopped.")
                assert await bank.process.wait() == 0
                assert bank.children() == []

    async def test_asked_while_it_starts_it_stops(self, checkout):
        async with run(checkout) as bank:
            await bank.says("up to date")
            os.kill(bank.process.pid, signal.SIGHUP)
            await bank.says("Stopped.", within_s=5)
            assert await bank.process.wait() == 0
            assert bank.children() == []
