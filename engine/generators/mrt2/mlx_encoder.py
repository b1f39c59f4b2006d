"""The codec's encoder on MLX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import numpy as np
import sequence_layers.mlx as sl
from magenta_rt.mlx import spectrostream
from magenta_rt.mlx.spectrostream import load_weights

from engine.generators.mlx_streams import mx
from engine.generators.mrt2.batch import Floats, Ints
from engine.generators.mrt2.memory import BOOKS
from engine.generators.mrt2.mlx_arrays import loading_quietly


def encoder(parameters: dict[str, Any]) -> Callable[[Floats], Ints]:
    """Returns what makes codes, int32[n, 12], of a sound, float32[n · 1920, 2] at 48 kHz.

    Args:
        parameters: those of `encoder` and `quantizer`, nested as the library nests them.

    Raises:
        ValueError: the parameters are not of this encoder.
    """
    config = spectrostream.stft_spectrostream_40ms_generic_48khz_stereo_config()
    codec = spectrostream.SpectroStream(
        replace(config, quantizer=replace(config.quantizer, num_quantizers=BOOKS))
    )
    _load(codec, parameters)

    def encode(sound: Floats) -> Ints:
        waveform = sl.Sequence.from_values(mx.array(sound[None]))
        codes = codec.waveform_to_codes_layer.layer(waveform).values
        return np.asarray(codes)[0].astype(np.int32)

    return encode


def _load(codec: Any, parameters: dict[str, Any]) -> None:
    """Gives a codec its encoder and quantiser; the library's loader needs its decoder as well."""
    config = codec.config
    codec.quantizer.embedding = mx.array(parameters["quantizer"]["embedding"])
    # A layer has parameters from its first sound on.
    codec.encoder.layer(
        sl.Sequence.from_values(mx.zeros((1, 2, config.num_bins, config.num_channels)))
    )
    before = load_weights._collect_all_params(codec.encoder)
    with loading_quietly():
        load_weights._load_spectrostream_encoder(codec.encoder, parameters["encoder"])
    after = load_weights._collect_all_params(codec.encoder)
    for name, drawn in before.items():
        # The loader passes over what is missing, whatever its shape.
        if after[name] is drawn or after[name].shape != drawn.shape:
            raise ValueError(f"no {'.'.join(name)} of shape {drawn.shape}")
