"""The curves of cables, and what lies on them."""

from __future__ import annotations

import pytest

from patcher.ui.curves import around, crosses, curve, enters, handles, overlap, spanned, within


def test_a_cable_leaves_and_arrives_level():
    start, first, second, end = handles((0, 0), (300, 400))
    assert first == (125, 0)
    assert second == (175, 400)
    points = curve(start, end)
    assert points[0] == start
    assert points[-1] == end
    assert points[len(points) // 2] == pytest.approx((150, 200))


def test_a_stroke_cuts_the_cable_it_crosses_and_no_other():
    path = curve((0, 0), (200, 0))
    assert crosses(path, (100, -10), (100, 10))
    assert not crosses(path, (100, 10), (100, 30))
    assert not crosses(path, (210, -10), (210, 10))


def test_a_box_is_on_a_cable_that_runs_through_it():
    path = curve((0, 0), (600, 0))
    assert enters(path, ((-5, -5), (5, 5)))
    # Narrower than a straight piece of the cable, so that no point of the path lies in it.
    assert enters(path, ((300.2, -5), (300.9, 5)))
    assert not enters(path, ((290, 5), (310, 15)))


def test_a_box_may_be_drawn_from_any_corner():
    box = ((1, 2), (5, 8))
    assert all(
        spanned(*corners) == box
        for corners in (((1, 2), (5, 8)), ((5, 8), (1, 2)), ((1, 8), (5, 2)), ((5, 2), (1, 8)))
    )


def test_what_touches_a_box_need_not_lie_within():
    box = ((0, 0), (10, 10))
    assert overlap(((9, 9), (20, 20)), box)
    assert not within(((9, 9), (20, 20)), box)
    assert within(((1, 1), (10, 10)), box)
    assert not overlap(((11, 0), (20, 10)), box)


def test_a_box_around_others_keeps_its_distance():
    assert around([((0, 0), (4, 4)), ((8, -2), (9, 3))], 1) == ((-1, -3), (10, 5))
