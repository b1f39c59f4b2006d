"""How late a key is heard, and what edits do to the sound: `python -m bench.live`.

Needs jackd, which it starts itself with its dummy driver. All times are taken from sound that
JACK recorded: a click goes out in the sample in which a key is pressed.

python -m bench.live [--events N] [--minutes M]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from mido.frozen import FrozenMessage

from bench.rig import PITCH, keys_patch, running, soak_patch
from bench.spine import stolen
from engine.compiler import compile_patch
from engine.deck import Deck
from engine.files import save_patch
from engine.frame import Frame
from engine.models import Models
from engine.motion import Motion
from engine.patch import MidiMapping
from engine.registry import Registry, load_registry
from engine.render import offline_services
from engine.scaling import is_number
from engine.signals import SAMPLE_RATE
from engine.style.sketch import SketchEncoder
from tests.jack import Jack, midi_out
from tests.waiting import wait_until

Sound = npt.NDArray[np.float32]

AUDIBLE = 10 ** (-50 / 20)
"""−50 dBFS; the notes peak at about −20."""
SWAPS = 50
MOVED = 100
"""Values that move at a time."""


def main() -> None:
    events = int(_option("--events", "500"))
    minutes = float(_option("--minutes", "10"))
    registry = load_registry()
    print(f"{os.cpu_count()} cores, stolen since the start {stolen():.2f} %", flush=True)
    swapping(registry)
    moving(registry)
    with tempfile.TemporaryDirectory() as folder:
        if events:
            latency(registry, Path(folder), events)
        if minutes:
            soak(registry, Path(folder), minutes)
    print(f"stolen since the start {stolen():.2f} %")


def _option(name: str, default: str) -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def swapping(registry: Registry) -> None:
    """Prints how long the frame loop stands still while a plan of 100 nodes takes over."""
    patch = soak_patch(registry)
    encoder = SketchEncoder()
    models, services = Models(encoder), offline_services(encoder)
    deck = Deck(models, 0, False)
    deck.player.prepare(plan := compile_patch(patch, registry, services))
    deck.swap(plan)
    taken = []
    for number in range(SWAPS):
        deck.step(Frame(number), time.monotonic() + 5.0)
        plan = compile_patch(patch, registry, services)
        began = time.perf_counter()
        deck.swap(plan)
        taken.append(1e3 * (time.perf_counter() - began))
    models.close()
    print(
        f"swap of a plan of {len(plan.steps)} nodes: median {statistics.median(taken):.3f} ms, "
        f"worst of {SWAPS} {max(taken):.3f}; target 1",
        flush=True,
    )


def moving(registry: Registry) -> None:
    """Prints what a frame costs in which controllers, or the way to a scene, move 100 values."""
    patch = soak_patch(registry)
    plan = compile_patch(patch, registry, offline_services())
    tops = {
        (name, port): known.range.high
        for name, step in plan.steps.items()
        for port in step.values
        if (known := plan.declared(name, port)) and is_number(known) and known.range
    }
    goals = dict(list(tops.items())[:MOVED])
    mappings = [MidiMapping(1, at, *place) for at, place in enumerate(goals)]
    plan = compile_patch(replace(patch, mappings=tuple(mappings)), registry, offline_services())
    turned = tuple(FrozenMessage("control_change", control=at, value=at) for at in range(MOVED))
    print(f"\n{len(goals)} values of a plan of {len(plan.steps)} nodes move, µs a frame")
    for what, midi, beats in (
        ("no message, nothing moves", (), 0.0),
        ("a controller of no value", (FrozenMessage("control_change", channel=9),), 0.0),
        ("every controller is turned", turned, 0.0),
        ("on their way to a scene", (), 1e6),
    ):
        motion = Motion()
        motion.send(plan, goals, beats)
        taken = []
        for number in range(1_000):
            frame = Frame(number, midi={"keys": midi})
            began = time.perf_counter()
            motion.step(plan, frame)
            taken.append(1e6 * (time.perf_counter() - began))
        print(f"{what:28} {statistics.median(taken):6.1f}, worst {max(taken):6.1f}", flush=True)


def latency(registry: Registry, folder: Path, events: int) -> None:
    """Prints the time from a key to its sound at the device's ports."""
    path = folder / "keys.hocket"
    save_patch(keys_patch(registry, "marimba"), path)
    print(
        "\nkey to sound, ms         block  heard   min   p50   p95   p99   max  "
        "underruns  frame p50/p99  margin"
    )
    for block in (256, 64):
        for busy in (False, True):
            with Jack(block=block) as jack:
                _latency(jack, path, events, busy)


def _latency(jack: Jack, path: Path, events: int, busy: bool) -> None:
    arguments = ["--busy"] if busy else []
    with running("keys", str(events)) as keys, running("engine", str(path), *arguments) as engine:
        out = wait_until(lambda: _engine_port(jack), "the engine has an audio port")
        wait_until(lambda: any(jack.connections()["keys:keys"]), "the engine listens to the keys")
        with jack.recording("keys:click", out) as recording:
            time.sleep(1.0)
            assert keys.process.stdin
            keys.process.stdin.write("go\n")
            keys.process.stdin.flush()
            keys.process.wait()
        counted = engine.end()
    late = delays(recording.sound)
    shown = [np.min(late), *np.percentile(late, [50, 95, 99]), np.max(late)]
    print(
        f"{'interpreter busy' if busy else 'idle':24} {jack.block:5} {len(late):6} "
        + " ".join(f"{each:5.1f}" for each in shown)
        + f" {counted['underruns']:10} {counted['frame']:8.1f}/{counted['frame99']:.1f}"
        f" {counted['margin']:10.1f}",
        flush=True,
    )


def _engine_port(jack: Jack) -> str | None:
    """Returns the engine's left output."""
    for port, targets in jack.connections().items():
        if "system:playback_1" in targets and not port.startswith("keys"):
            return port
    return None


def delays(sound: Sound) -> npt.NDArray[np.float64]:
    """Returns the milliseconds from each click (first channel) to the sound after it (second)."""
    clicks = np.flatnonzero(sound[:, 0] > 0.5)
    heard = []
    for at, end in zip(clicks, [*clicks[1:], len(sound)], strict=True):
        # The room still rings from the note before.
        ringing = float(np.abs(sound[max(0, at - SAMPLE_RATE // 20) : at, 1]).max(initial=0.0))
        loud = np.flatnonzero(np.abs(sound[at:end, 1]) > max(AUDIBLE, 3 * ringing))
        if len(loud):
            heard.append(1e3 * loud[0] / SAMPLE_RATE)
    return np.array(heard)


def soak(registry: Registry, folder: Path, minutes: float) -> None:
    """Prints what the device and the sound say of minutes of editing while it plays.

    Breaks that were heard and not made are periods that the sound server lost: without real-time
    scheduling it loses some whenever both cores are busy.
    """
    path = folder / "soak.hocket"
    patch = soak_patch(registry)
    save_patch(patch, path)
    print(f"\n{minutes:g} minutes, {patch.title}, 20 edits a second")
    print(
        "                         frames  underruns  breaks made/heard  frame p50/p99  "
        "MB after 1 min/at the end  stolen"
    )
    for busy in (False, True):
        take = folder / f"take {busy}"
        take.mkdir()
        arguments = ["--edits", "20", "--record", str(take), *(["--busy"] if busy else [])]
        with Jack() as jack:
            before = stolen_ticks()
            key = midi_out("keys", "keys")
            with running("engine", str(path), *arguments) as engine:
                out = wait_until(lambda jack=jack: _engine_port(jack), "an audio port")
                wait_until(lambda jack=jack: _fed(jack), "the engine listens to the keys")
                for pitch in (PITCH - 24, PITCH - 17, PITCH - 12):
                    key.send_message([0x90, pitch, 100])
                time.sleep(3.0)
                with jack.recording(out) as recording:
                    time.sleep(60.0 * minutes)
                counted = engine.end()
            key.close_port()
            key.delete()
            print(
                f"{'interpreter busy' if busy else 'idle':20} {counted['frames']:10} "
                f"{counted['underruns']:10} "
                f"{breaks(made(take)):11}/{breaks(recording.sound[:, 0]):<6} "
                f"{counted['frame']:8.1f}/{counted['frame99']:.1f} "
                f"{counted['early']:15.1f}/{counted['late']:.1f} "
                f"{share_stolen(before, stolen_ticks()):8.2f} %",
                flush=True,
            )


def made(take: Path) -> Sound:
    """Returns the left side of what the engine recorded of itself, once the chord is held."""
    (path,) = take.glob("*/mix.wav")
    sound: Sound = soundfile.read(path, dtype="float32")[0][:, 0]
    return sound[int(np.flatnonzero(np.abs(sound) > AUDIBLE)[0]) + SAMPLE_RATE :]


def _fed(jack: Jack) -> bool:
    return any(targets for port, targets in jack.connections().items() if port == "keys:keys")


def breaks(sound: Sound) -> int:
    """Returns how often a steady sound has a corner that it does not have by itself.

    A jump of size a shows in the second difference as a; where it exceeds five times what one
    sample in 1,000 reaches, and −66 dBFS, there is one. Corners within 10 ms are one break.
    """
    corners = np.abs(np.diff(sound.astype(np.float64), n=2))
    limit = max(5.0 * float(np.percentile(corners, 99.9)), 5e-4)
    places = np.flatnonzero(corners > limit)
    return int(np.sum(np.diff(places, prepend=-SAMPLE_RATE) > SAMPLE_RATE // 100))


def stolen_ticks() -> Sequence[int]:
    """Returns the ticks of all kinds since start-up, the eighth being the stolen (Linux)."""
    with open("/proc/stat", encoding="ascii") as file:
        return [int(each) for each in file.readline().split()[1:9]]


def share_stolen(before: Sequence[int], after: Sequence[int]) -> float:
    """Returns the share of time between that other machines took, in percent."""
    spent = [end - start for start, end in zip(before, after, strict=True)]
    return 100.0 * spent[7] / sum(spent)


if __name__ == "__main__":
    main()
