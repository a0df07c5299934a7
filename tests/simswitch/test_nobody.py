"""Where nobody drives both switches say the same."""

from django.conf import settings

from telephony.management.commands.freeswitch_config import notice
from telephony.simswitch import dialplan
from telephony.simswitch.media import Library
from telephony.spoken import catalogue


def test_in_every_language_that_there_is():
    library = Library(settings.PROMPTS)
    program = dialplan.shipped().find("nobody")
    words = [word for _, argument in program for word in argument.split()]
    heard = [library.audio(word).files for word in words if word.startswith("file_string://")]
    there = notice(catalogue.load(audio=settings.PROMPTS))
    assert heard == [tuple(files) for files in (there.drives, there.record, there.thanks)]
    assert [file[:3] for file in there.drives] == ["zh/", "en/"]
