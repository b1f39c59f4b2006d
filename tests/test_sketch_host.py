"""The law of every host, held by the sketch: seeds, memories, batches."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from engine.conditioning import Conditioning
from engine.generators import open_host
from engine.generators.sketch import host as host_module
from engine.generators.sketch.host import CHUNK, SketchHost
from engine.signals import MASKED
from tests import measure
from tests.sketching import ENCODER, heard, held, notes, play, style

LIBRARIES = [
    "numpy",
    "jax",
    pytest.param(
        "mlx",
        marks=pytest.mark.skipif(not find_spec("mlx"), reason="MLX is not installed"),
    ),
]


def test_reset_begins_anew_and_fades_what_was() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    chord = held(48, 52, 55, frames=20)
    before = play(host, slot, chord, style=style("warm pad"))
    after = [
        host.step({slot: Conditioning(notes=each, seed=7, reset=at == 0, drums=0)})[slot]
        for at, each in enumerate([MASKED] * 20)
    ]
    fresh = heard([MASKED] * 20, seed=7)
    np.testing.assert_array_equal(np.concatenate(after[1:]), fresh[1920:])
    fading = after[0] - fresh[:1920]
    assert measure.level(fading[:480]) > measure.level(fading[-480:]) + 12
    assert abs(float(fading[0, 0] - before[-1, 0])) < 0.05


def test_reset_by_the_host_is_as_new() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    play(host, slot, held(60, frames=5))
    host.reset(slot, 3)
    frames = [MASKED] * 20
    np.testing.assert_array_equal(play(host, slot, frames), heard(frames, seed=3))


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_restored_memory_plays_on_as_if_nothing_had_happened(library: str) -> None:
    host = SketchHost(ENCODER, library)
    slot, other = host.add(1), host.add(2)
    given = notes(rest=-1, p60=3, p55=1)
    play(host, slot, [given] * 30, style=style("techno drums"), drums=-1)
    memory = host.save(slot)
    expected = play(host, slot, [given] * 20, style=style("techno drums"), drums=-1)
    host.restore(other, memory)
    again = play(host, other, [given] * 20, style=style("techno drums"), drums=-1)
    np.testing.assert_array_equal(expected, again)
    assert len(memory) < 1_000_000


def test_an_instance_that_never_played_can_be_saved() -> None:
    host = SketchHost(ENCODER, "numpy")
    new, used = host.add(4), host.add(5)
    play(host, used, held(60, frames=5))
    host.restore(used, host.save(new))
    frames = [MASKED] * 10
    np.testing.assert_array_equal(play(host, used, frames), heard(frames, seed=4))


def test_what_is_no_memory_is_refused_and_changes_nothing() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    frames = held(60, frames=4)
    start = play(host, slot, frames[:2])
    memory = host.save(slot)
    for wrong in (b"", b"\xff\x00garbage", memory[:-1], memory.replace(b"sketch 2", b"sketch 9")):
        with pytest.raises(ValueError, match="no memory of"):
            host.restore(slot, wrong)
    rest = play(host, slot, frames[2:])
    np.testing.assert_array_equal(np.concatenate([start, rest]), heard(frames))


@pytest.fixture(scope="module")
def trio() -> list[dict[str, object]]:
    """Three instances' conditioning."""
    return [
        {"notes": notes(rest=-1, p60=3), "style": style("flute"), "drums": 0},
        {"notes": MASKED, "style": style("techno drums"), "drums": -1},
        {"notes": notes(p40=1, p47=1), "style": style("strings"), "drums": 1},
    ]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_batch_is_as_its_instances_alone(library: str, trio: list[dict[str, object]]) -> None:
    together = SketchHost(ENCODER, library)
    slots = [together.add(seed) for seed in range(3)]
    alone = [SketchHost(ENCODER, library) for _ in range(3)]
    own = [host.add(seed) for seed, host in enumerate(alone)]
    for _ in range(25):
        batch = together.step(
            {slot: Conditioning(**each) for slot, each in zip(slots, trio, strict=True)}
        )
        for at, host in enumerate(alone):
            single = host.step({own[at]: Conditioning(**trio[at])})[own[at]]
            np.testing.assert_allclose(batch[slots[at]], single, atol=1e-5)


def test_a_batch_that_jax_steps_in_two_parts_is_as_its_instances_alone() -> None:
    together, alone = SketchHost(ENCODER, "jax"), SketchHost(ENCODER, "numpy")
    slots = [together.add(seed) for seed in range(CHUNK + 4)]
    own = alone.add(CHUNK + 1)
    playing = Conditioning(notes=notes(rest=-1, p60=3), style=style("flute"), drums=1)
    for _ in range(10):
        batch = together.step(dict.fromkeys(slots, playing))
        single = alone.step({own: playing})[own]
        np.testing.assert_allclose(batch[slots[CHUNK + 1]], single, atol=1e-4)
    assert np.abs(batch[slots[0]] - single).max() > 1e-3


@pytest.mark.parametrize("library", LIBRARIES[1:])
def test_every_library_gives_what_numpy_gives(library: str, trio: list[dict[str, object]]) -> None:
    sounds = []
    for each in ("numpy", library):
        host = SketchHost(ENCODER, each)
        slots = [host.add(seed) for seed in range(3)]
        frame = {
            slot: Conditioning(**conditioning)
            for slot, conditioning in zip(slots, trio, strict=True)
        }
        sounds.append([np.stack(list(host.step(frame).values())) for _ in range(50)])
    np.testing.assert_allclose(sounds[0], sounds[1], atol=1e-4)
    assert np.abs(sounds[0]).max() > 0.05
    assert sounds[1][0].dtype == np.float32
    assert sounds[1][0].shape == (3, 1920, 2)


def test_instances_come_and_go_without_disturbing_others() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    frames = [notes(rest=-1, p60=3)] * 40
    made = [play(host, slot, frames[:10])]
    second = host.add(2)
    made.append(play(host, slot, frames[10:15]))
    third = host.add(3)
    both = {each: Conditioning(notes=frames[0], drums=0) for each in (slot, second, third)}
    made.append(host.step(both)[slot])
    host.remove(second)
    made.append(play(host, slot, frames[16:20]))
    again = host.add(2)
    both = {each: Conditioning(notes=frames[0], drums=0) for each in (slot, again)}
    result = host.step(both)
    made.append(result[slot])
    made.append(play(host, slot, frames[21:]))
    np.testing.assert_allclose(np.concatenate(made), heard(frames), atol=1e-6)
    np.testing.assert_allclose(result[again], heard(frames[:1], seed=2), atol=1e-6)


def test_an_instance_that_is_not_stepped_waits() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot, other = host.add(1), host.add(2)
    frames = held(60, frames=10)
    start = play(host, slot, frames[:5])
    play(host, other, held(50, frames=7))
    assert host.step({}) == {}
    rest = play(host, slot, frames[5:])
    np.testing.assert_allclose(np.concatenate([start, rest]), heard(frames), atol=1e-6)


def test_frames_are_read_only() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    frame = host.step({slot: Conditioning()})[slot]
    with pytest.raises(ValueError, match="read-only"):
        frame[0] = 1.0


def test_capacity_grows_past_16_in_whole_batches() -> None:
    assert [host_module._capacity(n) for n in (1, 3, 16, 17, 32, 33, 65)] == [
        1, 4, 16, 32, 32, 48, 80,
    ]  # fmt: skip


def test_the_library_is_jax_where_there_is_one_and_numpy_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = open_host("sketch", ENCODER)
    assert isinstance(host, SketchHost)
    assert (host.library, host.stand_in) == ("jax", True)
    monkeypatch.setattr(host_module.importlib.util, "find_spec", lambda name: None)
    assert SketchHost(ENCODER).library == "numpy"


@pytest.mark.skipif(not find_spec("mlx"), reason="MLX is not installed")
def test_without_jax_the_library_is_mlx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module.importlib.util, "find_spec", lambda name: name == "mlx")
    assert SketchHost(ENCODER).library == "mlx"


def test_the_cache_folder_is_none_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import platformdirs

    from engine.generators import xla

    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
    assert xla._cache_folder() == tmp_path / "hocket" / "jax"
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(file))
    assert xla._cache_folder() is None
