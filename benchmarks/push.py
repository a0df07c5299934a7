"""`push`: a caller enters a queue → every screen has heard of it, p99 in ms over 300.

200 wallboards and 500 agents' desks are 700 WebSockets of this process to one real daphne; the
day behind it is that of `reserve` (200 agents, 20,000 callers). The clock runs from before the
service is called until a socket has the message with the new number: to a board the six facts,
to a desk its queues. CPU is the web process's, by its own account.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import reserve  # noqa: E402
from benchmarks.database import Database, database  # noqa: E402
from tests.websocket import Socket  # noqa: E402

GOAL_MS = 300.0
BOARDS, DESKS = 200, 500
CHANGES, WARM_UP = 30, 3
BETWEEN_S = 1.2  # quiet, so that each change is looked at for itself
LIMIT_S = 60
AT_ONCE = 25  # handshakes under way
IN_GENERAL = reserve.WAITING // 6  # of those who wait, queue by queue in turn


@dataclass
class Screen:
    """One socket, and what in a message says that it has heard of the change."""

    socket: Socket
    is_board: bool

    async def hears(self, number: int) -> float:
        """The moment at which it has the news: `number` callers wait."""
        if self.is_board:
            news = f'data-n=\\"waiting\\">{number}<'
        else:
            others = reserve.WAITING - IN_GENERAL
            news = f'"slug": "general", "waiting": {number - others},'
        while news not in await self.socket.text():
            pass
        return time.perf_counter()


def main() -> None:
    with database("push") as base:
        boards, desks, cpu_s = measure(base)
    p99 = quantiles([*boards, *desks], n=100)[98]
    each_us = cpu_s / CHANGES / (BOARDS + DESKS) * 1e6
    print(f"bench push ratio={p99 / GOAL_MS:.2f} goal=<=1")
    print(
        f"  change → received: p99 {p99:.0f} ms of {len(boards) + len(desks):,}; {BOARDS} boards "
        f"{told(boards)}, {DESKS} desks {told(desks)}; web's CPU a client and change "
        f"{each_us:.0f} µs, beats included"
    )


def told(took: list[float]) -> str:
    return f"median {median(took):.0f}, p99 {quantiles(took, n=100)[98]:.0f}"


def measure(base: Database) -> tuple[list[float], list[float], float]:
    import django

    django.setup()
    link, sessions = prepare(base)
    with socket.create_server(("127.0.0.1", 0), backlog=BOARDS + DESKS) as listening:
        port = listening.getsockname()[1]
        web = subprocess.Popen(
            [
                *(sys.executable, "-m", "daphne", "--fd", str(listening.fileno())),
                "config.asgi:application",
            ],
            pass_fds=[listening.fileno()],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
    try:
        return asyncio.run(watch(port, link, sessions, web.pid))
    finally:
        web.terminate()
        web.wait(timeout=10)


def prepare(base: Database) -> tuple[str, list[str]]:
    """The day, a board's link, and the sessions of those at their desks."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from calendars import clock
    from desktop.board import boards
    from people import staff
    from people.roles import Role
    from reporting import shipped as reporting_shipped
    from routing import shipped

    shipped.install(at=clock.now())
    reporting_shipped.install(at=clock.now())
    with base.connect() as owner:
        owner.execute(reserve.SETUP)
        owner.execute("SELECT setval('people_user_id_seq', 10000)")
        owner.execute("SELECT setval('routing_queueentry_id_seq', 1000000)")
    wang = staff.hire(number="1901", name="王丽", branch=None, roles=[Role.SUPERVISOR])
    _board, link = boards.create(
        name="一号厅", language="zh-hans", queues=[], by=wang, at=clock.now()
    )
    sessions = []
    for number in range(DESKS):
        user = staff.hire(number=f"7{number:03}", name="坐席", branch=None, roles=[Role.AGENT])
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        sessions.append(session.session_key)
    return link, sessions


async def watch(
    port: int, link: str, sessions: list[str], pid: int
) -> tuple[list[float], list[float], float]:
    wanted = [(f"/ws/board/{link}/", {}, True)] * BOARDS + [
        ("/ws/desk/", {"Cookie": f"sessionid={key}"}, False) for key in sessions
    ]
    door = asyncio.Semaphore(AT_ONCE)

    async def comes(path: str, headers: dict[str, str], is_board: bool) -> Screen:
        async with door:
            screen = Screen(await Socket.open(port, path, headers), is_board)
            await screen.socket.text()  # what it shows at first
            return screen

    screens = await asyncio.gather(*(comes(*one) for one in wanted))
    took: list[list[tuple[bool, float]]] = []
    cpu_s = 0.0
    for change in range(WARM_UP + CHANGES):
        await asyncio.sleep(BETWEEN_S)
        if change == WARM_UP:
            cpu_s = spent_s(pid)
        took.append(await one_change(screens, reserve.WAITING + change + 1))
    cpu_s = spent_s(pid) - cpu_s
    measured = [sample for samples in took[WARM_UP:] for sample in samples]
    return (
        [ms for is_board, ms in measured if is_board],
        [ms for is_board, ms in measured if not is_board],
        cpu_s,
    )


async def one_change(screens: list[Screen], number: int) -> list[tuple[bool, float]]:
    """Another caller enters; ms until each screen knows."""
    hearing = [asyncio.create_task(screen.hears(number)) for screen in screens]
    await asyncio.sleep(0)  # each listens
    began = time.perf_counter()
    await asyncio.to_thread(enter)
    async with asyncio.timeout(LIMIT_S):
        heard = await asyncio.gather(*hearing)
    return [
        (screen.is_board, (at - began) * 1000) for screen, at in zip(screens, heard, strict=True)
    ]


def enter() -> None:
    from calendars import clock
    from routing import entries
    from routing.entries import Wish

    entries.enter(Wish(uuid4(), "node1", "13800138000", "zh"), "general", at=clock.now())


def spent_s(pid: int) -> float:
    """CPU seconds of a process: user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
