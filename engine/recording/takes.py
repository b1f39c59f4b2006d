"""The recordings of a live engine, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.live import Live
from engine.messages import Recording
from engine.recording import Format, Recorder, make_take_folder
from engine.registry import Registry


class Takes:
    """Begins and ends recordings of what plays live.

    Args:
        on_event: told in a sentence of what the user should know.
    """

    def __init__(self, registry: Registry, on_event: Callable[[str], None]) -> None:
        self._registry = registry
        self._say = on_event
        self._under_way: tuple[Live, Recorder] | None = None

    @property
    def state(self) -> Recording | None:
        """The recording that runs."""
        under_way = self._under_way  # read once, as it may end meanwhile
        if under_way is None or under_way[1].over:
            return None
        recorder = under_way[1]
        return Recording(str(recorder.path), recorder.seconds)

    def begin(self, live: Live, parent: Path, title: str, format: Format) -> Recording:
        """Begins to record into a new folder in `parent`, named after the time and `title`.

        Raises:
            ValueError: a recording runs already.
            OSError: the folder cannot be made or written to, or the frame loop stands still.
        """
        if running := self.state:
            raise ValueError(f"{running.path} is being recorded already")
        folder = make_take_folder(parent, title)
        recorder = Recorder(
            folder,
            self._registry,
            format=format,
            underruns=lambda: live.speakers.underruns,
            on_event=self._say,
        )
        self._under_way = live, recorder

        def begin() -> None:
            live.recorder = recorder

        try:
            live.in_frame(begin)
        except BaseException:
            self._under_way = None
            recorder.stop()
            raise
        self._say(f"recording into {folder}")
        return Recording(str(recorder.path), 0.0)

    def remark(self, text: str) -> None:
        """Puts a sentence into the log of the recording, if one runs; from any thread."""
        if under_way := self._under_way:
            under_way[1].remark(text)

    def end(self) -> Recording:
        """Ends the recording and returns what it was.

        Raises:
            ValueError: none runs.
            OSError: the disk stands still.
        """
        if self._under_way is None:
            raise ValueError("nothing is being recorded")
        (live, recorder), self._under_way = self._under_way, None

        def end() -> None:
            live.recorder = None

        try:
            live.in_frame(end)
        finally:
            recorder.stop()
        self._say(f"recorded {recorder.seconds:.1f} s into {recorder.path.parent}")
        return Recording(str(recorder.path), recorder.seconds)

    def close(self) -> None:
        """Ends the recording, if there is one; a disk that stands still keeps nobody."""
        try:
            if self._under_way:
                self.end()
        except OSError as error:
            self._say(f"recording: {error}")
