"""A submission without a fault, to be made worse by one change."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NAME = "sub_20260401_lab-a"
SPEAKER = "spk_rlibwhzfymsm"
CONSENT = "con_k3xa7bq2mnop"
SUBMISSION = """\
schema: tthd-manifest/1.0
submission_id: sub_20260401_lab-a
contributor:
  handle: lab-a
  kind: lab
rights_basis: speaker_consent
license: CC-BY-4.0
consent_policy:
  version: v1
  sha256: "0000000000000000000000000000000000000000000000000000000000000000"
  languages: [bo, en]
access_tier_max: gated
source_kind: files
items: items.jsonl
collection:
  setting: home
  period: 2026-01/2026-03
notes: recorded at home
"""
CONSENTS = f"""\
consent_id,speaker_id,scope,tier,form_version,status
{CONSENT},{SPEAKER},train_research redistribute_media,registered,v1,granted
"""


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A row as in the specification; a change to None removes a field."""
    name = f"lab-a_{number:04d}"
    fields: dict[str, Any] = {
        "item_id": name,
        "path": f"media/{name}.mp4",
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "speaker_id": SPEAKER,
        "consent_id": CONSENT,
        "speaker_is_adult": True,
        "other_people_visible": "none",
        "synthetic": "no",
        "access_tier": "gated",
        "language": "bo-x-lhasa",
        "dialect": "u-tsang",
        "dialect_source": "self_reported",
        "text_raw": "ང་ཚོས་བོད་ཡིག་སློབ་སྦྱོང་བྱེད་ཀྱི་ཡོད།",
        "text_status": "human",
        "emotion": "happy",
        "emotion_intensity": 2,
        "emotion_origin": "intended",
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def write(
    manifests: Path,
    rows: Sequence[Mapping[str, Any]] | None = None,
    *,
    submission: str = SUBMISSION,
    name: str = NAME,
    consents: str | None = CONSENTS,
) -> Path:
    """Write the submission, with its consents beside it; its folder."""
    folder = manifests / name
    folder.mkdir(parents=True)
    (folder / "submission.yaml").write_text(submission, encoding="utf-8")
    lines = [json.dumps(one, ensure_ascii=False) for one in ([row()] if rows is None else rows)]
    (folder / "items.jsonl").write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")
    if consents is not None:
        (manifests / "consents.csv").write_text(consents, encoding="utf-8")
    return folder


def as_csv(folder: Path, rows: Sequence[Mapping[str, Any]], separator: str = ",") -> Path:
    """Turn the items of a submission into a table; the table."""
    (folder / "items.jsonl").unlink(missing_ok=True)
    text = (folder / "submission.yaml").read_text(encoding="utf-8")
    text = text.replace("items.jsonl", "items.csv")
    (folder / "submission.yaml").write_text(text, encoding="utf-8")
    columns = list(dict.fromkeys(name for one in rows for name in one))
    table = folder / "items.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=separator, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in one.items()} for one in rows)
    return table


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, list | dict) else value
