"""Music on hold: four calm chords, rung out of sine waves, in two pieces of half a minute.

    python -m telephony.prompts.music FOLDER

Our own, so there is nobody to pay. A telephone carries 300 to 3,400 Hz: the notes lie within.
"""

import sys
from pathlib import Path

import numpy as np

from telephony.prompts import alaw, sound
from telephony.prompts.sound import Samples

BEAT_S = 0.875
LOUDNESS = 0.11  # of full scale: 3 dB below speech
PARTIALS = ((1, 1.0), (2, 0.32), (3, 0.12))  # times the note's frequency, how loud
# Notes as half tones above A3 (220 Hz): a bar of broken chord, eight beats each.
PIECES = {
    "calm-1": (
        (3, 7, 10, 15, 19, 15, 10, 7),  # C, then a minor, F, G
        (0, 7, 12, 15, 19, 15, 12, 7),
        (8, 12, 15, 20, 24, 20, 15, 12),
        (10, 14, 17, 22, 26, 22, 17, 14),
    ),
    "calm-2": (
        (7, 10, 14, 19, 22, 19, 14, 10),  # e minor, F, d minor, G and home
        (8, 12, 15, 20, 24, 20, 15, 12),
        (5, 8, 12, 17, 20, 17, 12, 8),
        (10, 14, 17, 22, 15, 10, 7, 3),
    ),
}


def struck(half_tones: int) -> Samples:
    """A note: quick to rise, slow to fade."""
    at_s = np.arange(4 * alaw.RATE, dtype=np.float32) / alaw.RATE
    hertz = 220 * 2 ** (half_tones / 12)
    waves = [loud * np.sin(2 * np.pi * hertz * n * at_s) for n, loud in PARTIALS]
    shape = np.minimum(1, at_s / 0.03) * np.exp(-at_s / 1.4)
    note: Samples = (LOUDNESS * shape * np.sum(waves, axis=0)).astype(np.float32)
    return note


def piece(bars: tuple[tuple[int, ...], ...]) -> Samples:
    """Samples from -1 to 1. It ends as softly as it begins, so that it can go round."""
    beats = [note for bar in bars for note in bar]
    samples = np.zeros(int(len(beats) * BEAT_S * alaw.RATE), dtype=np.float32)
    for place, note in enumerate(beats):
        begins = int(place * BEAT_S * alaw.RATE)
        rest = samples[begins:]
        rest += np.pad(struck(note), (0, max(0, len(rest) - 4 * alaw.RATE)))[: len(rest)]
    fade = int(1.5 * alaw.RATE)
    samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return samples


def write(folder: Path) -> None:
    """Both pieces, as the prompts are: A-law, 8 kHz, mono."""
    for name, bars in PIECES.items():
        alaw.write(folder / f"{name}.wav", sound.encode(piece(bars)))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
