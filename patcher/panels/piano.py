"""The piano below the canvas, played by the mouse and by the computer's keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.commands import Play
from engine.messages import Snapshot
from engine.signals import ON, SUSTAIN
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.piano import COMPUTER_KEYS, OCTAVE, WHITE, Key, Keyboard, velocity
from patcher.panels.panel import Region
from patcher.panels.sized import SizedPanel
from patcher.state import load_preferences
from patcher.ui import keys
from patcher.ui.buttons import add_action, add_button, add_tip, light
from patcher.ui.colours import EBONY, IVORY, rgba
from patcher.ui.view import Point
from patcher.words import pitch_name

LEAST, LEAST_ON_STAGE = 24, 56
"""Width of a white key, in pixels at a scale of 1."""
CONTROLS = 180
"""Width of what lies left of the keys, in pixels at a scale of 1."""
HIGHEST = 8
"""The last octave that the computer's keyboard may begin at; the first is 0."""
FIRM, STEP, SOFTEST, LOUDEST = 100, 10, 10, 127
"""Velocities of the computer's keyboard: the first, by how much it changes, and its ends."""
MOUSE = "mouse"
PLAY = "Play with the computer's keyboard"


class Piano(SizedPanel):
    """Keys to play on, lit while their notes are held or given to a generator."""

    region: ClassVar[Region] = "bottom"
    title: ClassVar[str] = ""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        super().__init__(editor, canvas)
        self._hands = editor.hands
        self._octave = load_preferences().octave
        self._velocity = FIRM
        self._down: set[str] = set()
        self._pressed = False
        self._attached = editor.attachment.attached
        self._snapshot: Snapshot | None = None
        self._given: frozenset[int] = frozenset()
        self._items: dict[int, int] = {}
        self._lit: dict[int, str] = {}
        self._steps = {
            "Z": partial(self._shift, -1),
            "X": partial(self._shift, 1),
            "C": partial(self._harden, -1),
            "V": partial(self._harden, 1),
        }

    def build(self, parent: int | str) -> None:
        super().build(parent)
        self._hands.release_all()  # what was held on a piano that this one replaces
        add = self.editor.actions.add
        add(PLAY, self._toggle, "Ctrl+Shift+K", menu="Play")

    @property
    def _typed(self) -> bool:
        """Whether the computer's keyboard plays, which outlives this panel."""
        return not self.editor.actions.letters

    def _fill(self, parent: int | str, width: int, height: int) -> None:
        px = self.look.px
        with dpg.group(parent=parent, horizontal=True):
            with dpg.group() as controls:
                self._build_controls(int(controls), (height - 2 * px(6)) // 3)
            self._room = width - px(CONTROLS) - px(8), height
            self._drawing = int(dpg.add_drawlist(*self._room))
        self._show_controls()
        self._draw()

    def front(self, pitch: int) -> Point:
        """Returns where on the screen the front of a key is that can be seen."""
        key = next(each for each in self._keyboard.keys if each.pitch == pitch)
        left, top = dpg.get_item_rect_min(self._drawing)
        return left + (key.left + key.right) / 2, top + 0.9 * key.height

    def _build_controls(self, parent: int, height: int) -> None:
        self._keys = add_action(
            parent,
            "Keys",
            self.editor.actions.titled(PLAY),
            "Play with the computer's keyboard: A is C, W is C#, S is D and so on. "
            "Shortcuts of a single letter rest meanwhile",
            width=self.look.px(CONTROLS),
            height=height,
        )
        tip = "The octave of the computer's keyboard (Z and X)"
        self._octaves = self._build_stepper(parent, height, tip, self._shift)
        tip = "How hard the computer's keyboard strikes, 1 to 127 (C and V)"
        self._velocities = self._build_stepper(parent, height, tip, self._harden)

    def _build_stepper(
        self, parent: int, height: int, tip: str, step: Callable[[int], None]
    ) -> int:
        """Makes a text between a button for less and one for more, and returns the text."""
        side, gap = self.look.px(36), self.look.px(4)
        wide = self.look.px(CONTROLS) - 2 * (side + gap)
        with dpg.group(parent=parent, horizontal=True, horizontal_spacing=gap) as row:
            add_button(row, "−", lambda: step(-1), tip, width=side, height=height)
            words = dpg.add_button(width=wide, height=height, enabled=False)
            add_tip(words, tip)
            add_button(row, "+", lambda: step(1), tip, width=side, height=height)
        return int(words)

    def _show_controls(self) -> None:
        light(self.look, self._keys, self.look.palette.good if self._typed else None)
        dpg.configure_item(self._octaves, label=f"Octave {self._octave}")
        dpg.configure_item(self._velocities, label=f"Vel {self._velocity}")

    def _draw(self) -> None:
        """Draws the keys of the present octave, none of them lit."""
        px, width, height = self.look.px, *self._room
        least = px(LEAST_ON_STAGE if self.canvas.locked else LEAST)
        self._keyboard = Keyboard.fitting(width, height, least, self._octave)
        self._lit = {}
        dpg.delete_item(self._drawing, children_only=True)
        self._items = {key.pitch: self._draw_key(key) for key in self._keyboard.keys}
        letters = {(self._octave + 1) * OCTAVE + at: name for name, at in COMPUTER_KEYS.items()}
        for key in self._keyboard.keys:
            if self._typed and key.pitch in letters:
                self._write(letters[key.pitch], key, 2.4 if key.pitch % OCTAVE == 0 else 1.2)
            if key.pitch % OCTAVE == 0:
                self._write(pitch_name(key.pitch), key, 1.2)

    def _draw_key(self, key: Key) -> int:
        return int(
            dpg.draw_rectangle(
                (key.left, 0),
                (key.right, key.height),
                fill=rgba(EBONY if key.black else IVORY),
                color=rgba(self.look.palette.outline),
                rounding=self.look.px(3),
                parent=self._drawing,
            )
        )

    def _write(self, text: str, key: Key, lines: float) -> None:
        """Writes on a key, some lines above its foot."""
        size = min(0.8 * self.text, 0.55 * (self._keyboard.keys[0].right))
        dpg.draw_text(
            ((key.left + key.right - self.look.width(text, size)) / 2, key.height - lines * size),
            text,
            size=size,
            color=rgba(IVORY if key.black else EBONY),
            parent=self._drawing,
        )

    def _update(self) -> None:
        attachment = self.editor.attachment
        if attachment.attached != self._attached or not attachment.ready:
            # An engine ends the notes of a window that it loses; another knows nothing of them.
            self._attached = attachment.attached
            self._hands.forget()
        self._watch_mouse()
        self._watch_keys()
        messages = self._hands.take()
        if messages and attachment.ready:
            self.editor.post(Play(messages))
        self._light()

    def _watch_mouse(self) -> None:
        down = dpg.is_mouse_button_down(dpg.mvMouseButton_Left)
        begins = down and not self._pressed and dpg.is_item_hovered(self._drawing)
        self._pressed = down
        if begins or (down and self._hands.holds(MOUSE)):
            x, y = dpg.get_mouse_pos(local=False)
            left, top = dpg.get_item_rect_min(self._drawing)
            key = self._keyboard.at(x - left, y - top)
            self._hands.press(MOUSE, key.pitch, velocity(key, y - top))
        elif not down:
            self._hands.release(MOUSE)

    def _watch_keys(self) -> None:
        """Plays the keys that went down since the last look; one that is held says so once."""
        if not self._typed:
            return
        down = {name for name in (*COMPUTER_KEYS, *self._steps) if keys.is_down(name)}
        struck, self._down = down - self._down, down
        if not self.editor.typing and not any(keys.held()):
            for name in struck:
                if name in self._steps:
                    self._steps[name]()
                else:
                    pitch = (self._octave + 1) * OCTAVE + COMPUTER_KEYS[name]
                    self._hands.press(name, pitch, self._velocity)
        for name in COMPUTER_KEYS.keys() - down:
            self._hands.release(name)

    def _light(self) -> None:
        palette = self.look.palette
        if self.editor.snapshot is not self._snapshot:
            self._snapshot = self.editor.snapshot
            self._given = given(self._snapshot)
        colours = dict.fromkeys(self._given, palette.signals["Notes"])
        colours |= dict.fromkeys(self._hands.pitches, palette.accent)
        for pitch in colours.keys() | self._lit.keys():
            colour = colours.get(pitch)
            if pitch in self._items and colour != self._lit.get(pitch):
                plain = IVORY if pitch % OCTAVE in WHITE else EBONY
                dpg.configure_item(self._items[pitch], fill=rgba(colour or plain))
        self._lit = colours

    def _toggle(self) -> None:
        self.editor.actions.letters = self._typed
        self._hands.release_all()
        self._down = set()
        self._show_controls()
        self._draw()
        self.editor.say(
            "The computer's keyboard plays notes" if self._typed else "Letters are shortcuts again"
        )

    def _shift(self, octaves: int) -> None:
        self._octave = min(max(self._octave + octaves, 0), HIGHEST)
        self.editor.prefer(octave=self._octave)
        self._show_controls()
        self._draw()

    def _harden(self, steps: int) -> None:
        self._velocity = min(max(self._velocity + steps * STEP, SOFTEST), LOUDEST)
        self._show_controls()


def given(snapshot: Snapshot | None) -> frozenset[int]:
    """Returns the pitches that any generator was told to play."""
    generators = snapshot.generators.values() if snapshot else ()
    return frozenset(
        pitch
        for each in generators
        for pitch, state in enumerate(each.notes)
        if SUSTAIN <= state <= ON
    )
