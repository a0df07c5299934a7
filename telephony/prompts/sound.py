"""From a voice's 24 kHz to a telephone's 8 kHz: cut, level, low-pass, encode. Samples are ±1."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from telephony.prompts import alaw

Samples = npt.NDArray[np.float32]

RATE: Final = 24_000  # what the voice makes
LEVEL_DB: Final = -20.0  # RMS of what is voiced, below full scale
PEAK_DB: Final = -3.0
_FRAME: Final = RATE // 200  # 5 ms, the grain in which loudness is judged
_FADE: Final = RATE // 125  # 8 ms at each edge, so that a join does not click
_QUIET_DB: Final = -38.0  # below the loudest frame: silence
_EDGE: Final = RATE // 66  # 15 ms of the quiet edge is kept: breath of a stop, tail of a vowel


def cut(samples: Samples, start: int, end: int, *, slack_ms: int = 40) -> Samples:
    """A stretch of speech, its ends moved to the quietest place near by."""
    slack = RATE * slack_ms // 1000
    return samples[_quietest(samples, start, slack) : _quietest(samples, end, slack)]


def trim(samples: Samples) -> Samples:
    """Without the silence before and after, faded at both edges."""
    loudness = _loudness_db(samples)
    voiced = np.flatnonzero(loudness > loudness.max() + _QUIET_DB)
    start = max(0, int(voiced[0]) * _FRAME - _EDGE)
    end = min(len(samples), (int(voiced[-1]) + 1) * _FRAME + _EDGE)
    kept = samples[start:end].copy()
    ramp = np.sin(np.linspace(0, np.pi / 2, min(_FADE, len(kept) // 2), dtype=np.float32)) ** 2
    kept[: len(ramp)] *= ramp
    kept[len(kept) - len(ramp) :] *= ramp[::-1]
    return kept


def level(samples: Samples) -> Samples:
    """At the loudness that all prompts share; a peak that would clip lowers the whole."""
    loudness = _loudness_db(samples)
    voiced = loudness[loudness > loudness.max() - 25]
    rms = 10 * np.log10(np.mean(10 ** (voiced / 10)))
    gain = 10 ** ((LEVEL_DB - rms) / 20)
    peak = float(np.abs(samples).max())
    return samples * np.float32(min(gain, 10 ** (PEAK_DB / 20) / peak))


def telephone(samples: Samples) -> Samples:
    """At 8 kHz: a linear-phase low-pass (3.6 kHz, 70 dB down from 4 kHz), every third sample."""
    half = 168
    place = np.arange(-half, half + 1)
    cutoff = 3700 / RATE
    taps = 2 * cutoff * np.sinc(2 * cutoff * place) * np.kaiser(2 * half + 1, 7.0)
    low = np.convolve(samples, taps / taps.sum(), mode="same")
    return low[::3].astype(np.float32)


def encode(samples: Samples, *, before_s: float = 0, after_s: float = 0) -> bytes:
    """A-law codes of 8 kHz samples, with silence around them."""
    values = np.sort(np.array(alaw.LINEAR))
    codes = np.argsort(np.array(alaw.LINEAR)).astype(np.uint8)
    middles = (values[1:] + values[:-1]) / 2
    nearest = np.searchsorted(middles, np.clip(samples, -1, 1) * 32767)
    speech = codes[nearest].tobytes()
    return silence(before_s) + speech + silence(after_s)


def silence(seconds: float) -> bytes:
    return bytes([alaw.SILENCE]) * round(seconds * alaw.RATE)


def _loudness_db(samples: Samples) -> npt.NDArray[np.float64]:
    frames = samples[: max(1, len(samples) // _FRAME) * _FRAME]
    energy = np.add.reduceat(frames.astype(np.float64) ** 2, np.arange(0, len(frames), _FRAME))
    return np.asarray(10 * np.log10(energy / _FRAME + 1e-10))


def _quietest(samples: Samples, place: int, slack: int) -> int:
    """The middle of the quietest 5 ms within `slack` of a place; an end of speech stays."""
    if place <= 0 or place >= len(samples):
        return min(max(place, 0), len(samples))
    low, high = max(0, place - slack), min(len(samples), place + slack)
    energy = np.convolve(samples[low:high] ** 2, np.ones(_FRAME), mode="valid")
    return low + int(np.argmin(energy)) + _FRAME // 2
