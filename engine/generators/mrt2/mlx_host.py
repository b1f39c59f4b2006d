"""MRT2 on MLX: the GPU of Apple silicon, and for tests a CPU."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import numpy as np
import numpy.typing as npt
import sequence_layers.mlx as sl
from magenta_rt.mlx import model as models
from magenta_rt.mlx import spectrostream, system
from magenta_rt.mlx.export import _flatten_state, _unflatten_state
from magenta_rt.mlx.load_weights import load_weights
from mlx.nn.layers.quantized import quantize

from engine.conditioning import TOKENS
from engine.generators.mlx_streams import mx
from engine.generators.mrt2.batch import (
    Asked,
    BatchHost,
    Coder,
    Floats,
    Ints,
    Tokenizer,
    nothing_asked,
)
from engine.generators.mrt2.mlx_arrays import copied, keyed, loading_quietly, place_of_key, taken
from engine.generators.mrt2.mlx_attention import own_clocks
from engine.generators.mrt2.mlx_decoder import LegalDecoder
from engine.generators.mrt2.mlx_recorded import Step, recorded
from engine.generators.mrt2.sampler import sampler_config

GROUP_SIZES = {4: 32, 8: 64}
"""How many weights share a scale, by the bits of a weight, as the library has it."""


class MlxHost(BatchHost):
    """A model of the library's registry, its weights from a checkpoint.

    The transformer is bfloat16, as the library casts it, or quantised by the library's sizes of
    groups; the codec is float32. Each instance draws from a seed of its own. The same seed draws
    other tokens on JAX, whose random numbers and whose order of sums are others. On a CPU it
    plays the same, to the bit, alone and among others; a GPU's kernels go by the size of a batch,
    and another may round otherwise.

    What MLX has not worked out belongs to the thread that asked for it. So every method leaves
    only what is worked out, and any thread may call the next.

    Args:
        model: its name in the registry.
        checkpoint: a safetensors file of the library's, as for JAX.
        tokenize: makes 12 tokens of a style.
        bits: of a quantised weight, 4 or 8, or None for bfloat16. It decides which tokens are
            drawn.
        encode: makes codes of a past's sound.

    Raises:
        OSError: the checkpoint cannot be read.
    """

    def __init__(
        self,
        model: str,
        checkpoint: Path,
        tokenize: Tokenizer,
        bits: int | None = None,
        encode: Coder | None = None,
    ) -> None:
        super().__init__(model, tokenize, encode)
        self.precision = f"{bits}bit" if bits else "bfloat16"
        self._sampler = _loaded(model, checkpoint, bits)
        spec = sl.ChannelSpec(shape=(TOKENS,), dtype=mx.int32)
        state = self._sampler.get_initial_state(1, spec, constants={})
        self._fresh, self._structure = _flatten_state(state)
        self._key = place_of_key(self._fresh)
        mx.eval(self._fresh)
        self._batch: list[mx.array] = []
        self._readied: set[int] = set()
        self._readying = threading.Lock()
        self._recorded: dict[int, Step] = {}
        self._walking = threading.Lock()

    def _compile(self, size: int) -> None:
        with self._readying:
            if size in self._readied:
                return
            # MLX lets no other Python run while it records, for 0.4 s, and what plays would break
            # off. So it is done before anything plays, for one more growth as well; beyond that
            # the layers are asked in every frame.
            if not self._rows:
                self._record(size)
                self._record(2 * size)
            # MLX builds a kernel where it first runs, so a frame is played here that nobody hears.
            mx.eval(*self._stepped(nothing_asked(size), _repeated(self._fresh, size)))
            self._readied.add(size)

    def _record(self, size: int) -> None:
        if size not in self._recorded:
            given = [*_given(nothing_asked(size)), *_repeated(self._fresh, size)]
            with self._walking:
                self._recorded[size] = recorded(self._walked, self._sampler, *given)

    def _stepped(
        self, asked: Asked, leaves: list[mx.array], forced: mx.array | None = None
    ) -> tuple[mx.array, list[mx.array]]:
        """Returns the sound of one frame, int16[B, 1920, 2], and the state after it.

        Args:
            forced: the tokens of the frame, int32[B, 1, 12], in place of sampled ones.
        """
        given = [*_given(asked), *leaves]
        step = self._recorded.get(len(asked.tokens)) if forced is None else None
        if step:
            sound, *state = step(*given)
        else:
            with self._walking:
                sound, *state = self._walked(*given, forced=forced)
        return sound, state

    def _walked(
        self,
        tokens: mx.array,
        temperature: mx.array,
        top_k: mx.array,
        *leaves: mx.array,
        forced: mx.array | None = None,
    ) -> list[mx.array]:
        """Returns the sound of one frame and behind it the state, by going through the layers."""
        # The library finds out a shape by the mean of memory that nobody has written to.
        with np.errstate(all="ignore"):
            sound, state, _ = self._sampler.step_with_emits(
                x=sl.Sequence.from_values(tokens),
                state=_unflatten_state(leaves, self._structure),
                constants={"temperature": temperature, "top_k": top_k},
                forced_tokens=forced,
            )
        return [sound.values, *_flatten_state(state)[0]]

    def _make(self, size: int) -> None:
        self._batch = _repeated(self._fresh, size)
        mx.eval(self._batch)

    def _keyed(self, state: list[mx.array], seed: int) -> list[mx.array]:
        return keyed(state, self._key, seed)

    def _fed(self, frames: Ints) -> list[mx.array]:
        state = self._fresh
        for frame in frames[:, None, None]:
            _, state = self._stepped(nothing_asked(1), state, mx.array(frame))
            mx.eval(state)
        return state

    def _run(self, asked: Asked) -> Floats:
        sound, self._batch = self._stepped(asked, self._batch)
        mx.eval(sound, self._batch)
        # One copy from the device a frame, of 2 bytes a sample; the library's scale.
        return np.asarray(sound).astype(np.float32) / np.float32(32768)

    def _read(self, number: int) -> list[mx.array]:
        return [leaf[number : number + 1] for leaf in self._batch]

    def _write(self, number: int, state: list[mx.array]) -> None:
        # In place, so that the memory of the batch is written in, not copied.
        for leaf, part in zip(self._batch, state, strict=True):
            leaf[number : number + 1] = part
        mx.eval(self._batch)

    def _leaves(self, state: list[mx.array]) -> list[npt.NDArray[Any]]:
        return copied(state)

    def _assembled(self, arrays: Iterable[npt.NDArray[Any]]) -> list[mx.array]:
        return taken(arrays)


def _given(asked: Asked) -> list[mx.array]:
    return [mx.array(each) for each in (asked.tokens, asked.temperature, asked.top_k)]


def _repeated(leaves: list[mx.array], size: int) -> list[mx.array]:
    return [mx.repeat(leaf, size, axis=0) for leaf in leaves]


def _loaded(model: str, checkpoint: Path, bits: int | None) -> Any:
    """Returns the library's sampler of a model, with its weights."""
    declared = models.get_model_class(model)()
    sampler = sampler_config(declared, LegalDecoder, spectrostream, system).make()
    # Without constants it would build the layers by a step with guidance in several passes.
    constants = {"temperature": mx.ones(1), "top_k": mx.ones(1, mx.int32)}
    with loading_quietly():
        load_weights(sampler, checkpoint, declared.input_num_channels, constants)
    own_clocks(sampler.depthformer.decoder.temporal_body)
    if bits:
        quantize(sampler, group_size=GROUP_SIZES[bits], bits=bits)
    # Not its `parameters()`, which leave out those that a layer has under a name with `_`.
    mx.eval(sampler)
    return sampler
