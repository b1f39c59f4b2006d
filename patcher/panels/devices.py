"""The window of devices: what is played through, what is listened to, and how late it sounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.commands import ChooseDevice, ChooseMidi, Latency, ListDevices, SetLatency
from engine.margin import parse
from engine.messages import Device, DeviceKind, DeviceList, DeviceState, Snapshot
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.panel import Region
from patcher.ui.buttons import add_button, light
from patcher.ui.colours import rgba
from patcher.ui.stops import Stop, Stops

WIDTH, HEIGHT, NAMES = 480, 400, 120
"""Of the window, and the width of the words before a choice, in pixels at a scale of 1."""
DEFAULT = "System default"
AUDIO: tuple[tuple[DeviceKind, str], ...] = (("output", "Plays through"), ("input", "Listens to"))
LATENCIES: tuple[tuple[Latency, str], ...] = (
    ("safe", "Keeps most in reserve, for a machine that does much else"),
    ("balanced", "Follows how long frames take, with some reserve"),
    ("tight", "As soon as it can be; breaks are heard where something comes between"),
)
FIXED = "Fixed…"


class Devices:
    """Chooses audio devices, MIDI inputs and latency, and says what is missing."""

    region: ClassVar[Region] = "over"
    title: ClassVar[str] = "Audio and MIDI"

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._there: tuple[Device, ...] = ()
        self._used: tuple[DeviceState, ...] = ()
        self._snapshot: Snapshot | None = None
        self._latency: Latency | float | None = None
        self._stops = Stops(editor.look)
        self._rows: list[Stop] = []
        self._combos: dict[DeviceKind, int] = {}
        self._modes: dict[Latency, int] = {}

    def build(self, parent: int | str) -> None:
        add = self._editor.actions.add
        add("Audio and MIDI devices", self.open, "Ctrl+Alt+D", menu="Play")
        add("Choose a device…", self._ask, "Ctrl+Shift+Alt+D", menu="Play")
        self._editor.actions.ask_first(self._take)
        px, palette = self._editor.look.px, self._editor.look.palette
        with dpg.window(
            label=self.title, show=False, width=px(WIDTH), height=px(HEIGHT), no_collapse=True
        ) as window:
            self._window = int(window)
            for kind, words in AUDIO:
                self._combos[kind] = self._build_choice(kind, words)
            dpg.add_spacer(height=px(4))
            dpg.add_text("Latency", color=rgba(palette.faint))
            self._build_latency()
            dpg.add_spacer(height=px(4))
            dpg.add_text("MIDI inputs", color=rgba(palette.faint))
            self._midi = int(dpg.add_group())
            self._missing = int(dpg.add_text("", wrap=px(WIDTH - 24), color=rgba(palette.warn)))
            with dpg.group() as last:
                add_button(last, "Look again", self._look, "Looks for what was plugged in")
            self._last = (int(last), self._look)
            self._stops.put([*self._rows, self._last])

    def open(self) -> None:
        """Shows the window, or hides it where it is shown."""
        shown = not dpg.is_item_shown(self._window)
        dpg.configure_item(self._window, show=shown)
        if shown:
            width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
            px = self._editor.look.px
            dpg.set_item_pos(self._window, [(width - px(WIDTH)) // 2, height // 6])
            dpg.focus_item(self._window)
            self._look()

    def refresh(self) -> None:
        if not dpg.is_item_shown(self._window):
            return
        snapshot = self._editor.snapshot
        if snapshot is None or snapshot is self._snapshot:
            return
        self._snapshot = snapshot
        self._show_latency(snapshot)
        if snapshot.devices != self._used:
            self._used = snapshot.devices
            self._show()

    def _build_choice(self, kind: DeviceKind, words: str) -> int:
        with dpg.group(horizontal=True, xoffset=self._editor.look.px(NAMES)) as row:
            dpg.add_text(words, color=rgba(self._editor.look.palette.faint))
            self._rows.append((int(row), partial(self._ask, words)))
            return int(dpg.add_combo(width=-1, callback=lambda _, name: self._choose(kind, name)))

    def _build_latency(self) -> None:
        px = self._editor.look.px
        with dpg.group(horizontal=True):
            for mode, tip in LATENCIES:
                run = partial(self._set_latency, mode)
                with dpg.group() as stop:
                    words = mode.capitalize()
                    self._modes[mode] = add_button(stop, words, run, tip, width=px(90))
                self._rows.append((int(stop), run))
            with dpg.group() as stop:
                tip = "Keeps as many milliseconds in reserve as you say"
                self._fixed = add_button(stop, FIXED, self._ask_reserve, tip, width=px(90))
            self._rows.append((int(stop), self._ask_reserve))
        self._late = int(dpg.add_text(""))

    def _look(self) -> None:
        self._editor.post(ListDevices(), self._listed)

    def _take(self, keys: str) -> bool:
        """Has keys go through the window while it has the focus."""
        if not (dpg.is_item_shown(self._window) and dpg.is_item_focused(self._window)):
            return False
        if keys != "Esc":
            return self._stops.take(keys)
        dpg.hide_item(self._window)
        self._stops.end()
        return True

    def _ask(self, typed: str = "") -> None:
        """Lists what can be chosen in the window, for the keyboard; that which begins so."""

        def answered(result: object) -> None:
            if snapshot := self._editor.snapshot:
                self._used = snapshot.devices
            self._listed(result)
            self._editor.popups.choosing.offer(
                "Which device, or what latency?",
                [each for each in self._offers() if each[0].startswith(typed)],
            )

        self._editor.post(ListDevices(), answered)

    def _offers(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        snapshot = self._editor.snapshot
        for kind, words in AUDIO:
            for name in (DEFAULT, *(each.name for each in self._there if each.kind == kind)):
                yield f"{words} {name}", "", partial(self._choose, kind, name)
        for mode, tip in LATENCIES:
            tip = f"As it is now. {tip}" if snapshot and mode == snapshot.latency else tip
            yield f"Latency: {mode}", tip, partial(self._set_latency, mode)
        heard = {each.name for each in self._used if each.kind == "midi_in"}
        for each in self._there:
            if each.kind == "midi_in":
                on = each.name not in heard
                words = f"{'Listens to' if on else 'No longer listens to'} {each.name}"
                yield words, "MIDI", partial(self._hear, each.name, on)

    def _listed(self, result: object) -> None:
        if isinstance(result, DeviceList):
            self._there = result.devices
            self._show()
        else:
            self._editor.say(str(result), bad=True)

    def _show(self) -> None:
        """Shows what is there, what of it is used, and what is used and not there."""
        for kind, combo in self._combos.items():
            names = [each.name for each in self._there if each.kind == kind]
            used = next((each.name for each in self._used if each.kind == kind), DEFAULT)
            dpg.configure_item(combo, items=[DEFAULT, *names])
            dpg.set_value(combo, used)
        self._show_midi()
        gone = [each.name for each in self._used if not each.alive]
        words = f"Missing: {', '.join(gone)}. It is taken again when it returns." if gone else ""
        dpg.set_value(self._missing, words)

    def _show_midi(self) -> None:
        dpg.delete_item(self._midi, children_only=True)
        heard = {each.name for each in self._used if each.kind == "midi_in"}
        names = [each.name for each in self._there if each.kind == "midi_in"]
        boxes: list[Stop] = []
        for name in names:
            with dpg.group(parent=self._midi) as stop:
                dpg.add_checkbox(
                    label=name,
                    default_value=name in heard,
                    callback=lambda _, on, name: self._hear(name, on),
                    user_data=name,
                )
            boxes.append((int(stop), partial(self._hear, name, name not in heard)))
        self._stops.put([*self._rows, *boxes, self._last])
        if not names:
            faint = rgba(self._editor.look.palette.faint)
            dpg.add_text("None is plugged in", parent=self._midi, color=faint)

    def _choose(self, kind: DeviceKind, name: str) -> None:
        assert kind in ("output", "input")
        self._editor.post(ChooseDevice(kind, None if name == DEFAULT else name))

    def _hear(self, name: str, on: bool) -> None:
        """Listens to an input, or no longer; to all of them is to later ones as well."""
        there = {each.name for each in self._there if each.kind == "midi_in"}
        heard = {each.name for each in self._used if each.kind == "midi_in"} & there
        wanted = heard | {name} if on else heard - {name}
        self._editor.post(ChooseMidi(None if wanted == there else tuple(sorted(wanted))))

    def _set_latency(self, mode: Latency) -> None:
        self._editor.post(SetLatency(mode))

    def _ask_reserve(self) -> None:
        """Asks for a reserve that stays as it is."""

        def taken(text: str) -> None:
            if text in ("", before):
                return
            try:
                self._editor.post(SetLatency(parse(text.removesuffix("ms").strip())))
            except ValueError as fault:
                self._editor.say(str(fault), bad=True)

        before = f"{self._latency:g}" if isinstance(self._latency, float) else ""
        at = dpg.get_item_rect_min(self._fixed)
        self._editor.popups.asking.ask((at[0], at[1]), before, taken, hint="Milliseconds")

    def _show_latency(self, snapshot: Snapshot) -> None:
        """Shows how late it sounds, and what decides that, whoever chose it."""
        latency = snapshot.latency
        chosen = latency.capitalize() if isinstance(latency, str) else "Fixed"
        dpg.set_value(
            self._late,
            f"{chosen}: {snapshot.latency_ms:.0f} ms from a key to its sound; "
            f"{snapshot.margin_ms:.0f} ms of them in reserve",
        )
        if latency == self._latency:
            return
        self._latency = latency
        good = self._editor.look.palette.good
        for mode, button in self._modes.items():
            light(self._editor.look, button, good if mode == latency else None)
        fixed = not isinstance(latency, str)
        light(self._editor.look, self._fixed, good if fixed else None)
        dpg.configure_item(self._fixed, label=f"{latency:.0f} ms" if fixed else FIXED)
