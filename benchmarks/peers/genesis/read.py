"""The peer's reader: `read.py PORT EVENTS HEADER…`; benchmarks/esl.py says what is measured."""

import asyncio
import json
import sys
import time
from importlib.metadata import version

from genesis import Inbound, use_uvloop


async def read(port: int, events: int, headers: list[str]) -> None:
    count, swapped, latest = 0, 0, -1
    last = ()
    finished = asyncio.Event()

    async def handle(event) -> None:  # a coroutine: a plain function would cost a thread's turn
        nonlocal count, swapped, latest, last
        values = [event[name] for name in headers]
        sequence = int(values[0])
        swapped += sequence < latest
        latest = max(latest, sequence)
        count += 1
        if count == events:
            last = (values[2], values[5])
            finished.set()

    async with Inbound("127.0.0.1", port, "bench") as switch:
        switch.on("CHANNEL_EXECUTE_COMPLETE", handle)
        began = time.process_time()
        await switch.send("event plain CHANNEL_EXECUTE_COMPLETE")
        await finished.wait()
        cpu_s = time.process_time() - began
    result = {"events": count, "cpu_s": cpu_s, "swapped": swapped, "last": last}
    print(json.dumps(result | {"version": version("genesis")}))


use_uvloop()
asyncio.run(read(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
