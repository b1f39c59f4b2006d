"""MRT2 on JAX: equal to the library to the bit, one instance or many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.conditioning import Conditioning
from engine.signals import FRAME_SAMPLES, frozen
from tests.mrt2_tiny import NAME, tiny_model, write_checkpoint

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")

STYLE = frozen(np.linspace(-1, 1, 768, dtype=np.float32))
OTHER = frozen(STYLE[::-1].copy())


def tokenize(style: Any) -> Any:
    return (np.abs(style[:12]) * 1000).astype(np.int32)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = (
        tmp_path_factory.mktemp("magenta") / "magenta-rt-v2" / "checkpoints" / f"{NAME}.safetensors"
    )
    with tiny_model():
        write_checkpoint(path)
        yield path


@pytest.fixture(scope="module")
def host(checkpoint: Path) -> Any:
    from engine.generators.mrt2.jax_host import JaxHost

    return JaxHost(NAME, checkpoint, tokenize)


def drawn(host: Any, slot: Any) -> Any:
    """The 12 tokens that an instance drew last."""
    (_, _, (_, frame, *_), *_), *_ = host._read(host._rows[slot].number)
    return np.asarray(frame.values)


def assert_alike(sound: Any, expected: Any) -> None:
    """Within one step of 16 bits: a batch of another size sums in another order."""
    np.testing.assert_allclose(sound, expected, rtol=0, atol=1.001 / 32768)


def played(host: Any, seed: int, frames: int, **heard: Any) -> Any:
    slot = host.add(seed)
    made = [host.step({slot: Conditioning(NAME, seed, **heard)})[slot] for _ in range(frames)]
    host.remove(slot)
    return np.concatenate(made)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_one_instance_plays_what_the_library_plays_sample_for_sample(checkpoint, precision):
    import jax
    import jax.numpy as jnp
    from magenta_rt import MagentaRT2Jax, musiccoca, paths
    from magenta_rt.jax import model

    from engine.generators.mrt2.jax_host import JaxHost

    before = paths.magenta_home()
    paths.set_magenta_home(checkpoint.parent.parent)
    model.MODEL_REGISTRY[NAME].compute_dtype = jnp.dtype(precision)
    system = MagentaRT2Jax(NAME, musiccoca.MockMusicCoCa(), checkpoint.name)
    paths.set_magenta_home(before)
    host = JaxHost(NAME, checkpoint, tokenize, precision)
    notes = np.full(128, -1, np.int8)
    notes[60:65] = (0, 1, 2, 3, 0)
    heard = Conditioning(NAME, 5, STYLE, notes, 1, 3.0, 1.0, 2.0, 0.9, 30, style_depth=12)
    slot = host.add(5)
    state = system._jit_init_state(system._params, {})
    state = _keyed(state, jax.random.PRNGKey(5)[None])
    for _ in range(6):
        expected, state = system.generate(
            {
                "mulan_tokens_25hz": tokenize(STYLE),
                "pianoroll_with_onsets_tokens": notes.astype(np.int32),
                "drum_pianoroll_tokens": [1],
            },
            {"musiccoca": 3.0, "notes": 1.0, "drums": 2.0},
            0.9,
            30,
            1,
            state,
        )
        made = host.step({slot: heard})[slot]
        assert np.ptp(made) > 0.01
        np.testing.assert_array_equal(made, expected.samples)


def _keyed(state: Any, key: Any) -> Any:
    (encoder, sos, (_, *decoder), countdown), *codec = state
    return ((encoder, sos, (key, *decoder), countdown), *codec)


def test_instances_play_together_what_each_plays_alone(host):
    alone, tokens = [], []
    for seed in (1, 2, 3):
        slot = host.add(seed)
        heard = {slot: Conditioning(NAME, seed, STYLE)}
        alone.append(np.concatenate([host.step(heard)[slot] for _ in range(5)]))
        tokens.append(drawn(host, slot))
        host.remove(slot)
    slots = [host.add(seed) for seed in (1, 2, 3)]
    made = [host.step({s: Conditioning(NAME, 0, STYLE) for s in slots}) for _ in range(5)]
    for slot, expected, last in zip(slots, alone, tokens, strict=True):
        np.testing.assert_array_equal(drawn(host, slot), last)
        assert_alike(np.concatenate([each[slot] for each in made]), expected)
        host.remove(slot)
    assert np.abs(alone[0] - alone[1]).max() > 0.01


def test_an_instance_that_joins_rests_or_leaves_changes_nothing_for_the_others(host):
    expected = played(host, 1, 8, style=STYLE)
    rests = played(host, 2, 4, style=OTHER)
    first = host.add(1)
    one, two = Conditioning(NAME, 1, STYLE), Conditioning(NAME, 2, OTHER)
    made = [host.step({first: one})[first]]
    second, seconds = host.add(2), []
    for frame in range(7):
        asked = {first: one} if frame % 2 else {first: one, second: two}
        found = host.step(asked)
        made.append(found[first])
        seconds += [found[second]] if second in found else []
    assert_alike(np.concatenate(made), expected)
    assert_alike(np.concatenate(seconds), rests)
    host.remove(first)
    host.remove(second)


def test_a_memory_that_is_brought_back_plays_on_the_same(host):
    one, two = host.add(1), host.add(9)
    heard = Conditioning(NAME, 1, STYLE)
    for _ in range(3):
        host.step({one: heard})
    memory = host.save(one)
    expected = [host.step({one: heard})[one] for _ in range(3)]
    host.restore(two, memory)
    np.testing.assert_array_equal([host.step({two: heard})[two] for _ in range(3)], expected)
    with pytest.raises(ValueError, match="no memory of an MRT2 model"):
        host.restore(two, b"rubbish")
    host.remove(one)
    host.remove(two)


def test_a_reset_begins_anew_from_the_seed_and_fades_in_without_a_jump(host):
    slot = host.add(1)
    heard = Conditioning(NAME, 1, STYLE)
    fresh = [host.step({slot: heard})[slot] for _ in range(3)]
    again = host.step({slot: heard._replace(reset=True)})[slot]
    np.testing.assert_array_equal(host.step({slot: heard})[slot], fresh[1])
    assert np.abs(again[0] - fresh[2][-1]).max() < 1e-3
    assert again.shape == (FRAME_SAMPLES, 2)
    host.remove(slot)
