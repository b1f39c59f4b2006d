"""What arrives at a MIDI port: whole messages, placed in time, thinned out in a flood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.midi.ports import match, plain_names
from engine.midi.stream import LAST_INSTANT, MidiStream, is_message, thin_out


class Wire:
    """Messages with the seconds between them, as rtmidi hands them out."""

    def __init__(self):
        self.waiting = []
        self.last = None

    def arrive(self, at, *data):
        self.waiting.append((list(data), 0.0 if self.last is None else at - self.last))
        self.last = at

    def get_message(self):
        return self.waiting.pop(0) if self.waiting else None


def stream():
    wire = Wire()
    return wire, MidiStream("Keys", wire)


@pytest.mark.parametrize(
    "data",
    [
        "90 3c 40",
        "80 00 00",
        "c0 05",
        "d0 7f",
        "e0 00 40",
        "f8",
        "fa",
        "fc",
        "ff",
        "f2 10 01",
        "f1 7f",
    ],
)
def test_whole_messages_are_messages(data):
    assert is_message(bytes.fromhex(data))


@pytest.mark.parametrize(
    "data",
    [
        "",
        "3c 40",
        "90",
        "90 3c",
        "90 3c 40 41",
        "90 80 40",
        "90 3c ff",
        "f0 01 f7",
        "f4",
        "f7",
        "f8 00",
    ],
)
def test_all_else_is_not(data):
    assert not is_message(bytes.fromhex(data))


@given(some.lists(some.lists(some.integers(0, 300), max_size=5), max_size=20))
def test_whatever_arrives_nothing_fails(messages):
    wire, keys = stream()
    for number, data in enumerate(messages):
        wire.arrive(number, *data)
    assert all(0 <= each.time <= LAST_INSTANT for each in keys.poll(0.0, 0.04))


def test_messages_keep_their_distances():
    wire, keys = stream()
    for number in range(50):
        now = 10 + number * 0.04
        wire.arrive(now - 0.030, 0x90, 60, 1)
        wire.arrive(now - 0.013, 0x80, 60, 0)
        first, second = keys.poll(now - 0.04, now)
        assert second.time - first.time == pytest.approx(0.017)


def test_the_place_in_the_frame_is_found_from_messages_that_come_at_any_time():
    wire, keys = stream()
    frame = 0.04
    off = []
    for number in range(200):
        start = 10 + number * frame
        wait = (number * 0.0137) % frame
        wire.arrive(start + wait, 0xF8)
        (clock,) = keys.poll(start, start + frame)
        off.append(abs(clock.time - wait))
    assert max(off) <= 0.02 + 1e-9
    assert max(off[100:]) < 0.001


def test_a_port_whose_clock_runs_away_is_followed():
    wire, keys = stream()
    wire.last = 0.0
    off = []
    for number in range(20_000):
        start = number * 0.04
        wait = (number * 0.0137) % 0.04
        wire.arrive((start + wait) * 1.00005, 0xF8)
        (clock,) = keys.poll(start, start + 0.04)
        off.append(abs(clock.time - wait))
    assert max(off[200:]) < 0.003


def test_a_lost_message_does_not_shift_what_follows():
    wire, keys = stream()
    for number in range(100):
        start = number * 0.04
        wire.arrive(start + 0.02, 0xF8)
        if number == 50:
            wire.waiting.clear()
        for clock in keys.poll(start, start + 0.04):
            assert 0.0 <= clock.time <= LAST_INSTANT
    wire.arrive(100 * 0.04 + 0.02, 0xF8)
    assert keys.poll(4.0, 4.04)[0].time == pytest.approx(0.02, abs=0.02)


def flood(*messages):
    return [(float(number), bytes(each)) for number, each in enumerate(messages)]


def bytes_of(arrivals):
    return [list(data) for _, data in arrivals]


def test_up_to_the_limit_all_passes_untouched():
    arrivals = flood(*[[0xB0, 1, value] for value in range(100)])
    assert thin_out(arrivals, 100) == (arrivals, 0)


def test_of_each_controller_and_wheel_the_last_value_stays_in_order():
    arrivals = flood(
        [0xB0, 1, 1], [0xE0, 0, 1], [0xB0, 2, 1], [0xB0, 1, 2], [0xB1, 1, 9], [0xE0, 5, 6]
    )
    kept, dropped = thin_out(arrivals, 5)
    assert bytes_of(kept) == [[0xB0, 2, 1], [0xB0, 1, 2], [0xB1, 1, 9], [0xE0, 5, 6]]
    assert dropped == 0


def test_strikes_beyond_the_limit_are_left_out_and_no_release_is():
    arrivals = flood(
        *[[0x90, pitch, 1] for pitch in range(100)], *[[0x80, pitch, 0] for pitch in range(100)]
    )
    kept, dropped = thin_out(arrivals, 120)
    assert len(kept) == 120
    assert dropped == 80
    assert [data[1] for _, data in kept if data[0] == 0x80] == list(range(100))


keys_and_pedals = some.one_of(
    some.tuples(some.sampled_from([0x80, 0x90, 0x91]), some.integers(60, 66), some.integers(0, 2)),
    some.tuples(some.just(0xB0), some.sampled_from([1, 64]), some.integers(0, 127)),
)


def state(arrivals):
    """Which keys are down and where the controllers are."""
    down, controls = set(), {}
    for _, (status, number, value) in arrivals:
        key = (status & 0xF, number)
        if status & 0xF0 == 0xB0:
            controls[key] = value
        elif status & 0xF0 == 0x90 and value:
            down.add(key)
        else:
            down.discard(key)
    return down, controls


@given(some.lists(keys_and_pedals, max_size=200))
def test_thinned_out_it_ends_in_the_same_state(messages):
    arrivals = flood(*messages)
    kept, dropped = thin_out(arrivals, 40)
    assert dropped == 0  # 14 keys and 2 controllers: 30 messages say it all
    assert state(kept) == state(arrivals)
    assert len(kept) <= 40
    assert [at for at, _ in kept] == sorted(at for at, _ in kept)


def test_silence_after_active_sensing_lets_go_once():
    wire, keys = stream()
    wire.arrive(0.0, 0xFE)
    wire.arrive(0.01, 0x90, 60, 100)
    assert [each.type for each in keys.poll(0.0, 0.04)] == ["note_on"]
    assert keys.poll(0.04, 0.36) == ()
    (ending,) = keys.poll(0.36, 0.40)
    assert (ending.type, ending.note) == ("note_off", 60)
    assert keys.silenced
    assert keys.poll(0.40, 2.0) == ()
    assert not keys.silenced


def test_without_active_sensing_a_note_may_be_held_for_ever():
    wire, keys = stream()
    wire.arrive(0.0, 0x90, 60, 100)
    keys.poll(0.0, 0.04)
    assert keys.poll(0.04, 3600.0) == ()


def test_ports_lose_the_numbers_that_alsa_appends_and_twins_get_their_own():
    raw = ["Keys:Keys MIDI 1 20:0", "Midi Through:Port-0 14:0", "Keys:Keys MIDI 1 24:0", "a:b 2"]
    assert plain_names(raw) == [
        "Keys:Keys MIDI 1",
        "Midi Through:Port-0",
        "Keys:Keys MIDI 1 (2)",
        "a:b 2",
    ]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("Piano", "Piano"), ("piano", "Grand Piano"), ("GRAND", "Grand Piano"), ("organ", None)],
)
def test_a_port_is_meant_by_its_name_or_a_part_of_it(wanted, found):
    assert match(wanted, ["Grand Piano", "Piano"]) == found
