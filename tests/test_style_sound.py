"""Sounds to styles: what is measured of them, and which anchors real instruments land on."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from engine.signals import SAMPLE_RATE, StyleArray
from engine.style.lexicon import ANCHORS
from engine.style.measure import Features, measure
from engine.style.sketch import SketchEncoder, likeness

ENCODER = SketchEncoder()

PROGRAMS = {
    "Acoustic Grand Piano": (0, 60, {"grand piano"}),
    "Electric Piano 1": (4, 60, {"electric piano"}),
    "Vibraphone": (11, 65, {"marimba", "bells"}),
    "Music Box": (10, 72, {"music box"}),
    "Marimba": (12, 60, {"marimba"}),
    "Tubular Bells": (14, 60, {"bells"}),
    "Church Organ": (19, 60, {"organ"}),
    "Nylon Guitar": (24, 55, {"nylon guitar"}),
    "Clean Electric Guitar": (27, 55, {"electric guitar"}),
    "Distortion Guitar": (30, 48, {"distorted guitar"}),
    "Acoustic Bass": (32, 36, {"double bass"}),
    "Synth Bass 1": (38, 36, {"synth bass", "sub bass"}),
    "String Ensemble 1": (48, 60, {"strings", "orchestral"}),
    "Choir Aahs": (52, 60, {"choir"}),
    "Brass Section": (61, 58, {"brass"}),
    "Flute": (73, 74, {"flute"}),
    "Saw Lead": (81, 69, {"bright lead"}),
    "Warm Pad": (89, 57, {"warm pad", "ambient"}),
    "Standard Kit": (0, None, {"acoustic drums", "breakbeat"}),
    "TR-808 Kit": (25, None, {"techno drums"}),
}
"""General MIDI programs, or kits where there is no pitch; around which pitch they play; and the
anchors of their family."""
FITTED, UNHEARD = "FluidR3_GM.sf2", "TimGM6mb.sf2"
"""A soundfont that the references were made from, with other phrases, and one they never heard."""
TAKE = 9.0
"""Seconds that each program plays and rings."""
PLAYER = ("fluidsynth", "-ni", "-q", "-g", "0.4", "-r", str(SAMPLE_RATE), "-T", "wav", "-F")
LINE = ((0, 0.4), (3, 0.2), (7, 0.6), (10, 0.2), (8, 0.4), (5, 0.8), (2, 0.3), (-2, 0.9))
"""Steps over the pitch and seconds: no phrase that the references were made from."""
CHORDS = ((0, 3, 8), (-2, 5, 10))
BEAT = ((36, "x..x..x...x....."), (38, "....x.......x..x"), (42, "x.x.x.xxx.x.x.x."))
FOUR = ((36, "x...x...x...x..."), (39, "....x.......x..."), (46, "..x...x...x...x."))


def stereo(wave: np.ndarray) -> np.ndarray:
    return np.stack([wave, wave], axis=1).astype(np.float32)


def seconds(length: float) -> np.ndarray:
    return np.arange(int(length * SAMPLE_RATE)) / SAMPLE_RATE


def harmonic(hertz: float, partials: int, length: float = 2.0) -> np.ndarray:
    t = seconds(length)
    return sum(np.sin(2 * np.pi * h * hertz * t) / h for h in range(1, partials + 1)) * 0.3


def struck(period: float, attack: float, fall: float, length: float = 4.0) -> np.ndarray:
    """Notes of 440 Hz, one each `period` s, that rise in `attack` s and fall by `fall` dB/s."""
    t = seconds(length)
    since = t % period
    level = np.minimum(since / attack, 1) * 10 ** (-fall * np.maximum(since - attack, 0) / 20)
    return np.sin(2 * np.pi * 440 * t) * level * 0.5


def nearest(style: StyleArray) -> str:
    return max(ANCHORS, key=lambda anchor: float(style @ ENCODER.text(anchor)))


def test_register_is_the_lowest_partials_octave() -> None:
    for hertz in (110.0, 220.0, 880.0):
        assert measure(harmonic(hertz, 8)).register == pytest.approx(np.log2(hertz), abs=0.02)


def test_more_partials_are_brighter_and_a_bass_is_bass() -> None:
    assert measure(harmonic(220, 12)).brightness > measure(harmonic(220, 2)).brightness + 0.5
    assert measure(harmonic(60, 1)).bass > 0.9
    assert measure(harmonic(440, 4)).bass < 0.01


def test_noise_is_noisy_and_a_tone_is_not() -> None:
    hiss = measure(np.random.default_rng(1).standard_normal(SAMPLE_RATE) * 0.1)
    tone = measure(harmonic(300, 6))
    assert hiss.noisiness == pytest.approx(-0.8, abs=0.2)
    assert tone.noisiness < -8
    assert hiss.roughness > 2 * tone.roughness


def test_partials_off_the_harmonics_are_told_from_those_on_them() -> None:
    t = seconds(2.0)
    bell = sum(np.sin(2 * np.pi * 500 * ratio * t) for ratio in (1, 2.4, 3.4, 5.33)) * 0.1
    assert measure(bell).inharmonicity > 0.1
    assert measure(harmonic(500, 6)).inharmonicity < 0.01


def test_a_square_wave_is_odd() -> None:
    t = seconds(2.0)
    square = sum(np.sin(2 * np.pi * 220 * h * t) / h for h in (1, 3, 5, 7)) * 0.3
    assert measure(square).odd > 4
    assert measure(harmonic(220, 8)).odd == pytest.approx(np.log2(2 / 3), abs=0.1)


def test_onsets_are_counted() -> None:
    for period, rate in ((0.5, 2.0), (0.25, 4.0)):
        counted = 2 ** measure(struck(period, 0.004, 60)).onsets - 0.5
        assert counted == pytest.approx(rate, abs=0.3)
    assert 2 ** measure(harmonic(220, 6, 4.0)).onsets - 0.5 < 0.6


def test_attack_and_decay_are_seconds_and_decibels_a_second() -> None:
    quick, slow = measure(struck(0.5, 0.005, 40)), measure(struck(1.0, 0.2, 60))
    assert 2**quick.attack < 0.03
    assert 2**slow.attack == pytest.approx(0.16, rel=0.15)
    assert 2**quick.decay - 1 == pytest.approx(40, rel=0.15)


def test_rests_are_the_share_of_silence() -> None:
    half = np.concatenate([harmonic(220, 4, 1.0), np.zeros(SAMPLE_RATE)])
    assert measure(half).rest == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("samples", [1, 7, 239, 240, 4096, 5000])
def test_the_shortest_sounds_have_measures_and_a_style(samples: int) -> None:
    wave = np.zeros(samples)
    wave[0] = 1.0
    features = measure(wave)
    assert np.isfinite(np.append(features.shape, features[1:])).all()
    assert np.linalg.norm(ENCODER.sound(stereo(wave))) == pytest.approx(1.0, abs=1e-5)


def test_a_sound_longer_than_20_seconds_is_heard_by_its_beginning() -> None:
    long = np.concatenate([harmonic(220, 4, 20.0), harmonic(880, 9, 5.0)])
    np.testing.assert_array_equal(
        ENCODER.sound(stereo(long)), ENCODER.sound(stereo(long[: 20 * SAMPLE_RATE]))
    )


def test_likeness_is_shared_among_the_anchors() -> None:
    like = likeness(measure(harmonic(55, 1)))
    assert set(like) == set(ANCHORS)
    assert sum(like.values()) == pytest.approx(1.0)
    assert max(like, key=lambda anchor: like[anchor]) == "sub bass"


def test_features_are_named_in_the_order_of_the_references() -> None:
    from engine.style.references import _AXES, AXES, CENTRE

    named = [line.partition(":")[0] for line in _AXES.strip().splitlines()]
    assert named[8:] == list(Features._fields[1:])
    assert named[:8] == [f"shape {at}" for at in range(1, 9)]
    assert len(CENTRE) == len(AXES) == len(named)


def soundfont(name: str) -> Path:
    """A General MIDI bank and the player for it, or the reason to skip."""
    if not shutil.which("fluidsynth"):
        pytest.skip("no fluidsynth: sudo apt install fluidsynth fluid-soundfont-gm")
    for folder in ("/usr/share/sounds/sf2", "/usr/share/soundfonts"):
        if (Path(folder) / name).exists():
            return Path(folder) / name
    pytest.skip(f"no {name}: sudo apt install fluid-soundfont-gm timgm6mb-soundfont")


def take(program: int, pitch: int | None, start: float) -> list[tuple[float, mido.Message]]:
    """One program playing a line and two chords, or a kit two bars and a fill."""
    channel = 9 if pitch is None else 0
    events = [(start, mido.Message("program_change", channel=channel, program=program))]
    sounding: list[tuple[float, float, int]] = []
    at = start + 0.1
    if pitch is None:
        for step in range(48):
            rows = FOUR if program == 25 else BEAT
            sounding += [(at + step * 0.13, 0.1, key) for key, row in rows if row[step % 16] == "x"]
    else:
        for steps, length in LINE:
            sounding.append((at, length * 0.9, pitch + steps))
            at += length
        for chord in CHORDS:
            wide = chord if pitch > 40 else chord[:1]
            sounding += [(at, 1.4, pitch + steps) for steps in wide]
            at += 1.5
    for on, length, key in sounding:
        events.append((on, mido.Message("note_on", channel=channel, note=key, velocity=92)))
        events.append((on + length, mido.Message("note_off", channel=channel, note=key)))
    return events


@pytest.fixture(scope="module", params=[FITTED, UNHEARD])
def bank(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def takes(bank: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """The sound of each program, float32[n, 2]."""
    folder = tmp_path_factory.mktemp("gm")
    events: list[tuple[float, mido.Message]] = []
    for at, (program, pitch, _) in enumerate(PROGRAMS.values()):
        events += take(program, pitch, at * TAKE)
    track, now = mido.MidiTrack(), 0
    for time, message in sorted(events, key=lambda event: event[0]):
        ticks = round(time * 960)
        track.append(message.copy(time=ticks - now))
        now = ticks
    track.append(mido.MetaMessage("end_of_track", time=4 * 960))
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(folder / "gm.mid")
    subprocess.run(
        [*PLAYER, *(str(path) for path in (folder / "gm.wav", soundfont(bank), folder / "gm.mid"))],
        check=True,
        capture_output=True,
    )
    sound, rate = soundfile.read(folder / "gm.wav", dtype="float32")
    assert rate == SAMPLE_RATE
    length = int(TAKE * SAMPLE_RATE)
    return {name: sound[at * length :][: length - 4800] for at, name in enumerate(PROGRAMS)}


def test_real_instruments_land_on_their_anchors(takes: dict[str, np.ndarray]) -> None:
    landed = {name: nearest(ENCODER.sound(sound)) for name, sound in takes.items()}
    missed = {name: anchor for name, anchor in landed.items() if anchor not in PROGRAMS[name][2]}
    assert len(missed) <= len(PROGRAMS) - 16, missed


@pytest.mark.parametrize("bank", [FITTED], scope="module")
def test_a_real_instruments_sound_and_name_are_near(takes: dict[str, np.ndarray]) -> None:
    for name, text in {
        "Acoustic Grand Piano": "piano",
        "Flute": "flute",
        "Marimba": "marimba",
    }.items():
        assert float(ENCODER.sound(takes[name]) @ ENCODER.text(text)) > 0.5, name
