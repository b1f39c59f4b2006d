"""How fast the editor is, and what it does to the sound: `python -m bench.editor`.

Runs the real window on a screen without a monitor, drawn by software; jackd plays its sound.
The peer is Dear PyGui itself with as many nodes, pins, widgets and cables.

python -m bench.editor [first] [draw] [edit] [jitter]      all four where none is named
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from bench.bare_window import counted
from bench.graphs import conditioning_patch
from bench.live import share_stolen, stolen_ticks
from bench.rig import soak_patch
from engine import edits
from engine.client import Client
from engine.files import dumps, save_patch
from engine.messages import PatchChanged
from engine.patch import Patch
from engine.registry import Registry, load_registry
from tests.editor_rig import HEIGHT, ROOT, WIDTH, Window, screen
from tests.jack import Jack

STARTS = 5
SIZES = (10, 60, 100, 200)
DRAWS = 100
EDITS = 30
SECONDS = 20.0
"""Of each stretch of the engine's frames."""
SETTLING = 5.0
"""Seconds that an engine has to open its model."""
ROUNDS = 2
COLUMNS = 12
APART = (230, 290)
"""Pixels from a node to the next, sideways and down."""


def main() -> None:
    registry = load_registry()
    wanted = sys.argv[1:] or ["first", "draw", "edit", "jitter"]
    parts: dict[str, Callable[[Registry], None]] = {
        "first": first_frame,
        "draw": drawn_frames,
        "edit": edited,
        "jitter": jitter,
    }
    print(f"{os.cpu_count()} cores, software rendering, {WIDTH} × {HEIGHT} pixels", flush=True)
    for name in wanted:
        before = stolen_ticks()
        parts[name](registry)
        print(f"    stolen meanwhile {share_stolen(before, stolen_ticks()):.2f} %", flush=True)


def laid_out(patch: Patch) -> Patch:
    """Returns a patch with its nodes side by side in rows."""
    places = {
        name: (40.0 + APART[0] * (at % COLUMNS), 40.0 + APART[1] * (at // COLUMNS))
        for at, name in enumerate(patch.nodes)
    }
    return edits.move(patch, places)


def first_frame(registry: Registry) -> None:
    """Prints how long the command takes until the patch is on the screen."""
    taken = []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory(dir="/tmp") as home, Window(Path(home), "harmoniser") as w:
            taken.append(w.ask("first") - w.started)
    print(
        f"command to first frame: median {statistics.median(taken):.2f} s, "
        f"worst of {STARTS} {max(taken):.2f}; target 2"
    )


def drawn_frames(registry: Registry) -> None:
    """Prints how long a drawn frame takes beside one of Dear PyGui's own with as many items."""
    print("CPU ms a drawn frame nodes  pins  widgets  cables     bare   ours  ratio (target 1.3)")
    for size in SIZES:
        patch = laid_out(conditioning_patch(registry, size))
        ours, bare = [], []
        with tempfile.TemporaryDirectory(dir="/tmp") as home:
            file = Path(home, "many.hocket")
            save_patch(patch, file)
            with Window(Path(home), file, alone=True) as window:
                for _ in range(1):
                    ours.append(window.ask("pace", DRAWS))
                    bare.append(_bare(file))
        ours_ms, bare_ms = statistics.median(ours), statistics.median(bare)
        pins, widgets = counted(patch)
        print(
            f"{'':19} {len(patch.nodes):6} {pins:5} {widgets:8} {len(patch.cables):7} "
            f"{bare_ms:8.2f} {ours_ms:6.2f} {ours_ms / bare_ms:6.2f}",
            flush=True,
        )


def _bare(file: Path) -> float:
    """Returns the ms of CPU that Dear PyGui takes for a patch, in a process of its own."""
    with screen() as display:
        ran = subprocess.run(
            [sys.executable, "-m", "bench.bare_window", str(file), str(DRAWS)],
            env={**os.environ, "DISPLAY": display, "LP_NUM_THREADS": "1"},
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        )
    return float(json.loads(ran.stdout))


def edited(registry: Registry) -> None:
    """Prints how long an edit of a patch of 100 nodes takes to the screen and to the engine."""
    patch = laid_out(soak_patch(registry))
    shown, played = [], []
    with _playing(patch) as window, window.client() as client:
        for number in range(EDITS):
            patch = _another(patch, registry, number)
            client.events()
            window.ask("edit", "Edit", dumps(patch).decode())
            changed = _changed(client)
            window.frames()
            began, drawn = window.ask("edited")
            shown.append(1e3 * (drawn - began))
            played.append(1e3 * (changed - began))
        drawing = window.ask("pace", EDITS)
    print(f"edit of {len(patch.nodes)} nodes, ms     median  worst of {EDITS}; target 50")
    for name, taken in (("on screen", shown), ("in the engine", played)):
        print(f"    {name:22} {statistics.median(taken):7.1f} {max(taken):6.1f}")
    print(f"    of which a frame without an edit takes {drawing:.1f} ms of CPU to draw")


def _another(patch: Patch, registry: Registry, number: int) -> Patch:
    """Returns the patch after one more edit: a node, a cable from it, the node away again."""
    step = number % 3
    if step == 0:
        return edits.add(patch, registry, "control.lfo", "new", at=(300, 300))
    if step == 1:
        return edits.connect(patch, registry, "new.control", "gain1.gain", instead=True)
    return edits.remove(patch, "new")


def _changed(client: Client) -> float:
    """Returns when the engine says that it plays another patch, on the monotonic clock."""
    while not any(isinstance(event, PatchChanged) for event in client.events(10.0)):
        pass
    return time.monotonic()


def jitter(registry: Registry) -> None:
    """Prints how long the engine's frames take with the editor open, and with none."""
    patch = laid_out(soak_patch(registry))
    found: dict[str, list[float]] = {"busy": [], "open": [], "none": []}
    underruns = dict.fromkeys(found, 0)
    for _ in range(ROUNDS):
        with _playing(patch) as window, window.client() as client:
            for state, taken in found.items():
                if state == "none":
                    window.kill()
                with _moving(window) if state == "busy" else nullcontext():
                    underruns[state] += _listen(client, taken)
    print("engine's frame, ms        frames    p50    p99  underruns")
    for state, taken in found.items():
        shown = (_centile(taken, 50), _centile(taken, 99))
        print(f"    editor {state:10} {len(taken):10} {shown[0]:6.2f} {shown[1]:6.2f} ", end="")
        print(f"{underruns[state]:10}")
    for part in (50, 99):
        ratio = _centile(found["busy"], part) / _centile(found["none"], part)
        print(f"    p{part} with a busy editor to none: {ratio:.2f}; target 1.10")


def _listen(client: Client, taken: list[float]) -> int:
    """Adds how long each frame of a stretch took in ms; returns how many underruns there were."""
    first = last = client.wait_for_frame(0)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        assert last, "the engine plays on"
        taken.append(last.frame_ms)
        last = client.wait_for_frame(last.frame + 1)
    assert first
    assert last
    return last.underruns - first.underruns


@contextmanager
def _moving(window: Window) -> Iterator[None]:
    """Has a node dragged to and fro, 60 steps a second."""
    window.press(window.ask("node", "lfo1"))
    ways = [("mousemove_relative", "--", way, 2 * way, "sleep", 0.016) for way in (3, -3)]
    once = [str(word) for way in ways for _ in range(30) for word in way]
    times = round(SECONDS) + 5
    with subprocess.Popen(["xdotool", *once * times], env=window.environment) as hands:
        yield
        hands.terminate()
    window.drop()


@contextmanager
def _playing(patch: Patch) -> Iterator[Window]:
    """Has an editor whose engine plays a patch through a sound server."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, Jack():
        file = Path(folder, "bench.hocket")
        save_patch(patch, file)
        with Window(Path(folder), file) as window:
            window.wait_until("the engine answers", lambda: window.about("ready"))
            time.sleep(SETTLING)
            yield window


def _centile(taken: Sequence[float], part: int) -> float:
    return statistics.quantiles(taken, n=100)[part - 1]


if __name__ == "__main__":
    main()
