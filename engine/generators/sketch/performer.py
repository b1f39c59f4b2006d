"""What every pitch must do in a frame, and which voice does it: the sketch's obedience."""

from __future__ import annotations

import enum

import msgspec
import numpy as np

from engine.conditioning import Conditioning
from engine.generators.sketch import drummer, grid
from engine.generators.sketch.anchors import Manner
from engine.generators.sketch.chance import WORD, Chance
from engine.generators.sketch.drums import KIT
from engine.generators.sketch.grid import Place
from engine.generators.sketch.improviser import Improviser
from engine.generators.sketch.improviser import Memory as Improvised
from engine.generators.sketch.synth import Sheet
from engine.generators.sketch.voices import ROWS, VOICES
from engine.signals import MASK, OFF, ON, ONSET, PITCHES, SUSTAIN

SOUNDING = 24
"""Notes at once; the other 8 voices are there to fade while new notes already begin."""
RELEASE_FRAMES = 5
"""Frames from the one in which a note is let go to its exact silence: 200 ms."""
CUT_ROWS = 4
"""Rows of 64 samples in which a stolen or struck-again note fades: 5.3 ms."""
REST = 3
"""Frames between two strokes of a pitch that the sketch chooses: 120 ms."""

STRUCK, SOFT = 1.0, 0.6
"""Amplitudes of a note with an onset, and of one that is sustained without having had one."""


class Life(enum.IntEnum):
    """What a voice is doing."""

    FREE = 0
    HELD = 1
    RELEASED = 2
    CUT = 3


class Voice(msgspec.Struct):
    """One voice.

    Attributes:
        own: whether the sketch plays it of its own accord, on a masked pitch.
        left: frames until it is let go by itself (own), or is silent (released).
        since: the frame it began in.
    """

    life: int = Life.FREE
    pitch: int = 0
    level: float = 0.0
    own: bool = False
    left: int = 0
    since: int = 0


class Start(msgspec.Struct):
    """A note that must begin: in this frame, or in the next where no voice was free."""

    pitch: int
    level: float
    own: bool = False
    length: int = 0


class Memory(msgspec.Struct):
    """Everything the performer remembers; saved with the instance.

    Attributes:
        seed: what its random choices and its noise start from.
        improvised: what the improviser remembers.
        chance: what strokes of the kit are drawn from.
        grid: where the transport's beat was.
        clock: how many frames it has played.
        waiting: notes that found no voice yet.
        given: the pitches that were asked for in the last frame.
    """

    seed: int
    improvised: Improvised
    chance: Chance
    grid: grid.Memory = msgspec.field(default_factory=grid.Memory)
    clock: int = 0
    voices: list[Voice] = msgspec.field(default_factory=lambda: [Voice() for _ in range(VOICES)])
    waiting: list[Start] = msgspec.field(default_factory=list)
    given: list[int] = msgspec.field(default_factory=list)


PIECES = {piece: at for at, piece in enumerate(KIT)}
HERTZ = (440.0 * 2.0 ** ((np.arange(PITCHES) - 69) / 12)).tolist()


class Performer:
    """One instance's player: conditioning in, a sheet of controls out."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self._improviser = Improviser(memory.improvised)

    @classmethod
    def fresh(cls, seed: int) -> Performer:
        """Makes a player that has heard nothing."""
        seed &= WORD
        return cls(Memory(seed, Improvised(Chance(seed)), Chance(~seed & WORD)))

    def reseed(self, seed: int) -> None:
        """Draws from a seed from now on, as a fresh player does, and forgets nothing else."""
        drawn = Performer.fresh(seed).memory
        self.memory.seed, self.memory.chance = drawn.seed, drawn.chance
        self.memory.improvised.chance = drawn.improvised.chance

    def play(self, heard: Conditioning, manner: Manner, sheet: Sheet) -> None:
        """Fills the sheet, already begun, for the next frame."""
        memory = self.memory
        states = heard.notes.tolist()
        place = grid.place(memory.grid, memory.clock, heard.beat)
        sounding = self._age()
        self._let_go(states, sounding, place)
        starts = [start for start in memory.waiting if _wanted(start, states)]
        starts += self._given(heard, manner, states, sounding, place)
        own = [pitch for pitch, voice in sounding.items() if voice.own]
        for note in self._improviser.add(place, heard, memory.given, own, manner):
            starts.append(Start(note.pitch, note.level, True, note.length))
        memory.waiting = self._begin(starts, sounding) if starts else []
        for piece, level in drummer.hits(place, heard, manner, memory.chance).items():
            if piece in PIECES:
                sheet.hits[PIECES[piece]] = level
        self._write(sheet)
        memory.clock += 1

    def linger(self, sheet: Sheet) -> None:
        """Fills the sheet for one frame more of what sounds, with nothing new."""
        self._age()
        self._write(sheet)
        self.memory.clock += 1

    def _age(self) -> dict[int, Voice]:
        """Brings every voice one frame on; returns the held ones by pitch."""
        sounding = {}
        for voice in self.memory.voices:
            if voice.life == Life.HELD:
                if voice.own:
                    voice.left -= 1
                if voice.own and voice.left <= 0:
                    _release(voice)
                else:
                    sounding[voice.pitch] = voice
            elif voice.life == Life.RELEASED:
                voice.left -= 1
                if voice.left <= 0:
                    voice.life = Life.FREE
            elif voice.life == Life.CUT:
                voice.life = Life.FREE
        return sounding

    def _let_go(self, states: list[int], sounding: dict[int, Voice], place: Place) -> None:
        """Releases what is off now; what is masked now becomes the sketch's own to end."""
        for pitch, voice in list(sounding.items()):
            state = states[pitch]
            if state == OFF:
                _release(voice)
                del sounding[pitch]
            elif state == MASK and not voice.own:
                voice.own = True
                voice.left = place.until_eighth() + 1
            elif state > OFF:
                voice.own = False

    def _given(
        self,
        heard: Conditioning,
        manner: Manner,
        states: list[int],
        sounding: dict[int, Voice],
        place: Place,
    ) -> list[Start]:
        """Returns the notes to begin because they are asked for.

        A pitch that is sustained though its voice was stolen stays silent until it is struck.
        """
        memory = self.memory
        before = set(memory.given)
        memory.given = np.flatnonzero(heard.notes > OFF).tolist()
        on = [pitch for pitch in memory.given if states[pitch] == ON]
        strums = self._improviser.strums(place, heard, on, manner)
        starts = []
        for pitch in memory.given:
            state, new = states[pitch], pitch not in before
            again = (new or pitch in strums) and self._rests(sounding, pitch)
            if state == ONSET or (state == ON and again):
                starts.append(Start(pitch, STRUCK))
            elif state == SUSTAIN and new and pitch not in sounding:
                starts.append(Start(pitch, SOFT))
        self._improviser.hear([start.pitch for start in starts], 0.3)
        if any(states[start.pitch] != ON or start.pitch not in before for start in starts):
            self._improviser.struck()
        return starts

    def _rests(self, sounding: dict[int, Voice], pitch: int) -> bool:
        """Whether it is long enough since a pitch began to strike it again."""
        voice = sounding.get(pitch)
        return voice is None or self.memory.clock - voice.since >= REST

    def _begin(self, starts: list[Start], sounding: dict[int, Voice]) -> list[Start]:
        """Finds voices for the notes that begin; returns those that must wait for the next frame.

        Where there are too many notes the sketch's own are stolen first, then the oldest.
        """
        memory = self.memory
        beginning = list({start.pitch: start for start in starts}.values())[:SOUNDING]
        for start in beginning:
            if start.pitch in sounding:
                sounding.pop(start.pitch).life = Life.CUT
        others = sorted(sounding.values(), key=lambda voice: (not voice.own, voice.since))
        for voice in others[: max(len(others) + len(beginning) - SOUNDING, 0)]:
            voice.life = Life.CUT
        free = [voice for voice in memory.voices if voice.life == Life.FREE]
        dying = (voice for voice in memory.voices if voice.life == Life.RELEASED)
        for _, voice in zip(range(len(beginning) - len(free)), dying, strict=False):
            voice.life = Life.CUT
        for start, voice in zip(beginning, free, strict=False):
            voice.life, voice.pitch, voice.level = Life.HELD, start.pitch, start.level
            voice.own, voice.left, voice.since = start.own, start.length, memory.clock
        return beginning[len(free) :]

    def _write(self, sheet: Sheet) -> None:
        for at, voice in enumerate(self.memory.voices):
            if voice.life == Life.FREE:
                continue
            held = voice.life == Life.HELD
            end = 0
            if voice.life == Life.CUT:
                end = CUT_ROWS
            elif voice.life == Life.RELEASED and voice.left == 1:
                end = ROWS
            start = held and voice.since == self.memory.clock
            sheet.voices[:, at] = (HERTZ[voice.pitch], voice.level, start, held, end)


def _release(voice: Voice) -> None:
    voice.life, voice.left = Life.RELEASED, RELEASE_FRAMES


def _wanted(start: Start, states: list[int]) -> bool:
    """Whether a note that had to wait may still begin."""
    return states[start.pitch] == MASK if start.own else states[start.pitch] > OFF
