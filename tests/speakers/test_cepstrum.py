"""The cepstrum is that of python_speech_features, frame by frame."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.speakers.cepstrum import cepstrum

# mfcc(sound * 32768, 16000, numcep=13) of python_speech_features 0.6, rows 10 and 80.
REFERENCE = {
    10: [18.181, 21.787, 12.546, 6.602, 0.56, -6.423, -12.485, -18.492, -22.541, -24.773, -23.958,
         -21.691, -17.739],
    80: [20.182, 12.114, -18.314, 12.126, 35.465, -7.562, -43.025, -14.125, 8.341, -26.315,
         -48.068, -17.674, 3.833],
}  # fmt: skip


def two_tones() -> np.ndarray:
    t_s = np.arange(16_000) / 16_000
    high = np.sin(2 * np.pi * 1800 * t_s) * (t_s > 0.5)
    return (0.3 * np.sin(2 * np.pi * 220 * t_s) + 0.1 * high).astype(np.float32)


def test_it_is_that_of_the_package_which_the_networks_were_trained_with() -> None:
    made = cepstrum(two_tones(), 25)
    assert made.shape == (100, 13)
    for row, expected in REFERENCE.items():
        assert made[row] == pytest.approx(expected, abs=0.002)


def test_it_has_four_rows_a_frame_whatever_the_length_of_the_sound() -> None:
    sound = two_tones()
    longer = cepstrum(sound, 40)
    assert longer.shape == (160, 13)
    assert np.array_equal(longer[:97], cepstrum(sound, 25)[:97])
    assert longer[120, 0] == pytest.approx(np.log(np.finfo(float).eps))  # silence after the end
    assert cepstrum(sound, 3).shape == (12, 13)
