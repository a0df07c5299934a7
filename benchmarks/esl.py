"""`esl`: CPU that a client spends on an event, six headers read of each, against genesis.

A process of its own plays the switch and sends 100,000 events as fast as they are taken: a
CHANNEL_EXECUTE_COMPLETE as FreeSWITCH 1.11 wrote it in a SIP call (`data/`, its caller made
up; 137 headers, 5.8 kB), each with its own Event-Sequence. Each client reads them in a process
of its own through its public handler, first the one, then the other, on the same uvloop; what
counts is that process's CPU between the subscription and the last event. Ours must hand them
over in order and is failed if it does not; how many genesis swapped is printed.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
PEER = HERE / "peers" / "genesis"
sys.path.insert(0, str(HERE.parent))

from telephony.esl.server_wire import AUTH_REQUEST, ServerParser, encode_reply  # noqa: E402

GOAL = 0.25
EVENTS, ROUNDS = 100_000, 2
CHUNK = 50  # events a write
TEMPLATE = (HERE / "data" / "execute_complete.event").read_bytes()
READ = (
    "Event-Sequence",
    "Unique-ID",
    "Application",
    "Application-UUID",
    "Application-Response",
    "variable_sip_from_display",
)
LAST = ("play_and_get_digits", "王芳")  # what Application and the display must have come to


def main() -> None:
    switch = subprocess.Popen(
        [sys.executable, __file__, "--switch"], stdout=subprocess.PIPE, text=True
    )
    try:
        compare(int(switch.stdout.readline()))
    finally:
        switch.terminate()
        switch.wait(timeout=10)


def compare(port: int) -> None:
    peer = peer_command()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(run([sys.executable, __file__, "--read"], port))
        if peer:
            theirs.append(run(peer, port))
    if any(result["swapped"] for result in ours):
        raise SystemExit("bench esl: our events came out of order")
    mine = median(per_event(ours))
    if not theirs:
        print(
            "bench esl: the peer genesis is missing (it needs uv and Python < 3.13); no ratio\n"
            f"  ours {mine:.1f} µs of CPU an event ({listed(ours)})"
        )
        return
    peers = median(per_event(theirs))
    print(f"bench esl ratio={mine / peers:.3f} goal=<={GOAL}")
    print(
        f"  ours {mine:.1f} µs of CPU an event ({listed(ours)}), 0 out of order; genesis "
        f"{theirs[0]['version']} {peers:.1f} µs ({listed(theirs)}), "
        f"{max(result['swapped'] for result in theirs)} out of order; medians of {ROUNDS} rounds "
        f"in turns, {EVENTS:,} events of {len(TEMPLATE):,} bytes, {len(READ)} headers read of "
        f"each, uvloop"
    )


def peer_command() -> list[str] | None:
    """How to run the peer in its own locked environment; None where that can't be made."""
    here = (Path(sys.executable).with_name("uv"), HERE.parent / "var" / "uv" / "bin" / "uv")
    found = [str(path) for path in here if path.exists()]
    uv = os.environ.get("UV") or shutil.which("uv") or next(iter(found), None)
    if uv is None:
        return None
    command = [uv, "run", "--quiet", "--frozen", "--project", str(PEER), "python"]
    made = subprocess.run(
        [*command, "-c", "import genesis"], capture_output=True, text=True, check=False
    )
    if made.returncode:
        print(made.stderr.strip(), file=sys.stderr)
        return None
    return [*command, str(PEER / "read.py")]


def run(command: list[str], port: int) -> dict:
    environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    done = subprocess.run(
        [*command, str(port), str(EVENTS), *READ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment,
    )
    result = json.loads(done.stdout.splitlines()[-1])
    if result["events"] != EVENTS or tuple(result["last"]) != LAST:
        raise SystemExit(f"bench esl: {command[0]} read something else: {result}")
    return result


def per_event(results: list[dict]) -> list[float]:
    return [result["cpu_s"] / EVENTS * 1e6 for result in results]


def listed(results: list[dict]) -> str:
    return ", ".join(f"{cpu:.1f}" for cpu in per_event(results))


# -- the switch --------------------------------------------------------------------------------


async def play_switch() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    parser = ServerParser()
    writer.write(AUTH_REQUEST)
    while data := await reader.read(65536):
        for command in parser.feed(data):
            writer.write(encode_reply("+OK accepted"))
            if command.verb.startswith("event"):
                await stream(writer)
    writer.close()


async def stream(writer: asyncio.StreamWriter) -> None:
    before, after = TEMPLATE.split(b"%SEQUENCE%")
    for start in range(0, EVENTS, CHUNK):
        frames = []
        for sequence in range(start, start + CHUNK):
            event = b"%b%d%b" % (before, sequence, after)
            head = b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(event)
            frames += (head, event)
        writer.write(b"".join(frames))
        await writer.drain()


# -- our reader; the peer's is peers/genesis/read.py -------------------------------------------


async def read(port: int, events: int, headers: list[str]) -> None:
    from telephony import esl

    count, swapped, latest = 0, 0, -1
    began, last = 0.0, ()
    finished = asyncio.Event()

    def handle(event: esl.Event) -> None:
        nonlocal count, swapped, latest, last
        values = [event[name] for name in headers]
        sequence = int(values[0])
        swapped += sequence < latest
        latest = max(latest, sequence)
        count += 1
        if count == events:
            last = (values[2], values[5])
            finished.set()

    async def connected() -> None:
        nonlocal began
        began = time.process_time()

    client = esl.Client("127.0.0.1", port, "bench", on_event=handle, on_connected=connected)
    running = asyncio.create_task(client.run())
    waiting = asyncio.create_task(finished.wait())
    await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
    cpu_s = time.process_time() - began
    running.cancel()
    print(json.dumps({"events": count, "cpu_s": cpu_s, "swapped": swapped, "last": last}))


if __name__ == "__main__":
    import uvloop

    if sys.argv[1:2] == ["--switch"]:
        uvloop.run(play_switch())
    elif sys.argv[1:2] == ["--read"]:
        uvloop.run(read(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
    else:
        main()
