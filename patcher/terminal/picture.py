"""A picture of a sound: its waveform, and its spectrogram with the notes that were played."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from patcher.terminal.spectrogram import FLOOR_DB, HIGH_HZ, LOW_HZ, Waveform, read_sound
from patcher.ui.colours import BACKGROUND, FAINT, INK, OUTLINE, SIGNAL_COLOURS, VOICES

PlayedNotes: TypeAlias = Sequence[tuple[float, float, float]]
"""(MIDI pitch, start, end) of each note, times in seconds."""

SHOWN_DB = 75.0
"""How far below the loudest partial the colours reach."""

TILE_TOP = 0.6
"""The amplitude that fills the height of a tile's waveform."""
TILE_COLOURS = 200
"""Of the palette: with fewer its labels take on the spectrogram's hues."""
TILE_LOUDEST_DB = -20.0
"""The brightest level of a tile, near the loudest partial that the sketch has."""

TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600)
"""Seconds between the marks of the time axis."""


def draw_picture(
    wav_path: str | Path,
    png_path: str | Path,
    title: str,
    notes: PlayedNotes | Mapping[str, PlayedNotes] = (),
) -> None:
    """Draws a sound file as a PNG of 1600 × 900: waveform above, spectrogram and notes below.

    Reads the file a column at a time, so memory does not grow with its length.

    Args:
        notes: what was played, or what each generator played, by its name.
    """
    # Only here and below: importing matplotlib takes longer than all else the command line does.
    from matplotlib.figure import Figure

    waveform, levels, seconds = read_sound(wav_path)
    figure = Figure(figsize=(16, 9), dpi=100, facecolor=BACKGROUND)
    grid = figure.add_gridspec(
        2, 1, height_ratios=(1, 4), left=0.055, right=0.95, top=0.915, bottom=0.06, hspace=0.05
    )
    above, below = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
    _draw_waveform(above, waveform, seconds, _peak(waveform) or 1.0)
    loudest = max(float(levels.max()), FLOOR_DB + SHOWN_DB)
    image = _draw_spectrogram(below, levels, seconds, loudest)
    _draw_keys(below, image, loudest)
    _draw_notes(below, notes if isinstance(notes, Mapping) else {"": notes}, seconds)
    figure.text(0.055, 0.95, _one_line(title), color=INK, size=17, weight="bold", parse_math=False)
    figure.text(0.95, 0.95, _summary(waveform, seconds), color=FAINT, size=12, ha="right")
    _save(figure, png_path)


def draw_tile(wav_path: str | Path, png_path: str | Path, title: str) -> None:
    """Draws a sound file as a PNG of 540 × 350, to be laid beside others.

    Heights and colours mean the same in all tiles: a waveform of amplitude 0.6, its channels in
    one lane, fills the height, and −20 dB is the brightest.
    """
    from matplotlib.figure import Figure

    waveform, levels, seconds = read_sound(wav_path)
    figure = Figure(figsize=(5.4, 3.5), dpi=100, facecolor=BACKGROUND)
    grid = figure.add_gridspec(
        2, 1, height_ratios=(1, 3.5), left=0.115, right=0.965, top=0.895, bottom=0.09, hspace=0.05
    )
    above, below = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
    low, high, rms = waveform
    one = Waveform(low.min(1, keepdims=True), high.max(1, keepdims=True), rms.max(1, keepdims=True))
    _draw_waveform(above, one, seconds, TILE_TOP)
    above.set_yticks([])
    _draw_spectrogram(below, levels, seconds, TILE_LOUDEST_DB)
    for axes in (above, below):
        axes.set_xticks(range(int(seconds) + 1))
    below.set_xticklabels([f"{second} s" for second in range(int(seconds) + 1)])
    figure.text(0.115, 0.925, _one_line(title), color=INK, size=13, weight="bold", parse_math=False)
    _save(figure, png_path, TILE_COLOURS)


def _save(figure: Any, png_path: str | Path, colours: int = 0) -> None:
    """Writes a figure; with at most so many colours, which makes the file a third as long."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    with warnings.catch_warnings():
        # A title in a script that the built-in font lacks shows boxes; that is no fault.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    if colours:
        image = image.quantize(colours, dither=Image.Dither.NONE)
    image.save(png_path, format="PNG", optimize=True)


def _draw_waveform(axes: Any, waveform: Waveform, seconds: float, peak: float) -> None:
    """Draws each channel in a lane of its own, left above right; `peak` is half a lane high."""
    count, channels = waveform.low.shape
    times = (np.arange(count) + 0.5) * seconds / count
    colour = SIGNAL_COLOURS["Audio"]
    for channel in range(channels):
        middle = -2.2 * channel
        lanes = [each[:, channel] / peak + middle for each in waveform]
        loudness = waveform.rms[:, channel] / peak
        axes.axhline(middle, color=colour, linewidth=0.6, alpha=0.7)
        axes.fill_between(times, lanes[0], lanes[1], color=colour, alpha=0.45, linewidth=0)
        axes.fill_between(times, middle - loudness, middle + loudness, color=colour, linewidth=0)
    _frame(axes, seconds)
    axes.set_ylim(-2.2 * (channels - 1) - 1.1, 1.1)
    axes.set_yticks([-2.2 * channel for channel in range(channels)])
    names = ("left", "right") if channels == 2 else [f"{n + 1}" for n in range(channels)]
    axes.set_yticklabels(names if channels > 1 else ["mono"])
    axes.tick_params(axis="x", labelbottom=False)


def _draw_spectrogram(
    axes: Any, levels: npt.NDArray[np.float32], seconds: float, loudest: float
) -> Any:
    """Draws levels over time and pitch, where octaves are equally high; returns the image."""
    extent = (0.0, seconds, _height(LOW_HZ), _height(HIGH_HZ))
    image = axes.imshow(
        levels,
        cmap="magma",
        origin="lower",
        aspect="auto",
        extent=extent,
        vmin=loudest - SHOWN_DB,
        vmax=loudest,
        interpolation="bilinear",
    )
    _frame(axes, seconds)
    hertz = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
    axes.set_yticks([_height(each) for each in hertz])
    axes.set_yticklabels([f"{n} Hz" if n < 1_000 else f"{n // 1_000} kHz" for n in hertz])
    return image


def _draw_keys(axes: Any, image: Any, loudest: float) -> None:
    """Says what a spectrogram's heights are in octaves, on the right, and its colours in dB."""
    octaves = axes.secondary_yaxis("right")
    octaves.set_yticks(range(24, 121, 12))
    octaves.set_yticklabels([f"C{octave}" for octave in range(1, 10)])
    octaves.tick_params(colors=FAINT, labelsize=10, length=3)
    bar = axes.inset_axes((0.83, 0.955, 0.14, 0.014))
    axes.figure.colorbar(image, cax=bar, orientation="horizontal")
    ends = (math.ceil(loudest - SHOWN_DB), math.floor(loudest))
    bar.set_xticks(ends)
    bar.set_xticklabels([f"{end} dB".replace("-", "−") for end in ends])
    bar.tick_params(colors=INK, labelsize=9, length=0)
    bar.spines[:].set_visible(False)


def _draw_notes(axes: Any, notes: Mapping[str, PlayedNotes], seconds: float) -> None:
    """Outlines every note where its fundamental lies, a semitone high."""
    from matplotlib.collections import PolyCollection

    shapes = []
    for number, (name, played) in enumerate(notes.items()):
        corners = [
            [(start, p - 0.5), (end, p - 0.5), (end, p + 0.5), (start, p + 0.5)]
            for p, start, end in played
        ]
        shapes.append(
            PolyCollection(
                corners,
                facecolors="none",
                edgecolors=VOICES[number % len(VOICES)],
                linewidths=0.9,
                alpha=0.85,
                label=name,
            )
        )
        axes.add_collection(shapes[-1], autolim=False)
    if len(notes) > 1:
        legend = axes.legend(
            handles=shapes, loc="upper left", frameon=False, ncols=4, labelcolor=INK, fontsize=11
        )
        for text in legend.get_texts():
            text.set_parse_math(False)


def _frame(axes: Any, seconds: float) -> None:
    axes.set_facecolor(BACKGROUND)
    axes.set_xlim(0, seconds)
    times = ticks(seconds)
    axes.set_xticks(times)
    axes.set_xticklabels([clock(time, seconds) for time in times])
    axes.tick_params(colors=FAINT, labelsize=10, length=3)
    axes.spines[:].set_color(OUTLINE)


def ticks(seconds: float) -> list[float]:
    """Returns at most 13 round times from 0 to `seconds`."""
    step = next((each for each in TICKS if seconds <= 12 * each), seconds / 12)
    return [step * n for n in range(int(seconds / step) + 1)]


def clock(time: float, length: float) -> str:
    """Writes a time as people read it in a sound of some length: `2.5 s`, `1:30`, `1:00:00`."""
    if length < 60:
        return f"{time:.3g} s"
    minutes, seconds = divmod(round(time), 60)
    if length < 3600:
        return f"{minutes}:{seconds:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _summary(waveform: Waveform, seconds: float) -> str:
    peak = _peak(waveform)
    if not peak:
        return f"{clock(seconds, seconds)}  ·  silence"
    loudness = math.sqrt(float(np.mean(waveform.rms.astype(float) ** 2)))
    levels = f"peak {20 * math.log10(peak):.1f} dB  ·  RMS {20 * math.log10(loudness):.1f} dB"
    return f"{clock(seconds, seconds)}  ·  {levels}".replace("-", "−")


def _peak(waveform: Waveform) -> float:
    return float(max(-waveform.low.min(), waveform.high.max()))


def _height(hertz: float) -> float:
    """Returns where a frequency lies on the picture's axis, which counts MIDI pitches."""
    return 69 + 12 * math.log2(hertz / 440)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
