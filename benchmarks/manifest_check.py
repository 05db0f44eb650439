"""Submissions of 1,000, 10,000 and 50,000 rows go in; the seconds and the peak memory of a check
without media come out.

    python benchmarks/manifest_check.py [--rows 1000,10000,50000]

Each row has a Tibetan transcript of eight syllables and a consent of its speaker, and nothing is
wrong with it; `faulty` rows have one error each. Each check runs in a process of its own; `nothing`
is what that process takes before it reads any row.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness import print_table

KILOBYTES_A_MEGABYTE = 1024  # the kernel counts in kB
SPEAKERS = 200
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
SUBMISSION = """\
schema: tthd-manifest/1.0
submission_id: sub_20260401_benchmark
contributor: {handle: benchmark, kind: lab}
rights_basis: speaker_consent
license: CC-BY-4.0
consent_policy: {version: v1, sha256: "%s", languages: [bo]}
access_tier_max: gated
items: %s
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="1000,10000,50000", help="how many (default %(default)s)")
    parser.add_argument("--one", default="", help="check this folder alone")
    options = parser.parse_args()
    if options.one:
        measure_one(Path(options.one))
        return
    table: list[list[object]] = []
    for count in [0, *map(int, options.rows.split(","))]:
        for name, fault in (("items.jsonl", 0), ("items.csv", 0), ("items.jsonl", 1)):
            with TemporaryDirectory() as folder:
                submission = write(Path(folder), name, count, bool(fault))
                words = [sys.executable, __file__, "--one", str(submission)]
                done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
                kind = f"{count} {name}{', faulty' if fault else ''}" if count else "nothing"
                table.append([kind, *json.loads(done.stdout)])
            if not count:
                break
    print_table(("rows", "seconds", "peak MB", "items", "findings"), table)


def measure_one(folder: Path) -> None:
    """Print seconds, peak memory and what was found as JSON."""
    began = time.perf_counter()
    from tthd_tools.manifest import check

    report = check([folder])
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_A_MEGABYTE
    print(json.dumps([seconds, peak, report.items, sum(report.codes.values())]))


def write(manifests: Path, name: str, count: int, faulty: bool) -> Path:
    """A submission of so many rows, and the consents of its speakers."""
    folder = manifests / "sub_20260401_benchmark"
    folder.mkdir()
    (folder / "submission.yaml").write_text(SUBMISSION % ("0" * 64, name))
    lines = ["consent_id,speaker_id,scope,tier,form_version,status"]
    lines += [
        f"{_id('con', n)},{_id('spk', n)},train_research,gated,v1,granted" for n in range(SPEAKERS)
    ]
    (manifests / "consents.csv").write_text("\n".join(lines) + "\n")
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        if name.endswith(".csv"):
            writer = csv.DictWriter(file, list(next(rows(1, faulty))), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows(count, faulty))
        else:
            file.writelines(
                json.dumps(one, ensure_ascii=False) + "\n" for one in rows(count, faulty)
            )
    return folder


def rows(count: int, faulty: bool) -> Iterator[dict[str, Any]]:
    """Rows of the submission."""
    for n in range(count):
        yield {
            "item_id": f"benchmark_{n:06d}",
            "path": f"media/benchmark_{n:06d}.mp4",
            "sha256": hashlib.sha256(str(n).encode()).hexdigest(),
            "speaker_id": _id("spk", n % SPEAKERS),
            "consent_id": _id("con", n % SPEAKERS),
            "speaker_is_adult": True,
            "other_people_visible": "none",
            "synthetic": "no",
            "access_tier": "gated",
            "language": "bo-x-lhasa",
            "dialect": "u-tsang",
            "dialect_source": "self_reported",
            "text_raw": "ང་ཚོས་བོད་ཡིག་སློབ་སྦྱོང་བྱེད་ཀྱི་ཡོད།",
            "text_status": "human",
            "emotion": "hapy" if faulty else "happy",
            "emotion_intensity": 2,
            "emotion_origin": "intended",
            "duration_s": 12.5,
        }


def _id(kind: str, number: int) -> str:
    digits = "".join(LETTERS[number // 32**place % 32] for place in range(12))
    return f"{kind}_{digits}"


if __name__ == "__main__":
    main()
