"""What of MRT2 is installed here: the package, weights, exported models, the style encoder."""

from __future__ import annotations

import importlib.util
from pathlib import Path

NAMES = ("mrt2_small", "mrt2_base")
"""The models that the package knows, by size."""
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
GET_ENCODER = "mrt models init"


def has_package() -> bool:
    """Says whether `magenta-rt` is installed, without importing it."""
    return importlib.util.find_spec("magenta_rt") is not None


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
    return home() / "resources" / "musiccoca"


def has_encoder() -> bool:
    """Says whether every file of MusicCoCa that is needed is there."""
    return has_package() and all((encoder() / each).is_file() for each in ENCODER_FILES)
