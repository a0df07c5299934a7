"""Speak the prompts that lack audio, or all of them: `manage.py render_prompts --changed`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from telephony.spoken import VOICED, SpeechError, load
from telephony.spoken.catalogue import SHIPPED_TEXT


class Command(BaseCommand):
    help = "Render prompts and fragments to A-law audio. Needs the extra `voice`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lang", choices=VOICED, action="append", help="default: all")
        parser.add_argument(
            "--changed", action="store_true", help="only what is missing or says something else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from telephony.prompts.kokoro import Kokoro
            from telephony.prompts.render import render
            from telephony.prompts.voice import NoVoice
        except ModuleNotFoundError as error:
            raise CommandError(f"{error.name} is missing: uv sync --extra voice") from error

        def progress(done: int, of: int, name: str) -> None:
            self.stdout.write(f"{done}/{of}  {name}")

        folder = Path(settings.VOICE_MODEL_DIR) if settings.VOICE_MODEL_DIR else None
        voice = Kokoro(folder, settings.VAR / "voice")
        try:
            written = render(
                load(SHIPPED_TEXT, settings.PROMPTS),
                options["lang"] or VOICED,
                voice=voice,
                audio=settings.PROMPTS,
                changed=options["changed"],
                progress=progress,
            )
        except (NoVoice, SpeechError) as error:
            raise CommandError(str(error)) from error
        except ModuleNotFoundError as error:
            raise CommandError(f"{error.name} is missing: uv sync --extra voice") from error
        self.stdout.write(self.style.SUCCESS(f"{written} files rendered"))
