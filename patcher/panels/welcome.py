"""The page of the first start: from nothing to a sound in three steps."""

from __future__ import annotations

import time
from functools import partial
from typing import ClassVar

import dearpygui.dearpygui as dpg

from patcher.panels.sheet import Sheet
from patcher.shipped import shipped_patches
from patcher.state import load_preferences
from patcher.ui.buttons import add_button
from patcher.ui.colours import rgba
from patcher.ui.look import TITLE
from patcher.words import label

CHORD = (60, 64, 67, 72)
"""C major, as MIDI pitches."""
VELOCITY = 90
LASTS = 1.5
"""Seconds for which the chord is held."""
EXAMPLES = {
    "harmoniser": "You play, a choir answers",
    "style_surface": "Four sounds on a pad",
    "split_keyboard": "A bass and bells on one keyboard",
}
"""Shipped patches to begin with, and what they are."""


class Welcome(Sheet):
    """Hear a sound, play, open an example. It opens by itself until it is closed once."""

    title: ClassVar[str] = "Welcome to Hocket"
    WIDTH: ClassVar[int] = 660
    HEIGHT: ClassVar[int] = 440

    def build(self, parent: int | str) -> None:
        super().build(parent)
        self._due = not load_preferences().welcome_seen
        self._until = 0.0
        self._heard = self._state = 0
        self.editor.actions.add("Welcome", self.open, "Shift+F1", menu="Help")

    def refresh(self) -> None:
        if self._due and self.editor.attachment.ready:
            self._due = False
            self.open()
        if self._until and time.monotonic() > self._until:
            self._until = 0.0
            for pitch in CHORD:
                self.editor.hands.release((self.title, pitch))
        super().refresh()

    def _fill(self, parent: int) -> None:
        px = self.look.px
        self._heading(parent, "1   Hear it")
        self._state = dpg.add_text("", parent=parent, wrap=0)
        with dpg.group(parent=parent, horizontal=True) as row:
            add_button(row, "Play a chord", self._play, "Plays C major for a moment")
            self._add(row, "Choose devices…", "Audio and MIDI devices")
        self._heading(parent, "2   Play")
        self._write(
            parent,
            "Plug in a MIDI keyboard and play: every one is heard. Or click the piano below, or "
            "play on the letters of your keyboard, A to K, black keys above; Z and X change the "
            "octave.",
        )
        with dpg.group(parent=parent, horizontal=True) as row:
            self._add(row, "Play on the letters", "Play with the computer's keyboard")
        self._heading(parent, "3   Patch")
        self._write(
            parent,
            "Open an example and turn its values. Tab adds a node, dragging from port to port "
            "patches a cable, F1 shows what the selected node does.",
        )
        with dpg.group(parent=parent, horizontal=True) as row:
            for name, words in EXAMPLES.items():
                add_button(row, label(name).capitalize(), partial(self._open_example, name), words)
            self._add(row, "More…", "Patches…", last=True)
        dpg.add_spacer(parent=parent, height=px(10))
        add_button(parent, "Begin", self.close, "Closes this page (Esc); Help opens it", width=-1)

    def _update(self) -> None:
        snapshot = self.editor.snapshot
        outputs = [each for each in snapshot.devices if each.kind == "output"] if snapshot else []
        words = "There is no sound yet. Choose a device to play through."
        if not self.editor.attachment.ready:
            words = "The sound is being made ready…"
        elif any(each.alive for each in outputs):
            words = (
                f"The sound goes to {outputs[0].name or 'the sound card'}. Play a chord to hear it."
            )
        if dpg.get_value(self._state) != words:
            dpg.set_value(self._state, words)

    def _closed(self) -> None:
        self.editor.prefer(welcome_seen=True)

    def _heading(self, parent: int, text: str) -> None:
        dpg.add_spacer(parent=parent, height=self.look.px(6))
        self.look.enlarge(dpg.add_text(text, parent=parent), TITLE)

    def _write(self, parent: int, text: str) -> None:
        dpg.add_text(text, parent=parent, wrap=0, color=rgba(self.look.palette.faint))

    def _add(self, row: int | str, label: str, title: str, last: bool = False) -> None:
        """Makes a button of an action of the table; the page closes with the last step's."""
        action = self.editor.actions.titled(title)

        def run() -> None:
            if last:
                self.close()
            action.run()

        add_button(row, label, run, f"{action.title} ({', '.join(action.keys)})")

    def _play(self) -> None:
        # By the hands that the piano lets go of when the window is made anew.
        for pitch in CHORD:
            self.editor.hands.press((self.title, pitch), pitch, VELOCITY)
        self._until = time.monotonic() + LASTS

    def _open_example(self, name: str) -> None:
        self.close()
        self.editor.filing.open(shipped_patches() / f"{name}.hocket")
