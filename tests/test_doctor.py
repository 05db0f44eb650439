"""What this machine has and lacks: every missing thing with what it enables and a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_run import Tthd
from tthd_tools import doctor
from tthd_tools.doctor import examine
from tthd_tools.extras import install_command


def by_name(work: Path) -> dict[str, doctor.Check]:
    return {check.name: check for check in examine(work)}


def test_it_names_python_packages_weights_machine_and_disk(tmp_path: Path) -> None:
    checks = by_name(tmp_path / "absent")
    assert {"python", "av", "import cv2", "extra faces", "processor", "disk"} <= set(checks)
    assert {"weights face_mesh", "weights scrfd_500m_kps"} <= set(checks)
    assert (checks["python"].status, checks["import cv2"].status) == ("ok", "ok")
    assert "GB free" in checks["disk"].detail


def test_a_missing_extra_says_what_it_enables_and_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(package: str) -> str:
        return "" if package in ("mediapipe", "polars") else "1.0"

    monkeypatch.setattr(doctor, "_version", nothing)
    checks = by_name(tmp_path)
    extra = checks["extra faces"]
    assert (extra.status, extra.needed) == ("missing", False)
    assert extra.detail.startswith("without mediapipe: no 478 points")
    assert extra.command == install_command("faces")
    assert (checks["polars"].status, checks["polars"].needed) == ("missing", True)


def test_every_declared_extra_is_listed_but_dev(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        "av>=18",
        'torch>=2.8; extra == "train"',
        "mamba-ssm<2.3.2,>=2.3; extra == 'mamba'",
        'pyannote.audio>=4; python_version < "3.14" and extra == "align"',
        'pytest>=8.3; extra == "dev"',
    ]
    monkeypatch.setattr(doctor, "requires", lambda name: lines)
    monkeypatch.setattr(doctor, "_version", lambda name: "" if name == "mamba-ssm" else "1.0")
    extras = {k: v for k, v in by_name(tmp_path).items() if k.startswith("extra ")}
    assert {name: (one.status, one.detail, one.command) for name, one in extras.items()} == {
        "extra train": ("ok", "nothing uses it yet", install_command("train")),
        "extra mamba": (
            "missing",
            "without mamba-ssm; nothing uses it yet",
            install_command("mamba"),
        ),
        "extra align": ("ok", "nothing uses it yet", install_command("align")),
    }


def test_missing_weights_come_with_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTHD_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    check = by_name(tmp_path)["weights scrfd_500m_kps"]
    assert check.status == "missing"
    assert "tthd weights add FILE" in check.command
    assert "non-commercial" in check.detail


def test_an_absent_needed_package_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tthd: Tthd
) -> None:
    monkeypatch.setattr(doctor, "_version", lambda package: "" if package == "av" else "1.0")
    done = tthd("doctor", "--work", tmp_path / "absent")
    assert done.code == 1
    assert done.err == "tthd: av must be mended first: python -m pip install tthd-tools\n"
    (line,) = [line for line in done.out.splitlines() if " av " in line]
    assert line.startswith("missing av ")


def test_a_disk_that_is_too_small_is_a_finding(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, tthd: Tthd
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: _Usage())
    done = tthd("doctor", "--work", corpus / "work", "--json")
    disk = next(one for one in done.json if one["name"] == "disk")
    assert (done.code, disk["status"], disk["command"]) == (1, "broken", "tthd gc")


class _Usage:
    free = 1000


def test_the_list_is_aligned_and_parses_as_data(built: Path, tthd: Tthd) -> None:
    lines = tthd("doctor", "--work", built / "work").out.splitlines()
    assert lines[0].split()[:2] == ["ok", "python"]
    data = tthd("doctor", "--work", built / "work", "--json").json
    assert set(data[0]) == {"name", "status", "detail", "command", "needed"}
