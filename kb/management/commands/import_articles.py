"""`manage.py import_articles FILE --by NUMBER`: what the admin's import of articles does."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from calendars import clock
from kb import importing
from kb.importing import Kind, Line
from kb.sheets import columns, files
from people.errors import Refusal
from people.models import User


class Command(BaseCommand):
    help = (
        "Read articles from an .xlsx or CSV file. Rows that are new or changed become drafts of "
        "the editor with this staff number; what is refused is named and stays out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--by", required=True, metavar="NUMBER", help="an editor's staff number"
        )
        parser.add_argument("--dry-run", action="store_true", help="say it, take nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path, at = Path(options["file"]), clock.now()
        by = User.objects.filter(username=options["by"], is_active=True).first()
        if by is None or not by.has_perm(importing.WRITE):
            raise CommandError(_("No editor has the staff number %(by)s.") % options)
        try:
            rows = files.read(path.read_bytes())
            plan = importing.plan(rows, by=by, at=at)
            for line in plan.of(Kind.REFUSED):
                self._name(line)
            if not options["dry_run"]:
                file = importing.bring(path.name, rows, by=by, at=at)
                plan = importing.take(file.pk, by=by, at=at)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from None
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        told = _("%(new)s new, %(changed)s changed, %(same)s unchanged, %(refused)s refused.")
        self.stdout.write(told % plan.counts)
        if options["dry_run"]:
            self.stdout.write(_("Nothing was taken."))

    def _name(self, line: Line) -> None:
        for fault in line.faults:
            self.stdout.write(
                _("Row %(row)s (%(key)s, %(question)s): %(column)s %(why)s")
                % {
                    "row": line.row.number,
                    "key": line.key or "—",
                    "question": line.question or "—",
                    "column": columns.label(fault.column),
                    "why": fault,
                }
            )
