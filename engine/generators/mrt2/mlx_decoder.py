"""The library's decoder on MLX, less what it computes and never uses."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import sequence_layers.mlx as sl
from magenta_rt.mlx import depthformer

from engine.generators.mlx_streams import mx


class LegalDecoder(depthformer.MultivariateDecoder):
    """A `MultivariateDecoder` that works out the legal logits alone: 1,024 of 12,294 a codebook.

    The library projects onto, sorts and then masks the tokens of all 12 codebooks, 12 times a
    frame. And it draws for all rows from the key of the first: here each row draws from its own,
    what it would draw alone. For one row the tokens are the library's, quantised or not: a
    quantised projection is sliced as it is, for its groups lie within a token's weights.

    Guidance is a token in this model, so the branches for several passes are not here.
    """

    @dataclasses.dataclass(frozen=True)
    class Config(depthformer.MultivariateDecoder.Config):
        """The library's configuration, of this decoder."""

        def make(self) -> LegalDecoder:
            return LegalDecoder(self)

    def step_with_emits(
        self,
        x: Any,
        state: Any,
        *,
        forced_tokens: mx.array | None = None,
        training: bool = False,
        constants: Any = None,
    ) -> tuple[Any, Any, None]:
        """Samples the 12 tokens of one frame for each row.

        Args:
            x: not looked at; what was sampled last is in the state.
            state: keys uint32[B, 2], the last frame int32[B, 1, 12], the temporal body's, int32[B].
            forced_tokens: int32[B, 1, 12], heard in place of sampled ones; the library takes them.
            training: never.
            constants: `temperature` float32[B], `top_k` int32[B] and the encoded source.
        """
        *body, project = self.depth_body.layers
        # The first step of all builds the layers, as the library goes through them.
        if forced_tokens is not None or project.inner is None:
            return super().step_with_emits(
                x, state, forced_tokens=forced_tokens, constants=constants
            )
        keys, previous, temporal, step = state
        embedded = self.embedder.layer(previous).apply_values(depthformer._mean_in_f32, axis=-2)
        hidden, temporal = self.temporal_body.step(embedded, temporal, constants=constants)
        *depth, _ = self.depth_body.get_initial_state(len(keys), hidden.channel_spec)
        sampled = []
        for book in range(self.config.num_codebooks):
            for at, layer in enumerate(body):
                hidden, depth[at] = layer.step(hidden, depth[at])
            chosen = self._choose(project.inner, hidden.values, book, keys, constants)
            sampled.append(chosen)
            keys = mx.vmap(lambda key: mx.random.split(key)[1])(keys)
            hidden = self.embedder.layer(sl.Sequence.from_values(chosen))
        frame = sl.Sequence.from_values(mx.stack(sampled, axis=-1))
        return frame, (keys, frame, temporal, step + 1), None

    def _choose(
        self, project: Any, hidden: mx.array, book: int, keys: mx.array, constants: Any
    ) -> mx.array:
        """Returns a token of one codebook for each row, int32[B, 1], drawn by the Gumbel trick."""
        size = self.config.codebook_size
        low = self.config.num_reserved_tokens + book * size
        legal = slice(low, low + size)
        logits = _sliced(project._linear, legal)(hidden.astype(project.compute_dtype))
        cap = self.config.soft_cap_logits
        logits = (mx.tanh(logits / cap) * cap).astype(mx.float32)
        top_k = mx.clip(constants["top_k"], 1, size)[:, None, None]
        least = mx.take_along_axis(mx.sort(logits, axis=-1), size - top_k, axis=-1)
        logits = mx.where(logits >= least, logits, -mx.inf)
        # What a key gives depends on how much is drawn: all is drawn and the legal part kept.
        every = (1, project.features)
        noise = mx.vmap(lambda key: mx.random.gumbel(every, key=key))(keys)[..., legal]
        warmth = constants["temperature"][:, None, None]
        return low + mx.argmax(logits + noise * warmth, axis=-1).astype(mx.int32)


def _sliced(linear: Any, legal: slice) -> Any:
    """Returns some outputs of a linear layer; all its parameters have them as their first axis."""
    part = copy.copy(linear)
    part.update({name: each[legal] for name, each in linear.parameters().items()})
    return part
