"""`manage.py holidays 2026`: enter a year's official holidays and make-up workdays."""

from typing import Any

from chinese_calendar import constants
from django.core.management.base import BaseCommand, CommandError, CommandParser

from calendars.days import is_published, seed_year


class Command(BaseCommand):
    help = "Enter a year's official holidays and make-up workdays; rows that exist are kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("years", metavar="YEAR", type=int, nargs="+")

    def handle(self, *args: Any, years: list[int], **options: Any) -> None:
        for year in years:
            if not is_published(year):
                last = max(constants.holidays).year
                raise CommandError(
                    f"{year} is not known; the last year known is {last}. "
                    "Enter its holidays in the admin, or update chinesecalendar."
                )
            self.stdout.write(f"{year}: {seed_year(year)} days added.")
