"""Boundaries are decided frame by frame as they would be with the whole film at hand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.boundaries import CUT_LAG, Boundary, BoundaryFinder

STEP_S = 0.04
BRIGHT, GREY, DARK = 120.0, 30.0, 16.0


def finder(step_s: float = STEP_S) -> BoundaryFinder:
    return BoundaryFinder(step_s, min_scene_s=0.3, black_luma=24.0, min_black_s=0.12)


def decided(
    lumas: list[float], cuts: set[int], step_s: float = STEP_S
) -> list[tuple[list[Boundary], int]]:
    """What was found after each frame and at the end, and before which frame that is certain."""
    found, one = [], finder(step_s)
    for number, luma in enumerate(lumas):
        one.take(number * step_s, luma, cuts & {number - CUT_LAG})
        found.append((list(one.found), one.certain))
    one.finish()
    return [*found, (list(one.found), one.certain)]


def places(lumas: list[float], cuts: set[int]) -> list[tuple[int, str]]:
    return [one[:2] for one in decided(lumas, cuts)[-1][0][1:]]


def with_hindsight(lumas: list[float], cuts: set[int]) -> list[tuple[int, str]]:
    """The same with all frames at hand at 25 fps: 3 frames make black, 8 frames a scene."""
    count = len(lumas)
    dark = [luma < 24 for luma in lumas]
    turns = [k for k in range(1, count) if dark[k] != dark[k - 1]]
    runs = [(a, b) for a, b in pairwise([0, *turns, count]) if count and dark[a] and b - a >= 3]
    edges = {edge for run in runs for edge in run if 0 < edge < count}
    soft = {edge for edge in edges if abs(lumas[edge] - lumas[edge - 1]) < 10}
    near = {cut + k for cut in cuts for k in (-1, 0, 1)}
    kinds = {cut: "cut" for cut in cuts if not soft & {cut - 1, cut, cut + 1}}
    kinds |= {edge: "fade" for edge in edges if edge in soft or edge not in near}
    kept: list[tuple[int, str, int]] = [(0, "end", 0)]
    for frame, kind in sorted(kinds.items()):
        if frame - kept[-1][0] >= 8:
            if count - frame >= 8:
                kept.append((frame, kind, frame))
        elif kind == "cut" and kept[-1][1] == "fade":
            kept[-1] = (frame, kind, kept[-1][2])
    return [one[:2] for one in kept[1:]]


@st.composite
def films(draw: st.DrawFn) -> tuple[list[float], set[int]]:
    """Stretches of light, of grey that fades softly into black, and of black, with cuts."""
    stretches = st.tuples(st.sampled_from([BRIGHT, GREY, 22.0, DARK]), st.integers(1, 14))
    lumas = [luma for luma, length in draw(st.lists(stretches, max_size=9)) for _ in range(length)]
    inner = st.integers(2, max(2, len(lumas) - 3))
    return lumas, draw(st.sets(inner, max_size=6)) if len(lumas) > 4 else set()


@settings(max_examples=300, deadline=None)
@given(films())
def test_the_same_is_found_as_with_hindsight(film: tuple[list[float], set[int]]) -> None:
    assert places(*film) == with_hindsight(*film)


@settings(max_examples=150, deadline=None)
@given(films())
def test_what_is_certain_stays_and_frames_wait_half_a_second_at_most(
    film: tuple[list[float], set[int]],
) -> None:
    history = decided(*film)
    final = history[-1][0]
    assert history[-1][1] == len(film[0])
    for seen, (found, certain) in enumerate(history[:-1], start=1):
        assert [one for one in found if one.frame < certain] == [
            one for one in final if one.frame < certain
        ]
        assert seen - certain <= 13
    certainties = [certain for _, certain in history]
    assert certainties == sorted(certainties)


def test_where_nothing_happens_frames_wait_for_the_detector_alone() -> None:
    assert [certain for _, certain in decided([BRIGHT] * 8, set())] == [1, 1, 1, 1, 2, 3, 4, 5, 8]


def test_a_cut_waits_until_its_shot_is_long_enough() -> None:
    history = decided([BRIGHT] * 40, {20})
    assert [certain for _, certain in history[22:31]] == [*[20] * 6, 26, 27, 28]
    assert places([BRIGHT] * 40, {20}) == [(20, "cut")]
    assert places([BRIGHT] * 27, {20}) == []


@pytest.mark.parametrize(
    ("black", "cuts", "expected"),
    [
        (12, set(), [(20, "fade"), (32, "fade")]),
        (12, {20}, [(20, "cut"), (32, "fade")]),
        (12, {21, 31}, [(21, "cut"), (31, "cut")]),
        (4, {24}, [(24, "cut")]),
        (2, set(), []),
    ],
)
def test_black_is_a_shot_of_its_own_and_a_cut_comes_first(
    black: int, cuts: set[int], expected: list[tuple[int, str]]
) -> None:
    lumas = [BRIGHT] * 20 + [DARK] * black + [BRIGHT] * 20
    assert places(lumas, cuts) == expected


def test_a_soft_edge_of_black_is_a_fade_whatever_the_detector_says() -> None:
    assert places([GREY] * 20 + [22.0] * 12, {20, 21}) == [(20, "fade")]


def test_a_fade_stays_where_the_last_frames_hold_a_cut() -> None:
    lumas = [BRIGHT] * 20 + [DARK] * 20
    assert places(lumas, {37}) == [(20, "fade")]


@pytest.mark.parametrize(("step_s", "least"), [(0.04, 8), (1 / 30, 9), (1 / 24, 7), (1 / 60, 18)])
def test_lengths_are_met_within_half_a_frame(step_s: float, least: int) -> None:
    for length, expected in ((least - 1, 2), (least, 3)):
        found = decided([BRIGHT] * (2 * least + length), {least, least + length}, step_s)[-1][0]
        assert len(found) == expected
