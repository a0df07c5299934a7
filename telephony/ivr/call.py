"""A call as a flow sees it: say, ask, confirm, choose.

Digits keyed ahead survive from prompt to prompt; only a money confirmation takes nothing but
keys pressed after the amount was spoken. Silence and errors get some tries, by the bank's
rule, then NoInput.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID

from banking.core import CardView, KeyingView
from banking.secret import Secret
from telephony.deeds import Deed
from telephony.ivr import entry
from telephony.ivr.bank.asking import Run
from telephony.ivr.entry import Keyed, Verdict
from telephony.ivr.line import LONGEST_ENTRY, Heard, Line, Pace, Taped
from telephony.ivr.queue import Queue
from telephony.ivr.signals import Back, Ended, HungUp, NoInput, WantsAgent
from telephony.spoken.catalogue import Catalogue, Utterance

CLEARS = 5  # a caller may clear so often, then it counts as a try
MOST_OPTIONS = 5

TERMINATORS = ("#", "*")
ID_PLACES, OLD_ID_PLACES = 18, 15  # 公民身份号码, GB 11643-1999, and its predecessor

T = TypeVar("T")
Mask = Callable[[str], str]
PromptOf = str | Callable[[T], str]


def hide(digits: str) -> str:
    """A password in a record: only how many keys it had."""
    return "*" * len(digits)


def spoken_tail(option: "Tailed") -> dict[str, str]:
    """An account or a payee as a choice is read: by its last four digits."""
    return {"tail": option.tail}


def tail(digits: str) -> str:
    """A card or ID number in a record: its last four."""
    return "*" * (len(digits) - 4) + digits[-4:] if len(digits) > 8 else hide(digits)


class Tailed(Protocol):
    """What is known by its last four digits."""

    @property
    def tail(self) -> str: ...


class Recorder(Protocol):
    """Who writes the call's record. Steps are noted at once and written in batches."""

    def heard(
        self, prompt: str, text: str, *, at: datetime, heard_s: float, barged: bool
    ) -> None: ...

    def keyed(self, keys: str, *, at: datetime) -> None: ...

    def did(
        self, deed: Deed, *, at: datetime, instruction: UUID | None = None, about: str = ""
    ) -> None: ...


class CallFile(Protocol):
    """What a recovery needs to know of the caller: committed when the await returns."""

    async def identified(self, card: CardView) -> None: ...

    async def pin_refused(self, failures: int) -> None: ...

    async def request_callback(self, phone: str) -> str: ...


@dataclass
class Caller:
    """What is known of the caller; the worker keeps the call's row in step with it."""

    number: str  # dialled
    caller: str  # her number; a risk signal, never proof
    is_test: bool = False
    language: str = "zh"
    language_chosen: bool = False
    customer_id: int | None = None
    card_id: int | None = None
    card_tail: str = ""
    verified_until: datetime | None = None
    pin_failures: int = 0
    hinted: bool = False
    is_unhurried: bool = False  # of an age to be offered a person first
    is_closed: bool = False  # outside the hours of the number dialled: nobody can come

    def verified(self, at: datetime) -> bool:
        return self.verified_until is not None and at < self.verified_until


@dataclass
class Call:
    """One caller on one line. Amounts are Decimal yuan, times aware."""

    id: int
    uuid: UUID
    line: Line
    prompts: Catalogue
    recorder: Recorder
    file: CallFile
    queue: Queue
    now: Callable[[], datetime]
    run: Run  # services of the apps above: their flows are ours to walk
    who: Caller
    tries: int = 3  # until the bank's rule is read
    _before: list[tuple[str, Utterance]] = field(default_factory=list)
    _ahead: str = ""  # a key that interrupted something said; it belongs to the next question

    @property
    def customer_id(self) -> int:
        """Of a caller who is identified."""
        assert self.who.customer_id is not None
        return self.who.customer_id

    @property
    def card_id(self) -> int:
        """The card she identified herself with."""
        assert self.who.card_id is not None
        return self.who.card_id

    async def start_over(self) -> None:
        """After a take-over: what was to be said, and what she keyed, went to a lost worker."""
        self._before, self._ahead = [], ""
        await self.line.forget_keys()

    def keeps_to(self, rules: KeyingView) -> None:
        """How long it waits for her keys, and how often it asks."""
        self.line.pace, self.tries = Pace(rules.silence_s, rules.between_s), rules.tries

    def takes_her_time(self) -> None:
        """From here on she is spoken to without hurry, and has more time for her keys."""
        self.who.is_unhurried, self.line.pace = True, self.line.pace.unhurried()

    # -- saying ------------------------------------------------------------------------------

    async def say(self, prompt: str, **values: Any) -> bool:
        """Say it before going on; a key interrupts and stays for the next question.

        True when she heard it to its end.
        """
        self.preface(prompt, **values)
        return await self.say_prefaced()

    async def say_all(self, prompt: str, **values: Any) -> None:
        """Say it to the end, whatever is keyed: a read-back, a legal notice, a farewell."""
        files, said = self._speech((prompt, values))
        started = self.now()
        try:
            heard = await self.line.play(files, interruptible=False)
        except HungUp:
            self._record(said, started, self._since(started))
            raise
        self._record(said, started, heard.played_s)

    async def say_prefaced(self) -> bool:
        """Say what was prefaced before going on, as `say` does."""
        files, said = self._speech()
        if self._ahead:  # what interrupts the last thing said interrupts this as well
            self._record(said, self.now(), 0)
            return False
        started = self.now()
        try:
            heard = await self.line.play(files, interruptible=True)
        except HungUp:
            self._record(said, started, self._since(started))
            raise
        self._record(said, started, heard.played_s)
        self._ahead = heard.keyed.digits
        return not self._ahead

    def preface(self, prompt: str, **values: Any) -> None:
        """Say it in one breath with the next question, which a key answers at once."""
        self._before.append((prompt, self.prompts.say(self.who.language, prompt, **values)))

    async def music(self) -> str:
        """A piece of music while she waits; the key that stopped it, "" at its end."""
        key, self._ahead = self._ahead, ""
        key = key or (await self.line.music()).keyed.digits
        if key:
            self.recorder.keyed(key, at=self.now())
        return key

    # -- asking ------------------------------------------------------------------------------

    async def ask_digits(
        self, prompt: str, *, least: int, most: int, mask: Mask | None = None, **values: Any
    ) -> str:
        """An entry of `least` to `most` digits, ended by ``#`` or by silence.

        With a `mask` the digits are gone from the switch at once, and recorded as it shows them.
        """
        clears = 0
        tries = 0
        while tries < self.tries:
            keyed = await self._collect(prompt, values, secret=mask is not None)
            verdict = entry.judge(keyed, least=least, most=most)
            self._keyed(keyed, mask)
            if verdict is Verdict.DONE:
                return keyed.digits
            if verdict is Verdict.CLEARED and clears < CLEARS:
                clears += 1
                self.preface("entry.cleared")
                continue
            tries += 1
            await self._complain(verdict)
        raise NoInput

    async def ask_secret(self, prompt: str, *, length: int, **values: Any) -> Secret:
        """A password of exactly `length` digits; it is in no log, record or variable."""
        return Secret(await self.ask_digits(prompt, least=length, most=length, mask=hide, **values))

    async def ask_id_number(self, prompt: str) -> Secret:
        """An identity number of 15 or 18 places; a final X is keyed ``*``."""
        for _ in range(self.tries):
            keyed = await self._collect(prompt, {}, secret=True)
            self._keyed(keyed, tail)
            if keyed.terminator == "*" and len(keyed.digits) == ID_PLACES - 1:
                return Secret(keyed.digits + "X")
            verdict = entry.judge(keyed, least=OLD_ID_PLACES, most=ID_PLACES)
            if verdict is Verdict.DONE and len(keyed.digits) in (OLD_ID_PLACES, ID_PLACES):
                return Secret(keyed.digits)
            await self._complain(verdict, otherwise="entry.invalid")
        raise NoInput

    async def ask_amount(self, prompt: str, **values: Any) -> Decimal:
        """Yuan, above zero; ``*`` is the point."""
        clears = 0
        tries = 0
        while tries < self.tries:
            yuan = await self._collect(prompt, values)
            self._keyed(yuan)
            verdict, fen = entry.judge_yuan(yuan), Keyed()
            if verdict is Verdict.POINT:
                fen = await self._collect(None, {})
                self._keyed(fen)
                verdict = entry.judge_fen(fen)
            if verdict is Verdict.CLEARED and clears < CLEARS:
                clears += 1
                self.preface("entry.cleared")
                continue
            if verdict is Verdict.DONE:
                if asked := entry.amount(yuan.digits, fen.digits):
                    return asked
                verdict = Verdict.INVALID
            tries += 1
            await self._complain(verdict, otherwise="transfer.amount_invalid")
        raise NoInput

    async def confirm(self, readback: str, **values: Any) -> bool:
        """Read money back to the end, then take 1 or 2 keyed after it; nothing keyed ahead."""
        await self.say_all(readback, **values)
        for _ in range(self.tries):
            self._ahead = ""
            await self.line.forget_keys()
            files, said = self._speech(("confirm.ask", {}))
            heard = await self._listen(files, said, most=1)
            match self._one_key(heard):
                case "1":
                    return True
                case "2":
                    return False
                case _:
                    await self.say_all(readback, **values)
        raise NoInput

    async def choose(
        self, prompt: PromptOf[T], options: Sequence[T], spoken: Callable[[T], dict[str, Any]]
    ) -> T:
        """One of the first five options, each read as `prompt` with its `key`.

        Where options are known by words of their own, `prompt` names the prompt of each.
        """
        chosen = await self._choose(prompt, options[:MOST_OPTIONS], spoken, other="")
        assert chosen is not None  # there was no other way to answer
        return chosen

    async def choose_or(
        self,
        prompt: PromptOf[T],
        options: Sequence[T],
        spoken: Callable[[T], dict[str, Any]],
        *,
        other: str,
    ) -> T | None:
        """One of the first four options, or None for `other`, which is always key 5."""
        return await self._choose(prompt, options[: MOST_OPTIONS - 1], spoken, other=other)

    async def key(self, *, allowed: str) -> str:
        """One key after what was prefaced: of `allowed`, else "" for silence or another.

        `0` and `*` leave by their own ways.
        """
        key = self._one_key(await self._listen(*self._speech(), most=1))
        if key and key not in allowed:
            self.preface("menu.invalid")
            return "?"
        return key

    async def key_of(self, keys: str, say: Callable[[], None]) -> str:
        """One of `keys` after what `say` prefaces, read at most `tries` times; 9 reads it again.

        Raises NoInput.
        """
        tries = 0
        while tries < self.tries:
            say()
            key = await self.key(allowed=keys + "9")
            if key and key in keys:
                return key
            tries += key != "9"
            if not key:
                self.preface("entry.silence")
        raise NoInput

    # -- recording ---------------------------------------------------------------------------

    async def tape(self, path: str) -> Taped:
        """A tone, and what she says after it; a key that interrupted the words before leads there.

        A `0` that ends the message asks for a person at the next question.
        """
        key, self._ahead = self._ahead, ""
        if key:
            self._one_key(Heard(Keyed(key), 0))
        taped = await self.line.record(path)
        if taped.key:
            self.recorder.keyed(taped.key, at=self.now())
        if taped.key == "0":
            self.put_back(taped.key)
        return taped

    async def play_back(self, path: str) -> None:
        """What she said herself; a key interrupts it and stays for the next question."""
        heard = await self.line.play([path], interruptible=True)
        self._ahead = heard.keyed.digits

    def put_back(self, key: str) -> None:
        """It answers the next question."""
        self._ahead = key

    # -- doing -------------------------------------------------------------------------------

    def did(self, deed: Deed, *, instruction: UUID | None = None, about: str = "") -> None:
        """Note in the call's record what was done; `about` is an agent's number or a queue."""
        self.recorder.did(deed, at=self.now(), instruction=instruction, about=about)

    def slots(self, prompt: str) -> Mapping[str, str]:
        """The values that a prompt takes in her language: name to kind."""
        return self.prompts.slots(self.who.language, prompt)

    def can_say(self, prompt: str) -> bool:
        """Whether a prompt that data names has words and audio in her language."""
        return self.prompts.speaks(self.who.language, prompt)

    def offers(self, language: str) -> bool:
        """Whether every prompt has audio in that language on this switch."""
        return language in self.prompts.offered

    async def end(self, prompt: str = "goodbye", **values: Any) -> None:
        """Say the last word and hang up. Raises Ended."""
        await self.say_all(prompt, **values)
        await self.line.hang_up()
        raise Ended

    async def _choose(
        self,
        prompt: PromptOf[T],
        options: Sequence[T],
        spoken: Callable[[T], dict[str, Any]],
        *,
        other: str,
    ) -> T | None:
        keys = {str(i): option for i, option in enumerate(options, start=1)}

        def say() -> None:
            for key, option in keys.items():
                named = prompt if isinstance(prompt, str) else prompt(option)
                self.preface(named, key=int(key), **spoken(option))
            if other:
                self.preface(other, key=MOST_OPTIONS)

        chosen = await self.key_of("".join(keys) + (str(MOST_OPTIONS) if other else ""), say)
        return keys.get(chosen)

    # -- inside ------------------------------------------------------------------------------

    async def _collect(
        self, prompt: str | None, values: dict[str, Any], *, secret: bool = False
    ) -> Keyed:
        files, said = self._speech(*([(prompt, values)] if prompt else []))
        ahead, self._ahead = self._ahead, ""
        if ahead in TERMINATORS:
            self._record(said, self.now(), 0)
            return Keyed("", ahead)
        if ahead:  # her first digit interrupted what was said before: the rest is on its way
            self._record(said, self.now(), 0)
            files, said = [], []
        heard = await self._listen(files, said, most=LONGEST_ENTRY, terminators="#*", secret=secret)
        return Keyed(ahead + heard.keyed.digits, heard.keyed.terminator)

    async def _listen(
        self,
        files: Sequence[str],
        said: Sequence[tuple[str, Utterance]],
        *,
        most: int,
        terminators: str = "",
        secret: bool = False,
    ) -> Heard:
        if self._ahead:  # a key that interrupted what was said before answers this
            heard, self._ahead = Heard(Keyed(self._ahead), 0), ""
            self._record(said, self.now(), 0)
            return heard
        started = self.now()
        try:
            heard = await self.line.collect(
                files, most=most, terminators=terminators, secret=secret
            )
        except HungUp:
            self._record(said, started, self._since(started))
            raise
        self._record(said, started, heard.played_s)
        return heard

    def _speech(
        self, *asked: tuple[str, dict[str, Any]]
    ) -> tuple[list[str], list[tuple[str, Utterance]]]:
        """What is prefaced and what is asked, as files to play and lines to record."""
        said, self._before = self._before, []
        said += [(key, self.prompts.say(self.who.language, key, **v)) for key, v in asked]
        files: list[str] = []
        for _, utterance in said:
            if files and self.line.pace.breath_ms:
                files.append(f"silence_stream://{self.line.pace.breath_ms}")
            files += utterance.files
        return files, said

    def _record(
        self, said: Sequence[tuple[str, Utterance]], started: datetime, played_s: float
    ) -> None:
        left = played_s
        for prompt, utterance in said:
            heard_s = max(0.0, min(left, utterance.duration_s))
            left -= utterance.duration_s + self.line.pace.breath_ms / 1000
            barged = heard_s < utterance.duration_s - 0.25
            self.recorder.heard(prompt, utterance.text, at=started, heard_s=heard_s, barged=barged)

    def _since(self, started: datetime) -> float:
        return (self.now() - started).total_seconds()

    def _keyed(self, keyed: Keyed, mask: Mask | None = None) -> None:
        digits = mask(keyed.digits) if mask else keyed.digits
        if digits or keyed.terminator:
            self.recorder.keyed(digits + keyed.terminator, at=self.now())

    def _one_key(self, heard: Heard) -> str:
        key = heard.keyed.digits or heard.keyed.terminator
        if key:
            self.recorder.keyed(key, at=self.now())
        if key == "0":
            raise WantsAgent
        if key == "*":
            raise Back
        return key

    async def _complain(self, verdict: Verdict, otherwise: str = "menu.invalid") -> None:
        match verdict:
            case Verdict.BACK:
                raise Back
            case Verdict.AGENT:
                raise WantsAgent
            case Verdict.SILENCE:
                self.preface("entry.silence")
            case Verdict.SHORT:
                self.preface("entry.too_short")
            case Verdict.LONG:
                await self.line.forget_keys()
                self.preface("entry.too_long")
            case Verdict.CLEARED:
                self.preface("entry.cleared")
            case _:
                self.preface(otherwise)
