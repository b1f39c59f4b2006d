"""An instrument patched by hand in the window, played by MIDI, and heard at the sound server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measure import hertz, level, level_at, mono

from bench.rig import keys_patch
from engine.commands import GetPatch
from engine.files import dumps, load_patch, loads, save_patch
from engine.patch import Patch
from engine.registry import load_registry
from engine.signals import SAMPLE_RATE
from tests.editor_rig import MISSING, Window
from tests.jack import Jack, frames
from tests.midi_rig import device
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

REGISTRY = load_registry()
C4 = 60

NODES = {
    "input1": "midi.input",
    "held1": "notes.held",
    "harmonise1": "mask.harmonise",
    "prompt1": "style.prompt",
    "model1": "generator.model",
    "gate1": "audio.gate",
    "limiter1": "audio.limiter",
    "output1": "audio.output",
}
PLACES = (
    *((0.01, 0.03), (0.01, 0.50), (0.20, 0.03), (0.20, 0.60)),
    *((0.39, 0.03), (0.58, 0.03), (0.58, 0.50), (0.77, 0.03)),
)
"""Where the nodes go, as parts of the canvas when it is zoomed out a little."""

CABLES = (
    "input1.midi held1.midi",
    "held1.notes harmonise1.notes",
    "harmonise1.notes model1.notes",
    "prompt1.style model1.style",
    "model1.audio gate1.audio",
    "held1.notes gate1.notes",
    "gate1.audio limiter1.audio",
    "limiter1.audio output1.audio",
)


class Stage:
    """A window whose engine plays through a sound server, and a keyboard to play it."""

    def __init__(self, jack: Jack, file: Path, window: Window, keyboard: Any) -> None:
        self.jack = jack
        self.file = file
        self.window = window
        self.keyboard = keyboard
        window.wait_for_engine()
        # The server is looked at when the engine's clients are all there (`tests.jack.LOOKS`).
        window.wait_until("the engine has a device and the keys", self._devices)
        self.port: str = wait_until(lambda: self._out(), "the engine has an audio port")
        wait_until(lambda: any(jack.connections()["keys:keys"]), "the engine hears the keyboard")

    def _devices(self) -> bool:
        with self.window.client() as engine:
            now = engine.wait_for_frame(1)
        there = {each.kind for each in now.devices if each.alive} if now else set()
        return {"output", "midi_in"} <= there

    def _out(self) -> str | None:
        ports = self.jack.connections().items()
        return next((port for port, targets in ports if "system:playback_1" in targets), None)

    def hear(self, seconds: float = 0.5) -> np.ndarray:
        with self.jack.recording(self.port) as recording:
            time.sleep(seconds)
        return recording.sound

    def press(self, pitch: int) -> None:
        """Presses a key, once the engine plays what the window shows."""
        with self.window.client() as engine:
            self.window.wait_until(
                "the engine plays what is shown",
                lambda: loads(engine.request(GetPatch()).text.encode()) == self.window.patch,
            )
        self.keyboard.send_message([0x90, pitch, 100])

    def wait_for_sound(self) -> None:
        self.window.wait_until("it sounds", lambda: level(self.hear()) > -50)

    def wait_for_silence(self) -> None:
        self.window.wait_until("it is silent", lambda: level(self.hear()) < -90)


@pytest.fixture
def stage(jack: Jack, home: Path) -> Iterator[Stage]:
    file = home / "mine.hocket"
    save_patch(Patch(), file)
    with device("keys", "keys") as keyboard, Window(home, file) as window:
        yield Stage(jack, file, window, keyboard)


def test_an_instrument_is_built_by_hand_played_and_outlives_its_window(stage, home):
    window = stage.window
    window.keys("ctrl+minus", "ctrl+minus")
    for type_, place in zip(NODES.values(), PLACES, strict=True):
        window.add(type_, window.ask("at", *place))
    window.picture("harmoniser_nodes")
    assert {name: node.type for name, node in window.patch.nodes.items()} == NODES
    for each in CABLES:
        window.patch_cable(*each.split())
    window.picture("harmoniser_patched")
    assert window.cables == set(CABLES)

    stage.press(C4)
    stage.wait_for_sound()
    assert level_at(stage.hear(1.0), hertz(C4)) > -50
    window.picture("harmoniser_playing")

    window.drag(window.ask("pin", "inlet", "gate1.audio"), window.ask("at", 0.5, 0.95))
    assert "model1.audio gate1.audio" not in window.cables
    stage.wait_for_silence()
    window.keys("ctrl+z")
    stage.wait_for_sound()

    window.keys("ctrl+s")
    window.wait_until("it is saved", lambda: not window.about("unsaved"))
    assert load_patch(stage.file) == window.patch

    patch = window.patch
    with stage.jack.recording(stage.port) as recording:
        time.sleep(1.0)
        window.kill()
        time.sleep(2.0)
    # Half a second would be a stop; a block or two are lost by any machine that is busy.
    assert min(level(each) for each in frames(recording.sound, SAMPLE_RATE // 2)) > -50

    with Window(home, stage.file) as again:
        again.wait_for_engine()
        assert again.patch == patch
        stage.wait_for_sound()
        stage.keyboard.send_message([0x80, C4, 0])
        stage.wait_for_silence()


def test_a_prompt_that_is_typed_changes_the_sound(stage):
    window = stage.window
    window.ask("edit", "Begin", dumps(keys_patch(REGISTRY, "sub bass")).decode())
    window.keys("ctrl+l", "f")
    stage.press(C4)
    stage.wait_for_sound()
    dull = brightness(stage.hear(1.0))
    window.click(window.ask("field", "prompt.text"))
    window.wait_to_type()
    window.keys("ctrl+a")
    window.type("bright lead")
    window.keys("Return")
    assert window.patch.nodes["prompt"].values["text"] == "bright lead"
    window.wait_until("it is bright", lambda: brightness(stage.hear(1.0)) > 2 * dull)


def brightness(sound: np.ndarray) -> float:
    """Returns the middle of a sound's spectrum in Hz, weighed by power."""
    power = np.square(np.abs(np.fft.rfft(mono(sound))))
    return float(np.sum(power * np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)) / np.sum(power))
