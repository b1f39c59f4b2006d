"""What layers have MLX compute, recorded once, so that no frame goes through their Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.generators.mlx_streams import mx

Step = Callable[..., list[mx.array]]


def recorded(step: Step, module: Any, *given: mx.array) -> Step:
    """Returns a function that computes what a step does, to the bit, by MLX alone.

    It is MLX's own export, read back. `mx.compile` would do with 6 ms a frame of mrt2_small where
    this takes 10 and the layers 30, but it joins kernels: a CPU needs a C++ compiler and half a
    minute for them, sums may round otherwise, and each thread has to do it again.

    The graph has a stream of its own: any thread may call, one at a time. Nobody else may go
    through the module meanwhile. Its parameters are inputs of the graph, and in no file.

    Args:
        step: takes arrays and returns arrays, and reads no value of any.
        module: whose parameters it uses; they must stay what they are.
        given: arrays of the shapes and types that it will be called with.
    """
    holders = {id(layer): layer for layer in module.modules()}.values()
    places = [
        (layer, name)
        for layer in holders
        for name, each in layer.items()
        if isinstance(each, mx.array)
    ]
    parameters = [layer[name] for layer, name in places]

    def hold(arrays: Iterable[mx.array]) -> None:
        for (layer, name), each in zip(places, arrays, strict=True):
            layer[name] = each

    def whole(*arrays: mx.array) -> list[mx.array]:
        hold(arrays[: len(places)])
        try:
            return step(*arrays[len(places) :])
        finally:
            hold(parameters)

    # Before MLX 0.31.2 every stream was for any thread.
    new_stream = getattr(mx, "new_thread_unsafe_stream", mx.new_stream)
    with TemporaryDirectory() as folder, mx.stream(new_stream(mx.default_device())):
        path = str(Path(folder, "step.mlxfn"))
        mx.export_function(path, whole, *parameters, *given)
        graph: Any = mx.import_function(path)
    return lambda *given: list(graph([*parameters, *given]))
