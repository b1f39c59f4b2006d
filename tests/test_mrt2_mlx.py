"""MRT2 on MLX: equal to the library to the bit, one instance or many, weights or an export."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.conditioning import Conditioning
from engine.signals import FRAME_SAMPLES, frozen
from tests.mrt2_tiny import NAME, tiny_mlx_model, tiny_model, write_checkpoint

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")
pytest.importorskip("mlx.core", reason="MLX is not installed")
# The library finds out a shape by the mean of memory that nobody has written to.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:numpy")

STYLE = frozen(np.linspace(-1, 1, 768, dtype=np.float32))
OTHER = frozen(STYLE[::-1].copy())
NOTES = np.full(128, -1, np.int8)
NOTES[60:65] = (0, 1, 2, 3, 0)
HEARD = Conditioning(NAME, 5, STYLE, NOTES, 1, 3.0, 1.0, 2.0, 0.9, 30, style_depth=12)
WIDTH = 64
"""8 bits need a scale for each 64 weights."""
LIBRARY_SEED = 42
"""What the library's only row draws from."""


def tokenize(style: Any) -> Any:
    return (np.abs(style[:12]) * 1000).astype(np.int32)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The library's folder, with the weights of a tiny model and their export."""
    from magenta_rt import paths
    from magenta_rt.mlx import export

    from engine.generators.mlx_streams import SHARED, mx

    before = paths.magenta_home()
    paths.set_magenta_home(tmp_path_factory.mktemp("magenta"))
    weights = paths.checkpoints_dir() / f"{NAME}.safetensors"
    with tiny_model(WIDTH):
        write_checkpoint(weights)
    with tiny_mlx_model(WIDTH):
        # As in the exporter's own process, where the first stream is the one it computes on.
        with contextlib.redirect_stdout(io.StringIO()), mx.stream(SHARED[0]):
            export.main(
                model_name=NAME,
                output_name=NAME,
                output_dir=str(paths.models_dir()),
                checkpoint=weights.name,
            )
        yield Path(paths.magenta_home())
    paths.set_magenta_home(before)


@pytest.fixture(scope="module")
def host(home: Path) -> Any:
    return opened()


@pytest.fixture(scope="module")
def exported(home: Path) -> Any:
    from engine.generators.mrt2 import installed
    from engine.generators.mrt2.mlxfn_host import MlxfnHost

    return MlxfnHost(NAME, installed.exported(NAME), tokenize)


def opened(bits: Any = None) -> Any:
    from engine.generators.mrt2 import installed
    from engine.generators.mrt2.mlx_host import MlxHost

    return MlxHost(NAME, installed.checkpoint(NAME), tokenize, bits)


def played(host: Any, seed: int, frames: int, **heard: Any) -> Any:
    slot = host.add(seed)
    made = [host.step({slot: Conditioning(NAME, seed, **heard)})[slot] for _ in range(frames)]
    host.remove(slot)
    return np.concatenate(made)


def library_frame(system: Any, state: Any) -> tuple[Any, Any]:
    """Returns a frame of the library's, for the conditioning that is HEARD here."""
    conditioning = {
        "mulan_tokens_25hz": tokenize(STYLE).tolist(),
        "pianoroll_with_onsets_tokens": NOTES.tolist(),
        "drum_pianoroll_tokens": [1],
    }
    scales = {"musiccoca": 3.0, "notes": 1.0, "drums": 2.0}
    waveform, state = system.generate(conditioning, scales, 0.9, 30, 1, state)
    return waveform.samples, state


def assert_plays_as(system: Any, host: Any, frames: int) -> None:
    slot, state = host.add(LIBRARY_SEED), None
    for _ in range(frames):
        expected, state = library_frame(system, state)
        made = host.step({slot: HEARD})[slot]
        assert np.ptp(made) > 0.01
        np.testing.assert_array_equal(made, expected)
    host.remove(slot)


@pytest.mark.parametrize("bits", [None, 8, 4])
def test_one_instance_plays_what_the_library_plays_sample_for_sample(home, host, bits):
    from magenta_rt.mlx.system import MagentaRT2System
    from magenta_rt.musiccoca import MockMusicCoCa

    with contextlib.redirect_stdout(io.StringIO()):
        system = MagentaRT2System(NAME, MockMusicCoCa(), f"{NAME}.safetensors", bits=bits)
    ours = opened(bits) if bits else host
    assert_plays_as(system, ours, frames=8 if bits is None else 3)


def test_fewer_bits_play_something_else(home, host):
    whole, *fewer = (played(each, 1, 6, style=STYLE) for each in (host, opened(8), opened(4)))
    for made in fewer:
        assert np.ptp(made) > 0.01
        assert not np.array_equal(made, whole)
    assert not np.array_equal(*fewer)


def test_an_export_plays_what_the_library_plays_of_it_sample_for_sample(exported):
    from magenta_rt import MagentaRT2StdMlxfn
    from magenta_rt.musiccoca import MockMusicCoCa

    system = MagentaRT2StdMlxfn(NAME, MockMusicCoCa(), warmup_steps=1)
    assert_plays_as(system, exported, frames=4)


@pytest.fixture(params=["weights", "export"])
def either(request: Any) -> Any:
    return request.getfixturevalue("host" if request.param == "weights" else "exported")


def test_instances_play_together_what_each_plays_alone(either):
    alone = [played(either, seed, 4, style=STYLE) for seed in (1, 2, 3)]
    slots = [either.add(seed) for seed in (1, 2, 3)]
    made = [either.step({s: Conditioning(NAME, 0, STYLE) for s in slots}) for _ in range(4)]
    for slot, expected in zip(slots, alone, strict=True):
        np.testing.assert_array_equal(np.concatenate([each[slot] for each in made]), expected)
        either.remove(slot)
    assert not np.array_equal(alone[0], alone[1])


def test_an_instance_that_joins_rests_or_leaves_changes_nothing_for_the_others(either):
    expected = played(either, 1, 9, style=STYLE)
    rests = played(either, 2, 4, style=OTHER)
    first = either.add(1)
    one, two = Conditioning(NAME, 1, STYLE), Conditioning(NAME, 2, OTHER)
    made = [either.step({first: one})[first]]
    second, seconds = either.add(2), []
    for frame in range(7):
        asked = {first: one} if frame % 2 else {first: one, second: two}
        found = either.step(asked)
        made.append(found[first])
        seconds += [found[second]] if second in found else []
    either.remove(second)
    made.append(either.step({first: one})[first])
    np.testing.assert_array_equal(np.concatenate(made), expected)
    np.testing.assert_array_equal(np.concatenate(seconds), rests)
    either.remove(first)


def test_a_younger_instance_hears_itself_in_the_frames_that_an_older_one_forgot(host):
    # The older one comes first in the batch, and the library goes by the first one's clock.
    expected = played(host, 2, 8, style=OTHER)
    older = host.add(1)
    one, two = Conditioning(NAME, 1, STYLE), Conditioning(NAME, 2, OTHER)
    for _ in range(3):
        host.step({older: one})
    younger = host.add(2)
    made = [host.step({older: one, younger: two})[younger] for _ in range(8)]
    np.testing.assert_array_equal(np.concatenate(made), expected)
    host.remove(older)
    host.remove(younger)


def test_a_memory_that_is_brought_back_plays_on_the_same(either):
    one, two = either.add(1), either.add(9)
    heard = Conditioning(NAME, 1, STYLE)
    for _ in range(3):
        either.step({one: heard})
    memory = either.save(one)
    expected = [either.step({one: heard})[one] for _ in range(3)]
    either.restore(two, memory)
    np.testing.assert_array_equal([either.step({two: heard})[two] for _ in range(3)], expected)
    with pytest.raises(ValueError, match="no memory of an MRT2 model"):
        either.restore(two, b"rubbish")
    either.remove(one)
    either.remove(two)


def test_a_reset_begins_anew_from_the_seed_and_fades_in_without_a_jump(either):
    slot = either.add(1)
    heard = Conditioning(NAME, 1, STYLE)
    fresh = [either.step({slot: heard})[slot] for _ in range(3)]
    again = either.step({slot: heard._replace(reset=True)})[slot]
    np.testing.assert_array_equal(either.step({slot: heard})[slot], fresh[1])
    assert np.abs(again[0] - fresh[2][-1]).max() < 1e-3
    assert again.shape == (FRAME_SAMPLES, 2)
    either.remove(slot)


def test_another_thread_plays_on_what_this_one_began(either):
    expected = played(either, 1, 4, style=STYLE)
    slot, heard, made = either.add(1), Conditioning(NAME, 1, STYLE), []

    def play() -> None:
        either.prepare(4)
        made.extend(either.step({slot: heard})[slot] for _ in range(2))

    for _ in range(2):
        thread = threading.Thread(target=play)
        thread.start()
        thread.join()
    np.testing.assert_array_equal(np.concatenate(made), expected)
    either.remove(slot)


def test_the_first_stream_is_for_every_thread_though_another_model_came_first():
    from engine.generators.mlx_streams import mx

    code = (
        "from engine.generators.sketch import host; host._on_mlx();"
        "from engine.generators.mlx_streams import SHARED; print(SHARED[0])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == f"Stream({mx.default_device()}, 0)\n"


def test_guidance_that_has_no_token_plays_as_the_highest_that_has_one(exported):
    highest = {"style_guidance": 6.8, "notes_guidance": 6.8, "drums_guidance": 6.0}
    beyond = dict.fromkeys(highest, 7.0)
    np.testing.assert_array_equal(
        played(exported, 1, 2, **beyond), played(exported, 1, 2, **highest)
    )


def test_a_file_that_is_no_export_is_refused_by_its_name(tmp_path):
    from engine.generators import ModelUnavailableError
    from engine.generators.mrt2.mlxfn_host import MlxfnHost

    path = tmp_path / "mrt2_tiny.mlxfn"
    for _ in ("missing", "rubbish"):
        with pytest.raises(ModelUnavailableError, match=r"mrt2_tiny\.mlxfn cannot be opened"):
            MlxfnHost(NAME, path, tokenize)
        path.write_bytes(b"rubbish")
