"""Styles: the embedding of a text or a sound, made off the frame loop and remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.nodetype import Service
from engine.signals import NO_STYLE, STYLE_SIZE, StyleArray, frozen

Samples = npt.NDArray[np.float32]
"""float32[n, 2], stereo at 48 kHz."""

REMEMBERED = 256
"""Embeddings kept, 3 kB each; the one longest not asked for goes first."""
QUEUED = 32
"""Requests that wait for the worker; of more, the oldest are dropped. Nodes ask anew in every
frame, so what is dropped and still wanted comes back."""


class Encoder(Protocol):
    """What embeds texts and sounds into one space of 768 dimensions.

    Styles differ in length from encoder to encoder, and within one; only all zeros mean none.
    It may be called by several threads at once.
    """

    stand_in: bool
    """True where it only stands in for MusicCoCa; its vectors never reach an MRT2 model."""

    def text(self, text: str) -> StyleArray:
        """Returns the style of a text, float32[768]."""

    def sound(self, samples: Samples) -> StyleArray:
        """Returns the style of at least one sample of sound, float32[768]."""

    def tokens(self, style: StyleArray) -> npt.NDArray[np.int32]:
        """Returns the 12 tokens of a style, int32[12] in 0..1023, coarsest first."""


class Styles(Service):
    """Embeds for the nodes and never keeps a frame waiting, unless it is asked to.

    An embedding that is remembered is returned at once. Another is made by a worker thread,
    newest request first, and until it is ready the caller gets back the style it had. While
    rendering to a file it is made on the spot, so that the render is exact.

    Args:
        encoder: what makes the embeddings.
        wait: True to make them on the spot.

    Attributes:
        error: what the encoder last failed at, for the user to read; "" while all is well.
            What failed is not tried again until it has been forgotten.
    """

    def __init__(self, encoder: Encoder, wait: bool) -> None:
        self.error = ""
        self._encoder = encoder
        self._wait = wait
        self._known: OrderedDict[Hashable, StyleArray | None] = OrderedDict()
        self._asked: OrderedDict[Hashable, Callable[[], StyleArray]] = OrderedDict()
        self._changed = threading.Condition()
        self._worker: threading.Thread | None = None
        self._closed = False

    def text(self, text: str, last: StyleArray) -> StyleArray:
        """Returns the style of a text, or `last` while it is not ready; a blank text has none."""
        text = text.strip()
        if not text:
            return NO_STYLE
        return self._get(("text", text), lambda: self._encoder.text(text), last)

    def sound(self, key: Hashable, samples: Samples, last: StyleArray) -> StyleArray:
        """Returns the style of a sound, or `last` while it is not ready.

        Args:
            key: what tells this sound from all others.
            samples: float32[n, 2] at 48 kHz, not to be changed afterwards.
        """
        return self._get(("sound", key), lambda: self._encoder.sound(samples), last)

    def close(self) -> None:
        """Ends the worker after what it is at; from then on only what is known is returned."""
        with self._changed:
            self._closed = True
            self._asked.clear()
            self._changed.notify()
        if self._worker:
            self._worker.join(timeout=1.0)

    def _get(self, key: Hashable, make: Callable[[], StyleArray], last: StyleArray) -> StyleArray:
        with self._changed:
            if key in self._known:
                self._known.move_to_end(key)
                known = self._known[key]
                return last if known is None else known
            if self._closed:
                return last
            if not self._wait:
                self._ask(key, make)
                return last
        made = self._make(key, make)
        return last if made is None else made

    def _ask(self, key: Hashable, make: Callable[[], StyleArray]) -> None:
        if key not in self._asked:
            self._asked[key] = make
            self._changed.notify()
            if len(self._asked) > QUEUED:
                self._asked.popitem(last=False)
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="styles", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked or self._closed)
                if self._closed:
                    return
                key = next(reversed(self._asked))
                make = self._asked[key]
            # It stays in the queue meanwhile, so that nobody asks for it a second time.
            self._make(key, make)
            with self._changed:
                self._asked.pop(key, None)

    def _make(self, key: Hashable, make: Callable[[], StyleArray]) -> StyleArray | None:
        """Makes and remembers an embedding; None, remembered as well, where that fails."""
        made: StyleArray | None = None
        error = ""
        try:
            made = frozen(np.array(make(), np.float32))
            if made.shape != (STYLE_SIZE,) or not np.isfinite(made).all():
                made, error = None, "it is not 768 finite numbers"
        except Exception as fault:  # whatever an encoder raises, the music goes on
            error = str(fault) or type(fault).__name__
        with self._changed:
            if error:
                self.error = f"no style could be made of {_named(key)}: {error}"
            self._known[key] = made
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return made


def _named(key: Hashable) -> str:
    """Says what a request was for."""
    kind, what = key if isinstance(key, tuple) else ("sound", key)
    return f"the text {what!r}" if kind == "text" else "a sound"
