"""Styles: from a text or a sound, blended, moved, smoothed."""

from __future__ import annotations

import math
from collections import deque
from typing import Annotated, NamedTuple

import numpy as np

from engine.node import node
from engine.signals import (
    FRAME_RATE,
    NO_STYLE,
    SILENCE,
    Asset,
    Audio,
    AudioArray,
    Seconds,
    Style,
    StyleArray,
    Text,
    Unit,
)
from engine.sound import PROMPT_SECONDS, SUFFIXES, Sound, read_prompt
from engine.style import Samples, Styles

SoundPrompt = Annotated[Sound | None, Asset(read_prompt, SUFFIXES)]

WINDOW = int(PROMPT_SECONDS) * FRAME_RATE
QUIET = 1e-4
"""−80 dBFS; a window with nothing louder is silent."""
PIXEL = 1 / 512
"""Of the pad's width, taken as 512 pixels."""


@node("style.prompt")
class Prompt:
    """Turns words into a style: what the model should sound like.

    While a new text is being embedded the style of the last one stays. No text, no style.

    Args:
        text: what to sound like, such as "warm electric piano".
    """

    def __init__(self) -> None:
        self._style: StyleArray = NO_STYLE

    def __call__(self, styles: Styles, text: Text = "") -> Style:
        self._style = styles.text(text, self._style)
        return self._style


@node("style.audio")
class AudioPrompt:
    """Turns a recording into a style: play like this.

    The first 10 seconds of the file are listened to.

    Args:
        file: a sound file of at most 30 minutes and 8 channels.
    """

    def __init__(self) -> None:
        self._style: StyleArray = NO_STYLE

    def __call__(self, styles: Styles, file: SoundPrompt) -> Style:
        if file is None:
            self._style = NO_STYLE
        else:
            self._style = styles.sound(file.key, file.samples, self._style)
        return self._style


@node("style.listen")
class Listen:
    """Follows the style of what it hears, a second behind.

    Every second the last 10 seconds are embedded anew, or as many as there were. While they are
    silent the style stays. Where embedding takes longer than a second, the next waits for it.
    """

    def __init__(self) -> None:
        self._heard: deque[AudioArray] = deque(maxlen=WINDOW)
        self._frames = 0
        self._style: StyleArray = NO_STYLE
        self._asked: tuple[object, Samples] | None = None

    def __call__(self, styles: Styles, audio: Audio = SILENCE) -> Style:
        self._heard.append(audio)
        self._frames += 1
        # One that takes long would never be ready if another took its place; in 10 s it has failed.
        waits = self._asked is not None and self._frames % WINDOW
        if self._frames % FRAME_RATE == 0 and not waits:
            window = np.concatenate(self._heard)
            if np.abs(window).max() >= QUIET:
                self._asked = (object(), window)
        if self._asked:
            style = styles.sound(*self._asked, self._style)
            if style is not self._style:
                self._style, self._asked = style, None
        return self._style


class Weighted(NamedTuple):
    """A style and how much of it."""

    style: Style
    weight: Unit = 1.0


@node("style.mix")
class Mix:
    """Blends styles by weight, as a mixer blends channels.

    The embeddings' mean by weight; only the proportions of the weights count, and the blend is
    not brought back to length 1. What has no style is left out. With all weights at 0 the last
    blend stays.

    Args:
        weight: how much of this style.
    """

    def __init__(self) -> None:
        self._style: StyleArray = NO_STYLE

    def __call__(self, *styles: Weighted) -> Style:
        blend = _blend([(style, weight) for style, weight in styles])
        if blend is not None:
            self._style = blend
        return self._style


class Point(NamedTuple):
    """A style at a place on the pad."""

    style: Style
    x: Unit = 0.5
    y: Unit = 0.5


@node("style.surface")
class Surface:
    """Styles lie on a pad and a cursor moves among them: the nearest colours the most.

    A style at the distance d weighs d^-2 over the sum of all d^-2. Within a pixel, 1/512 of the
    pad's width, it is that style alone. What has no style is left out; with none at all the last
    blend stays.

    Args:
        x: where this style lies, from left to right.
        y: where this style lies, from bottom to top.
        cursor_x: where the cursor is, from left to right.
        cursor_y: where the cursor is, from bottom to top.
    """

    def __init__(self) -> None:
        self._style: StyleArray = NO_STYLE

    def __call__(self, *points: Point, cursor_x: Unit = 0.5, cursor_y: Unit = 0.5) -> Style:
        weighted = []
        for style, x, y in points:
            distance = math.hypot(x - cursor_x, y - cursor_y)
            if distance < PIXEL and style.any():
                self._style = style
                return style
            weighted.append((style, max(distance, PIXEL) ** -2))
        blend = _blend(weighted)
        if blend is not None:
            self._style = blend
        return self._style


@node("style.morph")
def morph(a: Style, b: Style, position: Unit = 0.5) -> Style:
    """Goes from one style to another in a straight line.

    The embeddings are blended linearly. Where only one of the two has a style, it is that one.

    Args:
        position: 0 is a, 1 is b.
    """
    blend = _blend([(a, 1.0 - position), (b, position)])
    if blend is not None:
        return blend
    return a if a.any() else b


@node("style.smooth")
class Smooth:
    """Lets a style glide instead of jump.

    A one-pole filter on the embedding. Where no style comes in, the last one stays.

    Args:
        time: after how long 63 % of the way is gone.
    """

    def __init__(self) -> None:
        self._style: StyleArray = NO_STYLE

    def __call__(self, style: Style, time: Seconds = 1.0) -> Style:
        if not style.any():
            return self._style
        if time <= 0.0 or not self._style.any():
            self._style = style
        else:
            part = np.float32(1.0 - math.exp(-1.0 / (FRAME_RATE * time)))
            self._style = self._style + part * (style - self._style)
        return self._style


def _blend(weighted: list[tuple[StyleArray, float]]) -> StyleArray | None:
    """Returns the mean of the styles by weight; None where nothing weighs anything."""
    heard = [(style, weight) for style, weight in weighted if weight > 0.0 and style.any()]
    if not heard:
        return None
    total = sum(weight for _, weight in heard)
    blend = np.float32(heard[0][1] / total) * heard[0][0]
    for style, weight in heard[1:]:
        blend = blend + np.float32(weight / total) * style
    return blend
