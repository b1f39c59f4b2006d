"""Recording a performance: the mix, each instance, and the log from which it can be replayed.

The frame loop only hands over what it has; a thread of its own writes it.
"""

from __future__ import annotations

import re
import shutil
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

import platformdirs

from engine.deck import Deck
from engine.frame import Frame
from engine.memory import Packing
from engine.plan import Plan
from engine.recording.log import SUFFIX, Header, LogWriter, Remark, stem_name
from engine.recording.scribe import Begun, Scribe, Taken, begun, taken
from engine.registry import Registry
from engine.signals import FRAME_RATE, SAMPLE_RATE, AudioArray
from engine.wavefile import SAMPLE_BYTES, GrowingFile, Track, grow

MOST_WAITING = 20 * FRAME_RATE
"""Frames that may wait for the disk: with four instances they are 40 MB."""
REFRESH = FRAME_RATE
"""Frames between two refreshes of the headers: after a kill at most this many are cut off."""
LITTLE_SPACE = 1 << 30
LITTLE_TIME = 600.0
"""Below 1 GiB or 10 minutes the user is told that the disk runs full."""

Format = Literal["wav", "flac"]


def recordings_folder() -> Path:
    """Returns where recordings go unless the user says otherwise."""
    return platformdirs.user_documents_path() / "Hocket" / "Recordings"


def make_take_folder(parent: Path, title: str) -> Path:
    """Makes a new folder for one recording, named after the time and the patch.

    Raises:
        OSError: it cannot be made.
    """
    words = " ".join(re.sub(r"[^\w \-]", " ", title).split())[:64]
    name = f"{datetime.now():%Y-%m-%d %H.%M.%S} {words}".strip()
    for number in range(1, 100):
        folder = parent / (name if number == 1 else f"{name} ({number})")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{parent / name} is there already, as are 98 more like it")


class Recorder:
    """Records into a folder of its own: `mix.wav`, `stems/NODE.wav`, `performance.hocketlog`.

    A stem holds what was heard of a generator node, from the beginning of the recording on. Where
    the disk stands still for 20 seconds frames are lost: they are silence in the sound.

    Args:
        folder: an empty folder.
        format: of the sound files, 24 bits at 48 kHz.
        underruns: how often the device has run dry so far; each time is noted in the log.
        on_event: told in a sentence of what the user should know.

    Attributes:
        path: the mix.
        log: the log.
        lost: how many frames could not be written.
        over: whether nothing is recorded any more, as the disk is full, say.

    Raises:
        OSError: the files cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        registry: Registry,
        *,
        format: Format = "wav",
        underruns: Callable[[], int] = lambda: 0,
        on_event: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.path = folder / f"mix.{format}"
        self.log = folder / f"performance{SUFFIX}"
        self.lost = 0
        self.over = False
        self._folder = folder
        self._on_event = on_event
        self._underruns = underruns
        self._dry = underruns()
        self._packing = Packing(registry)
        self._queue: SimpleQueue[Begun | Taken | Remark | None] = SimpleQueue()
        self._numbers: weakref.WeakKeyDictionary[Deck, int] = weakref.WeakKeyDictionary()
        self._next = 0
        self._plans: dict[Deck, Plan] = {}
        self._tape = _Tape(self.path, self.log, self._packing, on_event)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How much has been written."""
        return self._tape.frames / FRAME_RATE

    @property
    def waiting(self) -> int:
        """How many frames and remarks wait to be written."""
        return self._queue.qsize()

    def begin(self, decks: Sequence[Deck]) -> None:
        """Sees the decks as they are before a frame; in the frame loop, returns at once."""
        if self.over or self._is_full():
            self._plans = {}
            return
        plans: dict[Deck, Plan] = {}
        try:
            for deck in decks:
                plan = deck.player.plan
                if plan is None:
                    continue
                plans[deck] = plan
                old = self._plans.get(deck)
                if old is not plan:
                    self._queue.put(begun(self._packing, self._number(deck), deck, plan, old))
        except Exception as error:  # whatever a node's memory is made of, the music goes on
            self._end(error)
        self._plans = plans

    def frame(self, frame: Frame, decks: Sequence[Deck], heard: AudioArray) -> None:
        """Takes in a frame as it was played; in the frame loop, returns at once."""
        if self.over:
            return
        playing = [each for each in decks if each.player.plan is not None]
        if self._is_full() or any(each not in self._plans for each in playing):
            self._lose()
            return
        seen = [taken(self._number(each), each, self._plans[each]) for each in playing]
        self._queue.put(Taken(frame, tuple(seen), heard))
        dry = self._underruns()
        if dry != self._dry:
            self._dry = dry
            self._queue.put(Remark(f"the audio device ran dry; that makes {dry} underruns"))

    def remark(self, text: str) -> None:
        """Puts a sentence into the log; from any thread, returns at once."""
        if not self.over and not self._is_full():
            self._queue.put(Remark(text))

    def stop(self, timeout: float = 30.0) -> None:
        """Writes what waits and ends the files. The frame loop is not to call it.

        Raises:
            TimeoutError: the disk stands still.
        """
        self._queue.put(None)
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise TimeoutError(f"the disk of {self._folder} stands still; nothing more is recorded")

    def _is_full(self) -> bool:
        return self.waiting >= MOST_WAITING

    def _number(self, deck: Deck) -> int:
        if deck not in self._numbers:
            self._numbers[deck] = self._next
            self._next += 1
        return self._numbers[deck]

    def _lose(self) -> None:
        """Leaves out a frame; the decks are written down anew before the next that is not."""
        self._plans = {}
        self.lost += 1
        if self.lost == 1:
            self._on_event("recording: the disk is too slow; what it cannot take becomes silence")

    def _run(self) -> None:
        refreshed, warned = 0, False
        try:
            while (item := self._queue.get()) is not None:
                self._tape.write(item)
                if self._tape.frames >= refreshed + REFRESH:
                    refreshed = self._tape.frames
                    self._tape.refresh()
                    warned = warned or self._warn()
        except Exception as error:  # a full disk, most likely
            self._end(error)
        finally:
            self.over = True
            self._close()

    def _end(self, error: Exception) -> None:
        """Records nothing any more; what there is stays."""
        fault = getattr(error, "strerror", None) or str(error) or type(error).__name__
        self._on_event(f"recording: it ends after {clock(self.seconds)}: {fault}")
        self.over = True
        self._queue.put(None)

    def _close(self) -> None:
        try:
            self._tape.close()
        except OSError as error:
            self._on_event(f"recording: {self._folder}: {error.strerror or error}")

    def _warn(self) -> bool:
        """Tells the user if the disk runs full, and returns whether it does."""
        free = shutil.disk_usage(self._folder).free
        left = free / self._tape.rate()
        if free >= LITTLE_SPACE and left >= LITTLE_TIME:
            return False
        space = f"{free / (1 << 30):.1f} GiB"
        self._on_event(f"recording: the disk has {space} left, enough for {clock(left)}")
        return True


class _Tape:
    """The files of a recording."""

    def __init__(
        self, path: Path, log: Path, packing: Packing, on_event: Callable[[str], None]
    ) -> None:
        self._first = 0
        self._folder = path.parent / "stems"
        self._ending = path.suffix
        self._log = LogWriter(log)
        self._scribe = Scribe(self._log, packing, on_event)
        self._mix = Track(grow(path))
        self._stems: dict[tuple[int, str], Track[GrowingFile]] = {}
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        self._log.write(Header(version("hocket"), started, SAMPLE_RATE))

    @property
    def frames(self) -> int:
        return self._mix.frames

    def write(self, item: Begun | Taken | Remark) -> None:
        if isinstance(item, Taken):
            self._scribe.write(item)
            self._sound(item)
        elif isinstance(item, Begun):
            self._scribe.begin(item)
        else:
            self._log.write(item)

    def rate(self) -> float:
        """Returns the bytes that a second takes; FLAC is counted as if it saved nothing."""
        seconds = max(1.0, self.frames / FRAME_RATE)
        return (1 + len(self._stems)) * SAMPLE_BYTES * SAMPLE_RATE + self._log.size / seconds

    def refresh(self) -> None:
        for track in (self._mix, *self._stems.values()):
            track.file.refresh()

    def close(self) -> None:
        with ExitStack() as files:
            files.callback(self._log.close)
            for track in (self._mix, *self._stems.values()):
                files.callback(track.file.close)

    def _sound(self, taken: Taken) -> None:
        if not self.frames:
            self._first = taken.frame.number
        at = taken.frame.number - self._first
        self._mix.put(at, taken.heard)
        for deck in taken.decks:
            for name, audio in deck.audio.items():
                self._stem(deck.deck, name).put(at, audio)
        playing = {each.deck for each in taken.decks}
        for gone in [each for each in self._stems if each[0] not in playing]:
            self._stems.pop(gone).file.close()

    def _stem(self, deck: int, name: str) -> Track[GrowingFile]:
        if (deck, name) not in self._stems:
            self._folder.mkdir(exist_ok=True)
            path = self._folder / f"{stem_name(deck, name)}{self._ending}"
            self._stems[deck, name] = Track(grow(path))
        return self._stems[deck, name]


def clock(seconds: float) -> str:
    """Returns a time as people read it, such as 1:02:03."""
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
