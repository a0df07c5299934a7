"""From pick-up to hang-up: greeting, language, menus, flows, and what is said when they fail."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from banking.errors import BankingError, PersonNeeded
from telephony.deeds import Deed
from telephony.ivr import registry
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows import agent, identify, money
from telephony.ivr.menus import Entry, Node, Tree
from telephony.ivr.signals import (
    Answered,
    Back,
    Departure,
    Ended,
    HungUp,
    Interrupted,
    NoInput,
    WantsAgent,
)

log = logging.getLogger(__name__)

LANGUAGES = {"1": "zh", "2": "yue", "3": "en"}  # by the key of the first menu


class Walker:
    """Walks one caller through one tree. `position` and `flow` say where she is.

    `on_move` is called whenever she comes to a menu or enters a flow, so that a recovery knows.
    """

    def __init__(self, call: Call, bank: Bank, on_move: Callable[[], None]) -> None:
        self.call, self.bank, self._on_move = call, bank, on_move
        self.position = self.flow = ""

    async def walk(
        self, tree: Tree, *, greeting: Sequence[str], resume_at: str | None = None
    ) -> None:
        """The whole conversation; returns when the call is over, whoever ended it.

        Who was in a queue or with an agent goes on there.

        Raises Interrupted, and nothing else.
        """
        self.tree = tree
        try:
            try:
                await self._converse(greeting, resume_at)
            except (Departure, Interrupted):
                raise
            except Exception:
                log.exception("a conversation failed")
                self.call.did(Deed.FAULT)
                self.call.preface("fault.sorry")
                await agent.to_a_person(self.call, self.bank)
        except (HungUp, Ended):
            return
        except Departure:
            await self._farewell()

    async def _converse(self, greeting: Sequence[str], resume_at: str | None) -> None:
        self.call.keeps_to(await self.bank.keying())
        known = await self.bank.known_by_number()
        if known is not None and known.is_senior:
            self.call.takes_her_time()
        if self.call.queue.waits:
            self.position = resume_at or self.tree.root
            await self._go_on_waiting()
        elif resume_at is None:
            for prompt in greeting:
                self.call.preface(prompt)
            if self.call.who.is_unhurried:
                self.call.preface("menu.agent")  # who is 60 has a person in one key
        else:
            await self.call.start_over()
            self.call.preface("system.recovered")
        if not self.call.who.language_chosen:
            await self._ask_language()
        self._move(resume_at if resume_at in self.tree.nodes else self.tree.root)
        if resume_at is not None:
            await self._settle()
        await self._menus()

    async def _go_on_waiting(self) -> None:
        """After a take-over in a queue or with an agent: no greeting, no menu."""
        with suppress(Answered):  # she talks: there is nothing to say
            await self.call.start_over()
            self.call.preface("system.recovered")
        with suppress(Back):
            await agent.stay(self.call, self.bank)

    async def _settle(self) -> None:
        """After a take-over: what became of the money that she moved, before anything else."""
        who = self.call.who
        if who.customer_id is None:
            return
        await self.call.say_prefaced()  # HungUp here: she has gone, and nothing is carried out
        await money.finish(self.call, self.bank)
        if who.verified(self.call.now()):
            await money.tell_untold(self.call, self.bank)

    async def _ask_language(self) -> None:
        """One key; silence is no refusal: on in Mandarin. `0` is a person, as everywhere."""
        offered = [key for key, language in LANGUAGES.items() if self._is_spoken(language)]
        who = self.call.who
        for _ in range(self.call.tries if len(offered) > 1 else 0):
            for key in offered:
                self.call.preface(f"menu.language.{key}")
            try:
                key = await self.call.key(allowed="".join(offered) + "9")
            except Back:
                continue
            except WantsAgent:
                await self._to_a_person()
                continue
            if key in offered:
                who.language = LANGUAGES[key]
                break
        else:
            who.language = LANGUAGES[offered[0]] if offered else who.language
        who.language_chosen = True

    def _is_spoken(self, language: str) -> bool:
        """Whether all can be said in it, the entries that the bank added to this tree included."""
        return self.call.offers(language) and all(
            self.call.prompts.speaks(language, prompt) for prompt in self.tree.own_prompts
        )

    async def _menus(self) -> None:
        while True:
            node = self.tree.nodes[self.position]
            try:
                if node.identified:
                    await identify.identify(self.call, self.bank)
                entry = await self._choose(node)
                if entry.target:
                    self._move(entry.target)
                else:
                    await self._run(entry)
            except Back:
                self._move(node.parent or self.tree.root)
            except (WantsAgent, NoInput):
                await self._to_a_person()

    async def _to_a_person(self) -> None:
        """Returns where she goes back to the menu that she left; else the call ends."""
        with suppress(Back):
            queue = self.tree.queue_of(self.position) if self.position else ""
            await agent.to_a_person(self.call, self.bank, queue)

    def _move(self, slug: str, flow: str = "") -> None:
        self.position, self.flow = slug, flow
        self._on_move()

    async def _choose(self, node: Node) -> Entry:
        """One entry of a menu, that is read as often as a question is asked."""
        entries = {e.digit: e for e in self.tree.offered(node, registry.names())}

        def say() -> None:
            if self.call.who.is_unhurried:
                self.call.preface("menu.agent")
            for entry in entries.values():
                self.call.preface(entry.prompt)
            if not self.call.who.hinted:
                self.call.preface("menu.hint")
                self.call.who.hinted = True

        try:
            return entries[await self.call.key_of("".join(entries), say)]
        except NoInput:
            self.call.preface("menu.tries_over")
            raise

    async def _run(self, entry: Entry) -> None:
        """A flow from its first question to its last word; then the menu is read again."""
        flow = registry.find(entry.flow)
        if flow is None:
            raise LookupError(f"menu entry {entry.title} names no flow: {entry.flow!r}")
        if flow.identified:
            await identify.identify(self.call, self.bank)
        self._move(self.position, flow.name)
        try:
            await flow.run(self.call, self.bank)
        except PersonNeeded as reason:
            self.call.did(Deed.REFUSED)
            self.call.preface(reason.prompt)
            await self.bank.void_open()
            raise WantsAgent from reason
        except BankingError as refusal:
            self.call.did(Deed.REFUSED)
            self.call.preface(refusal.prompt, **refusal.values)
        except Back:
            pass  # to the menu that led here
        except NoInput:
            await self.bank.void_open()
            if flow.unheard:
                await self.call.end()  # no agent takes a password (domain.md §1)
            raise
        except Departure:
            await self.bank.void_open()
            raise
        # What she did not confirm is void, whichever way she left.
        await self.bank.void_open()
        self._move(self.position)

    async def _farewell(self) -> None:
        try:
            await self.call.end()
        except (HungUp, Ended):
            return
