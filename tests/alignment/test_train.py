"""A flat start on made-up speech finds every boundary; voices are stretched alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.alignment.spoken import drawn, speak
from tthd_tools.alignment.aligner import hear
from tthd_tools.alignment.hmm import unit_names
from tthd_tools.alignment.network import Network
from tthd_tools.alignment.train import Utterance, train


@pytest.fixture(scope="module")
def trained() -> Network:
    return train([speak(drawn(seed), seed, f"s{seed % 3}")[0] for seed in range(14)])


def test_boundaries_of_unheard_sound_are_found(trained: Network) -> None:
    errors = []
    for seed in range(100, 106):
        utterance, times = speak(drawn(seed), seed)
        said = hear(trained, utterance.rows).align(utterance.syllables)
        for one, (start_s, end_s) in zip(said, times, strict=True):
            errors += [abs(one.start_s - start_s), abs(one.end_s - end_s)]
    assert np.median(errors) <= 0.02
    assert np.percentile(errors, 90) <= 0.06


def test_what_is_not_said_fits_worse(trained: Network) -> None:
    utterance, _ = speak(drawn(200), 200)
    sound = hear(trained, utterance.rows)
    right = [one.fit for one in sound.align(utterance.syllables)]
    wrong = [one.fit for one in sound.align(drawn(201))]
    assert np.mean(right) > np.mean(wrong) + 1
    assert np.mean(right) > 0  # likelier than any sound


def test_the_same_utterances_give_the_same_bytes(tmp_path: Path) -> None:
    utterances = [speak(drawn(seed, 4), seed)[0] for seed in range(3)]
    for name in ("a.npz", "b.npz"):
        train(utterances).save(tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_sound_that_cannot_hold_its_text_teaches_nothing() -> None:
    short = Utterance("one", np.zeros((5, 26), np.float16), (("m", "a"),))
    assert not short.is_possible
    with pytest.raises(ValueError, match="no sound with a transcript"):
        train([short])


def test_units_are_named_in_a_fixed_order() -> None:
    assert unit_names([[("m", "a")], [("b",)]]) == (
        "sil", "<nasal>", "<stop>", "<vowel>", "a", "b", "m",
    )  # fmt: skip
