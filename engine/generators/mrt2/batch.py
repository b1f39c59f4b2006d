"""Many instances of one MRT2 model as the rows of one batch, whatever library steps it."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.conditioning import TOKENS, Conditioning, tokens
from engine.dsp import ramp
from engine.fade import fading
from engine.generators import Slot
from engine.generators.mrt2.memory import BOOKS, CODES, RESERVED, Memory, packed, unpacked
from engine.generators.pasts import Pasts
from engine.past import NO_PAST, PastData
from engine.signals import NO_STYLE, SILENCE, AudioArray, StyleArray, frozen

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Tokenizer = Callable[[StyleArray], Ints]
Coder = Callable[[PastData], Ints]


class Asked(NamedTuple):
    """What all rows of a batch are stepped with.

    Attributes:
        tokens: int32[B, 1, 144], offset as the model reads them.
        guidance: float32[B, 3]: style, notes and drums, for a model that takes them as numbers.
        temperature: float32[B].
        top_k: int32[B].
        heard: the rows that are heard; a host may leave the others where they are.
    """

    tokens: Ints
    guidance: Floats
    temperature: Floats
    top_k: Ints
    heard: list[int]


@dataclass
class Row:
    """One instance's place in the batch.

    Attributes:
        number: which row of the arrays it is.
        style, style_tokens: the last style, and the 12 tokens it was quantised to.
        last: what was heard of it in the frame before.
        returns: whether it was reset, and fades in with its next frame.
    """

    number: int
    style: StyleArray = field(default_factory=lambda: NO_STYLE)
    style_tokens: Ints | None = None
    last: AudioArray = field(default_factory=lambda: SILENCE)
    returns: bool = False


class BatchHost(ABC):
    """One model whose instances are the rows of one batch.

    The batch has 1, 2, 4, 8, … rows, so that another instance rarely needs another compilation;
    rows without an instance are stepped and not heard. An instance that is not named in a frame
    keeps its state to the bit.

    Args:
        model: its name, which its memories bear.
        tokenize: makes 12 tokens of a style; asked once for each change of an instance's style.
        encode: makes codes of a past's sound, int32[n, 12] of 0..1023; None where nothing can.
    """

    stand_in = False

    _fresh: Any
    """The state of an instance that has heard nothing yet."""

    def __init__(self, model: str, tokenize: Tokenizer, encode: Coder | None) -> None:
        self.model = model
        self._tokenize = tokenize
        self._encode = encode
        self._pasts = Pasts(self._remembered)
        self._rows: dict[Slot, Row] = {}
        self._next = 0
        self._capacity = 0
        self._prepared = 0
        self._lock = threading.Lock()

    def prepare(self, instances: int) -> None:
        """Compiles the batch for so many instances; those that play are not touched.

        The next instance that needs a larger batch gets this one, and no size between.
        """
        self._compile(capacity(instances))
        with self._lock:
            self._prepared = max(self._prepared, instances)

    def add(self, seed: int) -> Slot:
        """Makes an instance that has heard nothing yet."""
        with self._lock:
            taken = {row.number for row in self._rows.values()}
            number = next(each for each in range(len(taken) + 1) if each not in taken)
            if number >= self._capacity:
                self._resize(max(number + 1, self._prepared))
            slot = Slot(self._next)
            self._next += 1
            self._rows[slot] = Row(number)
            self._begin(number, seed, self._fresh)
            return slot

    def remove(self, slot: Slot) -> None:
        """Forgets an instance; the others do not notice."""
        with self._lock:
            del self._rows[slot]

    def step(self, conditioning: Mapping[Slot, Conditioning]) -> Mapping[Slot, AudioArray]:
        """Returns the next frame of each instance named, float32[1920, 2], read-only.

        An instance with `reset` begins anew from its conditioning's seed and past, and fades in
        within the frame; what sounded until now fades out under it, as the live apps have it
        (40 ms).

        Raises:
            ValueError: the model can have no such past.
        """
        if not conditioning:
            return {}
        begins = {
            slot: self._grounded(heard.past) for slot, heard in conditioning.items() if heard.reset
        }
        with self._lock:
            for slot, state in begins.items():
                row = self._rows[slot]
                self._begin(row.number, conditioning[slot].seed, state)
                row.returns = True
            resting = [row.number for slot, row in self._rows.items() if slot not in conditioning]
            kept = [(number, self._read(number)) for number in resting]
            sound = self._run(self._asked(conditioning))
            for number, state in kept:
                self._write(number, state)
            return {slot: self._heard(self._rows[slot], sound) for slot in conditioning}

    def save(self, slot: Slot) -> bytes:
        """Returns an instance's whole memory."""
        with self._lock:
            row = self._rows[slot]
            arrays = self._leaves(self._read(row.number))
        return packed(Memory(self.model, [np.asarray(each) for each in arrays]))

    def restore(self, slot: Slot, memory: bytes) -> None:
        """Brings back what `save` returned; the same audio follows.

        Raises:
            ValueError: the memory is not of this model.
        """
        state = self._understood(memory)
        with self._lock:
            self._write(self._rows[slot].number, state)

    def ground(self, past: PastData) -> None:
        """Works out what an instance with this past remembers; others step meanwhile.

        Raises:
            ValueError: the model can have no such past.
        """
        self._grounded(past)

    def reset(self, slot: Slot, seed: int, past: PastData = NO_PAST) -> None:
        """Makes an instance as `add` made it, or one with a past, without a fade.

        Raises:
            ValueError: the model can have no such past.
        """
        state = self._grounded(past)
        with self._lock:
            number = self._rows[slot].number
            self._rows[slot] = Row(number)
            self._begin(number, seed, state)

    def _begin(self, number: int, seed: int, state: Any) -> None:
        self._write(number, self._keyed(state, seed))

    def _grounded(self, past: PastData) -> Any:
        return self._pasts.get(past) if past.key else self._fresh

    def _remembered(self, past: PastData) -> Any:
        """Returns the state of an instance with a past, its random numbers whatever they are."""
        if past.memory:
            return self._understood(past.memory)
        if self._encode is None:
            raise ValueError(f"{self.model} cannot take a sound for its past here")
        offsets = RESERVED + CODES * np.arange(BOOKS, dtype=np.int32)
        return self._fed(self._encode(past) + offsets)

    def _understood(self, memory: bytes) -> Any:
        """Returns the state that was saved; raises ValueError where it is not of this model."""
        saved = unpacked(memory)
        if saved.model not in ("", self.model):
            raise ValueError(f"this is a memory of {saved.model}, not of {self.model}")
        wanted = [(each.shape, each.dtype) for each in self._leaves(self._fresh)]
        if [(each.shape, each.dtype) for each in saved.arrays] != wanted:
            raise ValueError(
                f"this memory does not fit {self.model} as it plays here: another model's, or "
                "made at another precision"
            )
        return self._assembled(saved.arrays)

    def _asked(self, conditioning: Mapping[Slot, Conditioning]) -> Asked:
        """Returns the arrays of a frame; rows that nobody hears are told nothing."""
        asked = nothing_asked(self._capacity)
        asked.heard.extend(self._rows[slot].number for slot in conditioning)
        for slot, heard in conditioning.items():
            row = self._rows[slot]
            at = row.number
            asked.tokens[at, 0] = tokens(heard, self._tokens_of(row, heard.style))
            asked.guidance[at] = _guidance(heard)
            asked.temperature[at] = heard.temperature
            asked.top_k[at] = heard.top_k
        return asked

    def _tokens_of(self, row: Row, style: StyleArray) -> Ints | None:
        if style is not row.style and not np.array_equal(style, row.style):
            row.style_tokens = self._tokenize(style) if style.any() else None
        row.style = style
        return row.style_tokens

    def _heard(self, row: Row, sound: Floats) -> AudioArray:
        """Returns one frame of a row, joined without a jump to what was heard before a reset."""
        made = sound[row.number]
        if row.returns:
            row.returns = False
            made = made * ramp(0.0, 1.0) + fading(row.last)
        row.last = frozen(made)
        return row.last

    def _resize(self, instances: int) -> None:
        size = capacity(instances)
        self._compile(size)
        kept = [(row.number, self._read(row.number)) for row in self._rows.values()]
        self._make(size)
        self._capacity = size
        for number, state in kept:
            self._write(number, state)

    @abstractmethod
    def _compile(self, size: int) -> None:
        """Readies a batch of some rows, once; from any thread, while another size is stepped."""

    @abstractmethod
    def _make(self, size: int) -> None:
        """Begins a batch of so many rows, whose states are nobody's."""

    @abstractmethod
    def _keyed(self, state: Any, seed: int) -> Any:
        """Returns a state whose random numbers start from a seed."""

    @abstractmethod
    def _fed(self, frames: Ints) -> Any:
        """Returns the state of an instance that has played these frames and was told nothing.

        Args:
            frames: the tokens of each, int32[n, 12].
        """

    @abstractmethod
    def _run(self, asked: Asked) -> Floats:
        """Steps every row; returns the sound, float32[B, 1920, 2] within ±1."""

    @abstractmethod
    def _read(self, number: int) -> Any:
        """Returns a copy of a row's state."""

    @abstractmethod
    def _write(self, number: int, state: Any) -> None:
        """Gives a row a state."""

    @abstractmethod
    def _leaves(self, state: Any) -> list[Any]:
        """Returns the arrays of a row's state in a fixed order."""

    @abstractmethod
    def _assembled(self, arrays: Iterable[npt.NDArray[Any]]) -> Any:
        """Returns the state whose arrays these are."""


def capacity(instances: int) -> int:
    """Returns the rows of the smallest batch for so many instances: a power of 2."""
    return 1 << max(instances - 1, 0).bit_length()


def nothing_asked(size: int) -> Asked:
    """Returns what so many rows are stepped with that are told nothing: all is masked."""
    default = Conditioning()
    return Asked(
        np.broadcast_to(tokens(default, None), (size, 1, TOKENS)).copy(),
        np.tile(np.array(_guidance(default), np.float32), (size, 1)),
        np.ones(size, np.float32),
        np.ones(size, np.int32),
        [],
    )


def _guidance(heard: Conditioning) -> tuple[float, float, float]:
    return heard.style_guidance, heard.notes_guidance, heard.drums_guidance
