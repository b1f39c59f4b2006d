"""What a frame of the sketch costs: `python -m bench.sketch`.

Prints milliseconds a frame, the start from nothing and from JAX's cache, and sizes.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

from bench.memory import resident
from engine.conditioning import Conditioning
from engine.generators.sketch.host import SketchHost
from engine.signals import MASKED
from engine.style.sketch import SketchEncoder

FRAMES = 250
CASES = (("jax", 1, 1.5), ("jax", 16, 15.0), ("jax", 32, 30.0), ("numpy", 1, 8.0))
"""Library, instances, and the milliseconds a frame may take at the median."""
STARTS = (("cold", 3.0), ("from the cache", 1.0))
TRIAD = (60, 64, 67)


def frame_of(host: SketchHost, instances: int) -> dict[int, Conditioning]:
    """Returns what every instance plays: a held triad, strings, and its own choice of drums."""
    style = SketchEncoder().text("strings")
    notes = MASKED.copy()
    notes[list(TRIAD)] = 1
    return {
        host.add(seed): Conditioning(notes=notes, style=style, drums=-1)
        for seed in range(instances)
    }


def milliseconds(library: str, instances: int) -> tuple[float, float, int]:
    """Returns the median and the 95th percentile of a frame, and the bytes of one memory."""
    host = SketchHost(SketchEncoder(), library)  # type: ignore[arg-type]
    conditioning = frame_of(host, instances)
    taken = []
    for at in range(FRAMES + 20):
        start = time.perf_counter()
        host.step(conditioning)
        if at >= 20:
            taken.append(1e3 * (time.perf_counter() - start))
    size = len(host.save(next(iter(conditioning))))
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1], size


def first_frame() -> None:
    """Prints the seconds from making a host to its first frame, JAX's import left out."""
    import jax

    jax.devices()
    start = time.perf_counter()
    host = SketchHost(SketchEncoder(), "jax")
    host.step(frame_of(host, 1))
    print(time.perf_counter() - start)


def main() -> None:
    print("library  instances   median ms   95 % ms   target ms")
    size = 0
    for library, instances, target in CASES:
        median, late, size = milliseconds(library, instances)
        print(f"{library:8} {instances:9} {median:11.2f} {late:9.2f} {target:11.1f}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, target in STARTS:
            seconds = subprocess.run(
                [sys.executable, "-c", "from bench.sketch import first_frame; first_frame()"],
                env={"JAX_COMPILATION_CACHE_DIR": folder},
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            print(f"first frame {name}: {float(seconds):.2f} s, target {target:.1f} s", flush=True)
    print(f"memory of one instance: {size / 1e6:.2f} MB, target 1.0 MB")
    host = SketchHost(SketchEncoder())
    conditioning = frame_of(host, 4)
    for minute in range(4):
        for _ in range(1500):
            host.step(conditioning)
        print(f"in use after {minute + 1} minutes of 4 instances: {resident():.1f} MB", flush=True)


if __name__ == "__main__":
    main()
