"""Rows of log-mel: their time, their bands, and what the features take out."""

from __future__ import annotations

import numpy as np

from tthd_tools.alignment.acoustics import BANDS, FEATURES, features, levelled, log_mel

RATE = 16_000


def tone(hz: float, seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def test_a_row_is_every_ten_milliseconds_and_no_sound_has_none() -> None:
    assert log_mel(tone(400, 1.0)).shape == (100, BANDS)
    assert log_mel(np.zeros(159, np.float32)).shape == (0, BANDS)
    assert features(np.zeros((0, BANDS))).shape == (0, FEATURES)


def test_a_click_is_loudest_in_the_row_of_its_time() -> None:
    sound = np.zeros(RATE, np.float32)
    sound[160 * 37] = 1.0
    assert int(log_mel(sound).sum(axis=1).argmax()) == 37


def test_a_higher_tone_lies_in_a_higher_band() -> None:
    bands = [int(log_mel(tone(hz, 0.2))[10].argmax()) for hz in (200, 500, 1200, 3000, 6000)]
    assert bands == sorted(bands)
    assert len(set(bands)) == 5


def test_long_sound_has_the_same_rows_as_a_piece_of_it() -> None:
    random = np.random.default_rng(1)
    sound = random.normal(0, 0.1, RATE * 12).astype(np.float32)
    np.testing.assert_allclose(log_mel(sound)[1002:1100], log_mel(sound[160_000:])[2:100])


def test_features_do_not_depend_on_level_or_microphone() -> None:
    random = np.random.default_rng(2)
    rows = random.normal(0, 1, (300, BANDS)) + 3 * np.sin(np.arange(300) / 9)[:, None]
    colour = np.linspace(-2, 2, BANDS)
    np.testing.assert_allclose(features(rows), features(rows + 4 + colour), atol=1e-6)


def test_a_stretched_spectrum_is_found_again_by_the_same_factor() -> None:
    low = np.stack([log_mel(tone(hz, 0.5))[20] for hz in (400, 900, 2000)])
    high = np.stack([log_mel(tone(1.16 * hz, 0.5))[20] for hz in (400, 900, 2000)])
    from tthd_tools.alignment.acoustics import _warped

    moved = _warped(high, 1.16)  # the voice with the higher formants, made to look like the lower
    assert np.abs(moved - low).mean() < np.abs(high - low).mean() / 1.5


def test_levelled_rows_have_no_microphone_and_one_silence() -> None:
    random = np.random.default_rng(3)
    rows = random.normal(0, 1, (300, BANDS)) + 3 * np.sin(np.arange(300) / 9)[:, None]
    rows[:20] = -40
    found = levelled(rows)
    assert found.shape == (300, BANDS)
    np.testing.assert_allclose(found, levelled(rows + 4), atol=1e-5)
    assert (found[:20] == found[0]).all()
    loud = rows.mean(axis=1) > np.percentile(rows.mean(axis=1), 95) - 6
    np.testing.assert_allclose(found[loud].mean(axis=0), 0, atol=1e-5)
    assert levelled(np.zeros((0, BANDS))).shape == (0, BANDS)
