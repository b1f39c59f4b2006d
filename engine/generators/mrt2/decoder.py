"""The library's decoder on JAX, less what it computes and never uses."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import sequence_layers.jax as sl
from magenta_rt.jax import depthformer


class LegalDecoder(depthformer.MultivariateDecoder):
    """A `MultivariateDecoder` that works out the legal logits alone: 1,024 of 12,294 a codebook.

    The library projects onto, sorts and then masks the tokens of all 12 codebooks, 12 times a
    frame. Parameters, state, random numbers and so the sampled tokens are the same, bit by bit.
    Guidance is a token in this model, so the branches for several passes are not here.
    """

    @dataclasses.dataclass(frozen=True)
    class Config(depthformer.MultivariateDecoder.Config):
        """The library's configuration, of this decoder."""

        def make(self) -> LegalDecoder:
            return LegalDecoder(self, name=self.name)

    config: Config

    def step_with_emits(
        self, x: Any, state: Any, *, training: bool, constants: Any = None
    ) -> tuple[Any, Any, None]:
        """Samples the 12 tokens of one frame for each row, or takes those that are forced.

        Args:
            x: not looked at; what was sampled last is in the state.
            state: keys uint32[B, 2], the last frame int32[B, 1, 12], the temporal body's, int32[B].
            constants: the encoded source, and either `forced_tokens`, int32[B, 1, 12], as the
                library has it on MLX, or `temperature` float32[B] and `top_k` int32[B].
        """
        keys, previous, temporal, step = state
        embedded = self.embedder(previous, training=training).apply_values(jnp.mean, axis=-2)
        hidden, temporal = self.temporal_body.step(
            embedded, temporal, training=training, constants=constants
        )
        if "forced_tokens" in constants:
            frame = sl.Sequence.from_values(constants["forced_tokens"])
            return frame, (keys, frame, temporal, step + 1), None
        *body, _ = self.depth_body.layers
        *depth, _ = self.depth_body.get_initial_state(
            batch_size=hidden.shape[0], input_spec=hidden.channel_spec, training=training
        )
        sampled = []
        for book in range(self.config.num_codebooks):
            for at, layer in enumerate(body):
                hidden, depth[at] = layer.step(hidden, depth[at], training=training)
            chosen = self._choose(hidden.values, book, keys, constants)
            sampled.append(chosen)
            keys = jax.vmap(jax.random.fold_in)(keys, step)
            hidden = self.embedder(sl.Sequence.from_values(chosen), training=training)
        frame = sl.Sequence.from_values(jnp.stack(sampled, axis=-1))
        return frame, (keys, frame, temporal, step + 1), None

    def _choose(self, hidden: jax.Array, book: int, keys: jax.Array, constants: Any) -> jax.Array:
        """Returns a token of one codebook for each row, int32[B, 1], drawn by the Gumbel trick."""
        project = self.depth_body.layers[-1]
        size, dtype = self.config.codebook_size, project.config.compute_dtype
        low = self.config.num_reserved_tokens + book * size
        legal = slice(low, low + size)
        parameters = project.variables["params"]
        kernel = parameters[f"kernel_{book}"].astype(dtype)  # as `weights.load` cuts it
        logits = jnp.einsum("...a,ab->...b", hidden.astype(dtype), kernel)
        logits += parameters["bias"][legal].astype(dtype)
        cap = self.config.soft_cap_logits
        logits = (jnp.tanh(logits / cap) * cap).astype(jnp.float32)
        least = kth_largest(logits, jnp.clip(constants["top_k"], 1, size)[:, None, None])
        logits = jnp.where(logits >= least, logits, -jnp.inf)
        every = (1, project.config.features)
        noise = jax.vmap(lambda key: jax.random.gumbel(key, every, jnp.float32))(keys)
        warmth = constants["temperature"][:, None, None]
        best = jnp.argmax(logits + noise[..., legal] * warmth, axis=-1)
        return low + best.astype(jnp.int32)


def kth_largest(values: jax.Array, k: jax.Array) -> jax.Array:
    """Returns the k-th largest along the last axis, float32[..., 1], of finite values.

    Args:
        values: float32[..., n].
        k: int32[..., 1] in 1..n.
    """
    # For 4 rows of 1,024, 12 times: sorted on a CPU 7.3 ms, searched 0.5. A GPU sorts them at once,
    # and would wait for each of the 32 steps of a search.
    return jax.lax.platform_dependent(values, k, cpu=_searched, default=_sorted)


def _sorted(values: jax.Array, k: jax.Array) -> jax.Array:
    return jnp.take_along_axis(jnp.sort(values, axis=-1), values.shape[-1] - k, axis=-1)


def _searched(values: jax.Array, k: jax.Array) -> jax.Array:
    # The bits of a float32 as an integer are in the order of the numbers, once those of a negative
    # one are turned over. The answer is built up from its highest bit.
    bits = _ordered(jax.lax.bitcast_convert_type(values, jnp.int32))

    def narrowed(step: Any, found: jax.Array) -> jax.Array:
        higher = found ^ jax.lax.shift_left(jnp.int32(1), 31 - step)
        enough = jnp.sum(bits >= higher, axis=-1, keepdims=True) >= k
        return jnp.where(enough, higher, found)

    least = jnp.full(k.shape, jnp.iinfo(jnp.int32).min)
    found = jax.lax.fori_loop(0, 32, narrowed, least)
    return jax.lax.bitcast_convert_type(_ordered(found), jnp.float32)


def _ordered(bits: jax.Array) -> jax.Array:
    return jnp.where(bits < 0, bits ^ jnp.int32(0x7FFFFFFF), bits)
