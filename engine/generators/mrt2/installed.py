"""What of MRT2 is installed here: the package, weights, exported models, the encoders.

Nothing heavy is imported: it is asked by the command line and by the editor.
"""

from __future__ import annotations

import importlib.util
import platform
import sys
from pathlib import Path
from typing import Any, Literal

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
CODEC = "spectrostream"
CODEC_FILES = ("encoder.safetensors", "quantizer.safetensors")
"""What makes codes of a sound; what makes sound of codes, a model has in its own file."""

INSTALL = "pip install 'hocket[mrt2]'"
GET = "hocket models download"
"""What fetches a model, or the encoder, whose name is written behind it."""
GET_ENCODER = f"{GET} {ENCODER}"
GET_CODEC = f"{GET} {CODEC}"


def has_package() -> bool:
    """Says whether `magenta-rt` is installed, without importing it."""
    return importlib.util.find_spec("magenta_rt") is not None


def library() -> Literal["jax", "mlx"]:
    """Returns the library that models play by here: MLX on Apple silicon, JAX elsewhere."""
    return "mlx" if (platform.system(), platform.machine()) == ("Darwin", "arm64") else "jax"


def home() -> Path:
    """Returns the folder of the package's files, by MAGENTA_HOME where that is set."""
    return Path(_paths().magenta_home())


def _paths() -> Any:
    """Returns the package's own module of paths, without the package where that is not loaded."""
    name = "magenta_rt.paths"
    if name in sys.modules:
        return sys.modules[name]
    package = importlib.util.find_spec("magenta_rt")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("magenta-rt is not installed")
    file = Path(package.origin).with_name("paths.py")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def codec() -> Path:
    """Returns the folder where SpectroStream lies, or would."""
    return home() / "resources" / CODEC


def codec_files() -> tuple[Path, ...]:
    """Returns the encoder and the quantiser of SpectroStream, there or not."""
    return tuple(codec() / each for each in CODEC_FILES)


def has_codec() -> bool:
    """Says whether sounds can be made codes of."""
    return has_package() and all(each.is_file() for each in codec_files())


def has_model(model: str) -> bool:
    """Says whether a model's weights are there, or on Apple silicon its export."""
    if not has_package():
        return False
    return checkpoint(model).is_file() or (library() == "mlx" and exported(model).is_file())


def models() -> tuple[str, ...]:
    """Returns the models that can be played, by name."""
    return tuple(each for each in NAMES if has_model(each))
