"""Ctrl-C in the middle of a measurement: exit code 130, nobody left behind, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.cli_run import PROGRAM, tthd_process
from tests.films import copy_as


def processes_of(group: int) -> list[int]:
    """Ids of living processes of a process group."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def test_an_interrupted_run_goes_on_where_it_stopped(
    tmp_path: Path, talk_film: Path, embedded_weights: None
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    copy_as(talk_film, raw / "a.mp4", 1)
    copy_as(talk_film, raw / "b.mp4", 2)
    assert tthd_process("ingest", "raw", cwd=tmp_path).code == 0
    command = [*PROGRAM, "measure", "--workers", "1"]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        begun = tmp_path / "work" / "clips"
        deadline = time.monotonic() + 120
        while not any(begun.glob("*/tracks.*")) and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == (
        "tthd: interrupted; what was done is kept, and the same command goes on"
    )
    assert "Traceback" not in said
    deadline = time.monotonic() + 10  # the tracker of multiprocessing ends a moment later
    while processes_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of(process.pid) == []
    assert list((tmp_path / "work" / "tmp").iterdir()) == []
    assert tthd_process("status", cwd=tmp_path).code == 0
    done = tthd_process("build-shards", "--quiet", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert tthd_process("verify", cwd=tmp_path).code == 0
