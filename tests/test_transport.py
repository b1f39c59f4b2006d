"""The conductor: where a performance is, by itself, by taps and after a MIDI clock."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from mido.frozen import FrozenMessage

from engine.transport import FRAME_SECONDS, Conductor

START, CONTINUE, STOP = (FrozenMessage(name) for name in ("start", "continue", "stop"))


def run(conductor, frames):
    return [conductor.advance({}) for _ in range(frames)]


class Machine:
    """A drum machine: sends what is due in each frame, its clock ticking from `first` on."""

    def __init__(self, tempo, first=0.0, jitter=0.0, port="drums"):
        self.tempo, self.jitter, self.port = tempo, jitter, port
        self.next = first
        self.frame = 0
        self.random = random.Random(1)
        self.extra = []
        self.ticking = True

    def send(self, message, at=None):
        """Sends a message at a time, or just before the next tick."""
        self.extra.append((self.next - 1e-6 if at is None else at, message))

    def messages(self):
        end = (self.frame + 1) * FRAME_SECONDS
        due = [each for each in self.extra if each[0] < end]
        self.extra = [each for each in self.extra if each[0] >= end]
        while self.next < end:
            if self.ticking:
                shaken = self.next + self.random.uniform(-self.jitter, self.jitter)
                due.append((shaken, FrozenMessage("clock")))
            self.next += 60 / self.tempo / 24
        start = self.frame * FRAME_SECONDS
        self.frame += 1
        placed = [
            each.copy(time=min(max(at - start, 0.0), FRAME_SECONDS))
            for at, each in sorted(due, key=first)
        ]
        return {self.port: tuple(placed)} if placed else {}

    def drive(self, conductor, frames):
        return [conductor.advance(self.messages()) for _ in range(frames)]


def first(pair):
    return pair[0]


def following(tempo=120.0, **rest):
    conductor = Conductor(tempo, playing=False)
    conductor.follow("midi")
    return conductor, Machine(**{"tempo": tempo, **rest})


def assert_seamless(transports):
    for one, other in pairwise(transports):
        assert other.beat == pytest.approx(one.beat + one.beats_per_frame, abs=1e-9)


def test_it_counts_from_zero_at_its_tempo():
    transports = run(Conductor(150), 26)
    assert transports[0].beat == 0.0
    assert transports[0].playing
    assert transports[25].beat == pytest.approx(2.5)
    assert transports[25].tempo == 150


def test_a_new_tempo_bends_the_beat_without_a_jump():
    conductor = Conductor(120)
    before = run(conductor, 25)
    conductor.set_tempo(60)
    after = run(conductor, 26)
    assert_seamless(before + after)
    assert after[-1].beat == pytest.approx(2 + 1)


def test_stop_holds_the_beat_and_play_goes_on_from_there():
    conductor = Conductor(120)
    run(conductor, 10)
    conductor.stop()
    stopped = run(conductor, 10)
    assert {each.beat for each in stopped} == {stopped[0].beat}
    assert not stopped[0].playing
    conductor.play()
    assert run(conductor, 2)[1].beat == pytest.approx(stopped[0].beat + 0.08)


def test_locate_goes_there_in_the_next_frame():
    conductor = Conductor(120)
    run(conductor, 10)
    conductor.locate(32)
    assert run(conductor, 2)[1].beat == pytest.approx(32.08)


@pytest.mark.parametrize("tempo", [19.9, 401, float("nan"), float("inf"), -120])
def test_a_tempo_out_of_range_is_refused_and_changes_nothing(tempo):
    conductor = Conductor(120)
    with pytest.raises(ValueError, match=r"outside 20\.\.400"):
        conductor.set_tempo(tempo)
    assert run(conductor, 1)[0].tempo == 120


def test_a_beat_or_source_that_is_none_is_refused():
    for beat in (-1, float("nan"), 1e7):
        with pytest.raises(ValueError, match=r"outside 0\.\.1e\+06"):
            Conductor().locate(beat)
    with pytest.raises(ValueError, match="legal are internal and midi"):
        Conductor().follow("ltc")  # type: ignore[arg-type]


def test_four_taps_set_the_tempo_and_one_that_slips_does_not_shake_it():
    conductor = Conductor()
    taps = [conductor.tap(at) for at in (10.0, 10.5, 11.0, 11.58, 12.0, 12.5)]
    assert taps[0] is None
    assert taps[-1] == pytest.approx(120)
    assert run(conductor, 1)[0].tempo == pytest.approx(120)


def test_taps_are_forgotten_after_two_seconds():
    conductor = Conductor()
    for at in (0.0, 0.5, 1.0):
        conductor.tap(at)
    assert conductor.tap(4.0) is None
    assert conductor.tap(5.0) == pytest.approx(60)


def test_taps_stay_within_the_legal_tempos():
    conductor = Conductor()
    conductor.tap(1.0)
    assert conductor.tap(1.01) == 400
    assert conductor.tap(1.01) is None  # no time passed: a first tap again


def test_a_clock_is_not_heard_unless_it_is_followed():
    conductor = Conductor(120)
    machine = Machine(90)
    machine.send(STOP, 0.5)
    transports = machine.drive(conductor, 50)
    assert transports[-1].tempo == 120
    assert transports[-1].playing


@pytest.mark.parametrize("tempo", [20.5, 60, 87.3, 120, 174, 300, 399])
def test_it_takes_up_the_tempo_of_a_clock(tempo):
    conductor, machine = following(tempo=tempo)
    conductor.set_tempo(120)
    assert machine.drive(conductor, 100)[-1].tempo == pytest.approx(tempo, rel=1e-6)


@pytest.mark.parametrize("tempo", [60, 120, 180])
def test_jitter_of_3_ms_does_not_shake_the_tempo(tempo):
    conductor, machine = following(tempo=tempo, jitter=0.003)
    machine.send(START, 0.0)
    transports = machine.drive(conductor, 1500)
    assert_seamless(transports[10:])
    settled = [each.tempo for each in transports[100:]]
    assert max(settled) < tempo * 1.005
    assert min(settled) > tempo * 0.995


@pytest.mark.parametrize("first_tick", [0.2, 0.2137, 0.2399])
def test_beat_0_is_the_first_tick_after_start(first_tick):
    conductor, machine = following(first=first_tick)
    machine.send(START)
    transports = machine.drive(conductor, 60)
    assert not any(each.playing for each in transports[:5])
    assert transports[5].playing
    for number, each in enumerate(transports[5:], 5):
        assert each.beat == pytest.approx((number * 0.04 - first_tick) * 2, abs=1e-6)


def test_a_machine_that_ran_before_start_is_joined_on_its_tick():
    conductor, machine = following(tempo=100, first=0.003)
    machine.drive(conductor, 100)
    machine.send(START)
    begins = machine.next
    transports = machine.drive(conductor, 100)
    assert transports[-1].beat == pytest.approx((199 * 0.04 - begins) * 100 / 60, abs=1e-6)
    assert sum(each.beat <= 0 < each.beat + each.beats_per_frame for each in transports) == 1


def test_stop_rests_and_continue_goes_on_with_the_next_tick():
    conductor, machine = following(first=0.01)
    machine.send(START)
    machine.drive(conductor, 50)
    machine.send(STOP)
    rests_at = (machine.next - 0.01) * 2
    resting = machine.drive(conductor, 25)[-1]
    assert not resting.playing
    assert resting.beat == pytest.approx(rests_at)
    machine.send(CONTINUE)
    begins = machine.next
    last = machine.drive(conductor, 25)[-1]
    assert last.beat == pytest.approx(rests_at + (99 * 0.04 - begins) * 2, abs=1e-6)


def test_a_song_position_says_where_continue_begins():
    conductor, machine = following()
    machine.drive(conductor, 25)
    machine.send(FrozenMessage("songpos", pos=64), 1.0)
    assert machine.drive(conductor, 2)[-1].beat == 16
    machine.send(CONTINUE)
    begins = machine.next
    last = machine.drive(conductor, 25)[-1]
    assert last.beat == pytest.approx(16 + (51 * 0.04 - begins) * 2, abs=1e-6)


def test_it_follows_a_change_of_tempo():
    conductor, machine = following()
    machine.send(START)
    before = machine.drive(conductor, 100)
    machine.tempo = 90
    after = machine.drive(conductor, 150)
    assert after[-1].tempo == pytest.approx(90, rel=1e-3)
    assert_seamless(before[2:] + after)


def test_when_the_clock_stops_coming_the_last_tempo_goes_on():
    conductor, machine = following(tempo=97)
    machine.send(START)
    before = machine.drive(conductor, 100)
    machine.ticking = False
    without = machine.drive(conductor, 100)
    assert_seamless(before[2:] + without)
    assert without[-1].playing
    assert without[-1].tempo == pytest.approx(97, rel=1e-4)
    machine.ticking = True
    again = machine.drive(conductor, 200)
    assert_seamless(without + again)
    assert again[-1].tempo == pytest.approx(97, rel=1e-4)


def test_the_first_machine_leads_until_it_falls_silent():
    conductor, machine = following(tempo=100)
    other = Machine(140, port="another")

    def both(frames):
        found = []
        for _ in range(frames):
            found.append(conductor.advance({**machine.messages(), **other.messages()}))
        return found[-1]

    machine.drive(conductor, 5)
    assert both(100).tempo == pytest.approx(100, rel=1e-3)
    machine.ticking = False
    assert both(100).tempo == pytest.approx(140, rel=1e-3)


def test_a_beat_that_is_located_while_the_clock_runs_stays_in_step_with_it():
    conductor, machine = following(first=0.2137)
    machine.send(START)
    machine.drive(conductor, 50)
    conductor.locate(8)
    transports = machine.drive(conductor, 200)
    assert transports[0].beat == 8
    # Ticks fall on the 24ths of a beat again.
    ticks = (transports[-1].beat - (249 * 0.04 - 0.2137) * 2) * 24
    assert ticks == pytest.approx(round(ticks), abs=1e-3)


def test_leaving_the_clock_keeps_tempo_and_beat():
    conductor, machine = following(tempo=100)
    machine.send(START)
    before = machine.drive(conductor, 100)
    conductor.follow("internal")
    assert conductor.source == "midi"
    after = machine.drive(conductor, 100)
    assert conductor.source == "internal"
    assert_seamless(before[2:] + after)
    assert after[-1].tempo == pytest.approx(100, rel=1e-4)
