"""`manage.py telephony`: drives every call of one switch, or stands by for who does."""

from argparse import ArgumentParser
from typing import Any

import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand

from telephony.worker.fallback import AFTER_S
from telephony.worker.work import Worker


class Command(BaseCommand):
    help = "Drive the calls of one switch. A second worker stands by."
    requires_system_checks = []  # callers wait for it; `migrate` has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--node", default=settings.SWITCH_NODE, help="the switch's name")
        parser.add_argument(
            "--drain",
            type=float,
            default=2.0,
            help="seconds that conversations get to end after TERM; then a standby goes on",
        )
        parser.add_argument(
            "--notice-after",
            type=float,
            default=AFTER_S,
            help="seconds after which a caller hears the truth if this process dies; 0: never",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker(
            options["node"], drain_s=options["drain"], notice_after_s=options["notice_after"]
        )
        uvloop.run(worker.run())
