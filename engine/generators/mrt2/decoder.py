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
        top_k = jnp.clip(constants["top_k"], 1, size)[:, None, None]
        least = jnp.take_along_axis(jnp.sort(logits, axis=-1), size - top_k, axis=-1)
        logits = jnp.where(logits >= least, logits, -jnp.inf)
        every = (1, project.config.features)
        noise = jax.vmap(lambda key: jax.random.gumbel(key, every, jnp.float32))(keys)
        warmth = constants["temperature"][:, None, None]
        best = jnp.argmax(logits + noise[..., legal] * warmth, axis=-1)
        return low + best.astype(jnp.int32)
