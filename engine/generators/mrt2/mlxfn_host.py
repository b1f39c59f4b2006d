"""MRT2 as a function exported for MLX, such as the live apps play."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.conditioning import (
    DRUMS_GUIDANCE_STEP,
    GUIDANCE_HIGH,
    GUIDANCE_STEP,
    STYLE_TOKENS,
    TOKEN_OFFSET,
)
from engine.generators import ModelUnavailableError
from engine.generators.mlx_streams import EVALUATING, mx
from engine.generators.mrt2.batch import (
    Asked,
    BatchHost,
    Coder,
    Floats,
    Ints,
    Tokenizer,
    nothing_asked,
)
from engine.generators.mrt2.memory import BOOKS
from engine.generators.mrt2.mlx_arrays import copied, keyed, place_of_key, taken
from engine.signals import FRAME_SAMPLES, PITCHES

HIGHEST = np.float32(GUIDANCE_HIGH) - np.array(
    [GUIDANCE_STEP, GUIDANCE_STEP, DRUMS_GUIDANCE_STEP], np.float32
)
"""The guidance that has a token; for 7.0 the function would read the next channel's first row."""
HEARD = STYLE_TOKENS + PITCHES + 1
"""The tokens that the function takes; guidance it takes as numbers."""
NOTHING_FORCED = np.zeros((1, 0, BOOKS), np.int32)


class MlxfnHost(BatchHost):
    """A model as the library's exporter wrote it, its precision and its batch of 1 in it.

    Each instance is a row with a state of its own, and they are stepped one after another within
    one evaluation, those alone that are heard. Each draws from a seed of its own.

    Args:
        model: its name, which its memories bear.
        exported: the file; `…_state.safetensors`, the first state, lies beside it.
        tokenize: makes 12 tokens of a style.
        encode: makes codes of a past's sound.

    Raises:
        ModelUnavailableError: a file is missing, or is no export that this MLX can read.
    """

    def __init__(
        self, model: str, exported: Path, tokenize: Tokenizer, encode: Coder | None = None
    ) -> None:
        super().__init__(model, tokenize, encode)
        first = exported.with_name(f"{exported.stem}_state.safetensors")
        try:
            self._function: Any = mx.import_function(str(exported))
            saved: Any = mx.load(str(first))
        except RuntimeError as fault:
            raise ModelUnavailableError(f"{exported} cannot be opened: {fault}") from fault
        self._fresh: list[mx.array] = [saved[f"state_{at}"] for at in range(len(saved))]
        mx.eval(self._fresh)
        self._key = place_of_key(self._fresh)
        self._states: list[list[mx.array]] = []

    def _compile(self, size: int) -> None:
        """Does nothing: the function is for one row, whatever the size."""

    def _make(self, size: int) -> None:
        self._states = [self._fresh] * size

    def _keyed(self, state: list[mx.array], seed: int) -> list[mx.array]:
        return keyed(state, self._key, seed)

    def _fed(self, frames: Ints) -> list[mx.array]:
        state = self._fresh
        for frame in frames[:, None, None]:
            _, *state = self._stepped(nothing_asked(1), 0, state, frame)
            with EVALUATING:
                mx.eval(state)
        return state

    def _run(self, asked: Asked) -> Floats:
        made = {
            number: self._stepped(asked, number, self._states[number]) for number in asked.heard
        }
        with EVALUATING:
            mx.eval(list(made.values()))
        sound = np.zeros((len(self._states), FRAME_SAMPLES, 2), np.float32)
        for number, (frame, *state) in made.items():
            self._states[number] = state
            # The library's scale of 16 bits.
            sound[number] = np.asarray(frame)[0].T / np.float32(32768)
        return sound

    def _stepped(
        self, asked: Asked, number: int, state: list[mx.array], forced: Ints = NOTHING_FORCED
    ) -> list[mx.array]:
        """Returns the sound of one frame, int16[1, 2, 1920], and behind it the state after it.

        Args:
            forced: the tokens of the frame, int32[1, 1, 12], in place of sampled ones.
        """
        block = asked.tokens[number : number + 1, :, :HEARD]
        masked = TOKEN_OFFSET - 1
        without_style, without_notes = block.copy(), block.copy()
        without_style[..., :STYLE_TOKENS] = masked
        without_notes[..., STYLE_TOKENS : STYLE_TOKENS + PITCHES] = masked
        guidance = np.minimum(asked.guidance[number], HIGHEST)
        given = (
            block,
            asked.temperature[number : number + 1],
            asked.top_k[number : number + 1],
            *np.split(guidance, 3),
            without_style,
            without_notes,
            forced,
        )
        made = self._function([mx.array(each) for each in given] + state)
        return list(made)

    def _read(self, number: int) -> list[mx.array]:
        return self._states[number]

    def _write(self, number: int, state: list[mx.array]) -> None:
        mx.eval(state)
        self._states[number] = state

    def _leaves(self, state: list[mx.array]) -> list[npt.NDArray[Any]]:
        return copied(state)

    def _assembled(self, arrays: Iterable[npt.NDArray[Any]]) -> list[mx.array]:
        return taken(arrays)
