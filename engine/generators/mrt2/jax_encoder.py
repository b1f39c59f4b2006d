"""The codec's encoder on JAX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flax.errors
import jax
import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import numpy as np
import sequence_layers.jax as sl
from magenta_rt.jax import spectrostream

from engine.generators.mrt2.batch import Floats, Ints
from engine.generators.mrt2.memory import BOOKS


def encoder(parameters: dict[str, Any]) -> Callable[[Floats], Ints]:
    """Returns what makes codes, int32[n, 12], of a sound, float32[n · 1920, 2] at 48 kHz.

    Each length is compiled for once, some seconds. Where the parameters are not of this encoder,
    what is returned raises ValueError.

    Args:
        parameters: those of `encoder` and `quantizer`, nested as the library nests them.
    """
    held = jax.device_put({"params": parameters})

    def encode(sound: Floats) -> Ints:
        try:
            return np.asarray(_encoded(held, sound[None]))[0]
        except flax.errors.FlaxError as fault:
            raise ValueError(str(fault).partition(". (https:")[0]) from fault

    return encode


@jax.jit
def _encoded(parameters: Any, sound: Any) -> Any:
    config = spectrostream.stft_spectrostream_40ms_generic_48khz_stereo_config()
    codec = replace(config, quantizer=replace(config.quantizer, num_quantizers=BOOKS)).make()
    waveform = sl.Sequence.from_values(sound)
    return codec.apply(parameters, waveform, training=False, method=codec.waveform_to_codes).values
