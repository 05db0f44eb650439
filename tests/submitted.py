"""A submission of two speakers that is measured and built once, and what a release holds of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import tthd_process
from tests.films import copy_as

SUBMISSION = "sub_20261101_lab-a"
TEXT = "བཀྲ་ཤིས་བདེ་ལེགས།"
CONSENTS = """\
consent_id,speaker_id,scope,tier,form_version,status
con_aaaaaaaaaaaa,spk_aaaaaaaaaaaa,train_research redistribute_media face_geometry,gated,v1,granted
con_bbbbbbbbbbbb,spk_bbbbbbbbbbbb,train_research redistribute_media,open,v1,granted
"""
HEAD = f"""\
schema: tthd-manifest/1.0
submission_id: {SUBMISSION}
contributor: {{handle: lab-a, kind: lab}}
rights_basis: speaker_consent
license: CC-BY-SA-4.0
consent_policy: {{version: v1, sha256: "{"0" * 64}", languages: [bo]}}
access_tier_max: open
source_kind: files
items: items.jsonl
"""


def row(name: str, path: Path, person: str, tier: str) -> dict[str, Any]:
    return {
        "item_id": name,
        "path": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "speaker_id": f"spk_{person * 12}",
        "consent_id": f"con_{person * 12}",
        "speaker_is_adult": True,
        "other_people_visible": "none",
        "synthetic": "no",
        "access_tier": tier,
        "language": "bo",
        "dialect": "u-tsang",
        "dialect_source": "self_reported",
        "text_raw": TEXT,
        "text_status": "human",
        "emotion": "happy",
        "emotion_intensity": 2,
        "emotion_origin": "intended",
    }


@pytest.fixture(scope="session")
def submitted(
    tmp_path_factory: pytest.TempPathFactory, talk_film: Path, embedded_weights: None
) -> Path:
    """Three items of a submission and a file without one, ingested and built once."""
    folder = tmp_path_factory.mktemp("rights")
    videos = folder / "raw" / SUBMISSION
    videos.mkdir(parents=True)
    manifests = folder / "manifests"
    (manifests / SUBMISSION).mkdir(parents=True)
    copy_as(talk_film, folder / "raw" / "plain.mp4", 9)
    tiers = {"a1": ("a", "gated"), "a2": ("a", "gated"), "b1": ("b", "open")}
    rows = [
        row(f"lab-a_{name}", copy_as(talk_film, videos / f"{name}.mp4", n), person, tier)
        for n, (name, (person, tier)) in enumerate(tiers.items())
    ]
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)
    (manifests / SUBMISSION / "items.jsonl").write_text(lines, encoding="utf-8")
    (manifests / SUBMISSION / "submission.yaml").write_text(HEAD)
    (manifests / "consents.csv").write_text(CONSENTS)
    for words in (("ingest", "raw"), ("build-shards",)):
        done = tthd_process(*words, cwd=folder)
        assert done.code == 0, done.err
    return folder


@pytest.fixture
def place(submitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, to be changed, as the working directory."""
    folder = Path(shutil.copytree(submitted, tmp_path / "place"))
    monkeypatch.chdir(folder)
    return folder


def records(release: Path) -> dict[str, dict[str, Any]]:
    """The json of each sample, with the members' names and the text."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(release.rglob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                key, name = member.name.split(".", 1)
                content = tar.extractfile(member)
                assert content is not None
                sample = found.setdefault(key, {"members": []})
                sample["members"].append(name)
                if name == "json":
                    sample |= json.loads(content.read())
                elif name == "txt":
                    sample["txt"] = content.read().decode()
                elif name == "wav":
                    sample["wav_bytes"] = member.size
    return found
