"""The models as a table and as JSON: what is installed where, and what fetches the rest."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from engine.generators.mrt2 import installed

STYLES = "styles of texts and sounds"
PASTS = "sounds as the past of an instance"
CUDA = ("jax_cuda12_plugin", "jax_cuda13_plugin")
"""With one of them installed JAX plays on an NVIDIA GPU."""


class Part(NamedTuple):
    """One thing that can be installed.

    Attributes:
        name: what it is called in a patch, or behind `hocket models download`.
        here: whether it can be used.
        words: what is there of it.
        files: its files that are there.
        missing: the command that fetches it; empty where nothing is missing.
    """

    name: str
    here: bool
    words: str
    files: tuple[Path, ...] = ()
    missing: str = ""


def find() -> list[Part]:
    """Returns the models and the encoders, installed or not, without importing a library."""
    sketch = Part("sketch", True, "built in; it stands in for a real model")
    return [sketch, *(_model(name) for name in installed.NAMES), _encoder(), _codec()]


def trained(parts: list[Part]) -> bool:
    """Says whether a model that was trained can be played."""
    return any(each.here and each.name in installed.NAMES for each in parts)


def _model(name: str) -> Part:
    if not installed.has_package():
        return Part(name, False, "", missing=installed.INSTALL)
    weights, export = installed.checkpoint(name), installed.exported(name)
    there = {"weights": weights, "export for MLX": export}
    there = {words: file for words, file in there.items() if file.is_file()}
    words = ", ".join(f"{what} {_size(file)}" for what, file in there.items())
    here = installed.has_model(name)
    missing = "" if here else f"{installed.GET} {name}"
    return Part(name, here, words, tuple(there.values()), missing)


def _encoder() -> Part:
    if not installed.has_package():
        return Part(installed.ENCODER, False, "", missing=installed.INSTALL)
    folder = installed.encoder()
    names = (*installed.ENCODER_FILES, installed.MAPPER_FILE)
    files = _there(folder / each for each in names)
    if not installed.has_encoder():
        return Part(installed.ENCODER, False, _some(files), files, installed.GET_ENCODER)
    mapper = "with the mapper" if folder / installed.MAPPER_FILE in files else "without mapper"
    return Part(installed.ENCODER, True, f"{STYLES}, {mapper}", files)


def _codec() -> Part:
    if not installed.has_package():
        return Part(installed.CODEC, False, "", missing=installed.INSTALL)
    files = _there(installed.codec_files())
    if not installed.has_codec():
        return Part(installed.CODEC, False, _some(files), files, installed.GET_CODEC)
    return Part(installed.CODEC, True, PASTS, files)


def _there(files: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(each for each in files if each.is_file())


def _some(files: tuple[Path, ...]) -> str:
    return f"{len(files)} of its files" if files else ""


def _size(file: Path) -> str:
    """Returns a file's size in words; 1 MB is a million bytes."""
    size = file.stat().st_size / 1e6
    return f"{size / 1e3:.1f} GB" if size >= 1e3 else f"{size:.0f} MB"


def table(parts: list[Part]) -> list[str]:
    """Returns a line for each part, with the command that fetches it, and what plays them."""
    lines = []
    for each in parts:
        told = [each.words, f"-> {each.missing}" if each.missing else ""]
        words = " ".join(text for text in told if text)
        lines.append(f"{each.name:<13}  {'good' if each.here else 'missing':<7}  {words}")
    version = _version()
    lines += ["", f"package      {f'magenta-rt {version}' if version else 'magenta-rt is missing'}"]
    if version:
        lines.append(f"folder       {installed.home()}")
    lines.append(f"plays on     {_plays_on()}")
    return lines


def _version() -> str | None:
    return importlib.metadata.version("magenta-rt") if installed.has_package() else None


def _plays_on() -> str:
    """Says what MRT2 will play on, as far as that is seen without opening a library."""
    if installed.library() == "mlx":
        return "MLX on the GPU"
    if any(importlib.util.find_spec(each) for each in CUDA):
        return "JAX on the GPU, if its driver answers"
    if importlib.util.find_spec("libtpu"):
        return "JAX on the TPU, if it answers"
    if shutil.which("nvidia-smi"):
        return "JAX on the CPU; for the GPU: pip install 'jax[cuda12]'"
    return "JAX on the CPU, which is slow; `hocket models bench NAME` says how slow"


def as_json(parts: list[Part]) -> dict[str, Any]:
    """Returns the parts, and what plays them, as JSON has it."""
    version = _version()
    return {
        "package": version,
        "home": str(installed.home()) if version else None,
        "library": installed.library(),
        "plays_on": _plays_on(),
        "parts": [
            {
                "name": each.name,
                "here": each.here,
                "words": each.words,
                "files": [{"path": str(file), "bytes": file.stat().st_size} for file in each.files],
                "missing": each.missing or None,
            }
            for each in parts
        ],
    }
