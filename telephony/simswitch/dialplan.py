"""What a call that comes in does. FreeSWITCH gets the same as XML from `freeswitch_config`.

docs/switch-wire.md says why each line is there. A worker picks a call up by `sched_del UUID`;
until then the transfer to `nobody` is on its way, and every path out of the hold leads back
into it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telephony.nobody import INSTRUCTIONS, LONGEST_REPORT_S, NOTICE, REPORTS, THANKS, WITHIN_S
from telephony.spoken.grammar import VOICED

Program = Sequence[tuple[str, str]]

TOKEN = re.compile(r"\*[0-9]{8}$")
HOLD = ("endless_playback", "silence_stream://-1")
NUMBERS = ("961202", "25198888")


def shipped(numbers: Sequence[str] = NUMBERS) -> "Dialplan":
    """The bank's numbers, and what there is where no worker drives."""
    held: Program = [HOLD, ("transfer", "held")]
    entry: Program = [
        ("multiset", "sensitive_dtmf=true bankline=1"),
        ("sched_transfer", f"+{WITHIN_S} nobody"),
        ("answer", ""),
        *held,
    ]
    nobody: Program = [
        ("set", "bankline_nobody=1"),
        (
            "play_and_get_digits",
            f"1 1 1 5000 none {_audio(NOTICE)} '' nobody_choice ^1$ 5000 goodbye",
        ),
        ("set", "RECORD_COMMENT=${caller_id_number}"),
        ("playback", _audio(INSTRUCTIONS)),
        ("playback", "tone_stream://%(500,0,1000)"),
        ("record", f"{REPORTS}/${{uuid}}.wav {LONGEST_REPORT_S}"),
        ("playback", _audio(THANKS)),
        ("hangup", "NORMAL_CLEARING"),
    ]
    return Dialplan(
        {
            **dict.fromkeys(numbers, entry),
            "held": held,
            "nobody": nobody,
            "goodbye": [("hangup", "NORMAL_TEMPORARY_FAILURE")],
        }
    )


def _audio(prompt: str) -> str:
    """One after the other in every language that ships: nobody asked the caller for hers."""
    return "file_string://" + "!".join(f"{lang}/{prompt}.wav" for lang in VOICED)


@dataclass(frozen=True, slots=True)
class Dialplan:
    """Destinations and what they do."""

    programs: Mapping[str, Program]

    def find(self, destination: str) -> Program:
        """The program of a destination; empty where there is none.

        A draft's token may follow one of our numbers: 961202*48213377.
        """
        return self.programs.get(TOKEN.sub("", destination), ())
