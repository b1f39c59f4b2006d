"""Whether an instance still plays: one that has fallen silent or is stuck is noticed."""

from __future__ import annotations

import math
import operator

import numpy as np
import numpy.typing as npt

from engine.conditioning import Conditioning
from engine.signals import FRAME_RATE, FRAME_SAMPLES, MASK, ON, ONSET, AudioArray

Samples = npt.NDArray[np.float32]

LOWEST, HIGHEST = 36, 96
"""C2 to C7, the pitches that every sound has: at pitch 120 a bass has nothing to say."""
ENOUGH = 12
"""Of those, how many must be free before it is strange that none of them is played."""
LEAST_TEMPERATURE = 0.8
"""From here on chance has a say; below, the likeliest is drawn again and again."""
SETTLED = 2 * FRAME_RATE
"""Frames after which what is held is heard: what was held before lingers up to 40 in MRT2."""

QUIET = 1e-7
"""The power of −70 dBFS. What is softer is silence."""
SILENT_SECONDS = 10
"""Of silence under what must sound."""
RESTING_SECONDS = 30
"""Of silence where the model may play but need not."""

LOUD = 1e-5
"""The power of −50 dBFS. The rest of a codec is softer, and may be the same in every frame."""

STUCK_SECONDS = 12
"""Of repetition. A phrase of the sketch that comes three times, the most, repeats for 8."""
LONGEST = 100
"""Frames of the longest period that is looked for, 4 s."""
EXACT = 1e-4
"""−40 dB: how far under the sound what differs from a period ago must lie."""
KEPT = 0.92
"""How much of the loudness a frame leaves as it was, so that it follows in half a second."""
LIVELY = 4.0
"""6 dB: by how much the level of what is struck moves; that of a held tone does not."""
POINTS = 32
"""Samples of a frame that are compared."""

DRONE_SECONDS = 20
LEVEL = 2.0
"""3 dB, within which the level of a drone stays."""
ALIKE = 0.98
"""The cosine of two spectra that are the same; noise that goes on comes to 0.99."""
CHANGES = 3
"""How often other notes must have been held, and not heard."""
COARSE = 240
"""Samples of a frame whose spectrum is taken, at 6 kHz: to 3 kHz lie the fundamentals."""
WINDOW = 4
"""Frames of a spectrum, for bins of 6 Hz: C2 and D♯2 lie 12 Hz apart."""

_LAGS = np.arange(LONGEST, 0, -1)
# Spread over both sides without a period, as 2371 / 3840 is near the golden ratio.
_AT = np.sort(np.arange(POINTS) * 2371 % (2 * FRAME_SAMPLES))
_SUM = np.ones(2 * FRAME_SAMPLES // COARSE, np.float32)
_HANN = np.hanning(WINDOW * COARSE).astype(np.float32)
_SETTINGS = operator.attrgetter(
    "model",
    "drums",
    "style_guidance",
    "notes_guidance",
    "drums_guidance",
    "temperature",
    "top_k",
    "style_depth",
)


class Health:
    """Notices what is wrong with one instance, by what it plays and what it was asked to play.

    It is fed every frame of the instance that came in time since that began, and no other. As an
    alarm may restart what plays well, nothing is called a fault that a model which is well could
    do: some faults are missed.
    """

    def __init__(self) -> None:
        self._asked = _Asked()
        self._silence = _Silence()
        self._repetition = _Repetition()
        self._drone = _Drone()
        self._wrong = False

    def hear(self, sound: AudioArray, heard: Conditioning) -> str:
        """Returns what is wrong in the frame in which it is noticed, else an empty text.

        What is wrong again, after all was well, is told again.

        Args:
            sound: float32[1920, 2], finite, as the host returned it.
            heard: what it was made from.
        """
        asked = self._asked
        asked.hear(heard)
        samples = sound.ravel()
        power = float(np.dot(samples, samples)) / samples.size
        said = (
            self._silence.hear(power, asked),
            self._repetition.hear(samples, power, asked),
            self._drone.hear(samples, power, asked),
        )
        before, self._wrong = self._wrong, any(said)
        return "" if before else next(filter(None, said), "")


class _Asked:
    """What an instance is asked to play.

    Attributes:
        must: what has to sound, as bits: each pitch held between C2 and C7, and drums; 0 for none.
        struck: whether some of it begins in this frame.
        free: whether it may choose what to play, or when to strike what is held.
        chance: whether what it chooses depends on chance.
        guided: whether it is to keep to the notes.
        settled: frames for which `must` has been as it is.
        still: frames for which all that it hears has been as it is.
    """

    def __init__(self) -> None:
        self.must = 0
        self.struck = self.free = self.chance = self.guided = False
        self.settled = self.still = 0
        self._last = Conditioning()

    def hear(self, heard: Conditioning) -> None:
        middle = heard.notes[LOWEST : HIGHEST + 1]
        # The 61 pitches fill the upper bits of 64, so that the lowest is free for drums.
        must = int.from_bytes(np.packbits(middle > 0).tobytes()) | (heard.drums == 1)
        states = middle.tobytes()
        self.struck = must & ~self.must != 0 or states.count(ONSET) > 0
        self.free = states.count(ON) > 0 or states.count(MASK & 255) >= ENOUGH
        self.chance = heard.temperature >= LEAST_TEMPERATURE and heard.top_k > 1
        self.guided = heard.notes_guidance >= 1.0
        self.settled = self.settled + 1 if must == self.must else 0
        self.still = self.still + 1 if _same(heard, self._last) else 0
        self.must, self._last = must, heard


def _same(one: Conditioning, other: Conditioning) -> bool:
    return (
        bool(_SETTINGS(one) == _SETTINGS(other))
        and (one.notes is other.notes or np.array_equal(one.notes, other.notes))
        and (one.style is other.style or np.array_equal(one.style, other.style))
    )


class _Silence:
    """Silence for 10 s in which a note is held that was struck in it, or drums are asked for.

    A note held since before may have died away, as a marimba's does. Pitches that are off ask for
    silence, also where drums are left to the model: most styles have none. Where the model may
    play but need not, it may rest three times as long.
    """

    def __init__(self) -> None:
        self._called = False
        self._frames = 0
        self._patience = 0

    def hear(self, power: float, asked: _Asked) -> str:
        if power >= QUIET:
            self._called = False
            self._frames = self._patience = 0
            return ""
        self._called |= asked.struck
        called = self._called and asked.must != 0
        if called or asked.free:
            self._frames += 1
            self._patience += RESTING_SECONDS // SILENT_SECONDS if called else 1
        if self._patience < RESTING_SECONDS * FRAME_RATE:
            return ""
        why = "asked" if called else "free"
        return f"has been silent for {self._frames // FRAME_RATE} s though it is {why} to play"


class _Repetition:
    """The same sound again, each frame for 12 s the same as that of one period before.

    The same to −40 dB: not even a loop that a drum machine plays is so exact where a model plays
    it, as tokens are drawn by chance and each is 1 of 1,024. But a synthesiser's may be, and of
    128 sinusoids at MIDI pitches 44 repeat themselves as exactly within 4 s. So frames count only
    where something speaks against it:

    - since it began to repeat itself something was struck where others were held a period before;
    - nothing must sound, and what the model chooses to play depends on chance;
    - notes are held, all that it hears stays the same, its choices depend on chance, and the
      level moves by more than 6 dB as that of no held tone does;
    - the period is one frame: a hum of 25 Hz, of which no MIDI pitch is a multiple.

    With no chance (temperature 0, or top k 1) a model whose memory ends must come to repeat
    itself, with little it may, and would do so again if it were restarted.
    """

    def __init__(self) -> None:
        # Each row is written twice, LONGEST apart, so that the last LONGEST lie together.
        self._points = np.zeros((2 * LONGEST, POINTS), np.float32)
        self._musts = np.zeros(2 * LONGEST, np.uint64)
        self._row = 0
        self._loudness = self._low = self._high = 0.0
        # By period, the longest first, as the rows lie.
        self._frames = np.zeros(LONGEST, np.int32)
        self._ignored = np.zeros(LONGEST, np.bool_)
        self._work = np.zeros((LONGEST, POINTS), np.float32)
        self._apart = np.zeros(LONGEST, np.float32)
        self._again, self._counts = np.zeros((2, LONGEST), np.bool_)

    def hear(self, samples: Samples, power: float, asked: _Asked) -> str:
        points = samples[_AT]
        self._loudness = KEPT * self._loudness + (1.0 - KEPT) * power
        row, self._row = self._row, (self._row + 1) % LONGEST
        self._low, self._high = min(self._low, power), max(self._high, power)
        np.subtract(self._points[row : row + LONGEST], points, out=self._work)
        np.square(self._work, out=self._work)
        np.add.reduce(self._work, axis=1, out=self._apart)
        most = EXACT * POINTS * self._loudness if self._loudness >= LOUD else -1.0
        np.less_equal(self._apart, most, out=self._again)
        if self._again.any():
            self._count(self._musts[row : row + LONGEST], asked)
        else:
            self._frames.fill(0)
            self._ignored.fill(False)
            self._low = self._high = power
        self._points[row] = self._points[row + LONGEST] = points
        self._musts[row] = self._musts[row + LONGEST] = asked.must
        if self._frames.max() < STUCK_SECONDS * FRAME_RATE:
            return ""
        return f"has repeated itself for {STUCK_SECONDS} s"

    def _count(self, musts: npt.NDArray[np.uint64], asked: _Asked) -> None:
        """Counts the frames in which the sound should not be what it was a period before."""
        again, counts = self._again, self._counts
        if asked.struck:
            np.not_equal(musts, asked.must, out=counts)
            self._ignored |= counts
        self._ignored &= again
        np.less_equal(_LAGS, self._unprompted(asked), out=counts)
        counts |= self._ignored
        counts[-1] = True
        self._frames += counts
        self._frames *= again

    def _unprompted(self, asked: _Asked) -> int:
        """Returns for how many frames nothing has asked for what is played."""
        if not asked.chance:
            return 0
        if not asked.must:
            return asked.settled
        return asked.still if self._high > LIVELY * self._low else 0


class _Drone:
    """A sound that hardly changes for 20 s, though other notes are held three times in it.

    They are held for two seconds, so that a model has the time to follow: trills and arpeggios
    say nothing. Each lies more than a whole tone from all before: one voice that moves in a chord,
    or doubles another, changes little. No frame's level leaves 3 dB, and what the spectrum was on
    average over a second stays; the square roots of its magnitudes are compared, so that a soft
    melody counts beside what is steady.
    """

    def __init__(self) -> None:
        self._lately = np.zeros((WINDOW, COARSE), np.float32)
        self._part = 0
        self._now, self._first = np.zeros((2, WINDOW * COARSE // 2 + 1), np.float32)
        self._low = self._high = 0.0
        self._frames = self._changes = 0
        self._held = 0

    def hear(self, samples: Samples, power: float, asked: _Asked) -> str:
        part, self._part = self._part, (self._part + 1) % WINDOW
        np.dot(samples.reshape(COARSE, -1), _SUM, out=self._lately[part])
        self._low, self._high = min(self._low, power), max(self._high, power)
        steady = self._low >= LOUD and self._high <= LEVEL * self._low
        if not steady or (part == WINDOW - 1 and not self._alike()):
            self._low = self._high = power
            self._frames = self._changes = 0
            self._held = asked.must
            return ""
        self._frames += 1
        if asked.settled == SETTLED and asked.guided and asked.must:
            held, self._held = self._held, asked.must
            near = held | held << 1 | held << 2 | held >> 1 | held >> 2
            self._changes += not asked.must & near
        if self._frames < DRONE_SECONDS * FRAME_RATE or self._changes < CHANGES:
            return ""
        return f"has hardly changed for {DRONE_SECONDS} s though its notes have"

    def _alike(self) -> bool:
        """Returns whether the spectrum is what it was; from one that is not it begins anew."""
        now, first = self._now, self._first
        spectrum = np.sqrt(np.abs(np.fft.rfft(self._lately.ravel() * _HANN)))
        now += (spectrum - now) * (WINDOW / FRAME_RATE)
        lengths = math.sqrt(np.dot(now, now) * np.dot(first, first))
        alike = float(np.dot(now, first)) > ALIKE * lengths
        if not alike:
            first[:] = now
        return alike
