"""The bar of the transport: where the music is and how fast, panic, and recording."""

from __future__ import annotations

import math
import time
from typing import ClassVar, Literal

import dearpygui.dearpygui as dpg

from engine.commands import Panic, Record, SetTransport, StopRecording, Tap
from engine.messages import Snapshot, TransportState
from engine.transport import FASTEST, SLOWEST
from patcher.panels.panel import Region
from patcher.panels.sized import SizedPanel
from patcher.ui import keys
from patcher.ui.buttons import add_action, add_tip, light
from patcher.ui.look import TEXT
from patcher.widgets.displays.level import Level

PANIC = "Panic: end every note"
CLOCKS = {"internal": "Own clock", "midi": "MIDI clock"}
"""Who leads, in words."""
FORMATS: dict[str, Literal["wav", "flac"]] = {"WAV": "wav", "FLAC": "flac"}
SPEED, FINE = 0.25, 0.001
"""Quarter notes a minute for a pixel of dragging, and with Shift, when Dear PyGui makes a drag
ten times as fast: 0.01."""
METER, LEAST = 1.6, 90
"""How much larger than on a node the meter is, and its least width, in pixels at a scale of 1."""
TWICE, DRAWN = 0.5, 6
"""Seconds within which Esc pressed twice is panic, or pictures drawn, where the machine is so busy
that they take longer: each press and release is seen in one of its own."""


class Transport(SizedPanel):
    """Play, tempo, clock, recording and panic, and the level of what is heard."""

    region: ClassVar[Region] = "bar"
    title: ClassVar[str] = ""

    def build(self, parent: int | str) -> None:
        super().build(parent)
        self._escape_down = False
        self._escaped, self._drawn = 0.0, DRAWN
        self._format: Literal["wav", "flac"] = "wav"
        add = self.editor.actions.add
        add("Play or stop", self._play, "Space", menu="Play")
        add("Back to the start", self._rewind, "Home", menu="Play")
        add("Tap the tempo", self._tap, "T", "Ctrl+T", menu="Play")
        add("Set the tempo…", self._ask_tempo, "Shift+T", menu="Play")
        add("Own clock or MIDI clock", self._change_clock, menu="Play")
        add("Record as WAV or FLAC", self._change_format, menu="Play")
        add("Record or stop recording", self._record, "Ctrl+Shift+R", menu="Play")
        add(PANIC, self._panic, "Esc Esc", menu="Play", typing=True)

    def _fill(self, parent: int | str, width: int, height: int) -> None:
        self._shown: dict[int, str] = {}
        self._snapshot: Snapshot | None = None
        self._used = 0
        above = max((height - self.text) / 2, 0)
        theme = self.look.theme(
            ("bar", above), sizes={dpg.mvStyleVar_FramePadding: (self.look.px(8), above)}
        )
        dpg.bind_item_theme(parent, theme)
        self._button(parent, "|◀", "Back to the start", "Back to the start", 2)
        self._playing = self._button(parent, "▶ Play", "Play or stop", "Play or stop", 6)
        self._place = self._button(
            parent, "1.1", "Back to the start", "Bar and beat; to the start", 5
        )
        self._build_tempo(parent)
        tip = "Record what is heard, or stop recording"
        self._recording = self._button(parent, "● Rec", "Record or stop recording", tip, 7)
        self._button(parent, "Panic", PANIC, "End every note", 5)
        words = "Canvas" if self.canvas.locked else "Perform"
        tip = "Between the canvas and the stage of large controls"
        self._button(parent, words, "Perform", tip, 7)
        # What is set once comes last, where a small window ends first.
        tip = "Audio devices, MIDI inputs and latency"
        self._button(parent, "Devices", "Audio and MIDI devices", tip, 7)
        self._build_choices(parent)
        self._build_level(parent, width - self._used, height)

    def _build_tempo(self, parent: int | str) -> None:
        self._tempo = int(
            dpg.add_drag_float(
                parent=parent,
                width=self._wide(8),
                default_value=120.0,
                min_value=SLOWEST,
                max_value=FASTEST,
                clamped=True,
                format="%.2f bpm",
                no_input=True,  # else Tab, which goes through the stage, begins to type in it
                callback=lambda _, tempo: self.editor.post(SetTransport(tempo=tempo)),
            )
        )
        add_tip(
            self._tempo,
            "Tempo: drag, with Shift for fine steps, or double-click and type (Shift+T)",
        )
        self._button(parent, "Tap", "Tap the tempo", "Tap the tempo", 3)

    def _build_choices(self, parent: int | str) -> None:
        self._clock = int(
            dpg.add_combo(
                list(CLOCKS.values()),
                parent=parent,
                default_value=CLOCKS["internal"],
                no_arrow_button=True,
                width=self._wide(9),
                callback=self._follow,
            )
        )
        add_tip(self._clock, "Who sets the pace: Hocket itself, or the MIDI clock that comes in")
        self._kept = dpg.add_combo(
            list(FORMATS),
            parent=parent,
            default_value=self._format.upper(),
            no_arrow_button=True,
            width=self._wide(4),
            callback=lambda _, word: setattr(self, "_format", FORMATS[word]),
        )
        add_tip(self._kept, "What recordings are kept as")

    def _build_level(self, parent: int | str, width: int, height: int) -> None:
        """Makes the meter of all that is heard, in the room that is left."""
        self._level = Level(self.look, "")
        scale = METER * self.text / TEXT
        with dpg.group(parent=parent) as group:
            above = int(height - self._level.high * scale) // 2 - self.look.px(6)
            dpg.add_spacer(height=max(above, 0))
            self._level.build(int(group), max(width, self.look.px(LEAST)), scale)

    def _button(self, parent: int | str, label: str, title: str, tip: str, letters: int) -> int:
        """Makes a button of the action of a title."""
        action = self.editor.actions.titled(title)
        return add_action(parent, label, action, tip, width=self._wide(letters))

    def _update(self) -> None:
        self._watch_escape()
        if dpg.is_item_hovered(self._tempo) or dpg.is_item_active(self._tempo):
            dpg.configure_item(self._tempo, speed=FINE if keys.held()[1] else SPEED)
            if dpg.is_mouse_button_double_clicked(dpg.mvMouseButton_Left):
                self._ask_tempo()
        snapshot = self.editor.snapshot
        if snapshot is self._snapshot:
            return
        self._snapshot = snapshot
        if snapshot:
            self._show_transport(snapshot.transport)
            self._level.show(snapshot)
        self._show_recording(snapshot)

    def _show_transport(self, state: TransportState) -> None:
        self._label(self._playing, "■ Stop" if state.playing else "▶ Play", state.playing)
        self._label(self._place, place_words(state.beat, state.bar))
        if not dpg.is_item_active(self._tempo) and self._new(self._tempo, f"{state.tempo:.2f}"):
            dpg.set_value(self._tempo, state.tempo)
        if self._new(self._clock, state.follow):
            dpg.set_value(self._clock, CLOCKS[state.follow])
            dpg.configure_item(self._tempo, enabled=state.follow == "internal")

    def _show_recording(self, snapshot: Snapshot | None) -> None:
        running = snapshot.recording if snapshot else None
        words = f"■ {duration(running.seconds)}" if running else "● Rec"
        self._label(self._recording, words, running is not None, self.look.palette.bad)

    def _label(self, item: int, words: str, lit: bool = False, colour: str = "") -> None:
        if self._new(item, f"{words} {lit}"):
            dpg.configure_item(item, label=words)
            light(self.look, item, (colour or self.look.palette.good) if lit else None)

    def _new(self, item: int, state: str) -> bool:
        """Says whether an item shows another state than this, and notes that it shows it."""
        if self._shown.get(item) == state:
            return False
        self._shown[item] = state
        return True

    def _watch_escape(self) -> None:
        """Looks for Esc pressed twice; a key that is held down repeats, so edges count."""
        down = dpg.is_key_down(dpg.mvKey_Escape)
        self._drawn += 1
        if down and not self._escape_down:
            now = time.monotonic()
            if now - self._escaped < TWICE or self._drawn <= DRAWN:
                self._panic()
            self._escaped, self._drawn = now, 0
        self._escape_down = down

    def _play(self) -> None:
        snapshot = self.editor.snapshot
        playing = snapshot is not None and snapshot.transport.playing
        self.editor.post(SetTransport(playing=not playing))

    def _rewind(self) -> None:
        self.editor.post(SetTransport(beat=0.0))

    def _tap(self) -> None:
        self.editor.post(Tap())

    def _follow(self, _: int, words: str) -> None:
        self.editor.post(SetTransport(follow="midi" if words == CLOCKS["midi"] else "internal"))

    def _ask_tempo(self) -> None:
        """Asks for the tempo, below where it is shown."""
        before = f"{dpg.get_value(self._tempo):.2f}"

        def taken(text: str) -> None:
            if text == before:
                return
            try:
                self.editor.post(SetTransport(tempo=tempo_typed(text)))
            except ValueError as fault:
                self.editor.say(str(fault), bad=True)

        left, top = dpg.get_item_rect_min(self._tempo)
        at = (left, top + dpg.get_item_rect_size(self._tempo)[1])
        self.editor.popups.asking.ask(at, before, taken, hint="beats a minute")

    def _change_clock(self) -> None:
        """Has the other clock lead."""
        own = dpg.get_value(self._clock) == CLOCKS["internal"]
        self._follow(0, CLOCKS["midi" if own else "internal"])
        self.editor.say("The MIDI clock leads" if own else "Hocket's own clock leads")

    def _change_format(self) -> None:
        """Has recordings kept as the other kind of file."""
        self._format = "flac" if self._format == "wav" else "wav"
        dpg.set_value(self._kept, self._format.upper())
        self.editor.say(f"Recordings are kept as {self._format.upper()}")

    def _panic(self) -> None:
        self.editor.post(Panic())
        self.editor.say("Every note was ended")

    def _record(self) -> None:
        snapshot = self.editor.snapshot
        if snapshot and snapshot.recording:
            self.editor.post(StopRecording())
        else:
            self.editor.post(Record(format=self._format))

    def _wide(self, letters: int) -> int:
        """Returns the width of an item with so many letters, and notes that it is taken.

        DejaVu's digits are 0.64 wide.
        """
        width = round(0.64 * self.text * letters) + 2 * self.look.px(8)
        self._used += width + self.look.px(8)
        return width


def tempo_typed(text: str) -> float:
    """Returns a typed tempo in quarter notes a minute; raises ValueError saying what is legal."""
    try:
        tempo = float(text.lower().removesuffix("bpm").replace(",", "."))
    except ValueError:
        tempo = math.nan
    if not SLOWEST <= tempo <= FASTEST:
        raise ValueError(f"The tempo is {text!r}; it must be {SLOWEST:g} to {FASTEST:g} bpm")
    return tempo


def place_words(beat: float, bar: float) -> str:
    """Returns a place in the music as musicians count: bar and beat, both from 1.

    Args:
        beat: quarter notes since the start.
        bar: quarter notes in a bar.
    """
    number, within = divmod(max(beat, 0.0), bar)
    return f"{int(number) + 1}.{int(within) + 1}"


def duration(seconds: float) -> str:
    """Returns minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
