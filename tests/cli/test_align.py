"""``tthd align``: a folder teaches an aligner, and the aligner places what it is given."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.cli_run import Tthd
from tthd_tools.media import write_wav
from tthd_tools.synth import invent_person
from tthd_tools.synth.speech import plan_speech
from tthd_tools.synth.voice import synthesise

RATE_HZ = 16_000


def say_into(folder: Path, person: int, seed: int) -> list[float]:
    """A take of an invented person with its text beside it; returns when each syllable begins."""
    who = invent_person(person)
    plan = plan_speech(who, "neutral", 6.0, seed)
    folder.mkdir(parents=True, exist_ok=True)
    write_wav(folder / f"{seed}.wav", synthesise(who, plan, "neutral", seed), RATE_HZ)
    text = " ".join(one.roman for one in plan.said)
    (folder / f"{seed}.txt").write_text(text, encoding="utf-8")
    return [one.start_s for one in plan.said]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("align")
    for person in (1, 2):
        for seed in range(3):
            say_into(folder / "sound" / f"p{person}", person, 10 * person + seed)
    return folder


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.cli_run import tthd_process

    done = tthd_process(
        "align", "train", "sound", "--out", "aligner", "--language", "und", cwd=corpus
    )
    assert done.code == 0, done.err
    assert "learned from 6 recordings" in done.err
    return corpus / "aligner"


def test_an_aligner_names_where_it_comes_from(trained: Path) -> None:
    facts = json.loads((trained / "provenance.json").read_text(encoding="utf-8"))
    assert (facts["recordings"], facts["speakers"], facts["language"]) == (6, 2, "und")
    assert facts["minutes"] == pytest.approx(0.6, abs=0.05)


def test_it_places_what_another_person_says(trained: Path, tmp_path: Path, tthd: Tthd) -> None:
    true = say_into(tmp_path / "new", 3, 77)
    done = tthd(
        "align", "run", tmp_path / "new", "--aligner", trained, "--language", "und", "--json"
    )
    assert done.code == 0, done.err
    (record,) = done.json["recordings"]
    assert record["file"] == "77.wav"
    starts = [one["start_s"] for one in record["syllables"]]
    assert len(starts) == len(true)
    assert np.median(np.abs(np.array(starts) - true)) < 0.1
    assert all(0 <= one["confidence"] <= 1 for one in record["syllables"])


def test_what_cannot_be_used_is_said(trained: Path, tmp_path: Path, tthd: Tthd) -> None:
    folder = tmp_path / "mixed"
    say_into(folder, 3, 5)
    shutil.copy(folder / "5.wav", folder / "alone.wav")
    (folder / "broken.wav").write_bytes(b"RIFF, but no more")
    (folder / "broken.txt").write_text("ka kha")
    shutil.copy(folder / "5.wav", folder / "long.wav")
    (folder / "long.txt").write_text("ka " * 500)
    done = tthd("align", "run", folder, "--aligner", trained, "--language", "und")
    assert done.code == 0, done.err
    assert [line.split()[1] for line in done.out.splitlines()] == ["5.wav"]
    assert "alone.wav has no transcript beside it" in done.err
    assert "broken.wav" in done.err
    assert "long.wav has a text that is empty or longer than its sound can be" in done.err


def test_bad_folders_are_refused_in_a_sentence(trained: Path, tmp_path: Path, tthd: Tthd) -> None:
    done = tthd("align", "train", tmp_path / "none", "--out", tmp_path / "a")
    assert (done.code, "is no folder" in done.err) == (2, True)
    done = tthd("align", "train", tmp_path, "--out", tmp_path / "a")
    assert (done.code, "put NAME.txt beside NAME.wav" in done.err) == (2, True)
    say_into(tmp_path / "new", 3, 78)
    done = tthd("align", "train", tmp_path / "new", "--out", trained)
    assert (done.code, "is there already; name a new folder" in done.err) == (2, True)
    done = tthd("align", "run", tmp_path / "new", "--aligner", tmp_path)
    assert (done.code, "make one with `tthd align train`" in done.err) == (2, True)
