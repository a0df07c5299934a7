"""`manage.py freeswitch_config DIR`: a configuration that `freeswitch` starts with."""

import shlex
from argparse import ArgumentParser
from contextlib import suppress
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from config.keys import read_or_make
from telephony.freeswitch.configuration import (
    AgentPhones,
    Configuration,
    Notice,
    Unusable,
    command,
)
from telephony.models import Number
from telephony.nobody import INSTRUCTIONS, NOTICE, THANKS
from telephony.spoken import catalogue
from telephony.spoken.errors import MissingAudio


class Command(BaseCommand):
    help = (
        "Write a complete FreeSWITCH configuration: our numbers, agents' browsers, the event "
        "socket on loopback, and a true notice for callers when no worker drives."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--sip-ip", default="127.0.0.1", help="where SIP and RTP listen")
        parser.add_argument("--sip-port", type=int, default=5060)
        parser.add_argument(
            "--allow",
            type=_network,
            action="append",
            default=[],
            metavar="CIDR",
            help="a network whose calls are taken, such as the operator's trunk; may be repeated",
        )
        parser.add_argument(
            "--prompts", type=Path, help="the audio folder as that switch sees it, if elsewhere"
        )
        parser.add_argument("--recordings", type=Path, help="where emergency messages are left")
        parser.add_argument("--rtp", nargs=2, type=int, default=[16384, 32767], metavar="PORT")
        parser.add_argument(
            "--ws-port",
            type=int,
            default=7443,
            help="where agents' browsers register, on loopback: a proxy speaks wss:// for it",
        )
        parser.add_argument(
            "--web",
            default="http://127.0.0.1:8000",
            help="where the switch reaches web, to ask who is signed in",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # The address that the worker will use, if one is set; else what to set it to.
        address = urlsplit(settings.FREESWITCH_URL)
        home = options["folder"].absolute()
        try:
            configuration = Configuration(
                home=home,
                numbers=list(
                    Number.objects.filter(is_active=True).values_list("number", flat=True)
                ),
                notice=notice(catalogue.load(audio=settings.PROMPTS)),
                prompts=options["prompts"] or Path(settings.SWITCH_PROMPTS),
                recordings=options["recordings"] or settings.RECORDINGS,
                event_password=address.password
                or read_or_make("EVENT_SOCKET_PASSWORD", settings.KEYS),
                event_port=address.port or 8021,
                sip_ip=options["sip_ip"],
                sip_port=options["sip_port"],
                allowed=options["allow"],
                rtp_first=options["rtp"][0],
                rtp_last=options["rtp"][1],
                agents=AgentPhones(
                    realm=settings.SIP_REALM,
                    directory_url=options["web"].rstrip("/") + reverse("switch_directory"),
                    directory_key=settings.DIRECTORY_KEY,
                    ws_port=options["ws_port"],
                ),
            )
        except Unusable as unusable:
            raise CommandError(str(unusable)) from unusable
        configuration.write()
        self.stdout.write(f"Written to {home}. Start it with\n\n  ", ending="")
        self.stdout.write(shlex.join(command("freeswitch", home)))
        if not settings.FREESWITCH_URL:
            self.stdout.write(
                f"\nand start Bankline with FREESWITCH_URL=esl://:PASSWORD@127.0.0.1:8021; the "
                f"password is in {settings.KEYS / 'event_socket_password'}."
            )


def notice(prompts: catalogue.Catalogue) -> Notice:
    """The shipped notice in every language that has its audio. Raises Unusable if none has."""

    def files(key: str) -> list[str]:
        found: list[str] = []
        for lang in prompts.languages:
            with suppress(MissingAudio):
                found += prompts.say(lang, key).files
        if not found:
            raise Unusable(f"No language has audio for {key!r}: render the prompts first.")
        return found

    return Notice(files(NOTICE), files(INSTRUCTIONS), files(THANKS))


def _network(text: str) -> IPv4Network:
    network = ip_network(text)
    if not isinstance(network, IPv4Network):
        raise ValueError("an IPv4 network, such as 10.1.2.0/29")  # noqa: TRY004  # for argparse
    return network
