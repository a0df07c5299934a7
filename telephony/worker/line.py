"""A caller's line on the switch: one application a step, its arguments, its result."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import TypeVar

from telephony import esl
from telephony.ivr.entry import Keyed
from telephony.ivr.line import (
    ENDING_SILENCE_S,
    LONGEST_MESSAGE_S,
    USUAL,
    Heard,
    Taped,
)
from telephony.ivr.signals import Answered, HungUp, Interrupted

DIGITS = "bl_keys"  # the channel variable a collection writes to
SILENCE = "silence_stream://1"
STOPS = "playback_terminators"
ANY_KEY = "0123456789*#"
MUSIC = ("music/calm-1.wav", "music/calm-2.wav")  # half a minute each: then her place is told
TONE = "tone_stream://%(500,0,1000)"
QUIET = 200  # energy of a packet below which nobody speaks (switch_ivr_play_say.c)
T = TypeVar("T")


class SwitchLine:
    """The Line of one channel. `prompts` is the audio folder as the switch sees it."""

    def __init__(
        self,
        switch: esl.Client,
        channel: str,
        prompts: PurePosixPath,
        now: Callable[[], datetime],
    ) -> None:
        self._switch, self._channel, self._prompts, self._now = switch, channel, prompts, now
        self.pace = USUAL
        self._stops = ""  # what ends a playback, as the channel was last told
        self._piece = 0  # of the music, that comes next
        self.hung_up_by_us = False
        self.free = asyncio.Event()  # nothing runs on it
        self.free.set()
        self.given = False  # to an agent: until she gives it back nothing is said or asked

    async def play(self, files: Sequence[str], *, interruptible: bool) -> Heard:
        self._own()
        await self._stop_by(ANY_KEY if interruptible else "none")
        started = self._now()
        done = await self._execute("playback", self.audio(files))
        key = done.get("variable_playback_terminator_used") if interruptible else ""
        return Heard(Keyed(key), self._played(done, started))

    async def collect(
        self,
        files: Sequence[str],
        *,
        most: int,
        terminators: str = "",
        secret: bool = False,
    ) -> Heard:
        self._own()
        # Least 0: an empty entry ended by a key is an answer, and silence is no failure.
        first_ms, between_ms = (
            int(s * 1000) for s in (self.pace.first_key_s, self.pace.between_keys_s)
        )
        argument = (
            f"0 {most} 1 {first_ms} {terminators or 'none'} {self.audio(files)} ''"
            f" {DIGITS} '' {between_ms}"
        )
        started = self._now()
        done = await self._execute("play_and_get_digits", argument)
        if secret:
            await self._on_line(self._switch.api(f"uuid_setvar {self._channel} {DIGITS}"))
        digits = done.get(f"variable_{DIGITS}")
        # The switch leaves an earlier terminator standing: it counts only where one ended this.
        ended = done.get("variable_read_result") == "success" and len(digits) < most
        key = done.get("variable_read_terminator_used") if ended else ""
        return Heard(Keyed(digits, key), self._played(done, started))

    async def record(self, path: str) -> Taped:
        self._own()
        await self._stop_by("none")
        await self._execute("playback", TONE)
        await self._stop_by(ANY_KEY)
        argument = f"{path} {LONGEST_MESSAGE_S} {QUIET} {ENDING_SILENCE_S}"
        done = await self._execute("record", argument)
        silent = done.get("variable_silence_hits_exhausted") == "true"
        key = done.get("variable_playback_terminator_used")
        return Taped(key, ENDING_SILENCE_S if silent else 0)

    async def music(self) -> Heard:
        piece = MUSIC[self._piece % len(MUSIC)]
        self._piece += 1
        return await self.play([piece], interruptible=True)

    async def forget_keys(self) -> None:
        self._own()
        await self._execute("flush_dtmf")
        # A worker that was killed in the middle of a password left it there.
        await self._on_line(self._switch.api(f"uuid_setvar {self._channel} {DIGITS}"))

    async def hang_up(self) -> None:
        self.hung_up_by_us = True
        await self._on_line(self._switch.api(f"uuid_kill {self._channel} NORMAL_CLEARING"))

    def audio(self, files: Sequence[str]) -> str:
        """Files as one argument of the switch."""
        if not files:
            return SILENCE
        paths = [name if "://" in name else str(self._prompts / name) for name in files]
        return paths[0] if len(paths) == 1 else "file_string://" + "!".join(paths)

    async def _execute(self, application: str, argument: str = "") -> esl.Event:
        self.free.clear()
        try:
            return await self._on_line(self._switch.execute(self._channel, application, argument))
        finally:
            self.free.set()

    async def _stop_by(self, keys: str) -> None:
        """Which keys end what is played or recorded from here on."""
        if keys != self._stops:
            await self._on_line(self._switch.api(f"uuid_setvar {self._channel} {STOPS} {keys}"))
            self._stops = keys

    def _own(self) -> None:
        if self.given:
            raise Answered

    async def _on_line(self, step: Awaitable[T]) -> T:
        try:
            done = await step
        except esl.HungUp as gone:
            raise HungUp(gone.cause) from gone
        except esl.NoSuchChannel as gone:
            raise HungUp from gone
        except esl.Lost as lost:
            raise Interrupted("the switch is gone") from lost
        self._own()  # she may have been joined out of this very step
        return done

    def _played(self, done: esl.Event, started: datetime) -> float:
        """Seconds of audio; the switch's own count, unless it is left from an earlier prompt."""
        elapsed = (self._now() - started).total_seconds()
        played = done.get("variable_playback_ms")
        return min(elapsed, int(played) / 1000) if played.isdigit() else elapsed
