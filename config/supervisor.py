"""What `make run` runs: the whole of Bankline on this machine, on loopback alone.

PostgreSQL, migrations, demo data once, the switch, the worker, tasks, web: in this order, and
stopped in reverse within five seconds. Nothing needs to be set; these variables are read:

PORT        where web listens (8000)
SIP_PORT    where FreeSWITCH listens (the first free one from 5060)
SWITCH      auto, freeswitch or simulated
DEMO        off leaves the bank empty
CLOCK_RATE  how much faster than life the simulated bank lives
"""

import asyncio
import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from django.core.exceptions import ImproperlyConfigured

from config.keys import read_or_make
from config.postgres import Cluster, NoDatabase, account
from config.processes import Failed, Household, Program
from telephony.freeswitch import configuration

HOST = "127.0.0.1"
CHECKED = "--skip-checks"  # `migrate` has checked all, and comes first
HANDOVER_LIMIT_S = 10.0  # a killed supervisor's children are gone by then


class Refused(Exception):
    """`make run` can't go on; the message says what to do."""


def say(line: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone; the bank goes on
        print(line, flush=True)


@dataclass(frozen=True)
class Plan:
    """What this run will be: decided before anything is started."""

    checkout: Path
    cluster: Cluster | None  # None: DATABASE_URL names another
    switch: str  # freeswitch, simulated or external
    why: str  # … this switch
    port: int
    sip_port: int
    event_port: int
    ws_port: int  # of agents' browsers, on FreeSWITCH
    phone_port: int
    password: str  # of both sockets
    prompts: Path
    recordings: Path
    rate: float
    demo: bool
    env: Mapping[str, str]  # of every child

    @property
    def var(self) -> Path:
        return self.checkout / "var"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/"

    def manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.checkout / "manage.py"), *arguments]


def decide(settings: Any) -> Plan:
    """Read the settings and look at the machine. Raises Refused."""
    switch, why = choose_switch(settings)
    rate = settings.CLOCK_RATE
    if rate != 1 and switch != "simulated":
        raise Refused("CLOCK_RATE is for the simulated switch: add SWITCH=simulated.")
    port = number("PORT", 8000)
    require_free(port)
    sip_port, event_port, phone_port = sip_port_of(switch), free_port(), free_port()
    ws_port = free_port()
    env = {"PYTHONPATH": str(settings.BASE_DIR)}
    word = ""
    if switch != "external":
        word = read_or_make("EVENT_SOCKET_PASSWORD", settings.KEYS)
        env |= {"SWITCH": switch, "FREESWITCH_URL": f"esl://:{word}@{HOST}:{event_port}"}
    if switch == "freeswitch":
        env |= {"SOFTPHONE_URL": f"ws://{HOST}:{ws_port}/"}
    if switch == "simulated":
        env |= {"PHONE_URL": f"phone://:{word}@{HOST}:{phone_port}"}
    if rate != 1:
        env |= {"CLOCK_EPOCH": datetime.now(UTC).isoformat()}
    return Plan(
        checkout=settings.BASE_DIR,
        cluster=settings.CLUSTER,
        switch=switch,
        why=why,
        port=port,
        sip_port=sip_port,
        event_port=event_port,
        ws_port=ws_port,
        phone_port=phone_port,
        password=word,
        prompts=settings.PROMPTS,
        recordings=settings.RECORDINGS,
        rate=rate,
        # Never into a database that somebody else keeps.
        demo=settings.CLUSTER is not None and os.environ.get("DEMO") != "off",
        env=env,
    )


def choose_switch(settings: Any) -> tuple[str, str]:
    if settings.FREESWITCH_URL:
        return "external", "FREESWITCH_URL names it"
    found = shutil.which("freeswitch")
    if settings.SWITCH == "freeswitch":
        if not found:
            raise Refused("SWITCH=freeswitch, but there is no freeswitch on PATH.")
        return "freeswitch", found
    if settings.SWITCH == "simulated":
        return "simulated", "SWITCH=simulated"
    if settings.CLOCK_RATE != 1:
        return "simulated", "CLOCK_RATE is set"
    if not configuration.PLAIN_PATH.fullmatch(str(settings.BASE_DIR)):
        return "simulated", "FreeSWITCH can't play files of a folder whose path has spaces"
    return ("freeswitch", found) if found else ("simulated", "no freeswitch on PATH")


# -- ports -------------------------------------------------------------------------------------


def number(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Refused(f"{name} is a port from 1 to 65535, not {text!r}.")
    return int(text)


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise Refused(f"Port {port} may not be opened by you; choose one above 1023.") from None
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int) -> None:
    if not is_free(port):
        other = next((p for p in range(port + 1, port + 100) if p < 65536 and is_free(p)), 8080)
        raise Refused(
            f"Port {port} on {HOST} is taken by another program. Stop it, or choose another "
            f"port: make run PORT={other}"
        )


def sip_port_of(switch: str) -> int:
    wanted = number("SIP_PORT", 5060)
    if switch != "freeswitch":
        return wanted
    tries = [wanted] if os.environ.get("SIP_PORT") else range(wanted, wanted + 40, 2)
    for port in tries:
        if all(is_free(port, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            return port
    raise Refused(f"SIP port {wanted} is taken by another program: make run SIP_PORT=5080")


async def answers(port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


# -- the programs ------------------------------------------------------------------------------


def postgres(cluster: Cluster) -> Program:
    async def alive() -> bool:
        return await asyncio.to_thread(cluster.alive)

    async def prepare() -> None:
        await asyncio.to_thread(cluster.prepare)
        await asyncio.to_thread(cluster.clear_stale_pid)

    return Program(
        "postgres",
        cluster.command(),
        account=account(),
        ready=alive,
        before=prepare,
        stop_signal=signal.SIGINT,  # fast: open transactions are rolled back
        last_signal=signal.SIGQUIT,  # what was committed is in the log either way
        grace_s=3.0,
        adopt=True,
    )


def freeswitch(plan: Plan) -> Program:
    async def ready() -> bool:
        return await answers(plan.event_port)

    async def hang_up() -> None:
        """Callers hear a BYE; FreeSWITCH's own orderly end takes five seconds and more."""
        reader, writer = await asyncio.open_connection(HOST, plan.event_port)

        async def ask(command: str) -> str:
            writer.write(f"{command}\n\n".encode())
            head = (await reader.readuntil(b"\n\n")).decode()
            length = re.search(r"Content-Length: (\d+)", head)
            return (await reader.readexactly(int(length[1]))).decode() if length else head

        await reader.readuntil(b"\n\n")  # it asks who we are
        await ask(f"auth {plan.password}")
        await ask("api hupall")
        while not re.search(r"^0 session\(s\) -", await ask("api status"), re.M):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        writer.write(b"api fsctl shutdown now\n\n")
        await reader.read()

    return Program(
        "freeswitch",
        configuration.command(plan.why, plan.var / "freeswitch"),
        ready=ready,
        farewell=hang_up,
        grace_s=0.7,
    )


def simswitch(plan: Plan) -> Program:
    async def ready() -> bool:
        return await answers(plan.event_port) and await answers(plan.phone_port)

    options = {
        "esl-port": plan.event_port,
        "phone-port": plan.phone_port,
        "prompts": plan.prompts,
        "recordings": plan.recordings,
        "password-file": plan.var / "keys" / "event_socket_password",
        "rate": plan.rate,
    }
    given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return Program(
        "simswitch",
        [sys.executable, "-m", "telephony.simswitch", *given],
        env=plan.env,
        ready=ready,
    )


def worker(plan: Plan) -> Program:
    # Conversations get most of a second; then they live on for the next worker.
    return Program("worker", plan.manage("telephony", "--drain", "0.8"), env=plan.env, grace_s=1.2)


def tasks(plan: Plan) -> Program:
    return Program("tasks", plan.manage("qcluster", CHECKED), env=plan.env, grace_s=0.8)


def traffic(plan: Plan) -> Program:
    """Simulated callers and agents, once the home page asks for them."""
    return Program(
        "traffic", plan.manage("demo_traffic", "--on-request", CHECKED), env=plan.env, grace_s=0.8
    )


def web(plan: Plan) -> Program:
    def healthy() -> bool:
        try:
            with urllib.request.urlopen(f"{plan.url}healthz", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    async def ready() -> bool:
        return await asyncio.to_thread(healthy)

    listen = ["-b", HOST, "-p", str(plan.port), "-v", "0", "--no-server-name"]
    return Program(
        "web",
        [sys.executable, "-m", "daphne", *listen, "config.asgi:application"],
        env=plan.env,
        ready=ready,
        grace_s=0.5,
    )


# -- the run -----------------------------------------------------------------------------------


async def start_all(plan: Plan, house: Household) -> None:
    if plan.cluster is not None:
        if not (plan.cluster.data / "PG_VERSION").exists():
            say("Making the database cluster …")
        await house.start(postgres(plan.cluster))
        await asyncio.to_thread(plan.cluster.ensure_roles)
    await house.run(
        Program("migrate", plan.manage("migrate"), env={**plan.env, "DATABASE_ROLE": "owner"}),
        doing="Bringing the tables up to date",
    )
    if plan.demo:
        await house.run(
            Program("demo", plan.manage("demo", "--once", CHECKED), env=plan.env),
            doing="Looking for the demo bank",
        )
    if plan.switch == "freeswitch":
        await house.run(
            Program(
                "freeswitch-config",
                plan.manage(
                    *("freeswitch_config", str(plan.var / "freeswitch")),
                    *("--sip-port", str(plan.sip_port), "--ws-port", str(plan.ws_port)),
                    *("--web", plan.url),
                ),
                env=plan.env,
            ),
            doing="Writing FreeSWITCH's configuration",
        )
        await house.start(freeswitch(plan))
    elif plan.switch == "simulated":
        await house.start(simswitch(plan))
    for program in (worker(plan), tasks(plan), web(plan)):
        await house.start(program)
    if plan.demo and plan.switch == "simulated":
        await house.start(traffic(plan))


def announce(plan: Plan) -> None:
    switch = {
        "freeswitch": f"FreeSWITCH ({plan.why}), sip:961202@{HOST}:{plan.sip_port}",
        "simulated": f"simulated ({plan.why})",
        "external": f"FreeSWITCH elsewhere ({plan.why})",
    }[plan.switch]
    say(f"\nBankline serves at {plan.url}")
    say(f"  phone   {plan.url}phone/" + ("  (sign in as 1001)" if plan.demo else ""))
    say(f"  switch  {switch}")
    say(f"  logs    {plan.var / 'log'}")
    logins = plan.var / "demo-logins"
    if plan.demo and logins.exists():
        say(f"  demo    {logins}\n")
        say(logins.read_text().rstrip())
    say("\nCtrl-C stops everything.")


async def serve(plan: Plan, lock: int) -> int:
    house = Household(lock=lock, logs=plan.var / "log", say=say)
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    killing: set[asyncio.Task[None]] = set()

    def ask() -> None:
        if asked.is_set():  # asked twice: no more waiting
            killing.add(asyncio.create_task(house.kill()))
        else:
            say("\nStopping …")
            asked.set()

    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # nohup means: live on without the terminal. SIGINT is ours even if a shell's `&` hid it.
        if ending != signal.SIGHUP or signal.getsignal(ending) != signal.SIG_IGN:
            loop.add_signal_handler(ending, ask)

    starting = asyncio.create_task(start_all(plan, house))
    waiting = asyncio.create_task(asked.wait())
    try:
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            note_down(plan)
            announce(plan)
            await waiting
    except (Failed, NoDatabase) as failure:
        say(f"\n{failure}\n\nMore in {plan.var / 'log'}. Stopping …")
        return 1
    finally:
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError, Failed, NoDatabase):
            await starting
        await house.stop()
    say("Stopped.")
    return 0


def note_down(plan: Plan) -> None:
    """Where we serve, for a second `make run` and for tools."""
    note = {
        "pid": os.getpid(),
        "url": plan.url,
        "switch": plan.switch,
        "event_port": plan.event_port,
        "sip_port": plan.sip_port if plan.switch == "freeswitch" else None,
        "phone_port": plan.phone_port if plan.switch == "simulated" else None,
    }
    (plan.var / "run.json").write_text(json.dumps(note) + "\n")


def lock_checkout(var: Path) -> TextIO | None:
    """The lock of this checkout, or None if a living supervisor has it."""
    var.mkdir(exist_ok=True)
    file = (var / "run.lock").open("a+")
    until, waited = time.monotonic() + HANDOVER_LIMIT_S, False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            if (holder.isdecimal() and lives(int(holder))) or time.monotonic() > until:
                return None
            if not waited:  # its watchdog is still stopping the children of a killed one
                say("Waiting for the last run to end …")
            waited = True
            time.sleep(0.1)
        else:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            (var / "run.json").unlink(missing_ok=True)
            return file


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def first_one(var: Path) -> str:
    try:
        note = json.loads((var / "run.json").read_text())
    except (OSError, ValueError):
        return "Bankline is just being started from this checkout by another `make run`."
    return f"Bankline already serves this checkout at {note['url']} (process {note['pid']})."


def main() -> int:
    try:
        from config import settings
    except (ImproperlyConfigured, PermissionError, NoDatabase) as refusal:
        say(str(refusal))
        return 1
    lock = lock_checkout(settings.VAR)
    if lock is None:
        say(first_one(settings.VAR))
        return 0
    with lock:
        try:
            plan = decide(settings)
        except (Refused, PermissionError) as refusal:
            say(str(refusal))
            return 1
        return asyncio.run(serve(plan, lock.fileno()))


if __name__ == "__main__":
    sys.exit(main())
