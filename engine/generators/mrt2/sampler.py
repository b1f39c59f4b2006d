"""How the library is to make its sampler of a model, whichever of its two frameworks it is in."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any


def sampler_config(declared: Any, decoder: Any, spectrostream: Any, system: Any) -> Any:
    """Returns the configuration of the library's sampler of a model, with a decoder of ours.

    Args:
        declared: the model, as the library's registry has it.
        decoder: the class of the decoder; its `Config` extends that of the library's.
        spectrostream, system: the modules of the library, for JAX or for MLX.
    """
    codec = spectrostream.stft_spectrostream_40ms_generic_48khz_stereo_config(
        rvq_truncation_level=declared.spectrostream.rvq_truncation_level, use_unique_codes=False
    )
    depthformer = declared.depthformer_config()
    theirs = depthformer.decoder
    ours = decoder.Config(**{each.name: getattr(theirs, each.name) for each in fields(theirs)})
    return system.MagentaRT2Sampler.Config(
        depthformer=replace(depthformer, decoder=ours), spectrostream=codec
    )
