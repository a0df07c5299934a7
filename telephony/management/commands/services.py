"""Write docs/services.md from the registries, or see whether it is what they say."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from telephony.services import page


class Command(BaseCommand):
    help = "Write docs/services.md; with --check, fail if it says something else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path, text = settings.BASE_DIR / "docs" / "services.md", page()
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(self.style.SUCCESS(str(path)))
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError("docs/services.md is not what the code says: manage.py services")
