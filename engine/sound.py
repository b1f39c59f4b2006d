"""A sound file as samples in memory, checked before anything is done with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
import soxr

from engine.signals import SAMPLE_RATE, frozen
from engine.soundfiles import open_sound, stereo
from engine.style import Samples

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff")
MAX_SECONDS = 30 * 60
PROMPT_SECONDS = 10.0
"""How much of a sound its style is made of, as with Magenta RealTime 2."""


@dataclass(frozen=True)
class Sound:
    """A sound.

    Attributes:
        samples: float32[n, 2] at 48 kHz, read-only, at least one.
        key: a hash of the samples; equal sounds have equal keys.
    """

    samples: Samples = field(repr=False, compare=False)
    key: str


def read_sound(path: Path, seconds: float | None = None) -> Sound:
    """Reads a sound file, or its first `seconds`, resampled to 48 kHz.

    Mono goes to both sides, channels past the second to the middle.

    Raises:
        ValueError: it is no sound file, is empty, is longer than 30 minutes, has more than 8
            channels or an odd sample rate, or has samples that are no numbers.
        OSError: it cannot be opened.
    """
    name = repr(path.name)
    with open_sound(path) as file:
        rate = file.samplerate
        if file.frames > MAX_SECONDS * rate:
            minutes = file.frames / rate / 60
            raise ValueError(
                f"{name} is {minutes:.0f} minutes long; at most {MAX_SECONDS // 60} are read"
            )
        wanted = int(MAX_SECONDS * rate if seconds is None else seconds * rate)
        try:
            read = file.read(min(wanted, file.frames), dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise ValueError(f"{name} is broken: {error.error_string}") from None
    if len(read) == 0:
        raise ValueError(f"{name} has no samples")
    if not np.isfinite(read).all():
        raise ValueError(f"{name} has samples that are no finite numbers")
    samples = stereo(read)
    if rate != SAMPLE_RATE:
        samples = soxr.resample(samples, rate, SAMPLE_RATE)
    samples = np.array(samples, np.float32, order="C")
    key = hashlib.blake2b(samples.tobytes(), digest_size=16).hexdigest()
    return Sound(frozen(samples), key)


def read_prompt(path: Path) -> Sound:
    """Reads what a sound's style is made of, its first 10 s; raises as `read_sound` does."""
    return read_sound(path, PROMPT_SECONDS)
