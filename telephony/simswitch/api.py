"""The `api` commands that Bankline uses, with mod_commands' words in every answer."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from telephony.simswitch import bridging, headers
from telephony.simswitch.events import stamp
from telephony.simswitch.words import words

if TYPE_CHECKING:
    from telephony.simswitch.channel import Channel
    from telephony.simswitch.switch import Switch

Reply = Callable[[str], None]
Api = Callable[["Switch", str], str]

NO_CHANNEL = "-ERR No such channel!\n"
OK = "+OK\n"
USAGE = {
    "originate": "<call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>]"
    " [<cid_name>] [<cid_num>] [<timeout_sec>]",
    "uuid_break": "<uuid> [all]",
    "uuid_broadcast": "<uuid> <path> [aleg|bleg|holdb|both]",
    "uuid_dump": "<uuid> [format]",
    "uuid_getvar": "<uuid> <var>",
    "uuid_hold": "[off|toggle] <uuid> [<display>]",
    "uuid_kill": "<uuid> [cause]",
    "uuid_recv_dtmf": "<uuid> <dtmf_data>",
    "uuid_send_dtmf": "<uuid> <dtmf_data>",
    "uuid_setvar": "<uuid> <var> [value]",
    "uuid_setvar_multi": "<uuid> <var>=<value>;<var>=<value>...",
    "uuid_transfer": "<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]",
    "uuid_bridge": "<uuid> <other_uuid>",
    "show": "channels|calls [as json]|channels count",
}


def run(switch: Switch, command: str, argument: str, reply: Reply) -> None:
    """Carry a command out; `reply` gets the answer, for `originate` when it is picked up."""
    if command == "originate":
        _originate(switch, argument, reply)
    elif api := _APIS.get(command):
        reply(api(switch, argument))
    else:
        reply(f"-ERR {command} Command not found!\n")


def _usage(command: str) -> str:
    return f"-USAGE: {USAGE[command]}\n"


# -- channels ------------------------------------------------------------------------------


def _uuid_kill(switch: Switch, argument: str) -> str:
    uuid, _, cause = argument.partition(" ")
    if not uuid:
        return _usage("uuid_kill")
    if not (channel := switch.find(uuid)):
        return NO_CHANNEL
    channel.hang_up(cause or "NORMAL_CLEARING")
    return OK


def _uuid_exists(switch: Switch, argument: str) -> str:
    return "true" if switch.find(argument) else "false"


def _uuid_setvar(switch: Switch, argument: str) -> str:
    part = words(argument, 3)
    if len(part) < 2 or not part[0]:
        return _usage("uuid_setvar")
    if not (channel := switch.find(part[0])):
        return NO_CHANNEL
    if not part[1]:
        return "-ERR No variable specified\n"
    channel.set(part[1], part[2] if len(part) == 3 else None)
    return OK


def _uuid_setvar_multi(switch: Switch, argument: str) -> str:
    uuid, found, assignments = argument.partition(" ")
    if not found:
        return ""
    if not (channel := switch.find(uuid)):
        return NO_CHANNEL
    for assignment in assignments.split(";"):
        name, _, value = assignment.strip().partition("=")
        if not name:
            return "-ERR No variable specified\n"
        channel.set(name, value)
    return OK


def _uuid_getvar(switch: Switch, argument: str) -> str:
    part = words(argument, 4)
    if len(part) < 2 or not part[0]:
        return _usage("uuid_getvar")
    if not (channel := switch.find(part[0])):
        return NO_CHANNEL
    value = channel.get(part[1])
    return "_undef_" if value is None else value


def _uuid_dump(switch: Switch, argument: str) -> str:
    part = words(argument, 2)
    if not part:
        return _usage("uuid_dump")
    if not (channel := switch.find(part[0])):
        return NO_CHANNEL
    event = switch.describe("CHANNEL_DATA", headers.of(channel, "CHANNEL_DATA", []))
    if part[1:] == ["json"]:
        return json.dumps(dict(event.headers))
    return "".join(f"{name}: {value}\n" for name, value in event.headers) + "\n"


def _uuid_break(switch: Switch, argument: str) -> str:
    uuid, _, flags = argument.partition(" ")
    if not uuid:
        return _usage("uuid_break")
    if not (channel := switch.find(uuid)):
        return NO_CHANNEL
    channel.interrupt(everything="all" in flags)
    if "both" in flags and channel.partner:
        channel.partner.interrupt(everything="all" in flags)
    return OK


def _uuid_transfer(switch: Switch, argument: str) -> str:
    part = words(argument, 5)
    if len(part) < 2:
        return _usage("uuid_transfer")
    if not (channel := switch.find(part[0])):
        return NO_CHANNEL
    match part[1:]:
        case ["-bleg", *rest] if rest:
            (channel.partner or channel).transfer(*rest[:3])
        case ["-both", *rest] if rest:
            if channel.partner:
                channel.partner.transfer(*rest[:3])
            channel.transfer(*rest[:3])
        case rest:
            channel.transfer(*rest[:3])
    return OK


def _uuid_bridge(switch: Switch, argument: str) -> str:
    part = words(argument, 4)
    if len(part) < 2:
        return "-USAGE: \n"
    joined = bridging.uuid_bridge(switch, part[0], part[1])
    return f"+OK {part[1]}\n" if joined else "-ERR Invalid uuid\n"


def _uuid_broadcast(switch: Switch, argument: str) -> str:
    part = words(argument, 4)
    if len(part) < 2:
        return _usage("uuid_broadcast")
    legs = part[2].lower() if len(part) > 2 else "aleg"
    if not (channel := switch.find(part[0])):
        return "-ERR invalid uuid\n"
    if ("both" in legs or "bleg" in legs) and channel.partner:
        channel.partner.broadcast(part[1])
    if "both" in legs or "aleg" in legs:
        channel.broadcast(part[1])
    return "+OK Message sent\n"


def _uuid_hold(switch: Switch, argument: str) -> str:
    part = words(argument, 4)
    if not part:
        return _usage("uuid_hold")
    way = part[0].lower() if part[0].lower() in ("off", "toggle") else ""
    uuid = part[1] if way and len(part) > 1 else part[0]
    channel, done = switch.find(uuid), True  # of a channel that isn't there FreeSWITCH says +OK
    if channel and way == "off":
        done = channel.unhold()
    elif channel and way == "toggle":
        done = channel.unhold() or channel.hold()
    elif channel:
        done = channel.hold()
    return "+OK Success\n" if done else "-ERR Operation failed\n"


def _uuid_recv_dtmf(switch: Switch, argument: str) -> str:
    part = words(argument, 2)
    if len(part) < 2:
        return _usage("uuid_recv_dtmf")
    if not (channel := switch.find(part[0])):
        return "-ERR Cannot locate session!\n"
    for digit in part[1].lstrip("~").partition("@")[0]:
        channel.key(digit)
    return f"+OK {part[0]} received DTMF {part[1]}.\n"


def _uuid_send_dtmf(switch: Switch, argument: str) -> str:
    part = words(argument, 2)
    if len(part) < 2:
        return _usage("uuid_send_dtmf")
    if not (channel := switch.find(part[0])):
        return "-ERR Cannot locate session!\n"
    for digit in part[1].partition("@")[0]:
        channel.phone.heard(channel, "dtmf", digit=digit)
    return f"+OK {part[0]} sent DTMF {part[1]}.\n"


def _uuid_flush_dtmf(switch: Switch, argument: str) -> str:
    if not (channel := switch.find(argument)):
        return "-ERR No such session\n"
    channel.flush_keys()
    return OK


def _uuid_answer(switch: Switch, argument: str) -> str:
    if not (channel := switch.find(argument)):
        return NO_CHANNEL
    if channel.inbound:
        channel.answer()
    return OK


def _originate(switch: Switch, argument: str, reply: Reply) -> None:
    part = words(argument, 10)
    if not 2 <= len(part) <= 7:
        reply(_usage("originate"))
        return
    called, where, _, context, name, caller, timeout = [
        "" if word == "undef" else word for word in [*part, "", "", "", "", ""][:7]
    ]
    try:
        leg = bridging.ring(switch, called, name=name, number=caller, context=context or "default")
    except bridging.Unreachable as why:
        reply(f"-ERR {why}\n")
        return
    if timeout and not leg.get("originate_timeout"):
        leg.set("originate_timeout", timeout)

    def settled(leg: Channel) -> None:
        if not leg.up:
            reply(f"-ERR {leg.cause}\n")
            return
        if where.startswith("&") and len(where) > 1:
            application, _, rest = where[1:].partition(")")[0].partition("(")
            leg.queued_program = deque([(application, rest)])
            leg.goto = leg.route
        else:
            leg.transfer(where, "XML", context or "default")
        reply(f"+OK {leg.uuid}\n")

    leg.when_settled = settled


# -- the switch ----------------------------------------------------------------------------


def _status(switch: Switch, argument: str) -> str:
    up = int(switch.now() - switch.started)
    days, hours, minutes, seconds = up // 86400, up // 3600 % 24, up // 60 % 60, up % 60
    return (
        f"UP 0 years, {days} days, {hours} hours, {minutes} minutes, {seconds} seconds,"
        " 0 milliseconds, 0 microseconds\n"
        "FreeSWITCH (Version 1.11 simulated by simswitch) is ready\n"
        f"{switch.sessions} session(s) since startup\n"
        f"{len(switch.channels)} session(s) - peak {len(switch.channels)}, last 5min 0 \n"
    )


def _sched_del(switch: Switch, argument: str) -> str:
    return f"+OK Deleted: {switch.tasks.drop(argument)}\n"


def _sched_transfer(switch: Switch, argument: str) -> str:
    part = words(argument, 6)
    if not 3 <= len(part) <= 5:
        return "-USAGE: [+]<time> <uuid> <extension> [<dialplan>] [<context>]\n"
    if not (channel := switch.find(part[1])):
        return NO_CHANNEL
    switch.tasks.add(part[0], channel.uuid, lambda: channel.transfer(*part[2:5]))
    return OK


def _show(switch: Switch, argument: str) -> str:
    part = words(argument, 6)
    match part:
        case ["channels", "count"]:
            return f"\n{len(switch.channels)} total.\n"
        case ["channels", "count", "as", "json"]:
            return json.dumps({"row_count": len(switch.channels)})
        case ["channels", "as", "json"]:
            rows = [_row(switch, channel) for channel in switch.channels.values()]
            # FreeSWITCH leaves "rows" out when there are none.
            return json.dumps({"row_count": len(rows), **({"rows": rows} if rows else {})})
        case ["channels"]:
            rows = [_row(switch, channel) for channel in switch.channels.values()]
            head = ",".join(rows[0]) + "\n" if rows else ""
            lines = "".join(",".join(row.values()) + "\n" for row in rows)
            return f"{head}{lines}\n{len(rows)} total.\n"
    return _usage("show")


def _row(switch: Switch, channel: Channel) -> dict[str, str]:
    """The columns of FreeSWITCH's table `channels`, in its order."""
    profile = channel.profile
    codec = ("PCMA", "8000", "64000")
    return {
        "uuid": channel.uuid,
        "direction": "inbound" if channel.inbound else "outbound",
        "created": stamp(channel.times.created),
        "created_epoch": str(int(channel.times.created)),
        "name": channel.name,
        "state": channel.state,
        "cid_name": profile.caller_name,
        "cid_num": profile.caller_number,
        "ip_addr": "127.0.0.1",
        "dest": profile.destination,
        "application": channel.get("current_application") or "",
        "application_data": channel.get("current_application_data") or "",
        "dialplan": profile.dialplan,
        "context": profile.context,
        **dict(zip(("read_codec", "read_rate", "read_bit_rate"), codec, strict=True)),
        **dict(zip(("write_codec", "write_rate", "write_bit_rate"), codec, strict=True)),
        "secure": "",
        "hostname": switch.hostname,
        "presence_id": channel.get("presence_id") or "",
        "presence_data": channel.get("presence_data") or "",
        "accountcode": channel.get("accountcode") or "",
        "callstate": channel.callstate,
        "callee_name": "",
        "callee_num": "",
        "callee_direction": "",
        "call_uuid": channel.get("call_uuid") or "",
        "sent_callee_name": "",
        "sent_callee_num": "",
        "initial_cid_name": profile.caller_name,
        "initial_cid_num": profile.caller_number,
        "initial_ip_addr": "127.0.0.1",
        "initial_dest": profile.destination,
        "initial_dialplan": profile.dialplan,
        "initial_context": profile.context,
    }


def _version(switch: Switch, argument: str) -> str:
    return "FreeSWITCH Version 1.11 simulated by simswitch\n"


_APIS: dict[str, Api] = {
    "sched_del": _sched_del,
    "sched_transfer": _sched_transfer,
    "show": _show,
    "status": _status,
    "uuid_answer": _uuid_answer,
    "uuid_break": _uuid_break,
    "uuid_bridge": _uuid_bridge,
    "uuid_broadcast": _uuid_broadcast,
    "uuid_dump": _uuid_dump,
    "uuid_exists": _uuid_exists,
    "uuid_flush_dtmf": _uuid_flush_dtmf,
    "uuid_getvar": _uuid_getvar,
    "uuid_hold": _uuid_hold,
    "uuid_kill": _uuid_kill,
    "uuid_recv_dtmf": _uuid_recv_dtmf,
    "uuid_send_dtmf": _uuid_send_dtmf,
    "uuid_setvar": _uuid_setvar,
    "uuid_setvar_multi": _uuid_setvar_multi,
    "uuid_transfer": _uuid_transfer,
    "version": _version,
}
