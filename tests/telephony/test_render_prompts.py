"""The command that speaks: what it says where it can't."""

import pytest
from django.core.management import CommandError, call_command


def test_without_a_voice_it_says_what_to_install(settings, tmp_path, capsys):
    settings.PROMPTS = tmp_path
    settings.VOICE_MODEL_DIR = ""
    settings.VAR = tmp_path
    with pytest.raises(CommandError, match=r"--extra voice|VOICE_MODEL_DIR"):
        call_command("render_prompts", "--changed", "--lang", "zh")
    assert not list(tmp_path.rglob("*.wav"))
