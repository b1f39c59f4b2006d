"""Many sketches at once: one batch, one step for all of them."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Literal

import msgspec
import numpy as np

from engine.conditioning import Conditioning
from engine.generators import Slot
from engine.generators.sketch.anchors import Floats, Palette, manner
from engine.generators.sketch.arrays import Array
from engine.generators.sketch.performer import Memory, Performer
from engine.generators.sketch.synth import CONTROLS, Sheet, State, initial_state, step, tables
from engine.generators.xla import set_up
from engine.past import NO_PAST, PastData
from engine.signals import FRAME_SAMPLES, AudioArray, frozen
from engine.style import Encoder

FORMAT = "hocket sketch 2"
CHUNK = 16
"""Instances that are stepped at once. What 32 need on the way is 39 MB, and above 32 MB the C
library gives memory back after each frame: to ask for it anew took as long as the sound."""
CAPACITIES = (1, 2, 4, 8, CHUNK)
"""A batch is filled up to one of these, each of which is compiled once; more instances are
chunks of 16, and compile nothing."""

FEW = 4
"""Instances up to which a batch is compiled fast rather than well."""

Step = Callable[[Floats, Any, Any], tuple[Any, Array]]


class Saved(msgspec.Struct):
    """An instance's whole memory: its player's, and its arrays as bytes in the state's order."""

    format: str
    fresh: bool
    memory: Memory
    arrays: list[bytes]


class SketchHost:
    """The sketch, on JAX where it is installed, else on MLX, else on NumPy.

    Args:
        encoder: what embeds the names of the anchors, and the styles the instances receive.
        library: `jax`, `mlx` or `numpy`; None for the first of them that there is.
    """

    stand_in = True

    def __init__(
        self, encoder: Encoder, library: Literal["jax", "mlx", "numpy"] | None = None
    ) -> None:
        self.library: str = library or next(
            (name for name in ("jax", "mlx") if importlib.util.find_spec(name)), "numpy"
        )
        openers = {"jax": _on_jax, "mlx": _on_mlx, "numpy": _on_numpy}
        self._step, self._put = openers[self.library]()
        self._palette = Palette(encoder)
        self._rows: dict[Slot, int] = {}
        self._players: dict[Slot, Performer] = {}
        self._fresh: set[Slot] = set()
        self._next = 0
        self._lock = threading.Lock()
        self._chunks: list[Any] = []
        self._resize(CAPACITIES[0])

    def prepare(self, instances: int) -> None:
        """Compiles the batch for so many instances; those that play are not touched."""
        size = min(_capacity(instances), CHUNK)
        controls, noises = np.zeros((size, CONTROLS), np.float32), np.zeros((size, 2), np.uint32)
        self._step(controls, noises, self._put(initial_state(size)))

    def add(self, seed: int) -> Slot:
        """Makes an instance that has heard nothing yet."""
        with self._lock:
            slot = Slot(self._next)
            self._next += 1
            taken = set(self._rows.values())
            row = next(row for row in range(len(taken) + 1) if row not in taken)
            if row >= len(self._controls):
                self._resize(_capacity(row + 1))
            self._rows[slot] = row
            self._start(slot, seed)
            return slot

    def remove(self, slot: Slot) -> None:
        """Forgets an instance; the others do not notice."""
        with self._lock:
            del self._rows[slot], self._players[slot]
            self._fresh.discard(slot)

    def step(self, conditioning: Mapping[Slot, Conditioning]) -> Mapping[Slot, AudioArray]:
        """Returns the next frame of each instance named, float32[1920, 2], read-only.

        An instance with `reset` begins anew from its conditioning's seed, in this very frame;
        what sounded until now fades out under it within the frame.
        """
        if not conditioning:
            return {}
        with self._lock:
            resets = [slot for slot, heard in conditioning.items() if heard.reset]
            tails = self._fade(resets) if resets else {}
            for slot in resets:
                self._start(slot, conditioning[slot].seed, conditioning[slot].past)
            self._controls[:, 0] = 0.0
            for slot, heard in conditioning.items():
                sheet, player = self._begin(slot)
                sheet.mixture[:] = self._palette.mixture(heard.style, heard.style_guidance)
                player.play(heard, manner(sheet.mixture), sheet)
            sound = self._run()
            self._fresh -= conditioning.keys()
            made = {slot: sound[self._rows[slot]] for slot in conditioning}
            for slot, tail in tails.items():
                made[slot] = frozen(made[slot] + tail)
            return made

    def save(self, slot: Slot) -> bytes:
        """Returns an instance's whole memory, about 240 kB."""
        with self._lock:
            chunk, row = divmod(self._rows[slot], CHUNK)
            arrays = [np.asarray(array)[row].tobytes() for array in _leaves(self._chunks[chunk])]
            memory = self._players[slot].memory
            return msgspec.msgpack.encode(Saved(FORMAT, slot in self._fresh, memory, arrays))

    def restore(self, slot: Slot, memory: bytes) -> None:
        """Brings back what `save` returned; the same audio follows.

        Raises:
            ValueError: the memory is not of this model.
        """
        with self._lock:
            self._restore(slot, self._read(memory))

    def ground(self, past: PastData) -> None:
        """Looks whether a past can be had: a memory of the sketch's; a sound it does not hear.

        Raises:
            ValueError: the memory is not of this model.
        """
        if past.memory:
            self._read(past.memory)

    def reset(self, slot: Slot, seed: int, past: PastData = NO_PAST) -> None:
        """Makes an instance as `add` made it, or as one was once; without a fade.

        Raises:
            ValueError: the past is a memory that is not of this model.
        """
        with self._lock:
            self._start(slot, seed, past)

    def _start(self, slot: Slot, seed: int, past: PastData = NO_PAST) -> None:
        self._players[slot] = Performer.fresh(seed)
        self._fresh.add(slot)
        if past.memory:
            self._restore(slot, self._read(past.memory))
            self._players[slot].reseed(seed)

    def _read(self, memory: bytes) -> Saved:
        try:
            saved = msgspec.msgpack.decode(memory, type=Saved)
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise ValueError("this is no memory of the sketch") from None
        sizes = [array[0].nbytes for array in _leaves(self._chunks[0])]
        if saved.format != FORMAT or [len(each) for each in saved.arrays] != sizes:
            raise ValueError("this is no memory of this version of the sketch")
        return saved

    def _restore(self, slot: Slot, saved: Saved) -> None:
        chunk, row = divmod(self._rows[slot], CHUNK)
        state = [np.array(array) for array in _leaves(self._chunks[chunk])]
        for array, kept in zip(state, saved.arrays, strict=True):
            array[row] = np.frombuffer(kept, array.dtype).reshape(array[row].shape)
        self._chunks[chunk] = self._put(_like(self._chunks[chunk], iter(state)))
        self._players[slot] = Performer(saved.memory)
        self._fresh.discard(slot)
        if saved.fresh:
            self._fresh.add(slot)

    def _begin(self, slot: Slot) -> tuple[Sheet, Performer]:
        """Prepares an instance's row of the controls for its next frame."""
        row, player = self._rows[slot], self._players[slot]
        memory = player.memory
        sheet = self._sheets[row]
        sheet.begin(memory.clock, slot in self._fresh)
        self._noises[row] = (memory.seed & 0xFFFFFFFF, memory.clock & 0xFFFFFFFF)
        return sheet, player

    def _fade(self, slots: list[Slot]) -> dict[Slot, AudioArray]:
        """Returns one last frame of each instance, falling to nothing."""
        self._controls[:, 0] = 0.0
        for slot in slots:
            sheet, player = self._begin(slot)
            player.linger(sheet)
        sound = self._run()
        fall = np.linspace(1.0, 0.0, FRAME_SAMPLES, dtype=np.float32)[:, None]
        return {slot: sound[self._rows[slot]] * fall for slot in slots}

    def _run(self) -> AudioArray:
        """Steps the chunks in which somebody plays; returns the sound, float32[B, 1920, 2]."""
        sounds = []
        for chunk, state in enumerate(self._chunks):
            rows = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
            controls = self._controls[rows]
            if controls[:, 0].any():
                self._chunks[chunk], sound = self._step(controls, self._noises[rows], state)
                sounds.append(sound)
            else:
                sounds.append(np.broadcast_to(np.float32(0), (len(controls), FRAME_SAMPLES, 2)))
        if len(sounds) == 1:
            return frozen(np.asarray(sounds[0]))
        return frozen(np.concatenate([np.asarray(sound) for sound in sounds]))

    def _resize(self, capacity: int) -> None:
        """Gives the batch more rows; those that were there keep their state to the bit."""
        sizes = [min(CHUNK, capacity - at) for at in range(0, capacity, CHUNK)]
        chunks = [self._put(initial_state(size)) for size in sizes[len(self._chunks) :]]
        self._chunks = [*map(self._grown, self._chunks, sizes), *chunks]
        self._controls = np.zeros((capacity, CONTROLS), np.float32)
        self._noises = np.zeros((capacity, 2), np.uint32)
        self._sheets = [Sheet(row) for row in self._controls]

    def _grown(self, chunk: Any, size: int) -> Any:
        """Returns a chunk of `size` rows, of which the first are those of a smaller one."""
        arrays = [
            np.concatenate([np.asarray(before), array[len(before) :]])
            for before, array in zip(_leaves(chunk), _leaves(initial_state(size)), strict=True)
        ]
        return self._put(_like(chunk, iter(arrays)))


def _capacity(instances: int) -> int:
    fitting = next((size for size in CAPACITIES if size >= instances), None)
    return fitting or -(-instances // CHUNK) * CHUNK


def _on_numpy() -> tuple[Step, Callable[[State], Any]]:
    made = tables()

    def run(controls: Floats, noises: Any, state: Any) -> tuple[Any, Array]:
        return step(np, controls, noises, made, state)

    return run, lambda state: state


def _on_jax() -> tuple[Step, Callable[[State], Any]]:
    """Compiles the step for the CPU, where a frame is too small to be worth a trip to a GPU."""
    set_up()
    import jax

    cpu = jax.devices("cpu")[0]
    made = jax.device_put(tables(), cpu)

    def compiled(level: int) -> Callable[..., tuple[Any, Array]]:
        options: Any = {"xla_backend_optimization_level": level}
        return jax.jit(partial(step, jax.numpy), donate_argnums=3, compiler_options=options)

    # At LLVM's first level it is compiled in three quarters of the time, so that the first note
    # comes soon; at its third a frame takes four fifths of the work, which 32 sketches need.
    few, many = compiled(1), compiled(3)

    def run(controls: Floats, noises: Any, state: Any) -> tuple[Any, Array]:
        return (few if len(controls) <= FEW else many)(controls, noises, made, state)

    return run, lambda state: jax.device_put(state, cpu)


def _on_mlx() -> tuple[Step, Callable[[State], Any]]:
    """Compiles the step for a GPU; on a CPU MLX would call a C++ compiler and take a minute."""
    from engine.generators.mlx_streams import mx

    made = _like(tables(), (mx.array(each) for each in _leaves(tables())))

    def flat(controls: Array, noises: Array, *arrays: Array) -> list[Array]:
        state = _like(initial_state(1), iter(arrays))
        after, sound = step(mx, controls, noises, made, state)
        return [*_leaves(after), sound]

    whole = mx.compile(flat) if mx.default_device().type == mx.gpu else flat

    def run(controls: Floats, noises: Any, state: Any) -> tuple[Any, Array]:
        *after, sound = whole(mx.array(controls), mx.array(noises), *_leaves(state))
        mx.eval(*after, sound)
        return _like(state, iter(after)), sound

    return run, lambda state: _like(state, (mx.array(each) for each in _leaves(state)))


def _leaves(state: Any) -> Iterator[Array]:
    """Yields the arrays of a state in a fixed order."""
    if isinstance(state, tuple):
        for each in state:
            yield from _leaves(each)
    else:
        yield state


def _like(state: Any, arrays: Iterator[Array]) -> Any:
    """Returns a state of the same form, made of other arrays."""
    if isinstance(state, tuple):
        return type(state)(*(_like(each, arrays) for each in state))
    return next(arrays)
