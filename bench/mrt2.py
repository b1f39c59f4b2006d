"""How fast MRT2 is here, beside the library's own loop: `python -m bench.mrt2 [MODEL] [MOST]`.

Runs anywhere: the weights are random and of the real size. Both play in one process, frame by
frame in turn, so that what the machine does meanwhile befalls both. MOST is the largest batch.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.live import share_stolen, stolen_ticks
from engine.conditioning import Conditioning
from engine.generators.mrt2.batch import Asked, Floats
from engine.generators.xla import set_up
from tests.mrt2_tiny import write_checkpoint

FRAMES = 25
SETTLING = 3
REAL_TIME = 40.0
COPIED = 64 * 2**20
"""Numbers that are copied to find how much memory a second can be read and written."""


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 else "mrt2_small"
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    set_up()
    import jax

    device = jax.devices()[0]
    bandwidth = _bandwidth()
    print(f"{model}, random weights, {device.device_kind}, {os.cpu_count()} cores")
    print(f"memory read and written: {bandwidth / 1e9:.0f} GB/s", flush=True)
    before = stolen_ticks()
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder, "magenta-rt-v2", "checkpoints", f"{model}.safetensors")
        write_checkpoint(weights, model)
        _side_by_side(model, weights)
        _batches(model, weights, most, bandwidth)
    print(f"stolen meanwhile {share_stolen(before, stolen_ticks()):.2f} %")


def _side_by_side(model: str, weights: Path) -> None:
    """Prints a frame of the library's loop and of one instance of ours, in turn."""
    system, host = _library(model, weights), _host(model, weights)
    host.prepare(1)
    slot, state = host.add(0), None
    theirs, ours = [], []
    for frame in range(FRAMES + SETTLING):
        began = time.perf_counter()
        _, state = system.generate({}, frames=1, state=state)
        between = time.perf_counter()
        host.step({slot: Conditioning(model)})
        if frame >= SETTLING:
            theirs.append(1e3 * (between - began))
            ours.append(1e3 * (time.perf_counter() - between))
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"one instance, ms a frame: the library {_spread(theirs)}, ours {_spread(ours)}")
    print(f"    {ratio:.2f} times as fast at {host.precision}; target on a CPU 2", flush=True)


def _batches(model: str, weights: Path, most: int, bandwidth: float) -> None:
    """Prints a frame of 1, 2, 4, … instances until they take longer than the music."""
    host = _host(model, weights)
    first, size, fitting = 0.0, 1, 0
    heading = "instances   ms p50    p99  an instance  of one   beside the model  of the floor"
    print(f"{heading}   MB an instance")
    slots: list[Any] = []
    while size <= most:
        host.prepare(size)
        slots += [host.add(len(slots) + each) for each in range(size - len(slots))]
        taken, inside = [], []
        for frame in range(FRAMES + SETTLING):
            host.inside = 0.0
            began = time.perf_counter()
            host.step({slot: Conditioning(model) for slot in slots})
            if frame >= SETTLING:
                taken.append(1e3 * (time.perf_counter() - began))
                inside.append(1e3 * host.inside)
        median = statistics.median(taken)
        first = first or median
        memory = len(host.save(slots[0]))
        floor = 1e3 * (host.weight + size * 2 * memory) / bandwidth
        beside = median - statistics.median(inside)
        print(
            f"{size:9} {median:8.1f} {_centile(taken, 99):6.1f} {median / size:12.1f} "
            f"{median / size / first:7.2f} {beside:15.2f} ms {100 * floor / median:11.0f} % "
            f"{memory / 1e6:16.1f}",
            flush=True,
        )
        if median <= REAL_TIME:
            fitting = size
        size *= 2
    print(f"in real time: {fitting or 'none'} of {most} tried")


def _library(model: str, weights: Path) -> Any:
    from magenta_rt import MagentaRT2Jax, musiccoca, paths

    paths.set_magenta_home(weights.parent.parent)
    return MagentaRT2Jax(model, musiccoca.MockMusicCoCa())


def _host(model: str, weights: Path) -> Any:
    import jax

    from engine.generators.mrt2.jax_host import JaxHost

    class Timed(JaxHost):
        """A host that says how long its forward pass took, and how much it reads."""

        inside = 0.0

        @property
        def weight(self) -> int:
            """Bytes of its parameters."""
            return sum(leaf.nbytes for leaf in jax.tree.leaves(self._parameters))

        def _run(self, asked: Asked) -> Floats:
            began = time.perf_counter()
            sound = super()._run(asked)
            self.inside += time.perf_counter() - began
            return sound

    return Timed(model, weights, lambda style: np.zeros(12, np.int32))


def _bandwidth() -> float:
    """Returns bytes a second that the device reads and writes, the best of five copies."""
    import jax
    import jax.numpy as jnp

    add = jax.jit(lambda numbers: numbers + 1, donate_argnums=0)
    numbers = add(jnp.zeros(COPIED, jnp.float32)).block_until_ready()
    best = 0.0
    for _ in range(5):
        began = time.perf_counter()
        numbers = add(numbers).block_until_ready()
        best = max(best, 8 * COPIED / (time.perf_counter() - began))
    return best


def _spread(taken: Sequence[float]) -> str:
    return f"{statistics.median(taken):.1f} (99 %: {_centile(taken, 99):.1f})"


def _centile(taken: Sequence[float], part: int) -> float:
    return statistics.quantiles(taken, n=100, method="inclusive")[part - 1]


if __name__ == "__main__":
    main()
