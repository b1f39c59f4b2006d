"""Which host plays an MRT2 model on this machine, and what to do where none can."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from engine.generators import Host, ModelUnavailableError
from engine.generators.mrt2 import installed
from engine.generators.xla import set_up
from engine.signals import NO_STYLE
from engine.style import Encoder

PRECISIONS = {"jax": ("float32", "bfloat16"), "mlx": ("bfloat16", "8bit", "4bit")}
"""What each library computes with."""


def open_mrt2(model: str, encoder: Encoder) -> Host:
    """Opens a model by its name, `mrt2_small` or `mrt2_small@bfloat16`.

    On Apple Silicon it is played by MLX, from its export where there is one and no precision is
    asked for, else from its weights; elsewhere by JAX.

    Raises:
        ModelUnavailableError: it is not installed, or not to be had at that precision here.
    """
    name, _, asked = model.partition("@")
    library = installed.library()
    if asked and asked not in PRECISIONS[library]:
        raise ModelUnavailableError(
            f"{library.upper()} does not play {name} at {asked!r}; it does at "
            f"{', '.join(PRECISIONS[library])}"
        )
    if name not in installed.NAMES and not _has_weights(name):
        models = ", ".join(("sketch", *installed.NAMES))
        raise ModelUnavailableError(f"no model {name!r} here; the models are: {models}")
    if not installed.has_package():
        raise ModelUnavailableError(f"{name} needs the package magenta-rt: {installed.INSTALL}")
    if encoder.stand_in:
        raise ModelUnavailableError(
            f"{name} needs MusicCoCa, which makes its styles, and which is not in "
            f"{installed.encoder()}: {installed.GET_ENCODER}"
        )
    encoder.tokens(NO_STYLE)  # what quantises is loaded here, not in the first frame with a style
    on_mlx = library == "mlx"
    if on_mlx and not importlib.util.find_spec("mlx"):
        raise ModelUnavailableError(f"{name} needs MLX here: pip install mlx")
    if on_mlx and not asked and installed.exported(name).is_file():
        from engine.generators.mrt2.encoding import codes_of
        from engine.generators.mrt2.mlxfn_host import MlxfnHost

        return MlxfnHost(name, installed.exported(name), encoder.tokens, encode=codes_of)
    weights = installed.checkpoint(name)
    if not weights.is_file():
        raise ModelUnavailableError(
            f"no weights of {name} in {weights.parent}: hocket models download {name}"
        )
    try:
        return _on_mlx(name, encoder, asked) if on_mlx else _on_jax(name, encoder, asked)
    except (OSError, ValueError) as fault:
        raise ModelUnavailableError(f"{weights} cannot be opened: {fault}") from fault


def _has_weights(name: str) -> bool:
    """Says whether a model that the package does not come with is here."""
    is_path = Path(name).name != name  # a patch names no file
    return not is_path and installed.has_package() and installed.checkpoint(name).is_file()


def _on_jax(name: str, encoder: Encoder, asked: str) -> Host:
    set_up()
    from engine.generators.mrt2.encoding import codes_of
    from engine.generators.mrt2.jax_host import JaxHost

    return JaxHost(name, installed.checkpoint(name), encoder.tokens, asked, encode=codes_of)


def _on_mlx(name: str, encoder: Encoder, asked: str) -> Host:
    from engine.generators.mrt2.encoding import codes_of
    from engine.generators.mrt2.mlx_host import MlxHost

    bits = {"8bit": 8, "4bit": 4}.get(asked)
    return MlxHost(name, installed.checkpoint(name), encoder.tokens, bits, encode=codes_of)
