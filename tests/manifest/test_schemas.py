"""The JSON Schemas are fresh, valid, and say the same as the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.manifest import sample
from tthd_tools.manifest import check
from tthd_tools.manifest.schemas import MODELS, make_schema, schema_text, write_schemas

FOLDER = Path(__file__).parent.parent.parent / "schemas"


def validator(name: str) -> Any:
    return jsonschema.Draft202012Validator(json.loads((FOLDER / f"{name}.schema.json").read_text()))


@pytest.mark.parametrize("name", MODELS)
def test_the_committed_schemas_are_fresh(name: str) -> None:
    written = (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(name), "run `python -m tthd_tools.manifest.schemas`"


def test_no_schema_is_left_over(tmp_path: Path) -> None:
    write_schemas(tmp_path / "new")
    new = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert new == sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", MODELS)
def test_they_are_schemas_of_2020_12(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(make_schema(name))


def test_the_sample_is_valid() -> None:
    validator("item").validate(sample.row(x_mine={"a": 1}))
    validator("submission").validate(yaml.load(sample.SUBMISSION, yaml.BaseLoader))
    header, row = (line.split(",") for line in sample.CONSENTS.splitlines())
    validator("consent").validate(dict(zip(header, row, strict=True)))


@pytest.mark.parametrize(
    "change",
    [
        {"item_id": "A.b"}, {"sha256": "0"}, {"speaker_id": "tenzin"}, {"speaker_is_adult": "yes"},
        {"access_tier": "public"}, {"emotion_intensity": 4}, {"unknown": 1}, {"synthetic": None},
        {"segments": [{"start_pts": 0.5, "end_pts": 2, "timebase": "1/25"}]}, {"other": {}},
    ],
)  # fmt: skip
def test_what_the_model_refuses_the_schema_refuses(change: dict[str, Any], tmp_path: Path) -> None:
    row = sample.row(**change)
    assert not validator("item").is_valid(row)
    assert check([sample.write(tmp_path, [row])]).errors


def test_a_report_has_its_schema(tmp_path: Path) -> None:
    rows = [sample.row(emotion="hapy"), sample.row(2, notes="a@b.org", segments="x")]
    report = check([sample.write(tmp_path, rows)])
    data = json.loads(json.dumps(report.as_dict("manifest check", 1)))
    validator("report").validate(data)
    assert data["summary"] == {
        "submissions": 1, "items": 2, "errors": 3, "warnings": 0,
        "codes": {"M005": 2, "M031": 1}, "left_out": 0,
    }  # fmt: skip
