"""The pictures in docs/sketch.md: each of the sketch's anchors in the sound check, `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.edits import set_value
from engine.files import load_patch
from engine.generators.sketch.anchors import ANCHORS
from engine.registry import load_registry
from engine.render import Inputs, open_player, render
from patcher.shipped import shipped_patches
from patcher.terminal.picture import draw_tile

SECONDS = 6.0
"""Three bars of 2 s, once: four notes, a chord, the room."""


def picture_name(anchor: str) -> str:
    """Returns the file name of an anchor's picture."""
    return f"{anchor.replace(' ', '_').replace('-', '_')}.png"


def draw_anchors(folder: Path) -> None:
    """Plays the sound check in the style of every anchor, and draws what is heard into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    registry = load_registry()
    patch = load_patch(shipped_patches() / "sound_check.hocket")
    with TemporaryDirectory() as sounds:
        wav = Path(sounds) / "anchor.wav"
        for anchor in ANCHORS:
            asked = set_value(patch, registry, "prompt", "text", anchor.name)
            player = open_player(asked, registry, shipped_patches())
            render(player, Inputs(seconds=SECONDS), wav)
            draw_tile(wav, folder / picture_name(anchor.name), anchor.name)


if __name__ == "__main__":
    draw_anchors(Path(sys.argv[1]))
