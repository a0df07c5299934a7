"""``python -m telephony.simswitch``: serve the event socket and the phone socket until TERM."""

import argparse
import asyncio
import json
import logging
import signal
import sys
import time
from pathlib import Path

from telephony.nobody import REPORTS
from telephony.simswitch import dialplan
from telephony.simswitch.clock import Clock, Stopped, Ticking
from telephony.simswitch.esl_server import EslServer
from telephony.simswitch.machine import Machine
from telephony.simswitch.media import Library
from telephony.simswitch.phone_server import PhoneServer
from telephony.simswitch.switch import Switch

log = logging.getLogger("telephony.simswitch")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simswitch", description="A switch without media.")
    parser.add_argument("--esl-port", type=int, default=8021, help="0 takes any")
    parser.add_argument("--phone-port", type=int, default=8022, help="0 takes any")
    parser.add_argument("--prompts", type=Path, required=True, help="folder of the prompt files")
    parser.add_argument("--recordings", type=Path, help="folder for recordings; none, none kept")
    parser.add_argument(
        "--password-file", type=Path, required=True, help="whose first line opens both sockets"
    )
    parser.add_argument("--clock", choices=["real", "virtual"], default="real")
    parser.add_argument("--rate", type=float, default=1.0, help="seconds of the switch a second")
    parser.add_argument("--start", type=float, help="virtual time to start at, epoch seconds")
    return parser.parse_args()


async def serve(given: argparse.Namespace, password: str) -> None:
    """Serve until TERM or INT. Raises OSError when a port is taken."""
    clock: Clock
    if given.clock == "virtual":
        clock = Stopped(float(int(time.time())) if given.start is None else given.start)
    else:
        clock = Ticking(given.rate)
    switch = Switch(
        clock=clock,
        library=Library(given.prompts),
        dialplan=dialplan.shipped(),
        recordings=given.recordings,
    )
    if given.recordings:
        (given.recordings / REPORTS).mkdir(parents=True, exist_ok=True)
    machine = Machine(switch)
    esl = EslServer(machine, password)
    phones = PhoneServer(machine, esl, password)
    ports = {
        "esl_port": await esl.start(given.esl_port),
        "phone_port": await phones.start(given.phone_port),
    }
    print(json.dumps(ports), flush=True)
    over = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, over.set)
    await over.wait()
    log.info("stopping with %d calls", len(switch.channels))
    for channel in list(switch.channels.values()):
        channel.hang_up("SYSTEM_SHUTDOWN")
    machine.kick()
    await phones.stop()
    await esl.stop()
    await asyncio.sleep(0)  # one turn of the loop, for the last words to go out


def main() -> int:
    given = arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if given.rate <= 0:
        log.critical("--rate is to be above 0")
        return 2
    try:
        password = given.password_file.read_text().partition("\n")[0].strip()
    except OSError as error:
        log.critical("can't read the password file: %s", error.strerror)
        return 2
    if not password:
        log.critical("the password file is empty: anybody could drive calls")
        return 2
    try:
        asyncio.run(serve(given, password))
    except OSError as error:
        log.critical("can't listen: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
