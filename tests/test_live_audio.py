"""Sound out through a real sound server: what arrives at the device, and what happens without."""

from __future__ import annotations

import contextlib
import threading
import time

import numpy as np
import pytest

from engine.audio import PREFILL, Microphone, Speakers
from engine.signals import SILENCE
from tests import measure
from tests.jack import Jack, frames, tone, tried_again
from tests.waiting import wait_until


class Loop:
    """Feeds frames to speakers as the frame loop does, a frame whenever fewer than `fill` wait."""

    def __init__(self, speakers: Speakers, sound: np.ndarray, fill: float = 0.1) -> None:
        self.speakers = speakers
        self.frames = frames(sound)
        self.fill = fill
        self.written = 0
        self.paused = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Loop:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            if self.paused.is_set() or self.speakers.queued() > self.fill:
                time.sleep(0.002)
                continue
            self.speakers.write(self.frames[self.written % len(self.frames)])
            self.written += 1


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def speakers(jack: Jack, said: list[str]):
    speakers = Speakers(None, on_event=said.append)
    speakers.start()
    yield speakers
    speakers.close()


def outlets(jack: Jack) -> list[str]:
    """Returns the ports that feed the device, left and right."""
    connections = jack.connections()
    return [connections[f"system:playback_{side}"][0] for side in (1, 2)]


def sounding(sound: np.ndarray) -> np.ndarray:
    """Returns a recording from its first to its last sound."""
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > 1e-4)
    return sound[loud[0] : loud[-1] + 1]


def steadiest(sound: np.ndarray) -> np.ndarray:
    """Returns the longest stretch of a 500 Hz tone at 48 kHz that nothing broke.

    A server on a busy machine leaves out a block now and then.
    """
    repeats = np.abs(sound[96:] - sound[:-96]).max(axis=1) < 0.02
    loud = np.abs(sound[96:]).max(axis=1) > 0
    broken = np.flatnonzero(~(repeats & np.convolve(loud, np.ones(8), "same").astype(bool)))
    edges = np.concatenate([[-1], broken, [len(repeats)]])
    longest = int(np.argmax(np.diff(edges)))
    return sound[edges[longest] + 1 : edges[longest + 1]]


def breaks(sound: np.ndarray) -> int:
    """Returns how many gaps of exact silence, of 16 samples or more, lie within a recording."""
    silent = np.concatenate([[0], (np.abs(sound).max(axis=1) == 0).astype(int), [0]])
    edges = np.flatnonzero(np.diff(silent))
    return int(np.count_nonzero(edges[1::2] - edges[::2] >= 16))


def test_a_tone_arrives_without_a_gap_and_as_it_was(jack: Jack, speakers: Speakers) -> None:
    with jack.recording(*outlets(jack)) as heard, Loop(speakers, tone(500.0, 1.0)):
        time.sleep(3.0)
    steady = steadiest(heard.sound)[4800:-4800]
    assert len(steady) > 24_000
    assert measure.cents(measure.pitch(steady), 500.0) == pytest.approx(0.0, abs=0.1)
    assert measure.peak(steady) == pytest.approx(-6.02, abs=0.02)
    np.testing.assert_array_equal(steady[:, 0], steady[:, 1])
    # A pure tone has nothing outside its own partial: no sample was lost or said twice.
    rest = steady[:, 0] - np.roll(steady[:, 0], 96)
    assert np.abs(rest[96:]).max() < 1e-4


@tried_again
def test_sound_begins_and_ends_without_a_click(jack: Jack, said: list[str]) -> None:
    speakers = Speakers(None, on_event=said.append)
    speakers.start()
    with jack.recording(*outlets(jack)) as heard:
        with Loop(speakers, np.full((1920, 2), 0.5, np.float32)) as loop:
            wait_until(lambda: loop.written > 10, "frames were written")
            speakers.close()
        assert loop.speakers.queued() > 0
    assert np.abs(np.diff(sounding(heard.sound)[:, 0])).max() < 0.01
    assert measure.peak(heard.sound) == pytest.approx(-6.02, abs=0.02)
    assert not said


@tried_again
def test_an_underrun_is_counted_and_both_channels_go_on_together(jack: Jack) -> None:
    speakers = Speakers(None, on_event=lambda text: None)
    speakers.start()
    level = np.full((1920, 2), 0.5, np.float32)
    with jack.recording(*outlets(jack)) as heard, Loop(speakers, level) as loop:
        for starved in (1, 2, 3):
            # The frames that are queued play out; then the device has nothing.
            wait_until(lambda: speakers.queued() > 0.05, "the queue is filled")
            loop.paused.set()
            wait_until(lambda: speakers.queued() == 0, "the device has run dry")
            time.sleep(0.1)
            loop.paused.clear()
            wait_until(lambda at_least=starved: speakers.underruns >= at_least, "it is counted")
        wait_until(lambda: speakers.queued() > 0.05, "the queue is filled")
        speakers.close()
    steady = sounding(heard.sound)
    assert speakers.underruns == 3
    assert breaks(steady) == 3
    np.testing.assert_array_equal(steady[:, 0], steady[:, 1])
    # Running dry ends in a jump; coming back does not begin with one.
    assert np.diff(steady[:, 0]).max() < 0.01


def test_without_a_device_time_goes_on(said: list[str]) -> None:
    speakers = Speakers("no such device", on_event=said.append)
    speakers.start()
    assert not speakers.status().alive
    assert "no audio output" in said[0]
    assert 0 < speakers.queued() <= PREFILL, "the first frame has as long as with a device"
    for _ in range(3):
        speakers.write(SILENCE)
    assert 0 < speakers.queued() <= PREFILL + 0.12
    wait_until(lambda: speakers.queued() == 0, "the clock has run")
    speakers.close()


def test_a_microphone_is_heard_gapless_and_at_its_pitch(jack: Jack, said: list[str]) -> None:
    microphone = Microphone(on_event=said.append)
    microphone.start()
    wait_until(lambda: microphone.status().alive, "the microphone is open")
    with jack.playing(tone(500.0, 9.0), *take_inlets(jack)):
        heard = paced(microphone, 6.0)
    microphone.close()
    assert_500_hertz(heard)
    assert not said


def take_inlets(jack: Jack) -> list[str]:
    """Returns the ports that hear the device, left and right, no longer connected to it."""
    connections = jack.connections()
    inlets = [connections[f"system:capture_{side}"][0] for side in (1, 2)]
    for side, inlet in enumerate(inlets, start=1):
        jack.disconnect(f"system:capture_{side}", inlet)
    return inlets


def assert_500_hertz(heard: np.ndarray) -> None:
    steady = steadiest(heard)
    assert len(steady) > 24_000
    assert measure.cents(measure.pitch(steady), 500.0) == pytest.approx(0.0, abs=1.0)
    assert measure.peak(steady) == pytest.approx(-6.02, abs=0.1)
    np.testing.assert_allclose(steady[:, 0], steady[:, 1], atol=1e-6)


def paced(microphone: Microphone, seconds: float) -> np.ndarray:
    """Reads as the frame loop does, paced by a device's clock; returns what was heard."""
    speakers = Speakers(None, on_event=lambda text: None)
    speakers.start()
    heard = []
    with contextlib.closing(speakers):
        for _ in range(round(seconds * 25)):
            wait_until(lambda: speakers.queued() < 0.06, "the next frame is due")
            heard.append(microphone.read())
            speakers.write(SILENCE)
    return np.concatenate(heard)


def test_without_an_input_there_is_silence(said: list[str]) -> None:
    microphone = Microphone("no such device", on_event=said.append)
    assert microphone.read() is SILENCE
    microphone.start()
    wait_until(lambda: said, "it is said that there is none")
    assert "no audio input" in said[0]
    assert microphone.read() is SILENCE
    microphone.close()


@pytest.mark.parametrize("end", [Jack.kill, Jack.stop])
@tried_again
def test_a_server_that_dies_is_missed_and_found_again(jack: Jack, end) -> None:
    said: list[str] = []
    with Jack() as server:
        speakers = Speakers(None, on_event=said.append)
        speakers.start()
        with Loop(speakers, tone(500.0, 1.0)) as loop:
            wait_until(lambda: loop.written > 5, "frames are played")
            end(server)
            wait_until(lambda: not speakers.status().alive, "the device is missed")
            before = loop.written
            wait_until(lambda: loop.written > before + 50, "frames go on without a device")
            server.start()
            wait_until(lambda: speakers.status().alive, "the device is open again")
            with server.recording(*outlets(server)) as heard:
                before = loop.written
                wait_until(lambda: loop.written > before + 50, "frames are played")
                speakers.close()
    assert_500_hertz(heard.sound)
    assert np.abs(np.diff(sounding(heard.sound)[-2400:, 0])).max() < 0.04
    assert [text.split(": ")[1].split(";")[0] for text in said] == [
        "system went away",
        "there is no audio output on this machine",
        "system is open",
    ]


def test_a_device_that_hangs_holds_nobody_up(jack: Jack, said: list[str]) -> None:
    with Jack() as server:
        speakers = Speakers(None, on_event=said.append)
        speakers.start()
        with Loop(speakers, tone(500.0, 1.0)) as loop:
            wait_until(lambda: loop.written > 5, "frames are played")
            server.freeze()
            wait_until(lambda: not speakers.status().alive, "the device is missed")
            before = loop.written
            wait_until(lambda: loop.written > before + 50, "frames go on without a device")
            server.thaw()
            wait_until(lambda: speakers.status().alive, "the device is open again")
            before = loop.written
            wait_until(lambda: loop.written > before + 10, "frames are played")
        speakers.close()


def test_both_directions_return_together(jack: Jack, said: list[str]) -> None:
    with Jack() as server:
        speakers = Speakers(None, on_event=said.append)
        microphone = Microphone(on_event=said.append)
        speakers.start()
        microphone.start()
        wait_until(lambda: microphone.status().alive, "the microphone is open")
        server.kill()
        wait_until(lambda: not microphone.status().alive, "the microphone is missed")
        assert microphone.read() is SILENCE
        server.start()
        wait_until(lambda: microphone.status().alive, "the microphone is open again")
        wait_until(lambda: speakers.status().alive, "the speakers are open again")
        microphone.close()
        speakers.close()


# The longest queue that may be asked for is 1 s.
@pytest.mark.parametrize(("rate", "fill"), [(48_000, 0.7), (48_000, 1.0), (96_000, 1.0)])
@tried_again
def test_a_long_queue_is_held_whole(jack: Jack, rate: int, fill: float) -> None:
    with Jack(rate=rate) as server:
        speakers = Speakers(None, on_event=lambda text: None)
        speakers.start()
        # 500 Hz at 48 kHz and 1,000 Hz at 96 kHz repeat every 96 samples.
        wave = tone(500.0 * rate / 48_000, 1.0)
        with server.recording(*outlets(server)) as heard, Loop(speakers, wave, fill) as loop:
            wait_until(lambda: speakers.queued() > fill, "the queue is full")
            before = loop.written
            wait_until(lambda: loop.written > before + 25, "a second is played")
            speakers.close()
    assert speakers.underruns == 0
    assert len(steadiest(heard.sound)) > rate / 2
    assert np.abs(np.diff(sounding(heard.sound)[-2400:, 0])).max() < 0.07


def test_a_frame_that_finds_no_room_is_counted(jack: Jack, speakers: Speakers) -> None:
    for _ in range(100):
        speakers.write(SILENCE)
    assert speakers.underruns > 0
    assert 1.0 < speakers.queued() < 3.0
