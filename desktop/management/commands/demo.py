"""`manage.py demo`: a plausible city bank with staff, customers, half a year of books."""

import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from calendars import clock
from desktop import demo


class Command(BaseCommand):
    help = "Build the demo bank (鹏城商业银行); passwords and PINs go to var/demo-logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=961202)
        parser.add_argument("--once", action="store_true", help="say nothing if it is there")

    def handle(self, *args: Any, **options: Any) -> None:
        if demo.exists():
            if options["once"]:
                return
            raise CommandError("The demo bank is there already. Start from an empty database.")
        started = time.monotonic()

        def progress(what: str) -> None:
            self.stdout.write(f"{time.monotonic() - started:5.1f} s  {what}")
            self.stdout.flush()

        with translation.override("zh-hans"):
            made = demo.build(seed=options["seed"], at=clock.now(), progress=progress)
        told = write(made, settings.VAR / "demo-logins")
        progress(f"done; log-ins, cards and PINs: {told}")


def write(made: demo.Demo, file: Path) -> Path:
    """Tell log-ins and PINs to the owner of this checkout alone."""
    lines = ["工号  姓名  角色  密码"]
    lines += [f"{x.number}  {x.name}  {x.roles}  {x.password}" for x in made.logins]
    lines += ["", "测试客户  卡号  查询密码  交易密码"]
    lines += [f"{x.name}  {x.pan}  {x.query_pin}  {x.transaction_pin}" for x in made.cards]
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write("\n".join(lines) + "\n")
    return file
