"""A sound as the codec's codes, so that an instance can take it for what it has played."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from engine.generators import ModelUnavailableError
from engine.generators.mrt2 import installed
from engine.generators.mrt2.batch import Floats, Ints
from engine.generators.mrt2.memory import BOOKS, CODES
from engine.kept import Kept, Kind
from engine.past import LONGEST_SOUND, PastData
from engine.signals import FRAME_RATE, FRAME_SAMPLES, SAMPLE_RATE

SHORTEST = 3
"""Seconds of a sound that are needed."""
CUT = FRAME_RATE
"""Frames left out at either end of a sound, as the live apps do: in the first the encoder has
heard little, and at the end it looks past it."""
BEHIND, AHEAD = 14, 1
"""Frames before and after one that the encoder hears for its codes: 25,919 samples before it and
480 after it, by the library's word."""
WINDOW = SHORTEST * FRAME_RATE
"""Frames that are encoded at once: the most that every sound has. A sound of any length then takes
the memory of 3 s, is compiled for once, and leaves the machine to what plays in between. A CPU
took 14.1 s of its time for 28 s so, 13.8 in one pass and 15.5 in windows of 2 s, as these have
more that is heard twice."""
MOST = 256
"""Sounds whose codes are kept, 16 kB each."""
KEPT = Kind(".codes", np.dtype("<i2"), lambda codes: bool(((codes >= 0) & (codes < CODES)).all()))
EMBEDDING = "params/soundstream/quantizer/embedding"
"""The name of what the codes stand for, float32[64, 1024, 256], in the quantiser's file."""

_ENCODING = threading.Lock()
"""Held while a sound is encoded: two at once would be no sooner there, and take twice the memory,
0.5 GB each."""


def codes_of(past: PastData) -> Ints:
    """Returns the codes of a past's sound, int32[n, 12] in 0..1023, a row for each frame.

    Of a sound the first 28 s are heard, and of those the first and the last second are left out.
    Digital silence is, as in the live apps, what silence comes to be, for its whole length.

    Raises:
        ValueError: the sound is shorter than 3 s.
        ModelUnavailableError: the encoder is not installed, or its files cannot be used.
    """
    assert past.sound is not None
    frames = min(len(past.sound) // FRAME_SAMPLES, LONGEST_SOUND * FRAME_RATE)
    if frames < SHORTEST * FRAME_RATE:
        raise ValueError(
            f"a sound of {len(past.sound) / SAMPLE_RATE:.2f} s is too short to be a past: at least "
            f"{SHORTEST} s are needed, of which the first and the last are left out"
        )
    if not installed.has_codec():
        raise ModelUnavailableError(
            f"a sound becomes a past by SpectroStream's encoder, which is not in "
            f"{installed.codec()}: {installed.GET_CODEC}"
        )
    sound = past.sound[: frames * FRAME_SAMPLES]
    silent = not sound.any()
    kept = Kept(pasts_folder(), KEPT, installed.codec_files(), MOST)
    with _ENCODING:
        codes = kept.get(
            past.key.encode(),
            (frames if silent else frames - 2 * CUT, BOOKS),
            lambda: _silence(frames) if silent else _encoded(sound),
        )
    return codes.astype(np.int32)


def pasts_folder() -> Path:
    """Returns the folder in which codes are kept."""
    return Path(platformdirs.user_cache_dir("hocket")) / "pasts"


def _silence(frames: int) -> Ints:
    """Returns the codes of a frame within some silence, which are those of all that lasts."""
    sound = np.zeros((SHORTEST * SAMPLE_RATE, 2), np.float32)
    return np.tile(_encoded(sound)[0], (frames, 1))


def _encoded(sound: Floats) -> Ints:
    """Returns the codes of a sound but for its ends, by the library that models play by here."""
    if installed.library() == "mlx":
        from engine.generators.mrt2.mlx_encoder import encoder
    else:
        from engine.generators.mrt2.jax_encoder import encoder
    try:
        return _in_windows(sound, encoder(_read(*installed.codec_files())))
    except (OSError, ValueError, KeyError, SafetensorError) as fault:
        words = f"no {fault} in it" if isinstance(fault, KeyError) else fault
        raise ModelUnavailableError(
            f"SpectroStream in {installed.codec()} cannot be used: {words}; "
            f"`{installed.GET_CODEC}` fetches its files again"
        ) from fault


def _in_windows(sound: Floats, encode: Callable[[Floats], Ints]) -> Ints:
    """Returns the codes of a sound but for its ends, those that it has when encoded whole.

    Every window lies within the sound, so no end of it is ever made up.
    """
    frames = len(sound) // FRAME_SAMPLES
    end = frames - CUT
    codes = []
    for first in range(CUT, end, WINDOW - BEHIND - AHEAD):
        start = min(first - BEHIND, frames - WINDOW)
        window = encode(sound[start * FRAME_SAMPLES : (start + WINDOW) * FRAME_SAMPLES])
        codes.append(window[first - start : min(WINDOW - AHEAD, end - start)])
    return np.concatenate(codes)


def _read(encoder: Path, quantizer: Path) -> dict[str, Any]:
    """Returns the parameters of both, nested; of the quantiser those for the codes of a frame.

    They are read for each sound and let go of, 37 MB and 13 MB.
    """
    from flax.traverse_util import unflatten_dict

    flat = {tuple(name.split("/")): each for name, each in load_file(encoder).items()}
    with safe_open(quantizer, "numpy") as file:
        embedding = file.get_slice(EMBEDDING)[:BOOKS]
    return {
        "encoder": unflatten_dict(flat)["params"]["encoder"],
        "quantizer": {"embedding": embedding},
    }
