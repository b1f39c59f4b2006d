"""What a model is stepped with in a frame is what the library builds from the same wishes."""

from __future__ import annotations

from contextlib import closing
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mido.frozen import FrozenMessage
from random_patches import patches
from toys import patch

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")

from magenta_rt.musiccoca import MockMusicCoCa

from engine import edits
from engine.compiler import compile_patch
from engine.conditioning import GUIDANCE_HIGH, Conditioning, tokens
from engine.frame import EVERY_PORT, Frame, Transport
from engine.generators.mrt2.batch import Asked, BatchHost
from engine.models import Models
from engine.patch import Patch
from engine.player import Player
from engine.registry import load_registry
from engine.render import offline_services
from engine.signals import FRAME_SAMPLES
from engine.style.musiccoca import MusicCoCaEncoder

STYLES = arrays(np.int32, 12, elements=st.integers(0, 1023))
NOTES = arrays(np.int8, 128, elements=st.integers(-1, 3))
LIBRARY = MockMusicCoCa()
ENCODER = MusicCoCaEncoder(LIBRARY)
MODEL = "mrt2_small"
REGISTRY = load_registry()
PLAYING = {"midi", "notes", "mask", "style", "control"}
KINDS = [
    *(each.name for each in REGISTRY.types.values() if each.family in PLAYING),
    # What moves, and brings it to a generator.
    *("generator.model", "midi.input", "notes.held", "notes.merge", "control.lfo") * 3,
    *("control.random", "style.smooth", "style.morph") * 3,
]
FRAMES = 12


def built(heard: Conditioning, style: Any) -> tuple[Any, dict[str, Any]]:
    """Returns what the library feeds its model with: 144 tokens, and how it is to choose."""
    from magenta_rt.jax import model, system

    known = SimpleNamespace(_model=model.get_model_class(MODEL)(), cfg_scales={})
    masked = np.where(np.arange(12) < heard.style_depth, -1 if style is None else style, -1)
    block, constants = system.MagentaRT2System._build_conditioning(
        known,
        {
            "mulan_tokens_25hz": masked,
            "pianoroll_with_onsets_tokens": heard.notes.astype(np.int32),
            "drum_pianoroll_tokens": [heard.drums],
        },
        {
            "musiccoca": heard.style_guidance,
            "notes": heard.notes_guidance,
            "drums": heard.drums_guidance,
        },
        heard.temperature,
        heard.top_k,
    )
    return np.asarray(block.values[0, 0]), constants


@given(
    st.none() | STYLES,
    NOTES,
    st.integers(-1, 1),
    st.tuples(st.floats(-1, 6.8), st.floats(-1, 6.8), st.floats(-1, 6)),
    st.integers(0, 12),
)
def test_whatever_is_wished_for_gives_the_library_s_tokens(style, notes, drums, guidance, depth):
    heard = Conditioning(
        notes=notes,
        drums=drums,
        style_guidance=guidance[0],
        notes_guidance=guidance[1],
        drums_guidance=guidance[2],
        style_depth=depth,
    )
    np.testing.assert_array_equal(tokens(heard, style), built(heard, style)[0])


def test_the_strongest_guidance_is_a_step_less_than_the_library_s_which_has_no_row_for_it():
    heard = Conditioning(
        style_guidance=GUIDANCE_HIGH, notes_guidance=GUIDANCE_HIGH, drums_guidance=GUIDANCE_HIGH
    )
    np.testing.assert_array_equal(built(heard, None)[0][-3:] - tokens(heard, None)[-3:], [1, 1, 1])


class Noting(BatchHost):
    """A host without a model, which notes what its rows were stepped with last."""

    _fresh = None
    asked: Asked

    def _run(self, asked: Asked) -> Any:
        self.asked = asked
        return np.full((len(asked.tokens), FRAME_SAMPLES, 2), 0.5, np.float32)


Noting.__abstractmethods__ = frozenset()  # without a model it needs no more


BEGUN = patch(
    {
        "keys": "midi.input",
        "held": "notes.held",
        "pad": "style.prompt",
        "choir": "style.prompt",
        "lfo": "control.lfo",
        "morph": "style.morph",
        "one": "generator.model",
        "mix": "audio.mix",
        "out": "audio.output",
    },
    (
        "keys.midi > held.midi",
        "pad.style > morph.a",
        "choir.style > morph.b",
        "lfo.control > morph.position",
        "one.audio > mix.audio1",
        "mix.audio > out.audio",
    ),
    {"pad.text": "pad", "choir.text": "choir"},
)
"""Keys, a style that moves, and a generator that is heard; what lies between them is drawn."""
MESSAGES = st.builds(
    FrozenMessage,
    st.just("note_on"),
    note=st.integers(48, 72),
    velocity=st.just(0) | st.integers(0, 127),
) | st.builds(
    FrozenMessage,
    st.just("control_change"),
    control=st.sampled_from([1, 64]),
    value=st.integers(0, 127),
)


def on_mrt2(drawn: Patch) -> Patch:
    """Has all generators of a patch play the same model, which is opened once."""
    for name, node in drawn.nodes.items():
        if node.type == "generator.model":
            drawn = edits.set_value(drawn, REGISTRY, name, "model", MODEL)
            drawn = edits.set_value(drawn, REGISTRY, name, "precision", "auto")
    return drawn


@settings(max_examples=60)
@given(
    patches(REGISTRY, KINDS, BEGUN).map(on_mrt2),
    st.lists(st.lists(MESSAGES, max_size=3).map(tuple), min_size=FRAMES, max_size=FRAMES),
)
def test_each_generator_of_a_patch_is_stepped_with_what_the_library_builds(drawn, played):
    host = Noting(MODEL, ENCODER.tokens, None)
    plan = compile_patch(drawn, REGISTRY, offline_services(ENCODER))
    with closing(Models(ENCODER, lambda model, encoder: host)) as models:
        player = Player(models)
        player.prepare(plan)
        player.swap(plan)
        for number, messages in enumerate(played):
            transport = Transport(beat=0.3 * number)
            player.step(Frame(number, 3, {EVERY_PORT: messages}, transport=transport))
            for name, row in zip(plan.generators, host.asked.heard, strict=True):
                heard = player.conditioning[name]
                style = LIBRARY.tokenize(heard.style) if heard.style.any() else None
                block, constants = built(within_reach(heard), style)
                np.testing.assert_array_equal(host.asked.tokens[row, 0], block)
                assert host.asked.temperature[row] == constants["temperature"]
                assert host.asked.top_k[row] == constants["top_k"]


def within_reach(heard: Conditioning) -> Conditioning:
    """Returns what is heard with guidance for which the library has a row."""
    return heard._replace(
        style_guidance=min(heard.style_guidance, 6.8),
        notes_guidance=min(heard.notes_guidance, 6.8),
        drums_guidance=min(heard.drums_guidance, 6.0),
    )
