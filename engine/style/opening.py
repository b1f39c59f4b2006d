"""Which encoder there is on this machine."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from engine.generators.mrt2 import installed
from engine.style import Encoder
from engine.style.cache import CachedEncoder
from engine.style.musiccoca import MusicCoCaEncoder
from engine.style.sketch import SketchEncoder


def open_encoder() -> Encoder:
    """Returns MusicCoCa, its styles kept on disk, where it is installed; else the stand-in.

    It is loaded when it is first asked for what is not kept.
    """
    if not installed.has_encoder():
        return SketchEncoder()
    mapper = installed.encoder() / installed.MAPPER_FILE
    files = [installed.encoder() / name for name in installed.ENCODER_FILES]
    if mapper.is_file():
        files.append(mapper)
    encoder = MusicCoCaEncoder(mapped=mapper in files)
    return CachedEncoder(encoder, files, styles_folder())


def styles_folder() -> Path:
    """Returns the folder in which styles are kept."""
    return Path(platformdirs.user_cache_dir("hocket")) / "styles"
