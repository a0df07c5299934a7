"""``manage.py call 961202 --keys "1 1 6222…# 123456# 1 1"``: a test call in a terminal."""

import asyncio
import json
import re
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from people.errors import Refusal
from telephony.ivr.walker import LANGUAGES
from telephony.phone import calling, line, words
from telephony.phone.transcript import Ended, Keyed, Played, Playing, Stage, Update
from telephony.templatetags.telephony import mmss

LANGUAGE_KEYS = {language: key for key, language in LANGUAGES.items()}


class Command(BaseCommand):
    help = (
        "Call the bank as a test caller and print what is said and keyed, with times. Ends with "
        "an error when the call was not answered, fell silent, or ended before all was keyed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="the bank's number, such as 961202")
        parser.add_argument(
            "--keys",
            default="",
            help="groups of keys with blanks between; each waits until the bank waits for keys",
        )
        parser.add_argument("--caller", default="13800138000", help="the caller's number")
        parser.add_argument(
            "--language",
            choices=sorted(LANGUAGE_KEYS),
            help="choose it at the first menu, before the keys, and speak it here",
        )
        parser.add_argument(
            "--ahead", action="store_true", help="key everything at once when it is answered"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        groups = options["keys"].split()
        for group in groups:
            if not re.fullmatch(r"[0-9*#]{1,200}", group):
                raise CommandError(f"{group!r} are no keys: 0-9, * and #, please.")
        language = options["language"]
        if language:
            groups.insert(0, LANGUAGE_KEYS[language])
        spoken = (
            {"zh": "zh-hans", "yue": "zh-hans", "en": "en"}.get(language)
            or translation.get_language()
            or "en"
        )
        with translation.override(spoken):
            printer = JsonPrinter() if options["json"] else Printer()
            try:
                outcome = asyncio.run(
                    calling.call(
                        options["number"],
                        groups,
                        caller=options["caller"],
                        ahead=options["ahead"],
                        tell=printer.tell,
                        address=settings.PHONE_URL or line.of_this_checkout(),
                    )
                )
            except Refusal as refusal:
                raise CommandError(str(refusal)) from refusal
            printer.end(outcome)
        if outcome.failed:
            sys.exit(1)


class Printer:
    """The transcript as the page shows it, a line when it is complete."""

    def __init__(self) -> None:
        self._playing: dict[int, Playing] = {}

    def tell(self, update: Update) -> None:
        match update:
            case Playing():
                self._playing[update.line] = update
            case Played():
                said = self._playing.pop(update.line, None)
                if said:
                    mark = words.played(update)
                    self._print(said.at, f"{said.text} {f'[{mark}]' if mark else ''}".rstrip())
            case Keyed():
                self._print(update.at, f"> {words.keyed(update)}")
            case Stage():
                self._print(update.at, f"- {words.stage(update)}")
            case Ended():
                self._print(update.at, f"- {words.ended(update)}")

    def end(self, outcome: calling.Outcome) -> None:
        if not outcome.answered:
            self._complain(_("The call was not answered."))
        if outcome.silent:
            self._complain(_("The bank fell silent."))
        if outcome.unkeyed:
            left = " ".join("*" * len(group) for group in outcome.unkeyed)
            self._complain(_("Never asked for, never keyed: %(keys)s") % {"keys": left})

    def _print(self, at: float, text: str) -> None:
        print(f"{mmss(at)}  {text}", flush=True)

    def _complain(self, text: str) -> None:
        print(text, file=sys.stderr)


class JsonPrinter(Printer):
    """The same as messages, such as the page gets them; the outcome comes last."""

    def tell(self, update: Update) -> None:
        print(json.dumps(words.message(update), ensure_ascii=False), flush=True)

    def end(self, outcome: calling.Outcome) -> None:
        super().end(outcome)
        told = {
            "event": "outcome",
            "call": outcome.channel,
            "answered": outcome.answered,
            "silent": outcome.silent,
            "ended_by": outcome.ended_by,
            "failed": outcome.failed,
        }
        print(json.dumps(told), flush=True)
