"""Pictures of the editor at work, to be looked at: `python -m tests.editor_pictures`.

They go to `editor_rig.PICTURES`: the starter patch playing, a cable that is refused while the
harmoniser is patched, the stage of the starter patch, and 100 nodes at once.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.editor import laid_out
from bench.graphs import conditioning_patch
from engine.commands import Play
from engine.files import save_patch
from engine.registry import load_registry
from tests.editor_rig import Window
from tests.jack import Jack

CHORDS = ((53, 57, 60, 65), (50, 57, 60, 65), (46, 58, 62, 65), (48, 55, 60, 64))
HELD = 1.6
"""Seconds of each chord; the last is held on."""
NOWHERE = (700, 20)
"""Where the mouse rests on nothing."""


@contextmanager
def playing(patch: object) -> Iterator[Window]:
    """Has a window on a patch, in which four chords were played, the last of which sounds."""
    with tempfile.TemporaryDirectory(dir="/tmp") as home, Window(Path(home), patch) as window:
        window.wait_for_engine()
        time.sleep(2.0)  # for the model to open
        with window.client() as client:
            for chord in CHORDS:
                client.request(Play(tuple(bytes((0x90, pitch, 90)) for pitch in chord)))
                time.sleep(HELD)
                if chord is not CHORDS[-1]:
                    client.request(Play(tuple(bytes((0x80, pitch, 0)) for pitch in chord)))
            window.move(NOWHERE)
            yield window


def main() -> None:
    with Jack():
        with playing("first_light") as window:
            window.keys("ctrl+Tab", "ctrl+Tab")
            window.picture("editor")
            window.keys("ctrl+e")
            window.picture("perform")
        with playing("harmoniser") as window:
            window.patch_cable("prompt.style", "harmonise.notes", drop=False)
            window.picture("refused")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "many.hocket")
            save_patch(laid_out(conditioning_patch(load_registry(), 100)), file)
            with playing(file) as window:
                window.keys("f")
                window.picture("many")


if __name__ == "__main__":
    main()
