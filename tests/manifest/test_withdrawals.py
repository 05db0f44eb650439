"""Every entry of a list of withdrawals is understood to its last word, or the run stops."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tthd_tools.errors import UsageError
from tthd_tools.manifest.withdrawals import Withdrawal, read_withdrawals

SHA256 = "0123456789abcdef" * 4


def read(path: Path, *entries: Any) -> list[Withdrawal]:
    path.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    return list(read_withdrawals(path))


def test_every_name_comes_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    found = read(
        path,
        {"item_id": "lab-a_0001", "removed_in": "2.0.0", "x_note": [1]},
        {"key": "lab-a_0001_0003", "sha256": SHA256.upper()},
        {"speaker_id": "spk_local_0123456789ab", "consent_id": "con_aaaaaaaaaaaa"},
    )
    assert found == [
        ("item_id", "lab-a_0001", f"{path}:1"),
        ("key", "lab-a_0001_0003", f"{path}:2"),
        ("sha256", SHA256, f"{path}:2"),
        ("speaker_id", "spk_local_0123456789ab", f"{path}:3"),
        ("consent_id", "con_aaaaaaaaaaaa", f"{path}:3"),
    ]


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"item_id": "lab-a "}, "list.jsonl:1: item_id cannot be 'lab-a ', so nobody knows"),
        ({"item_id": "lab-a\n"}, r"item_id cannot be 'lab-a\\n'"),
        ({"item_id": ""}, "item_id cannot be ''"),
        ({"key": "lab-a"}, "key cannot be 'lab-a'"),
        ({"speaker_id": "SPK_AAAAAAAAAAAA"}, "speaker_id cannot be 'SPK_AAAAAAAAAAAA'"),
        ({"consent_id": "con_1"}, "consent_id cannot be 'con_1'"),
        ({"sha256": SHA256[1:]}, "sha256 cannot be"),
        ({"key": "lab-a_0001", "item_id": ["lab-a"]}, r"item_id cannot be \["),
        ({"item_id": "lab-a", "sha256": None}, "sha256 cannot be null"),
        (
            {"item_id": "lab-a", "speaker": "x"},
            "unknown field 'speaker'; did you mean 'speaker_id'",
        ),
        ({"removed_in": "2.0.0"}, "names nobody; write one of item_id, key"),
        (["lab-a"], "is no object"),
    ],
)
def test_what_cannot_be_understood_stops_the_run(entry: Any, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=sentence):
        read(tmp_path / "list.jsonl", entry)
