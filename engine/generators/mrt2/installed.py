"""What of MRT2 is installed here: the package, weights, exported models, the style encoder.

Nothing heavy is imported: it is asked by the command line and by the editor.
"""

from __future__ import annotations

import importlib.util
import platform
from pathlib import Path
from typing import Literal

NAMES = ("mrt2_small", "mrt2_base")
"""The models that the package knows, by size."""
ENCODER = "musiccoca"
ENCODER_FILES = (
    "spm.model",
    "text_encoder.tflite",
    "audio_preprocessor.tflite",
    "music_encoder.tflite",
    "pretrained_vector_quantizer.tflite",
)
MAPPER_FILE = "mapper.tflite"
"""Not needed; where it is, texts are mapped into the space of sounds, as the live apps do."""

INSTALL = "pip install 'hocket[mrt2]'"
GET = "hocket models download"
"""What fetches a model, or the encoder, whose name is written behind it."""
GET_ENCODER = f"{GET} {ENCODER}"


def has_package() -> bool:
    """Says whether `magenta-rt` is installed, without importing it."""
    return importlib.util.find_spec("magenta_rt") is not None


def library() -> Literal["jax", "mlx"]:
    """Returns the library that models play by here: MLX on Apple silicon, JAX elsewhere."""
    return "mlx" if (platform.system(), platform.machine()) == ("Darwin", "arm64") else "jax"


def home() -> Path:
    """Returns the folder of the package's files, by MAGENTA_HOME where that is set."""
    from magenta_rt import paths

    return Path(paths.magenta_home())


def checkpoint(model: str) -> Path:
    """Returns where a model's weights lie, or would."""
    return home() / "checkpoints" / f"{model}.safetensors"


def exported(model: str) -> Path:
    """Returns where a model's export for MLX lies, or would; its first state lies beside it."""
    return home() / "models" / model / f"{model}.mlxfn"


def encoder() -> Path:
    """Returns the folder where MusicCoCa lies, or would."""
    return home() / "resources" / ENCODER


def has_encoder() -> bool:
    """Says whether every file of MusicCoCa that is needed is there."""
    return has_package() and all((encoder() / each).is_file() for each in ENCODER_FILES)


def has_model(model: str) -> bool:
    """Says whether a model's weights are there, or on Apple silicon its export."""
    if not has_package():
        return False
    return checkpoint(model).is_file() or (library() == "mlx" and exported(model).is_file())


def models() -> tuple[str, ...]:
    """Returns the models that can be played, by name."""
    return tuple(each for each in NAMES if has_model(each))
