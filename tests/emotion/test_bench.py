"""``tthd bench emotion`` on folders, lists, workspaces and releases."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tthd_tools.cli import app
from tthd_tools.emotion.bench import by_folder, by_list, guesses_of, kind_of
from tthd_tools.errors import ItemsFailedError, UsageError
from tthd_tools.synth import Actor, Script, Take, invent_person, render

EXPRESSIONS = ("neutral", "happy", "sad", "angry", "surprised")


def bench(*words: object) -> Result:
    return CliRunner().invoke(
        app, ["bench", "emotion", *map(str, words)], env={"COLUMNS": "200", "NO_COLOR": "1"}
    )


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn person who speaks with five expressions, and a list of who it is."""
    folder = tmp_path_factory.mktemp("acted")
    lines = ["path,label,speaker"]
    for step, expression in enumerate(EXPRESSIONS):
        path = folder / expression / "60.mp4"
        path.parent.mkdir()
        actor = Actor(invent_person(60), size=0.24, emotion=expression)
        take = Take((actor,), 2.0, background=60, seed=100 * step + 60)
        render(Script((take,), size=(256, 256), audio_rate_hz=16_000), path)
        lines.append(f"{expression}/60.mp4,{expression},a person")
    (folder / "happy" / "broken.mp4").write_bytes(b"an upload that broke off")
    lines.append("happy/broken.mp4,happy,a person")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.usefixtures("embedded_weights")
def test_a_drawn_person_is_read_beside_the_other_clips(acted: Path) -> None:
    words = ("--labels", acted / "labels.csv", "--set", "expression.face=geometry", "--json")
    found = bench("--on", acted, *words, "--quiet")
    assert isinstance(found.exception, ItemsFailedError)  # one file could not be judged
    data = json.loads(found.stdout)
    assert (data["clips"], data["speakers"], data["left_out"]) == (5, 1, 1)
    assert data["labels"] == dict.fromkeys(sorted(EXPRESSIONS), 1)
    seen, face, always = data["scores"]
    assert (seen["source"], face["source"]) == ("seen", "face")
    assert seen["recall"] >= 0.8
    assert seen["right"] == 1.0
    assert (always["source"], always["recall"]) == ("always angry", 0.2)
    assert data["confusion"]["seen"]["happy"] == {"happy": 1}
    assert data["fitted"] == []


@pytest.mark.parametrize("kind", ["work", "release"])
def test_what_was_measured_is_not_measured_again(built: Path, acted: Path, kind: str) -> None:
    found = bench("--on", built / kind)
    assert found.exit_code == 0, found.output
    header, seen, face, always = found.stdout.splitlines()
    assert header.split() == ["source", "clips", "recall", "F1", "ECE", "sure", "right"]
    # one film states an emotion, and calm is told from no face
    assert (seen.split()[:3], face.split()[:3]) == (["seen", "1", "0%"], ["face", "1", "0%"])
    assert always.split() == ["always", "calm", "1", "100%", "100%", "-", "-", "-"]
    refused = bench("--on", built / kind, "--labels", acted / "labels.csv")
    assert isinstance(refused.exception, UsageError)
    assert f"is a {'workspace' if kind == 'work' else 'release'}" in str(refused.exception)


def test_a_pipeline_without_the_stage_is_refused(built: Path) -> None:
    found = bench("--on", built / "work", "--pipeline", "quick")
    assert isinstance(found.exception, UsageError)
    assert "has no stage emotion" in str(found.exception)


def test_a_folder_without_labels_says_what_to_do(tmp_path: Path, acted: Path) -> None:
    shutil.copy(acted / "happy" / "60.mp4", tmp_path / "film.mp4")
    found = bench("--on", tmp_path, "--quiet")
    assert isinstance(found.exception, UsageError)
    assert "put them into folders" in str(found.exception)
    nothing = bench("--on", tmp_path / "nowhere", "--quiet")
    assert isinstance(nothing.exception, UsageError)
    assert "does not exist" in str(nothing.exception)


def test_the_nearest_folder_that_is_an_emotion_counts() -> None:
    describe = by_folder()
    for path, label in (
        ("happy/a.mp4", "happy"),
        ("sad/actor 1/Angry/a.mp4", "angry"),
        ("Disgust/x/a.mp4", "disgusted"),
        ("a.mp4", None),
        ("happy.mp4", None),
        ("holiday/a.mp4", None),
    ):
        said = describe(path)
        assert said is not None
        assert said.fields.get("emotion") == label


def test_a_list_names_emotions_and_speakers(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"a")
    (tmp_path / "b.mp4").write_bytes(b"b")
    labels = tmp_path / "labels.csv"
    labels.write_text("path,label,speaker\na.mp4,fear,Ann\nb.mp4,bored,Ann\nc.mp4,sad,Ann\n")
    describe, remarks = by_list(tmp_path, labels)
    said = describe("a.mp4")
    assert said is not None
    assert said.fields["emotion"] == "fearful"
    assert said.fields["speaker_id"].startswith("spk_")
    told = "\n".join(remarks)
    assert "'bored' is none of ours" in told
    assert "c.mp4" in told


def test_folders_are_told_apart(tmp_path: Path) -> None:
    assert kind_of(tmp_path) == "videos"
    (tmp_path / "shards.json").touch()
    assert kind_of(tmp_path) == "release"
    (tmp_path / "workspace.json").touch()
    assert kind_of(tmp_path) == "workspace"


def test_what_a_sample_of_a_release_says() -> None:
    part = {
        "seen_label": "sad", "seen_confidence": 0.4, "face_label": "sad", "face_confidence": 0.4,
        "fer_label": None, "fer_confidence": None,
    }  # fmt: skip
    found = guesses_of(part)
    assert {name: guess.label for name, guess in found.items()} == {"seen": "sad", "face": "sad"}
    assert guesses_of({}) == {}


def test_a_damaged_release_says_what_to_do(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built / "release", tmp_path / "release")
    shard = next((tmp_path / "release").rglob("*.tar"))
    shard.write_bytes(shard.read_bytes()[:-700])
    found = bench("--on", tmp_path / "release")
    assert isinstance(found.exception, UsageError)
    assert "`tthd verify` says what is wrong" in str(found.exception)
