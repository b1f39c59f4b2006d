"""MRT2 with a past: a sound that was fed to it, or a memory that an instance had once."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from engine.conditioning import Conditioning, tokens
from engine.past import NO_PAST, PastData
from engine.signals import FRAME_SAMPLES, SILENCE
from tests import mrt2_tiny
from tests.mrt2_tiny import (
    HORIZON,
    NAME,
    STYLE,
    tiny_mlx_model,
    tokenize,
    write_export,
)

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")
pytest.importorskip("mlx.core", reason="MLX is not installed")
# The library finds out a shape by the mean of memory that nobody has written to.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:numpy")

CODES = np.random.default_rng(3).integers(0, 1024, (HORIZON + 2, 12)).astype(np.int32)
FORCED = CODES + 6 + 1024 * np.arange(12, dtype=np.int32)
SOUND = PastData("a sound", sound=SILENCE)
KEY = 2
"""Which array of a state the random numbers are by, on JAX and on MLX."""


def encode(past: PastData) -> Any:
    assert past.sound is not None
    return CODES


def two_frames() -> Any:
    """A codec of which, as of the real one, a frame sounds on in the next."""
    import sequence_layers.jax as sl

    return sl.Conv1DTranspose.Config(
        filters=2,
        kernel_size=2 * FRAME_SAMPLES,
        strides=FRAME_SAMPLES,
        padding="causal",
        name="to_sound",
    )


@pytest.fixture(scope="module", autouse=True)
def sounding_on() -> Iterator[None]:
    with mock.patch.object(mrt2_tiny, "_to_sound", two_frames):
        yield


@pytest.fixture(scope="module")
def weights(weights: Path) -> Iterator[Path]:
    with tiny_mlx_model():
        yield weights


@pytest.fixture(scope="module")
def on_jax(weights: Path) -> Any:
    from engine.generators.mrt2.jax_host import JaxHost

    return JaxHost(NAME, weights, tokenize, "float32", encode)


@pytest.fixture(scope="module")
def on_mlx(weights: Path) -> Any:
    from engine.generators.mrt2.mlx_host import MlxHost

    return MlxHost(NAME, weights, tokenize, None, encode)


@pytest.fixture(scope="module")
def export(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_export(tmp_path_factory.mktemp("models"), weights)


@pytest.fixture(scope="module")
def exported(export: Path) -> Any:
    from engine.generators.mrt2.mlxfn_host import MlxfnHost

    return MlxfnHost(NAME, export, tokenize, encode)


@pytest.fixture(params=["on_jax", "on_mlx", "exported"])
def host(request: Any) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture
def slot(host: Any) -> Iterator[Any]:
    made = host.add(1)
    yield made
    host.remove(made)


def heard(host: Any, slot: Any, frames: int) -> Any:
    return [host.step({slot: Conditioning(NAME, 1, STYLE)})[slot] for _ in range(frames)]


def remembered(host: Any, slot: Any) -> list[Any]:
    from engine.generators.mrt2.memory import unpacked

    return unpacked(host.save(slot)).arrays


def bank(memory: bytes, name: str = "a bank") -> PastData:
    return PastData(name, memory=memory)


def without_names(memory: bytes) -> bytes:
    """A memory as a live app saves it: its arrays alone."""
    from safetensors.numpy import save

    from engine.generators.mrt2.memory import unpacked

    return save({f"state_{at}": each for at, each in enumerate(unpacked(memory).arrays)})


def changed(memory: bytes, at: int, array: Any) -> bytes:
    from engine.generators.mrt2.memory import packed, unpacked

    saved = unpacked(memory)
    saved.arrays[at] = array
    return packed(saved)


def test_what_mlx_remembers_of_a_sound_is_what_the_library_does_to_the_bit(on_mlx, weights):
    import sequence_layers.mlx as sl
    from magenta_rt.mlx.export import _flatten_state
    from magenta_rt.mlx.system import MagentaRT2System
    from magenta_rt.musiccoca import MockMusicCoCa

    from engine.generators.mlx_streams import mx
    from engine.generators.mrt2.mlx_arrays import copied

    with contextlib.redirect_stdout(io.StringIO()):
        sampler = MagentaRT2System(NAME, MockMusicCoCa(), str(weights), bits=None)._sampler
    block = sl.Sequence.from_values(mx.array(tokens(Conditioning(), None)[None, None]))
    constants = {"temperature": mx.ones(1), "top_k": mx.ones(1, mx.int32)}
    state = sampler.get_initial_state(1, block.channel_spec, constants={})
    for frame in FORCED:
        _, state, _ = sampler.step_with_emits(
            block, state, constants=constants, forced_tokens=mx.array(frame[None, None])
        )
        mx.eval(_flatten_state(state)[0])
    slot = on_mlx.add(1)
    on_mlx.reset(slot, 1, SOUND)
    expected = copied(_flatten_state(state)[0])
    for at, each in enumerate(remembered(on_mlx, slot)):
        if at != KEY:
            np.testing.assert_array_equal(each, expected[at])
    on_mlx.remove(slot)


def test_what_jax_remembers_of_a_sound_is_what_the_library_does_that_finds_it_played(
    on_jax, on_mlx, weights
):
    import jax
    import jax.numpy as jnp
    import sequence_layers.jax as sl
    from magenta_rt.jax import model, spectrostream, system

    declared = model.get_model_class(NAME)()
    declared.compute_dtype = jnp.float32
    codec = spectrostream.stft_spectrostream_40ms_generic_48khz_stereo_config(
        rvq_truncation_level=12, use_unique_codes=False
    )
    sampler = system.MagentaRT2Sampler.Config(declared.depthformer_config(), codec).make()
    parameters = system._load_jax_weights(weights)
    block = sl.Sequence.from_values(jnp.asarray(tokens(Conditioning(), None)[None, None]))
    constants = {"temperature": jnp.ones(1), "top_k": jnp.ones(1, jnp.int32)}

    @jax.jit
    def step(state: Any, frame: Any) -> Any:
        _, after, _ = sampler.apply(
            parameters,
            block,
            state,
            training=False,
            constants=constants,
            method=sampler.step_with_emits,
        )
        (encoder, _, (_, _, *memory), countdown), *_ = after
        (_, sos, (key, *_), _), *codec = state
        played = sl.Sequence.from_values(frame)
        return ((encoder, sos, (key, played, *memory), countdown), *codec)

    state = on_jax._fresh
    for frame in FORCED:
        state = step(state, frame[None, None])
    slot, other = on_jax.add(1), on_mlx.add(1)
    on_jax.reset(slot, 1, SOUND)
    on_mlx.reset(other, 1, SOUND)
    (_, _, (_, *found), _), *_ = on_jax._read(on_jax._rows[slot].number)
    (_, _, (_, *expected), _), *_ = state
    for each, wanted in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(each, wanted, rtol=0, atol=1e-6)
    # The codec has heard the same as that of MLX, which does as the library does.
    sounding = remembered(on_jax, slot)[-1]
    np.testing.assert_allclose(sounding, remembered(on_mlx, other)[-1], rtol=0, atol=1e-6)
    assert np.ptp(sounding) > 1e-3
    on_jax.remove(slot)
    on_mlx.remove(other)


def test_a_past_decides_what_is_played_and_a_seed_what_comes_of_it(host, slot):
    def played(seed: int, *past: PastData) -> Any:
        host.reset(slot, seed, *past)
        return heard(host, slot, 3)

    first = played(1, SOUND)
    np.testing.assert_array_equal(played(1, SOUND), first)
    # A frame sounds on for one more: the third has nothing left of what was fed.
    assert not np.array_equal(played(1)[2], first[2])
    assert not np.array_equal(played(2, SOUND)[2], first[2])


def test_a_reset_with_a_past_fades_in_from_what_sounded_to_what_it_would_play(host, slot):
    host.reset(slot, 1, SOUND)
    expected = heard(host, slot, 2)
    host.reset(slot, 1)
    before = heard(host, slot, 2)[-1]
    again = Conditioning(NAME, 1, STYLE, reset=True, past=SOUND)
    faded = host.step({slot: again})[slot]
    assert np.abs(faded[0] - before[-1]).max() < 1e-3
    assert np.abs(faded[-1] - expected[0][-1]).max() < 1e-3
    np.testing.assert_array_equal(heard(host, slot, 1)[0], expected[1])


@pytest.mark.parametrize("host", ["on_mlx", "exported"], indirect=True)
def test_neighbours_do_not_notice_that_one_begins_with_a_past(host, slot):
    neighbour = host.add(2)
    one, two = Conditioning(NAME, 1, STYLE), Conditioning(NAME, 2, STYLE)

    def played(past: PastData) -> list[Any]:
        host.reset(neighbour, 2)
        restarted = one._replace(reset=True, past=past)
        return [host.step({slot: each, neighbour: two}) for each in (one, restarted, one)]

    made, expected = played(SOUND), played(NO_PAST)
    for frame in range(3):
        np.testing.assert_array_equal(made[frame][neighbour], expected[frame][neighbour])
    assert not np.array_equal(made[2][slot], expected[2][slot])
    host.remove(neighbour)


def test_a_memory_that_was_saved_begins_an_instance_again_with_numbers_of_its_own(host, slot):
    heard(host, slot, 2)
    memory, saved = host.save(slot), remembered(host, slot)
    heard(host, slot, 1)
    host.reset(slot, 7, bank(memory))
    for at, each in enumerate(remembered(host, slot)):
        assert np.array_equal(each, saved[at]) == (at != KEY)
    first = heard(host, slot, 2)
    host.reset(slot, 8, bank(memory))
    assert not np.array_equal(heard(host, slot, 2)[1], first[1])
    host.reset(slot, 7, bank(without_names(memory), "the same from a live app"))
    np.testing.assert_array_equal(heard(host, slot, 2), first)


def test_the_file_of_an_export_is_a_memory_that_has_heard_nothing(export, exported):
    first = export.with_name(f"{NAME}_state.safetensors")
    slot = exported.add(1)
    expected = heard(exported, slot, 2)
    exported.reset(slot, 1, bank(first.read_bytes(), "the first state"))
    np.testing.assert_array_equal(heard(exported, slot, 2), expected)
    exported.remove(slot)


def test_a_live_app_finds_what_it_looks_for_in_a_memory(exported, tmp_path):
    from engine.generators.mlx_streams import mx

    slot = exported.add(1)
    path = tmp_path / "bank.safetensors"
    path.write_bytes(exported.save(slot))
    found: Any = mx.load(str(path))
    for at, each in enumerate(exported._states[exported._rows[slot].number]):
        assert found[f"state_{at}"].dtype == each.dtype
        assert mx.array_equal(found[f"state_{at}"], each)
    exported.remove(slot)


def test_a_memory_that_the_model_cannot_have_is_refused_and_the_instance_plays_on(host, slot):
    from engine.generators.mrt2.memory import Memory, packed

    memory, saved = host.save(slot), remembered(host, slot)
    frame = next(at for at, each in enumerate(saved) if each.shape[-1] == 12)
    ring = next(at for at, each in enumerate(saved) if each.ndim > 3 and each.shape[-1] != 12)
    expected = heard(host, slot, 2)
    host.reset(slot, 1)
    made = heard(host, slot, 1)
    no_memory, broken, unfit = "no memory of an MRT2 model", "broken", f"does not fit {NAME}"
    for number, (rubbish, words) in enumerate(
        (
            (b"rubbish", no_memory),
            (memory[:-1], no_memory),
            (b"\xff" * 64, no_memory),
            ((2).to_bytes(8, "little") + b"{}", unfit),
            (memory.replace(b"state_0", b"stage_0"), no_memory),
            (memory.replace(b"BOOL", b"I128", 1), no_memory),
            (packed(Memory("mrt2_base", saved)), f"a memory of mrt2_base, not of {NAME}"),
            (packed(Memory("", saved[:-1])), unfit),
            (changed(memory, ring, saved[ring][..., :-1]), unfit),
            (changed(memory, ring, saved[ring].astype(np.float16)), unfit),
            (changed(memory, ring, np.full_like(saved[ring], np.nan)), broken),
            (changed(memory, frame, np.full_like(saved[frame], 2**30)), broken),
        )
    ):
        past = bank(rubbish, f"rubbish {number}")
        heard_now = Conditioning(NAME, 1, STYLE, reset=True, past=past)
        for attempt in (
            lambda past=past: host.ground(past),
            lambda past=past: host.reset(slot, 1, past),
            lambda heard_now=heard_now: host.step({slot: heard_now}),
            lambda rubbish=rubbish: host.restore(slot, rubbish),
        ):
            with pytest.raises(ValueError, match=words):
                attempt()
    np.testing.assert_array_equal(made + heard(host, slot, 1), expected)


def test_a_host_that_nobody_gave_an_encoder_takes_no_sound(on_mlx, monkeypatch):
    monkeypatch.setattr(on_mlx, "_encode", None)
    with pytest.raises(ValueError, match=f"{NAME} cannot take a sound for its past"):
        on_mlx.ground(PastData("another sound", sound=SILENCE))


def test_others_play_while_a_past_is_worked_out(on_jax, monkeypatch):
    slot, begun, may_end = on_jax.add(1), threading.Event(), threading.Event()

    def slow(past: PastData) -> Any:
        begun.set()
        assert may_end.wait(60)
        return CODES

    monkeypatch.setattr(on_jax, "_encode", slow)
    thread = threading.Thread(target=on_jax.ground, args=(PastData("slow", sound=SILENCE),))
    thread.start()
    assert begun.wait(60)
    heard(on_jax, slot, 2)
    assert thread.is_alive()
    may_end.set()
    thread.join()
    on_jax.remove(slot)
