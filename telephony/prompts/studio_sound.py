"""From a studio's WAV to what a telephone plays: mono, trimmed, levelled, 8 kHz A-law.

Without numpy, which only the extra `voice` brings: a minute of speech takes some seconds.
"""

from __future__ import annotations

import io
import math
import wave
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from operator import mul
from typing import Final

from telephony.prompts import alaw

LONGEST_S: Final = 60
SHORTEST_S: Final = 0.2
RATES: Final = range(8000, 96_001)
LEVEL_DB: Final = -20.0  # RMS of what is voiced, as of what ships
PEAK_DB: Final = -3.0
QUIETEST_DB: Final = -50.0  # a louder frame than this must be in it, or it is silence
EDGE_S: Final = 0.015  # kept of the quiet before and after
FRAME: Final = 40  # samples of 8 kHz: 5 ms
HALF: Final = 24  # taps to each side, in samples of the lower rate


class NotUsable(ValueError):
    """`args[0]` is one of: format, length, silence."""


def convert(raw: bytes) -> tuple[bytes, float]:
    """The A-law codes of a recording, and its seconds. Raises NotUsable."""
    samples, rate = _mono(raw)
    if not SHORTEST_S <= len(samples) / rate <= LONGEST_S:
        raise NotUsable("length")
    speech = _level(_trim(_at_8_khz(samples, rate)))
    codes = bytes(_CODES[bisect_left(_MIDDLES, sample)] for sample in speech)
    return codes, len(codes) / alaw.RATE


_VALUES: Final = sorted(alaw.LINEAR)
_CODES: Final = sorted(range(256), key=alaw.LINEAR.__getitem__)
_MIDDLES: Final = [(a + b) / 2 / 32768 for a, b in pairwise(_VALUES)]


def _mono(raw: bytes) -> tuple[list[float], int]:
    """16-bit PCM, one channel or the mean of two, as ±1."""
    try:
        with wave.open(io.BytesIO(raw)) as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            frames = file.readframes(rate * (LONGEST_S + 1))
    except (wave.Error, EOFError, OverflowError) as error:
        raise NotUsable("format") from error
    if width != 2 or channels not in (1, 2) or rate not in RATES:
        raise NotUsable("format")
    values = array("h", frames[: len(frames) // (2 * channels) * 2 * channels])
    if channels == 2:
        return [(a + b) / 65536 for a, b in zip(values[::2], values[1::2], strict=True)], rate
    return [value / 32768 for value in values], rate


def _at_8_khz(samples: Sequence[float], rate: int) -> list[float]:
    """A windowed sinc below 3.6 kHz, evaluated where the telephone's samples lie."""
    if rate == alaw.RATE:
        return list(samples)
    step = rate / alaw.RATE
    half = math.ceil(HALF * step)
    cutoff = 2 * 3600 / rate
    padded = [0.0] * half + list(samples) + [0.0] * (half + 1)
    kernels: dict[float, list[float]] = {}
    out = []
    for n in range(int(len(samples) / step)):
        at = int(n * step)
        part = round(n * step - at, 6)
        if part not in kernels:
            kernels[part] = _kernel(part, half, cutoff)
        out.append(sum(map(mul, kernels[part], padded[at : at + 2 * half + 1])))
    return out


def _kernel(part: float, half: int, cutoff: float) -> list[float]:
    taps = []
    for k in range(-half, half + 1):
        x = k - part
        sinc = cutoff if x == 0 else math.sin(math.pi * cutoff * x) / (math.pi * x)
        taps.append(sinc * (0.5 + 0.5 * math.cos(math.pi * x / (half + 1))))
    whole = sum(taps)
    return [tap / whole for tap in taps]


def _trim(samples: list[float]) -> list[float]:
    """Without the quiet at both ends. Raises NotUsable for silence."""
    loud = [_db(samples[i : i + FRAME]) for i in range(0, len(samples), FRAME)]
    floor = max(max(loud) - 38, QUIETEST_DB)
    voiced = [i for i, db in enumerate(loud) if db > floor]
    if not voiced:
        raise NotUsable("silence")
    edge = int(EDGE_S * alaw.RATE)
    return samples[max(0, voiced[0] * FRAME - edge) : (voiced[-1] + 1) * FRAME + edge]


def _level(samples: list[float]) -> list[float]:
    """At the loudness that all prompts share; a peak that would clip lowers the whole."""
    loud = [_db(samples[i : i + FRAME]) for i in range(0, len(samples), FRAME)]
    voiced = [db for db in loud if db > max(loud) - 25]
    rms = 10 * math.log10(sum(10 ** (db / 10) for db in voiced) / len(voiced))
    peak = max(map(abs, samples))
    gain = min(10 ** ((LEVEL_DB - rms) / 20), 10 ** (PEAK_DB / 20) / peak)
    return [sample * gain for sample in samples]


def _db(frame: Sequence[float]) -> float:
    return 10 * math.log10(sum(map(mul, frame, frame)) / len(frame) + 1e-10)
