"""One leg of a call: its variables, its keys, and the one thing that it does at a time.

A channel's life is a coroutine without an event loop. Where FreeSWITCH's thread reads a frame
every 20 ms and looks round, this one pauses until something wakes it: a key, a command, the
clock, a hang-up. In every pause it attends to queued commands, which therefore run nested inside
the application that was waiting; that is how FreeSWITCH does it, and what `event-lock` is for.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from telephony.simswitch import api, applications, headers
from telephony.simswitch.causes import NORMAL_CLEARING, named, q850
from telephony.simswitch.clock import Timer
from telephony.simswitch.events import Headers
from telephony.simswitch.leg import Key, Msg, Pause, Phone, Profile, Times
from telephony.simswitch.words import number, true

if TYPE_CHECKING:
    from telephony.simswitch.switch import Switch

log = logging.getLogger(__name__)

MOST_KEYS = 1000  # SWITCH_DTMF_LOG_LEN: the oldest goes
MOST_COMMANDS = 256  # SWITCH_EVENT_QUEUE_LEN, of commands not yet attended to
DEEPEST = 32  # SWITCH_MAX_STACKS
KEYS = frozenset("0123456789ABCDabcd*#")


@dataclass(eq=False)
class Channel:
    """A leg. Its methods are called from outside its life; applications run inside it."""

    switch: Switch
    uuid: str
    session: int  # counted from the start of the switch
    inbound: bool
    name: str
    profile: Profile
    phone: Phone
    times: Times
    variables: dict[str, str] = field(default_factory=dict)
    keys: deque[Key] = field(default_factory=deque)
    dialled: list[str] = field(default_factory=list)  # keys taken that were not sensitive
    state: str = "CS_NEW"
    callstate: str = "DOWN"
    cause: str = ""
    answered: bool = False
    early: bool = False
    bridged: bool = False
    holding: bool = False
    parked: bool = False
    breaking: int = 0  # 1 stops the file that plays, 2 all of its application
    broadcasting: bool = False  # a command from outside runs
    stop_broadcast: bool = False
    locks: int = 0  # commands with event-lock that run
    stack: list[str] = field(default_factory=list)  # names of running applications, outermost first
    program: deque[tuple[str, str]] = field(default_factory=deque)  # what the dialplan still wants
    queued_program: deque[tuple[str, str]] | None = None
    goto: Callable[[], Awaitable[None]] | None = None  # where to go as soon as all has let go
    partner: Channel | None = None  # whom it talks to
    expected: Channel | None = None  # whom it waits for, to be bridged by uuid_bridge
    caller: Channel | None = None  # whose `bridge` called it
    waits_for_bridge: bool = False
    when_settled: Callable[[Channel], None] | None = None  # told of a called leg's answer or end
    recordings: dict[str, float] = field(default_factory=dict)  # path → since when
    quiet_since: float | None = None  # she says nothing; None while she speaks
    hung_up_by: str = "bank"
    ended: bool = False

    def __post_init__(self) -> None:
        self._commands: deque[Msg] = deque()
        self._life: Coroutine[Pause, None, None] | None = None
        self._timer: Timer | None = None
        self._awake = False

    # -- what is so ------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """Not hung up."""
        return not self.cause

    def ready(self) -> bool:
        """Whether an application may go on (switch_channel_ready)."""
        return self.up and self.goto is None

    @property
    def idle(self) -> bool:
        """Held and nothing else: whoever drives it is to say what comes next."""
        held = self.stack == ["endless_playback"]
        return held and not self._commands and self.ready()

    @property
    def waiting(self) -> bool:
        """Suspended, with no wake pending."""
        return not self._awake

    def get(self, name: str) -> str | None:
        """A variable of the channel, else the few that FreeSWITCH makes up from the profile."""
        if name in self.variables:
            return self.variables[name]
        match name:
            case "caller_id_number":
                return self.profile.caller_number
            case "destination_number":
                return self.profile.destination
            case "state":
                return self.state
        return None

    def set(self, name: str, value: str | None) -> None:
        """Set a variable; None or "" removes it."""
        self.variables.pop(name, None)
        if value:
            self.variables[name] = value

    def expand(self, text: str) -> str:
        """``${variable}`` replaced, unknown ones by nothing."""
        return headers.expand(text, self.get)

    # -- told from outside -----------------------------------------------------------------

    def start(self, life: Coroutine[Pause, None, None]) -> None:
        self._life = life
        self.wake()

    def wake(self) -> None:
        """Have the channel look round as soon as the switch runs."""
        if not self._awake and not self.ended:
            self._awake = True
            self.switch.schedule(self)

    def tell(self, msg: Msg) -> bool:
        """Queue a command (sendmsg). False when too many wait."""
        if len(self._commands) >= MOST_COMMANDS:
            return False
        self._commands.append(msg)
        self.wake()
        return True

    def flush_commands(self) -> None:
        """Forget the commands that wait (`uuid_break … all`)."""
        self._commands.clear()

    def key(self, digit: str) -> None:
        """A key was pressed at the other end."""
        if self.ended or digit not in KEYS:
            return
        if len(self.keys) >= MOST_KEYS:
            self.keys.popleft()
        self.keys.append(Key(digit, true(self.get("sensitive_dtmf"))))
        self.wake()

    def quiet(self, *, since: float | None) -> None:
        """She says nothing from then on; None: she speaks."""
        self.quiet_since = since
        self.wake()

    def interrupt(self, *, everything: bool = False) -> None:
        """Stop what plays (uuid_break)."""
        if everything:
            self.flush_commands()
        if self.broadcasting:
            self.stop_broadcast = True
            self.breaking = 1
        else:
            self.breaking = 2 if everything else 1
        self.wake()

    def hang_up(self, cause: str = NORMAL_CLEARING, *, by: str = "bank") -> None:
        """End the call. The first cause counts."""
        if self.cause:
            return
        self.cause, self.hung_up_by = named(cause), by
        if self.partner:
            self.partner.set("last_bridge_hangup_cause", self.cause)
            self.partner.wake()
        self.fire("CHANNEL_HANGUP")
        self.wake()

    def transfer(self, extension: str, dialplan: str = "", context: str = "") -> None:
        """Send the call through the dialplan again; what it did ends, its keys are lost."""
        self.flush_keys()
        profile = self.profile
        self.profile = Profile(
            profile.caller_name,
            profile.caller_number,
            extension,
            context or profile.context,
            dialplan or profile.dialplan,
            profile.destination,
        )
        self.times.transferred = self.switch.now()
        self.goto = self.route
        self.wake()

    def broadcast(self, what: str, *, loops: int = 1) -> None:
        """Play a file, or run ``application::argument``, ahead of what runs (uuid_broadcast)."""
        name, found, argument = what.partition("::")
        application = name if found else "playback"
        self.tell(
            Msg(
                {
                    "call-command": "execute",
                    "execute-app-name": application,
                    "execute-app-arg": argument if found else what,
                    "event-lock": "true",
                    "loops": str(loops),
                }
            )
        )

    def hold(self) -> bool:
        """Put the other end on hold: the partner hears `hold_music`. False when it is."""
        if self.holding or not self.up:
            return False
        self.holding, self.callstate, self.times.held = True, "HELD", self.switch.now()
        self.phone.heard(self, "onhold")
        if self.partner and (music := self.get("hold_music")):
            self.partner.broadcast(music, loops=-1)
        self.fire("CHANNEL_HOLD")
        return True

    def unhold(self) -> bool:
        """Take it back. False when it is not on hold."""
        if not self.holding:
            return False
        self.holding, self.callstate = False, "ACTIVE"
        self.times.held_for += self.switch.now() - (self.times.held or self.switch.now())
        self.phone.heard(self, "offhold")
        if self.partner and self.partner.broadcasting:
            self.partner.interrupt()
        self.fire("CHANNEL_UNHOLD")
        return True

    def flush_keys(self) -> None:
        self.dialled += [key.digit for key in self.keys if not key.sensitive]
        self.keys.clear()

    # -- from inside -----------------------------------------------------------------------

    async def pause(self, until: float | None = None) -> None:
        """Wait until something happens, or the clock reaches `until`."""
        await Pause(until)

    def take_key(self) -> str | None:
        """The next key, None when there is none. Fires DTMF unless it is sensitive."""
        if not self.keys:
            return None
        key = self.keys.popleft()
        if not key.sensitive:
            self.dialled.append(key.digit)
            self.fire(
                "DTMF",
                [("DTMF-Digit", key.digit), ("DTMF-Duration", "2000"), ("DTMF-Source", "RTP")],
            )
        return key.digit

    async def attend(self) -> None:
        """Do the commands that wait, one after the other, unless one that runs holds the lock."""
        while self._commands and not self.locks and len(self.stack) < DEEPEST:
            await self._obey(self._commands.popleft())
            if self.breaking:
                return

    async def execute(self, name: str, argument: str, uuid: str = "") -> bool:
        """Run an application as the dialplan or a command asks. False when there is none."""
        application = applications.BY_NAME.get(name)
        if self.cause:  # hung up: nothing is executed any more, nor said to be
            return True
        if application is None:
            log.warning("unknown application %s", name)
            self.hang_up("DESTINATION_OUT_OF_ORDER")
            return False
        uuid = uuid or self.switch.new_uuid()
        argument = self.expand(argument)
        self.set("current_application_data", argument)
        self.set("current_application", name)
        self.set("current_application_response", None)
        said = [("Application", name), ("Application-Data", argument)]
        self.fire("CHANNEL_EXECUTE", [*said, ("Application-UUID", uuid)])
        self.breaking = 0
        self.stack.append(name)
        try:
            await application(self, argument)
        finally:
            self.stack.pop()
        response = self.get("current_application_response") or "_none_"
        said += [("Application-Response", response), ("Application-UUID", uuid)]
        self.fire("CHANNEL_EXECUTE_COMPLETE", said)
        return True

    def answer(self) -> None:
        """Pick up, once."""
        if self.answered or self.cause:
            return
        self.times.answered = self.switch.now()
        self.answered = True
        self.fire("CHANNEL_ANSWER")
        self.set("endpoint_disposition", "ANSWER")
        self.callstate = "ACTIVE"
        self.phone.heard(self, "answered")

    def pre_answer(self) -> None:
        """Open the way for sound before the call is answered."""
        if self.answered or self.early or self.cause:
            return
        self.times.early = self.switch.now()
        self.early = True
        self.callstate = "EARLY"
        self.fire("CHANNEL_PROGRESS_MEDIA")

    def ring(self) -> None:
        """Tell the caller's side that it rings."""
        if self.answered or self.early or self.times.progress or self.cause:
            return
        self.times.progress = self.switch.now()
        self.callstate = "RINGING"
        self.fire("CHANNEL_PROGRESS")
        self.phone.heard(self, "ringing")

    def fire(self, name: str, extra: Headers | None = None, *, subclass: str = "") -> None:
        """Fire an event about this channel."""
        self.switch.fire(name, lambda: headers.of(self, name, extra or []), subclass=subclass)

    # -- a life ----------------------------------------------------------------------------

    async def live(self, start: Callable[[], Awaitable[None]]) -> None:
        """From its creation to its last event. `start` is what it does first."""
        self.state = "CS_INIT"
        self.fire("CHANNEL_CREATE")
        self.goto = start
        while self.up:
            goto, self.goto = self.goto, None
            await (self._run() if goto is None else goto())
        self._report()

    async def route(self) -> None:
        """Look the destination up and begin what the dialplan says."""
        self.state = "CS_ROUTING"
        if self.callstate == "DOWN":
            self.callstate = "RINGING"
        if self.queued_program is not None:
            self.program, self.queued_program = self.queued_program, None
        else:
            self.program = deque(self.switch.dialplan.find(self.profile.destination))
        if not self.program:
            self.hang_up("NO_ROUTE_DESTINATION")
        self.set("call_uuid", self.uuid)

    async def park(self) -> None:
        """Stay without a program, attending to commands."""
        self.state = "CS_PARK"
        await applications.park(self, "")

    async def _run(self) -> None:
        self.state = "CS_EXECUTE"
        while self.ready() and self.program:
            await self.execute(*self.program.popleft())
        if self.ready():
            self.hang_up(NORMAL_CLEARING)

    async def _obey(self, msg: Msg) -> None:
        """A queued command (switch_ivr_parse_event)."""
        lock = true(msg.headers.get("event-lock"))
        self.locks += lock
        match msg.headers.get("call-command", ""):
            case "execute":
                await self._obey_execute(msg)
            case "hangup":
                self.hang_up(msg.headers.get("hangup-cause", NORMAL_CLEARING))
            case "xferext":
                parts = (text.partition(" ") for text in msg.applications)
                self.queued_program = deque((name, argument) for name, _, argument in parts)
                self.goto = self.route
            case other:
                log.warning("a sendmsg with call-command %r", other[:40])
        self.locks -= lock

    async def _obey_execute(self, msg: Msg) -> None:
        name = msg.headers.get("execute-app-name", "")
        argument = msg.headers.get("execute-app-arg", "")
        if not argument and msg.headers.get("content-type", "").lower() == "text/plain":
            argument = msg.body
        if not name:
            return
        self.stop_broadcast = False
        inner = int(not self.bridged)
        if not self.broadcasting:
            self.broadcasting, inner = True, 0
        loops = number(msg.headers.get("loops", "1"))
        turn = 0
        while turn < loops or loops < 0:
            turn += 1
            self.set("current_loop", str(turn))
            self.set("total_loops", str(loops))
            began = self.switch.now()
            found = await self.execute(name, argument, msg.headers.get("event-uuid", ""))
            if (
                not found
                or not self.ready()
                or self.stop_broadcast
                or self.switch.now() - began < 0.5
            ):
                break
        self.set("current_loop", None)
        self.set("total_loops", None)
        if not inner:
            self.broadcasting = False
        if self.stop_broadcast:
            self.broadcasting, self.breaking = False, 1

    def _report(self) -> None:
        self.times.hung_up = self.switch.now()
        self.callstate = "HANGUP"
        self.set("hangup_cause", self.cause)
        self.set("hangup_cause_q850", str(q850(self.cause)))
        self.flush_keys()
        self.set("digits_dialed", "".join(self.dialled) or "none")
        headers.stamp_times(self)
        self._run_hook("api_hangup_hook")
        self.state = "CS_REPORTING"
        self.ended = True
        self._commands.clear()
        self.switch.forget(self)
        self.fire("CHANNEL_HANGUP_COMPLETE", [])
        self._run_hook("api_reporting_hook")
        self.fire("CHANNEL_DESTROY", [])
        self.phone.heard(self, "hangup", cause=self.cause, by=self.hung_up_by)

    def _run_hook(self, variable: str) -> None:
        """An API command that the channel runs as it ends."""
        if hook := self.get(variable):
            command, _, argument = self.expand(hook).partition(" ")
            api.run(self.switch, command, argument, lambda said: None)

    # -- the switch runs it ----------------------------------------------------------------

    def step(self) -> None:
        """Go on until the next pause. Called by the switch for whoever was woken."""
        self._awake = False
        if self._life is None:
            return
        if self._timer:
            self._timer.off, self._timer = True, None
        try:
            pause = self._life.send(None)
        except StopIteration:
            self._life = None
            return
        except Exception:  # one call's fault is not the other calls' end
            log.exception("call %s broke", self.uuid)
            self._life = None
            if not self.ended:
                self.hang_up("CRASH")
                self._report()
            return
        if pause.until is not None and not self._awake:
            self._timer = self.switch.clock.set(pause.until, self._due)

    def _due(self) -> None:
        self._timer = None
        self.wake()
