"""MRT2 on JAX: a GPU or TPU where there is one, else the CPU."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import numpy as np
import numpy.typing as npt
import sequence_layers.jax as sl
from flax.linen import intercept_methods
from magenta_rt.jax import model as models
from magenta_rt.jax import spectrostream, system

from engine.conditioning import TOKENS
from engine.generators.mrt2.batch import (
    Asked,
    BatchHost,
    Coder,
    Floats,
    Ints,
    Tokenizer,
    nothing_asked,
)
from engine.generators.mrt2.codec import as_plain
from engine.generators.mrt2.decoder import LegalDecoder
from engine.generators.mrt2.sampler import sampler_config
from engine.generators.mrt2.weights import as_laid, load
from engine.generators.xla import few_rows

CODEC_FRAMES = 16
"""Of so many frames the codec remembers something: the library gives −14 … 1."""


class JaxHost(BatchHost):
    """A model of the library's registry, its weights from a checkpoint.

    Args:
        model: its name in the registry.
        checkpoint: a safetensors file of the library's.
        tokenize: makes 12 tokens of a style.
        precision: of the transformer, `float32` or `bfloat16`; the codec is computed in float32,
            as in the library. Empty for bfloat16, which the library uses, but float32 on a CPU,
            where bfloat16 takes twice as long. It decides which tokens are drawn.
        encode: makes codes of a past's sound.

    Raises:
        OSError: the checkpoint cannot be read.
    """

    def __init__(
        self,
        model: str,
        checkpoint: Path,
        tokenize: Tokenizer,
        precision: str = "",
        encode: Coder | None = None,
    ) -> None:
        super().__init__(model, tokenize, encode)
        self._on_cpu = on_cpu = jax.default_backend() == "cpu"
        self.precision = precision or ("float32" if on_cpu else "bfloat16")
        declared = models.get_model_class(model)()
        declared.compute_dtype = jnp.dtype(self.precision)
        config = sampler_config(declared, LegalDecoder, spectrostream, system)
        self._sampler = config.make()
        self._parameters = load(checkpoint, self.precision, config.depthformer.decoder, on_cpu)
        self._compiled: dict[int, Any] = {}
        self._compiling = threading.Lock()
        self._fresh = jax.jit(self._initial, static_argnums=1)(self._parameters, 1)
        self._force = jax.jit(self._forced)
        self._decode = jax.jit(self._decoded)
        self._batch: Any = None

    def _compile(self, size: int) -> None:
        with self._compiling:
            if size in self._compiled:
                return
            shapes = jax.eval_shape(lambda given: self._initial(given, size), self._parameters)
            spec = partial(jax.ShapeDtypeStruct, sharding=None)
            block = spec((size, 1, TOKENS), jnp.int32)
            rates, counts = spec((size,), jnp.float32), spec((size,), jnp.int32)
            step = jax.jit(self._stepped, donate_argnums=4)
            with self._our_way():
                lowered = step.lower(self._parameters, block, rates, counts, shapes)
            options = few_rows() if self._on_cpu else None
            self._compiled[size] = lowered.compile(compiler_options=options)

    def _stepped(
        self, parameters: Any, block: Any, temperature: Any, top_k: Any, state: Any
    ) -> tuple[Any, Any]:
        """Returns the sound of one frame, int16[B, 1920, 2], and the state after it."""
        sound, state, _ = self._sampler.apply(
            parameters,
            x=sl.Sequence.from_values(block),
            state=state,
            constants={"temperature": temperature, "top_k": top_k},
            training=False,
            method=self._sampler.step_with_emits,
        )
        return sound.values, state

    def _initial(self, parameters: Any, size: int) -> Any:
        return self._sampler.apply(
            parameters,
            size,
            jax.ShapeDtypeStruct((TOKENS,), jnp.int32),
            constants={},
            training=False,
            rngs={"random": jax.random.PRNGKey(0)},
            method=self._sampler.get_initial_state,
        )

    def _make(self, size: int) -> None:
        # Copied, for a step takes the memory of the state that it is given.
        self._batch = jax.tree.map(lambda leaf: jnp.repeat(leaf, size, axis=0).copy(), self._fresh)

    @contextmanager
    def _our_way(self) -> Iterator[None]:
        """Has the library's layers computed as it is best here, where they are traced."""
        with (
            intercept_methods(as_laid),
            intercept_methods(as_plain) if self._on_cpu else nullcontext(),
        ):
            yield

    def _keyed(self, state: Any, seed: int) -> Any:
        """Returns a state whose decoder draws from a seed; the library has one for all."""
        (encoder, sos, (_, *decoder), *rest), *codec = state
        key = jax.random.PRNGKey(seed)[None]
        return ((encoder, sos, (key, *decoder), *rest), *codec)

    def _fed(self, frames: Ints) -> Any:
        transformer, *codec = self._fresh
        block = nothing_asked(1).tokens
        with self._our_way():
            for left, frame in zip(range(len(frames), 0, -1), frames[:, None, None], strict=True):
                transformer = self._force(self._parameters, block, frame, transformer)
                if left <= CODEC_FRAMES:
                    codec = self._decode(self._parameters, frame, codec)
                # One at a time: who plays meanwhile waits for one, not for all of them.
                jax.block_until_ready(transformer)
        return (transformer, *codec)

    def _forced(self, parameters: Any, block: Any, frame: Any, state: Any) -> Any:
        """Returns the transformer's state after a frame that it did not choose."""

        def step(sampler: Any) -> Any:
            return sampler.layers[0].step_with_emits(
                sl.Sequence.from_values(block),
                state,
                training=False,
                constants={"forced_tokens": frame},
            )

        _, after, _ = self._sampler.apply(parameters, method=step)
        return after

    def _decoded(self, parameters: Any, frame: Any, states: Any) -> list[Any]:
        """Returns the states of the codec's layers after a frame."""

        def step(sampler: Any) -> list[Any]:
            sound, after = sl.Sequence.from_values(frame), []
            for layer, state in zip(sampler.layers[1:], states, strict=True):
                sound, state, _ = layer.step_with_emits(sound, state, training=False)
                after.append(state)
            return after

        return self._sampler.apply(parameters, method=step)

    def _run(self, asked: Asked) -> Floats:
        run = self._compiled[self._capacity]
        sound, self._batch = run(
            self._parameters, asked.tokens, asked.temperature, asked.top_k, self._batch
        )
        # One copy from the device a frame, of 2 bytes a sample; the library's scale.
        return np.asarray(sound).astype(np.float32) / np.float32(32768)

    def _read(self, number: int) -> Any:
        return _row(self._batch, number)

    def _write(self, number: int, state: Any) -> None:
        self._batch = _written(self._batch, state, number)

    def _leaves(self, state: Any) -> list[Any]:
        return list(jax.tree.leaves(state))

    def _assembled(self, arrays: Iterable[npt.NDArray[Any]]) -> Any:
        return jax.tree.unflatten(jax.tree.structure(self._fresh), map(jnp.asarray, arrays))


@jax.jit
def _row(batch: Any, number: int) -> Any:
    return jax.tree.map(lambda leaf: jax.lax.dynamic_slice_in_dim(leaf, number, 1), batch)


@partial(jax.jit, donate_argnums=0)
def _written(batch: Any, state: Any, number: int) -> Any:
    return jax.tree.map(
        lambda whole, part: jax.lax.dynamic_update_slice_in_dim(whole, part, number, 0),
        batch,
        state,
    )
