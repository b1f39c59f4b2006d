"""How long a frame of a model takes here, by how many instances play."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.conditioning import STYLE_TOKENS, Conditioning
from engine.generators import Host, Slot, open_host
from engine.generators.device import device, memory_taken
from engine.generators.mrt2 import installed
from engine.signals import FRAME_RATE, MASKED, STYLE_SIZE, NotesArray, StyleArray, frozen
from engine.style import Encoder, Samples
from engine.style.sketch import SketchEncoder

DUE = 1e3 / FRAME_RATE
"""Milliseconds in which a frame has to be there."""
FRAMES, LEAST, SECONDS = 250, 10, 10.0
"""So many frames are measured, or as many as last 10 s where that is fewer, but at least 10."""
WARM = 3
"""Frames before those, in which what is made once is made."""
HELD = 12
"""Frames for which a chord is held, half a second."""
ON = 3

HEADING = "instances    p50 ms    p99 ms   of a frame"


class AnyStyle:
    """Stands for MusicCoCa: an MRT2 model takes as long for one style as for another."""

    stand_in = False

    def text(self, text: str) -> StyleArray:
        return frozen(np.full(STYLE_SIZE, STYLE_SIZE**-0.5, np.float32))

    def sound(self, samples: Samples) -> StyleArray:
        return self.text("")

    def tokens(self, style: StyleArray) -> npt.NDArray[np.int32]:
        return np.arange(STYLE_TOKENS, dtype=np.int32)


@dataclass(frozen=True)
class Measure:
    """What so many instances took.

    Attributes:
        frames: how many were measured.
        p50_ms, p99_ms: what one took, in milliseconds, at the median and at the 99th percentile.
        device_bytes: what all models have taken of the device's memory; None where unknown.
    """

    instances: int
    frames: int
    p50_ms: float
    p99_ms: float
    device_bytes: int | None

    @property
    def line(self) -> str:
        share = f"{100 * self.p50_ms / DUE:.0f} %"
        line = f"{self.instances:9} {self.p50_ms:9.2f} {self.p99_ms:9.2f} {share:>12}"
        taken = self.device_bytes
        return line if taken is None else f"{line}   {taken / 1e6:.0f} MB taken of the device"


@dataclass
class Report:
    """What was measured of a model.

    Attributes:
        precision: what the model computes with; empty where its host does not say.
        stopped: why no more instances were tried.
        instance_bytes: the memory that an instance's state takes.
        interrupted: whether it was ended before its time.
    """

    model: str
    device: str
    precision: str
    measures: list[Measure] = field(default_factory=list)
    stopped: str = ""
    instance_bytes: int = 0
    interrupted: bool = False

    @property
    def fit(self) -> int:
        """How many instances play in real time, 99 of 100 frames in time."""
        return max((each.instances for each in self.measures if each.p99_ms <= DUE), default=0)

    def verdict(self) -> str:
        """Returns the outcome in words."""
        if not self.measures:
            return f"nothing was measured: {self.stopped}"
        play = "instance plays" if self.fit == 1 else "instances play"
        words = f"{self.fit or 'no'} {play} in real time; {self.stopped}"
        return f"{words}\nan instance's state takes {self.instance_bytes / 1e6:.2f} MB"

    def as_json(self) -> dict[str, Any]:
        """Returns all of it, the milliseconds to the microsecond."""
        measures = [
            {key: round(value, 3) if isinstance(value, float) else value for key, value in each}
            for each in (asdict(measure).items() for measure in self.measures)
        ]
        return asdict(self) | {"measures": measures, "fit": self.fit, "due_ms": DUE}


def measure(model: str, most: int, tell: Callable[[str], None] | None = None) -> Report:
    """Steps 1, 2, 4, 8, … instances until a frame is late, or there are `most`.

    Ctrl-C and a lack of memory end it with what was measured until then.

    Args:
        model: its name, as a patch has it.
        tell: given each line as it is known.

    Raises:
        ModelUnavailableError: it is not to be had.
    """
    tell = tell or (lambda line: None)
    encoder: Encoder = SketchEncoder() if model == "sketch" else AnyStyle()
    began = time.perf_counter()
    host = open_host(model, encoder)
    library = getattr(host, "library", installed.library())
    report = Report(model, device(library), getattr(host, "precision", model.partition("@")[2]))
    words = ", ".join(each for each in (report.device, report.precision) if each)
    tell(f"{model} by {words}; opened in {time.perf_counter() - began:.1f} s")
    tell(HEADING)
    band = Band(host, model, encoder.text("strings"))
    try:
        for instances in _sizes(most):
            report.measures.append(_measured(band, instances, library))
            report.instance_bytes = report.instance_bytes or band.state_bytes()
            tell(report.measures[-1].line)
            if report.measures[-1].p50_ms > DUE:
                report.stopped = f"at {instances} a frame takes longer than {DUE:.0f} ms"
                return report
        report.stopped = f"more than {most} were not tried"
    except KeyboardInterrupt:
        report.stopped, report.interrupted = "interrupted", True
    except Exception as fault:  # no memory for so many, say
        if not report.measures:
            raise
        first = (str(fault) or type(fault).__name__).splitlines()[0]
        report.stopped = f"{instances} cannot be played: {first}"
    return report


def _sizes(most: int) -> Iterator[int]:
    instances = 1
    while instances < most:
        yield instances
        instances *= 2
    yield most


class Band:
    """Instances that hold chords of three random notes, each its own, and leave the rest open."""

    def __init__(self, host: Host, model: str, style: StyleArray) -> None:
        self._host = host
        self._heard = Conditioning(model, style=style)
        self._chance = np.random.default_rng(0)
        self._notes: dict[Slot, NotesArray] = {}
        self._frame = 0

    def gather(self, instances: int) -> None:
        """Has so many instances begin, in a batch that is made for them before they play."""
        for slot in self._notes:
            self._host.remove(slot)
        self._host.prepare(instances)
        self._notes = {self._host.add(seed): self._chord() for seed in range(instances)}

    def step(self) -> float:
        """Plays a frame; returns the seconds that the model took for it."""
        if self._frame % HELD == 0:
            self._notes = {slot: self._chord() for slot in self._notes}
        self._frame += 1
        asked = {slot: self._heard._replace(notes=notes) for slot, notes in self._notes.items()}
        began = time.perf_counter()
        self._host.step(asked)
        return time.perf_counter() - began

    def _chord(self) -> NotesArray:
        notes = MASKED.copy()
        notes[self._chance.choice(np.arange(36, 84), 3, replace=False)] = ON
        return frozen(notes)

    def state_bytes(self) -> int:
        """Returns the bytes of one instance's state."""
        return len(self._host.save(next(iter(self._notes))))


def _measured(band: Band, instances: int, library: str) -> Measure:
    band.gather(instances)
    for _ in range(WARM):
        band.step()
    taken: list[float] = []
    while len(taken) < FRAMES and (len(taken) < LEAST or sum(taken) < SECONDS):
        taken.append(band.step())
    middle, late = np.percentile(taken, (50, 99), method="higher") * 1e3
    return Measure(instances, len(taken), float(middle), float(late), memory_taken(library))
