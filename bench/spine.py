"""The spine's speed: conditioning, compiling, loading, rendering. Run by `make bench`.

Every figure is a median of several runs; where there is a peer it ran in the same process, in
turn with ours, and the ratio is what counts.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bench.graphs import conditioning_patch
from engine.compiler import compile_patch
from engine.files import dumps, loads
from engine.frame import Frame, Transport
from engine.patch import Patch
from engine.plan import Plan
from engine.registry import Registry, load_registry
from engine.render import offline_services
from engine.signals import clip

ROUNDS = 15
FRAMES = 40


def naive_evaluator(patch: Patch, registry: Registry, plan: Plan) -> Callable[[Frame], Any]:
    """Returns a function that evaluates a patch by recursion from the generators.

    It looks every inlet up in the patch at every frame, as an interpreter of the document would;
    each node is evaluated once a frame.
    """
    cables = {(each.target, each.inlet): each for each in patch.cables}
    nodes = {
        name: step.type.make() if step.type.has_memory else step.type.make
        for name, step in plan.steps.items()
    }

    def argument(name: str, port: str, known: Any, frame: Frame, done: dict[str, Any]) -> Any:
        cable = cables.get((name, port))
        if cable is None:
            value = patch.nodes[name].values.get(port, known.default)
            return known.check(value) if getattr(known, "signal", None) is None else value
        result = evaluate(cable.source, frame, done)
        source = registry.types[patch.nodes[cable.source].type]
        if source.bundle:
            result = getattr(result, cable.outlet)
        if known.range:
            result = min(known.range.high, max(known.range.low, result))
        return result

    def evaluate(name: str, frame: Frame, done: dict[str, Any]) -> Any:
        if name in done:
            return done[name]
        kind = registry.types[patch.nodes[name].type]
        members = []
        for member in plan.steps[name].members:
            parts = [argument(name, port, inlet, frame, done) for port, inlet in member]
            members.append(kind.group.make(*parts) if kind.group.make else parts[0])
        arguments = {"frame": frame} if kind.wants_frame else {}
        for known in (*kind.settings, *kind.inlets):
            arguments[known.name] = argument(name, known.name, known, frame, done)
        done[name] = nodes[name](*members, **arguments)
        return done[name]

    def run(frame: Frame) -> Any:
        done: dict[str, Any] = {}
        return [evaluate(name, frame, done) for name in plan.generators]

    return run


def dask_evaluator(plan: Plan) -> Callable[[Frame], Any]:
    """Returns a function that lets dask's synchronous scheduler run the same nodes."""
    from dask.local import get_sync

    nodes = {
        name: step.type.make() if step.type.has_memory else step.type.make
        for name, step in plan.steps.items()
        if name in plan.condition_order
    }

    def call(name: str) -> Callable[..., Any]:
        step, node = plan.steps[name], nodes[name]
        names = [each.name for each in step.type.inlets]

        def run(frame: Frame, members: list[Any], *inlets: Any) -> Any:
            make = step.type.group.make if step.type.group else None
            grouped = [make(*each) if make else each[0] for each in members]
            arguments = dict(zip(names, inlets, strict=True))
            arguments |= {each.name: each.check(each.default) for each in step.type.settings}
            if step.type.wants_frame:
                arguments["frame"] = frame
            return node(*grouped, **arguments)

        return run

    def source(name: str, port: str, default: Any) -> Any:
        cable = plan.steps[name].cables.get(port)
        if cable is None:
            return default
        bundle = plan.steps[cable.source].type.bundle
        result = (getattr, cable.source, cable.outlet) if bundle else cable.source
        inlet = plan.steps[name].type.inlet(port)
        if inlet and inlet.range:
            return (clip, result, inlet.range.low, inlet.range.high)
        return result

    graph: dict[str, Any] = {}
    for name in plan.condition_order:
        step = plan.steps[name]
        members = [[source(name, port, inlet.default) for port, inlet in m] for m in step.members]
        inlets = [source(name, each.name, each.default) for each in step.type.inlets]
        graph[name] = (call(name), "frame", members, *inlets)

    def run(frame: Frame) -> Any:
        return get_sync({**graph, "frame": frame}, list(plan.generators))

    return run


def without_work(plan: Plan) -> Callable[[Frame], Any]:
    """Returns the plan's own loop with nodes that do nothing: what is left is our overhead."""
    result = {
        name: step.type.neutral() if step.type.role == "node" else None
        for name, step in plan.steps.items()
    }
    for name, step in plan.steps.items():
        plan._names[step.runner] = lambda *_, _result=result[name], **__: _result
    return plan.condition


def per_frame(runs: Mapping[str, Callable[[Frame], Any]]) -> dict[str, float]:
    """Returns the median time of a frame of each in µs; the runs take turns."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(ROUNDS):
        for name, run in runs.items():
            frames = [
                Frame(turn * FRAMES + i, transport=Transport(beat=(turn * FRAMES + i) * 0.08))
                for i in range(FRAMES)
            ]
            began = time.perf_counter()
            for frame in frames:
                run(frame)
            times[name].append((time.perf_counter() - began) / FRAMES * 1e6)
    return {name: statistics.median(each[1:]) for name, each in times.items()}


def median_of(work: Callable[[], Any], runs: int = 7) -> float:
    """Returns the median time of `work` in ms."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times)


def conditioning(registry: Registry) -> None:
    print(
        "\nconditioning, µs a frame       nodes   hocket  overhead    naive     dask  naive/hocket"
    )
    for size in (10, 100, 1000):
        patch = conditioning_patch(registry, size)
        plans = [compile_patch(patch, registry, offline_services()) for _ in range(4)]
        found = per_frame(
            {
                "hocket": plans[0].condition,
                "overhead": without_work(plans[1]),
                "naive": naive_evaluator(patch, registry, plans[2]),
                "dask": dask_evaluator(plans[3]),
            }
        )
        ratio = found["naive"] / found["hocket"]
        count = len(plans[0].condition_order)
        figures = "".join(f"{found[key]:9.0f}" for key in ("hocket", "overhead", "naive", "dask"))
        print(f"{'':29} {count:6} {figures} {ratio:13.1f}")


def compiling(registry: Registry) -> None:
    print("\ncompiling and loading, ms      nodes  compile     load     save")
    for size in (100, 1000):
        patch = conditioning_patch(registry, size)
        data = dumps(patch)
        services = offline_services()
        compiled = median_of(partial(compile_patch, patch, registry, services))
        loaded, saved = median_of(partial(loads, data)), median_of(partial(dumps, patch))
        print(f"{'':29} {len(patch.nodes):6} {compiled:8.1f} {loaded:8.1f} {saved:8.1f}")


def rendering() -> None:
    print("\nrendering, whole process       seconds of sound   wall s   times real time   first s")
    root = Path(__file__).parent.parent
    with tempfile.TemporaryDirectory() as folder:
        for patch in ("first_light",):
            for seconds in (0.04, 60):
                times, speed = [], 0.0
                for _ in range(3):
                    command = [sys.executable, "-m", "patcher.cli", "render", patch]
                    command += ["--midi", str(root / "patches" / "first_light.mid"), "--json"]
                    command += ["--seconds", str(seconds), "-o", f"{folder}/out.wav"]
                    began = time.perf_counter()
                    done = subprocess.run(command, cwd=root, capture_output=True, check=True)
                    times.append(time.perf_counter() - began)
                    speed = json.loads(done.stdout)["speed"]
                wall = statistics.median(times)
                first = f"{wall:9.2f}" if seconds < 1 else ""
                print(f"  {patch:27} {seconds:17.2f} {wall:8.2f} {speed:17.1f} {first}")


def stolen() -> float:
    """Returns the share of time other machines took since start-up, in percent (Linux)."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            ticks = [int(each) for each in file.readline().split()[1:]]
    except OSError:
        return float("nan")
    return 100.0 * ticks[7] / sum(ticks[:8])


def main() -> None:
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, stolen {stolen():.1f} %")
    registry = load_registry()
    gc.collect()
    gc.freeze()
    conditioning(registry)
    compiling(registry)
    if "--no-render" not in sys.argv:
        rendering()


if __name__ == "__main__":
    main()
