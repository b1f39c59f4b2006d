"""Rendering: lengths, levels, stems, and that what is heard is what was patched."""

from __future__ import annotations

import math

import mido
import numpy as np
import pytest
import soundfile

from engine import edits
from engine.frame import Frame
from engine.patch import Patch
from engine.plan import NodeFailure
from engine.registry import load_registry
from engine.render import Inputs, Meter, NoteLog, open_player, render
from engine.song import read_song
from engine.soundfiles import SoundReader

REGISTRY = load_registry()


def patch(*steps: tuple[str, ...]) -> Patch:
    """Builds a patch of (name, type) nodes and (start, end) cables, told apart by their dots."""
    made = Patch()
    for first, second in steps:
        if "." in first:
            made = edits.connect(made, REGISTRY, first, second)
        else:
            made = edits.add(made, REGISTRY, second, first)
    return made


THROUGH = patch(("ear", "audio.input"), ("out", "audio.output"), ("ear.audio", "out.audio"))


@pytest.fixture
def sound(tmp_path):
    """A second and a half of a 440 Hz tone at −6 dB."""
    path = tmp_path / "in.wav"
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(72_000) / 48_000)
    soundfile.write(path, tone.astype(np.float32), 48_000, subtype="FLOAT")
    return SoundReader(path)


@pytest.fixture
def song(tmp_path):
    """Two notes of half a second, a low and a high one."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    for pitch in (48, 72):
        track.append(mido.Message("note_on", note=pitch, velocity=90))
        track.append(mido.Message("note_off", note=pitch, time=480))
    file.tracks.append(track)
    file.save(tmp_path / "song.mid")
    return read_song(tmp_path / "song.mid")


def test_sound_goes_through_unchanged_and_is_measured(tmp_path, sound):
    report = render(open_player(THROUGH, REGISTRY, None), Inputs(audio=sound), tmp_path / "o.wav")
    assert (report.seconds, report.frames) == (1.52, 38)
    assert report.peak == pytest.approx(-6.02, abs=0.01)
    assert report.level == pytest.approx(-9.03 + 10 * math.log10(1.5 / 1.52), abs=0.02)
    assert report.first_sound == pytest.approx(0.0, abs=1e-3)
    samples, _ = soundfile.read(tmp_path / "o.wav")
    assert len(samples) == 38 * 1920
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(72_000) / 48_000)
    assert np.abs(samples[:72_000, 0] - expected).max() < 1e-6
    assert not samples[72_000:].any()


def test_the_length_is_the_longest_inputs_or_what_is_asked(song, sound):
    assert Inputs().frame_count() == 750
    assert Inputs(song=song).frame_count() == 125
    assert Inputs(song=song, audio=sound).frame_count() == 125
    assert Inputs(audio=sound).frame_count() == 38
    assert Inputs(song=song, seconds=0.05).frame_count() == 2


def test_without_a_song_the_tempo_moves_the_beat():
    frames = list(Inputs(seconds=1.0, tempo=90).frames())
    assert [frame.number for frame in frames] == list(range(25))
    assert frames[24].transport.beat == pytest.approx(24 * 0.04 * 1.5)
    assert frames[0].transport.tempo == 90


def test_silence_has_no_level_and_no_first_sound(tmp_path):
    report = render(open_player(THROUGH, REGISTRY, None), Inputs(seconds=1), tmp_path / "o.wav")
    assert (report.peak, report.level, report.first_sound) == (-math.inf, -math.inf, None)


def test_stems_are_the_generators_own_sound(tmp_path, song):
    made = patch(
        ("keys", "midi.input"), ("held", "notes.held"), ("split", "notes.split"),
        ("low", "generator.model"), ("high", "generator.model"),
        ("mix", "audio.mix"), ("out", "audio.output"),
        ("keys.midi", "held.midi"), ("held.notes", "split.notes"),
        ("split.low", "low.notes"), ("split.high", "high.notes"),
        ("low.audio", "mix.audio1"), ("high.audio", "mix.audio2"), ("mix.audio", "out.audio"),
    )  # fmt: skip
    for name in ("low", "high"):
        made = edits.set_value(made, REGISTRY, name, "temperature", 0)
        made = edits.set_value(made, REGISTRY, name, "drums", 0)
    report = render(
        open_player(made, REGISTRY, None), Inputs(song, seconds=1.0), tmp_path / "o.wav",
        stems=tmp_path / "stems", keep_notes=True,
    )  # fmt: skip
    assert report.stems == (tmp_path / "stems" / "high.wav", tmp_path / "stems" / "low.wav")
    mixed, high, low = (soundfile.read(path)[0] for path in (report.path, *report.stems))
    assert np.abs(mixed - (low + high)).max() < 1e-5
    assert np.abs(low[:24_000]).max() > 0.01
    assert np.abs(high[:23_040]).max() == 0.0
    assert np.abs(high[23_040:]).max() > 0.01
    assert report.notes == {"low": [(48, 0.0, 0.48)], "high": [(72, pytest.approx(0.48), 1.0)]}


def test_the_song_reaches_a_keyboard_of_any_port(tmp_path, song):
    made = patch(
        ("keys", "midi.input"), ("held", "notes.held"), ("model", "generator.model"),
        ("out", "audio.output"), ("keys.midi", "held.midi"), ("held.notes", "model.notes"),
        ("model.audio", "out.audio"),
    )  # fmt: skip
    made = edits.set_value(made, REGISTRY, "keys", "port", "My keyboard")
    report = render(
        open_player(made, REGISTRY, None), Inputs(song, seconds=0.4), tmp_path / "o.wav"
    )
    assert report.peak > -40.0


def test_a_node_that_fails_is_named_and_nothing_is_written(tmp_path):
    player = open_player(THROUGH, REGISTRY, None)
    inputs = Inputs(seconds=1)
    broken = Frame(audio=np.full((1920, 2), np.nan, np.float32))

    class Broken(Inputs):
        def frames(self):
            yield broken

    with pytest.raises(NodeFailure, match="not finite"):
        render(player, Broken(seconds=1), tmp_path / "o.wav")
    assert list(tmp_path.iterdir()) == []
    assert inputs.frame_count() == 25


def test_the_log_has_a_bar_for_each_note_and_each_strike():
    log = NoteLog()
    states = [0, 2, 1, 2, 1, 0, 3, 3, -1]
    for number, state in enumerate(states):
        notes = np.zeros(128, np.int8)
        notes[60] = state
        log.add("model", notes, float(number))
    assert log.finish(9.0) == {"model": [(60, 1.0, 3.0), (60, 3.0, 5.0), (60, 6.0, 8.0)]}


def test_the_meter_finds_the_first_sample_above_60_db_below_full_scale():
    meter = Meter()
    audio = np.zeros((1920, 2), np.float32)
    meter.add(audio)
    audio[100, 1] = 9e-4
    audio[200, 1] = -0.25
    meter.add(audio)
    assert meter.first == 1920 + 200
    assert meter.peak == 0.25
