"""The memory of a long render, minute by minute: it must stay flat. Run by `make soak`.

python -m bench.memory [MINUTES]
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path

from engine import edits
from engine.files import load_patch
from engine.registry import load_registry
from engine.render import Inputs, open_player, render

FRAMES_A_MINUTE = 60 * 25
SHOWN = (1, 2, 5, 10, 20, 30, 40, 50, 60)


def resident() -> float:
    """Returns the memory in use in MB; where there is no /proc, the most ever used."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    registry = load_registry()
    folder = Path(__file__).parent.parent / "patches"
    patch = load_patch(folder / "first_light.hocket")
    # The piece goes round and round, so that every minute is as full of notes as the first.
    patch = edits.add(patch, registry, "midi.file", "piece")
    patch = edits.set_value(patch, registry, "piece", "file", "first_light.mid")
    patch = edits.set_value(patch, registry, "piece", "loop", True)
    patch = edits.connect(patch, registry, "piece.midi", "held.midi", instead=True)

    print("minute   MB in use")

    def progress(done: int, total: int) -> None:
        minute, rest = divmod(done, FRAMES_A_MINUTE)
        if not rest and (minute in SHOWN or done == total):
            print(f"{minute:6} {resident():11.1f}", flush=True)

    with tempfile.TemporaryDirectory() as out:
        player = open_player(patch, registry, folder)
        inputs = Inputs(seconds=60.0 * minutes)
        report = render(player, inputs, Path(out) / "long.wav", progress=progress)
    print(f"rendered at {report.speed:.1f} times real time")


if __name__ == "__main__":
    main()
