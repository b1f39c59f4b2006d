from __future__ import annotations

from engine.signals import MASK, OFF, ONSET, SUSTAIN
from patcher.editing.history import FRAMES, UNSEEN, History
from tests.seeing import snapshot, states


def history(*snapshots):
    kept = History()
    for each in snapshots:
        kept.take(each)
    return kept


def given(frame, **pitches):
    return snapshot(frame, heard={"model": states(**pitches)})


def test_the_latest_frame_is_the_last_row():
    seen = history(given(7, p60=ONSET), given(8, p60=SUSTAIN)).notes("model")
    assert seen.shape == (FRAMES, 128)
    assert seen[-2:, 60].tolist() == [ONSET, SUSTAIN]


def test_before_the_first_frame_nothing_was_seen():
    seen = history(given(7)).notes("model")
    assert (seen[:-1] == UNSEEN).all()
    assert (seen[-1] == OFF).all()


def test_a_frame_that_was_missed_goes_on_as_before_and_strikes_nothing_anew():
    seen = history(given(1, p60=ONSET, p61=MASK), given(5, p61=MASK)).notes("model")
    assert seen[-5:, 60].tolist() == [ONSET, SUSTAIN, SUSTAIN, SUSTAIN, OFF]
    assert seen[-5:, 61].tolist() == [MASK] * 5


def test_a_note_that_was_struck_in_a_frame_that_was_missed_is_struck_all_the_same():
    seen = history(given(1), given(4, p60=SUSTAIN)).notes("model")
    assert seen[-4:, 60].tolist() == [OFF, OFF, ONSET, SUSTAIN]


def test_the_first_of_few_frames_may_have_been_missed():
    seen = history(given(1, p60=ONSET), given(9)).notes("model", 3)
    assert seen[:, 60].tolist() == [SUSTAIN, SUSTAIN, OFF]


def test_a_snapshot_that_is_known_is_taken_once():
    one = given(1)
    assert len(history(one, one, None).snapshots) == 1


def test_only_ten_seconds_are_kept():
    kept = history(*(given(frame) for frame in range(600)))
    assert [each.frame for each in kept.snapshots] == list(range(350, 600))


def test_an_engine_that_counts_anew_begins_a_new_history():
    kept = history(given(500, p60=ONSET), given(3))
    assert [each.frame for each in kept.snapshots] == [3]


def test_what_was_seen_so_long_ago_comes_latest_first():
    kept = history(*(given(frame) for frame in (1, 2, 4, 5, 6)))
    assert [each.frame for each in kept.until(2)] == [4, 2, 1]


def test_a_generator_that_does_not_play_has_no_notes():
    assert (history(given(1)).notes("other") == UNSEEN).all()
