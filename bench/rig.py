"""What the live benchmarks share: an engine in a process of its own, and a player beside it.

python -m bench.rig engine PATCH [--busy] [--edits N] [--record FOLDER]
                                                         plays until its standard input ends
python -m bench.rig keys EVENTS                          presses keys at random times
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.memory import FRAMES_A_MINUTE, resident
from engine import edits
from engine.files import load_patch
from engine.patch import Patch
from engine.registry import Registry, load_registry

PITCH = 60
PRESSED = 0.12
"""Seconds that a key is held."""
APART = (0.45, 0.60)
"""Seconds between two keys: the last is silent by then."""


def keys_patch(registry: Registry, prompt: str) -> Patch:
    """Returns a patch that plays what is played and nothing else."""
    patch = Patch(title=prompt)
    for type_, name, values in (
        ("midi.input", "keys", {}),
        ("notes.held", "held", {}),
        ("style.prompt", "prompt", {"text": prompt}),
        ("generator.model", "model", {"drums": 0.0}),
        ("audio.output", "out", {}),
    ):
        patch = edits.add(patch, registry, type_, name, values=values)
    return cabled(
        patch,
        registry,
        "keys.midi held.midi",
        "held.notes model.notes",
        "prompt.style model.style",
        "model.audio out.audio",
    )


def soak_patch(registry: Registry, nodes: int = 100, instances: int = 4) -> Patch:
    """Returns a patch in which `instances` models hold a chord through slowly moving levels."""
    patch = Patch(title=f"{nodes} nodes, {instances} instances")
    for type_, name in (
        ("midi.input", "keys"),
        ("notes.held", "held"),
        ("style.prompt", "prompt"),
        ("audio.mix", "mix"),
        ("audio.output", "out"),
    ):
        patch = edits.add(patch, registry, type_, name)
    patch = edits.set_value(patch, registry, "prompt", "text", "sub bass")
    patch = cabled(patch, registry, "keys.midi held.midi", "mix.audio out.audio")
    controls = (nodes - len(patch.nodes)) // instances - 3
    for each in range(1, instances + 1):
        model, gain, pan = f"model{each}", f"gain{each}", f"pan{each}"
        for type_, name in (
            ("generator.model", model),
            ("audio.gain", gain),
            ("audio.pan", pan),
        ):
            patch = edits.add(patch, registry, type_, name)
        patch = edits.set_value(patch, registry, model, "drums", 0.0)
        patch = edits.set_value(patch, registry, gain, "gain", -12.0)
        chain = [f"lfo{each}"] + [f"lag{each}_{at}" for at in range(controls - 1)]
        for at, name in enumerate(chain):
            kind = "control.lag" if at else "control.lfo"
            patch = edits.add(patch, registry, kind, name)
            if at:
                patch = cabled(patch, registry, f"{chain[at - 1]}.control {name}.target")
        patch = cabled(
            patch,
            registry,
            f"held.notes {model}.notes",
            f"prompt.style {model}.style",
            f"{model}.audio {gain}.audio",
            f"{gain}.audio {pan}.audio",
            f"{chain[-1]}.control {pan}.position",
            f"{pan}.audio mix.audio{each}",
        )
    return patch


def cabled(patch: Patch, registry: Registry, *cables: str) -> Patch:
    """Draws cables, each written `from.outlet to.inlet`."""
    for each in cables:
        patch = edits.connect(patch, registry, *each.split())
    return patch


def engine() -> None:
    """Plays a patch until standard input ends, then prints what it counted as JSON."""
    from engine.messages import Said
    from engine.session import Options, Session

    path = Path(sys.argv[2])
    session = Session(load_registry(), Options(osc=None, midi=("keys",)))
    session.subscribe(lambda event: isinstance(event, Said) and print(event.text, file=sys.stderr))
    session.open(path, load_patch(path))
    if "--record" in sys.argv:
        session.record(Path(sys.argv[sys.argv.index("--record") + 1]))
    session.start()
    stopping = threading.Event()
    if "--busy" in sys.argv:
        threading.Thread(target=_spin, args=(stopping,), daemon=True).start()
    if "--edits" in sys.argv:
        a_second = float(sys.argv[sys.argv.index("--edits") + 1])
        threading.Thread(target=_edit, args=(session, a_second, stopping), daemon=True).start()
    frames, margins = [], []
    memory: list[float] = []
    seen = -1
    print(json.dumps({"ready": True}), flush=True)
    threading.Thread(target=_wait_for_end, args=(stopping,), daemon=True).start()
    while not stopping.wait(0.02):
        moment = session.live.moment
        if moment and moment.frame.number != seen:
            seen = moment.frame.number
            frames.append(1e3 * moment.seconds)
            margins.append(1e3 * moment.margin)
            if seen % FRAMES_A_MINUTE == 0:
                memory.append(resident())
    counted = {
        "underruns": session.live.speakers.underruns,
        "frame": statistics.median(frames),
        "frame99": statistics.quantiles(frames, n=100)[98],
        "margin": statistics.median(margins),
        "frames": session.live.number,
        "early": memory[min(1, len(memory) - 1)],
        "late": resident(),
    }
    session.close()
    print(json.dumps(counted), flush=True)


def _spin(stopping: threading.Event) -> None:
    """Keeps the interpreter busy, as a careless plug-in would."""
    while not stopping.is_set():
        sum(range(1000))


def _edit(session: object, a_second: float, stopping: threading.Event) -> None:
    """Edits the patch: every second edit is a value, the others put a node in or take it out."""
    from engine.session import Session

    assert isinstance(session, Session)
    registry, performance = load_registry(), session.performance
    rng = random.Random(1)
    added: list[str] = []
    while not stopping.wait(1 / a_second):
        model = rng.randint(1, 4)
        if rng.random() < 0.5:
            performance.set_value(f"gain{model}", "gain", rng.uniform(-18.0, -9.0))
            continue
        patch = performance.patch
        if len(added) > 5:
            name = added.pop(0)
            patch = edits.remove(patch, name)
        else:
            name = edits.fresh_name(patch, "control.lfo")
            added.append(name)
            patch = edits.add(patch, registry, "control.lfo", name)
        performance.change(patch, performance.folder, performance.path)


def _wait_for_end(stopping: threading.Event) -> None:
    sys.stdin.read()
    stopping.set()


def keys() -> None:
    """Presses a key at random times, with a click in the very sample that it is pressed in."""
    import jack
    import numpy as np

    events = int(sys.argv[2])
    client = jack.Client("keys", no_start_server=True)
    midi = client.midi_outports.register("keys")
    click = client.outports.register("click")
    rng = random.Random(2)
    due: list[tuple[int, tuple[int, int, int]]] = []
    done = threading.Event()

    @client.set_process_callback
    def process(size: int) -> None:
        midi.clear_buffer()
        sound = np.frombuffer(click.get_buffer(), np.float32)
        sound[:] = 0.0
        now = client.last_frame_time
        while due and due[0][0] < now + size:
            at, message = due.pop(0)
            offset = max(0, at - now)
            midi.write_midi_event(offset, message)
            if message[0] == 0x90:
                sound[offset] = 0.9
        if not due:
            done.set()

    client.activate()
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()
    at = client.frame_time + client.samplerate
    plan = []
    for _ in range(events):
        plan.append((at, (0x90, PITCH, 100)))
        plan.append((at + round(PRESSED * client.samplerate), (0x80, PITCH, 0)))
        at += round(rng.uniform(*APART) * client.samplerate)
    done.clear()
    due.extend(plan)
    done.wait()
    time.sleep(0.5)
    client.deactivate()
    client.close()


class Child:
    """A part of this module in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.rig", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.read()

    def read(self) -> dict[str, float]:
        """Returns the next line it prints."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended with {self.process.wait()}")
        found: dict[str, float] = json.loads(line)
        return found

    def end(self) -> dict[str, float]:
        """Ends it; returns what it then prints."""
        assert self.process.stdin
        self.process.stdin.close()
        counted = self.read()
        self.process.wait()
        return counted


@contextmanager
def running(*arguments: str) -> Iterator[Child]:
    """Runs a part of this module while entered."""
    child = Child(*arguments)
    try:
        yield child
    finally:
        child.process.kill()
        child.process.wait()


if __name__ == "__main__":
    {"engine": engine, "keys": keys}[sys.argv[1]]()
