"""What an aligner learns of itself: which speakers it has not heard, and how sure it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.alignment.spoken import SYLLABLES, drawn, speak
from tthd_tools.alignment.aligner import (
    Aligner,
    Sureness,
    Units,
    aligner_sha256,
    hear,
    load_aligner,
)
from tthd_tools.alignment.learn import assign_folds, choose, learn
from tthd_tools.alignment.network import Network
from tthd_tools.alignment.train import Utterance


@pytest.fixture(scope="module")
def learned() -> Aligner:
    return learn([speak(drawn(seed), seed, f"s{seed % 2}")[0] for seed in range(12)])


def confidence(
    aligner: Aligner, utterance: Utterance, text: Sequence[Units]
) -> tuple[float, list[float]]:
    sound = hear(aligner.judge("nobody has heard"), utterance.rows)
    return aligner.sureness(sound.align(text))


def test_a_wrong_transcript_is_told_from_a_right_one(learned: Aligner) -> None:
    for seed in range(300, 304):
        utterance, _ = speak(drawn(seed), seed)
        assert confidence(learned, utterance, drawn(seed))[0] > 0.8
        assert confidence(learned, utterance, drawn(seed + 50))[0] < 0.3


def test_a_replaced_syllable_is_the_least_sure_one(learned: Aligner) -> None:
    utterance, _ = speak(drawn(400), 400)
    text = list(utterance.syllables)
    text[3] = next(units for units in SYLLABLES if units[0] not in text[3] and units != text[3])
    _, each = confidence(learned, utterance, text)
    assert int(np.argmin(each)) == 3
    assert each[3] < 0.5
    assert sorted(each)[1] > 0.5


def test_nobody_is_judged_by_a_model_that_has_heard_him(learned: Aligner) -> None:
    assert learned.folds == {"s0": learned.folds["s0"], "s1": 1 - learned.folds["s0"]}
    for speaker, fold in learned.folds.items():
        assert learned.judge(speaker) is learned.without[fold]
    assert learned.judge("somebody else") is learned.model


def test_one_speaker_alone_has_no_other_model() -> None:
    aligner = learn([speak(drawn(seed, 4), seed)[0] for seed in range(3)])
    assert aligner.without == ()
    assert aligner.judge("one") is aligner.model


def test_a_recording_of_the_only_speaker_is_judged_by_a_model_that_has_not_heard_it() -> None:
    heard = [replace(speak(drawn(seed), seed)[0], name=f"r{seed}") for seed in range(8)]
    spoiled = replace(heard[0], syllables=tuple(drawn(60)))
    aligner = learn([spoiled, *heard[1:]])
    assert sorted(aligner.folds) == [f"r{seed}" for seed in range(8)]
    assert aligner.judge("one", "r0") is aligner.without[aligner.folds["r0"]]
    assert aligner.judge("one", "another") is aligner.model

    def fit(model: Network, text: Sequence[Units]) -> float:
        return float(np.mean([said.fit for said in hear(model, heard[0].rows).align(text)]))

    judge = aligner.judge("one", "r0")
    assert fit(judge, drawn(0)) > fit(judge, drawn(60)) + 1


def test_an_aligner_survives_its_folder(learned: Aligner, tmp_path: Path) -> None:
    learned.save(tmp_path)
    again = load_aligner(tmp_path)
    assert again.folds == learned.folds
    assert (again.whole, again.single) == (learned.whole, learned.single)
    before = aligner_sha256(tmp_path)
    (tmp_path / "without-0.npz").write_bytes(b"")
    assert aligner_sha256(tmp_path) != before
    with pytest.raises(ValueError, match="holds no aligner"):
        load_aligner(tmp_path)
    with pytest.raises(ValueError, match="holds no aligner"):
        load_aligner(tmp_path / "nowhere")


def test_every_speaker_is_heard_in_turn_and_short_ones_first() -> None:
    def some(speaker: str, seconds: float) -> Utterance:
        return Utterance(speaker, np.zeros((int(100 * seconds), 26), np.float16), (("a",),))

    much = [some("a", 30), some("a", 30), some("a", 90), some("b", 30)]
    chosen = choose(much, most_minutes=1.0)
    assert [one.speaker for one in chosen] == ["a", "b"]
    assert [len(one.rows) for one in choose(much, most_minutes=10)] == [3000, 3000, 3000, 9000]
    assert len(choose([some("a", 90)], most_minutes=0.1)) == 1


def test_folds_are_four_at_most_and_depend_on_names_alone() -> None:
    names = [f"s{k}" for k in range(10)]
    folds = assign_folds(names)
    assert sorted(set(folds.values())) == [0, 1, 2, 3]
    assert assign_folds(names[::-1]) == folds
    assert set(assign_folds(["x", "y"]).values()) == {0, 1}


def test_sureness_is_a_probability() -> None:
    assert Sureness(2.0, 0.0)(0.0) == 0.5
    assert Sureness(2.0, 0.0)(3.0) == pytest.approx(0.9975, abs=1e-4)
    assert Sureness(2.0, -1.0)(1e9) == 1.0
    assert Sureness(2.0, -1.0)(-1e9) == 0.0
