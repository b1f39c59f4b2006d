"""MRT2 on MLX: equal to the library to the bit, weights or an export."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.conditioning import Conditioning
from tests.mrt2_tiny import (
    HORIZON,
    NAME,
    STYLE,
    tiny_mlx_model,
    tiny_model,
    tokenize,
    write_checkpoint,
    write_export,
)

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")
pytest.importorskip("mlx.core", reason="MLX is not installed")
# The library finds out a shape by the mean of memory that nobody has written to.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:numpy")

NOTES = np.full(128, -1, np.int8)
NOTES[60:65] = (0, 1, 2, 3, 0)
HEARD = Conditioning(NAME, 5, STYLE, NOTES, 1, 3.0, 1.0, 2.0, 0.9, 30, style_depth=12)
WIDTH = 64
"""8 bits need a scale for each 64 weights."""
LIBRARY_SEED = 42
"""What the library's only row draws from."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The library's folder, with the weights of a tiny model and their export."""
    from magenta_rt import paths

    before = paths.magenta_home()
    paths.set_magenta_home(tmp_path_factory.mktemp("magenta"))
    weights = paths.checkpoints_dir() / f"{NAME}.safetensors"
    with tiny_model(WIDTH):
        write_checkpoint(weights)
    with tiny_mlx_model(WIDTH):
        write_export(paths.models_dir(), weights)
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


def test_a_batch_and_its_next_growth_go_by_no_layers_and_play_what_they_do(home):
    grown, ready = opened(), opened()
    # As where a patch is opened: on another thread than the one that plays.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(ready.prepare, 2).result()
    del ready._sampler
    seeds = (1, 2, 3)
    by_layers = [grown.add(seed) for seed in seeds]
    by_itself = [ready.add(seed) for seed in seeds]
    for _ in range(HORIZON + 2):
        expected, made = (
            host.step(dict.fromkeys(slots, HEARD))
            for host, slots in ((grown, by_layers), (ready, by_itself))
        )
        for one, other in zip(by_layers, by_itself, strict=True):
            assert np.ptp(made[other]) > 0.01
            np.testing.assert_array_equal(made[other], expected[one])


def test_the_weights_are_not_there_twice(home):
    from engine.generators.mlx_streams import mx

    host = opened()
    host.prepare(1)
    before = mx.get_active_memory()
    host.prepare(2)
    assert mx.get_active_memory() - before < 2e6


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
