"""Writing a release: complete or not at all, the same bytes, nothing written twice."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.shards.tiny import clip_of, names, tree
from tthd_tools.errors import AccessError, RefusedError, UsageError
from tthd_tools.manifest import Consent
from tthd_tools.rights import standing_of
from tthd_tools.shards import ReleaseFacts, Sample, sample_of, write_release
from tthd_tools.shards import write as write_module
from tthd_tools.shards.verify import verify

FACTS = ReleaseFacts()
A, B = "data/all/tthd-all-44.tar", "data/all/tthd-all-28.tar"


def test_a_release_has_shards_list_index_and_checksums(whole_release: Path) -> None:
    assert sorted(tree(whole_release)) == ["SHA256SUMS", B, A, "index/clips.parquet", "shards.json"]
    listed = json.loads((whole_release / "shards.json").read_text())
    assert listed["samples"] == 4
    assert listed["seconds"] == 4.8
    assert listed["release"]["tier"] == "internal"
    assert [shard["path"] for shard in listed["shards"]] == [B, A]
    assert [shard["seconds"] for shard in listed["shards"]] == [2.4, 2.4]
    assert listed["shards"][0]["bytes"] == (whole_release / B).stat().st_size


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_sha256sum_accepts_the_checksums(whole_release: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"],
        cwd=whole_release,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stdout.count(": OK") == 4


def test_two_builds_give_the_same_bytes(
    samples: list[Sample], whole_release: Path, tmp_path: Path
) -> None:
    write_release(reversed(samples), tmp_path / "again", facts=FACTS)
    assert tree(tmp_path / "again") == tree(whole_release)


def test_a_second_build_writes_nothing(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "release"
    first = write_release(samples, out, facts=FACTS)
    assert first.written == (B, A)
    assert (first.shards, first.samples, first.seconds) == (2, 4, 4.8)
    inode = out.stat().st_ino
    second = write_release(samples, out, facts=FACTS)
    assert second.written == second.removed == ()
    assert out.stat().st_ino == inode


def test_one_changed_sample_rewrites_one_shard(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "release"
    write_release(samples, out, facts=FACTS)
    kept = (out / B).stat().st_ino
    changed = [replace(samples[0], text="new"), *samples[1:]]
    assert write_release(changed, out, facts=FACTS).written == (A,)
    assert (out / B).stat().st_ino == kept
    write_release(changed, tmp_path / "fresh", facts=FACTS)
    assert tree(out) == tree(tmp_path / "fresh")


def test_a_speaker_who_leaves_takes_the_shard_along(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "release"
    write_release(samples, out, facts=FACTS)
    summary = write_release(samples[1::2], out, facts=FACTS)
    assert (summary.written, summary.removed) == ((), (A,))
    assert A not in tree(out)
    assert verify(out) == []


def test_a_release_may_become_empty(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "release"
    write_release(samples, out, facts=FACTS)
    assert write_release([], out, facts=FACTS).removed == (B, A)
    assert sorted(tree(out)) == ["SHA256SUMS", "index/clips.parquet", "shards.json"]
    assert verify(out) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda out: (out / A).unlink(),
        lambda out: (out / A).write_bytes((out / A).read_bytes()[:-512]),
        lambda out: (out / "SHA256SUMS").unlink(),
        lambda out: (out / "SHA256SUMS").write_text("nonsense"),
        lambda out: (out / "index" / "clips.parquet").write_bytes(b"x"),
    ],
)
def test_building_again_repairs_what_is_missing(
    damage: object, samples: list[Sample], whole_release: Path, tmp_path: Path
) -> None:
    out = tmp_path / "release"
    write_release(samples, out, facts=FACTS)
    damage(out)  # type: ignore[operator]
    write_release(samples, out, facts=FACTS)
    assert tree(out) == tree(whole_release)


def test_building_again_repairs_a_flipped_byte_and_leaves_other_shards(
    samples: list[Sample], whole_release: Path, tmp_path: Path
) -> None:
    out = tmp_path / "release"
    write_release(samples, out, facts=FACTS)
    kept = (out / B).stat().st_ino
    data = bytearray((out / A).read_bytes())
    data[data.index(b"moov") + 60] ^= 0xFF
    (out / A).write_bytes(data)
    assert write_release(samples, out, facts=FACTS).written == (A,)
    assert verify(out) == []
    assert (out / B).stat().st_ino == kept
    assert tree(out) == tree(whole_release)


def test_a_wrong_checksum_is_put_right(
    samples: list[Sample], whole_release: Path, tmp_path: Path
) -> None:
    out = tmp_path / "release"
    write_release(samples, out, facts=FACTS)
    lines = (out / "SHA256SUMS").read_text().splitlines()
    changed = [f"{'0' * 64}  {A}" if line.endswith(A) else line for line in lines]
    (out / "SHA256SUMS").write_text("\n".join(changed) + "\n")
    assert write_release(samples, out, facts=FACTS).written == ()
    assert tree(out) == tree(whole_release)


def test_a_large_bucket_is_continued(samples: list[Sample], tmp_path: Path) -> None:
    summary = write_release(samples, tmp_path / "release", facts=FACTS, max_shard_bytes=1)
    assert summary.written == (
        *("data/all/tthd-all-28.tar", "data/all/tthd-all-28-01.tar"),
        *("data/all/tthd-all-44.tar", "data/all/tthd-all-44-01.tar"),
    )
    assert verify(tmp_path / "release") == []


def test_files_of_people_stay_and_are_listed(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "release"
    write_release(samples, out, facts=FACTS)
    (out / "README.md").write_text("a card")
    write_release(samples, out, facts=FACTS)
    assert (out / "README.md").read_text() == "a card"
    assert "  README.md\n" in (out / "SHA256SUMS").read_text()
    assert verify(out) == []


@pytest.mark.parametrize(
    "name",
    ["data/all/tthd-all-99.tar", "data/notes.md", "Data/a.mp4", "old/a.TAR", "a.tar.gz", "a.tgz"],
)
def test_clips_that_nobody_has_looked_at_here_stop_it(
    name: str, samples: list[Sample], tmp_path: Path
) -> None:
    out = tmp_path / "release"
    write_release(samples, out, facts=FACTS)
    foreign = out / name
    foreign.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(out / A, foreign)
    before = tree(out)
    with pytest.raises(RefusedError, match=f"{re.escape(name)} was not made by this build"):
        write_release(samples[1::2], out, facts=FACTS)
    assert tree(out) == before
    sums = out / "SHA256SUMS"  # listing it by hand makes it no better
    sums.write_text(sums.read_text() + f"{'0' * 64}  {name}\n")
    with pytest.raises(RefusedError, match="move it out of the release"):
        write_release(samples, out, facts=FACTS)
    foreign.unlink()
    write_release(samples, out, facts=FACTS)
    assert verify(out) == []


def test_a_folder_of_somebody_else_is_not_touched(samples: list[Sample], tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match="is not empty and holds no release of ours"):
        write_release(samples, tmp_path, facts=FACTS)
    (tmp_path / "shards.json").write_text('{"wids_version": 1, "shardlist": []}')
    with pytest.raises(UsageError, match="is not a list of shards"):
        write_release(samples, tmp_path, facts=FACTS)
    assert names(tmp_path) == ["shards.json", "thesis.tex"]
    with pytest.raises(UsageError, match="holds no release of ours"):
        write_release(samples, tmp_path / "thesis.tex", facts=FACTS)


def test_links_and_unlistable_names_in_a_release_are_refused(
    samples: list[Sample], tmp_path: Path
) -> None:
    out = tmp_path / "release"
    write_release(samples, out, facts=FACTS)
    (out / "two\nlines").touch()
    with pytest.raises(UsageError, match="cannot be listed in SHA256SUMS"):
        write_release(samples, out, facts=FACTS)
    (out / "two\nlines").unlink()
    (out / "link").symlink_to("/etc/hostname")
    with pytest.raises(UsageError, match="is a link or no file"):
        write_release(samples, out, facts=FACTS)


def test_a_wider_tier_takes_accepted_and_consented_clips_only(
    stage_files: Path, tmp_path: Path
) -> None:
    facts = ReleaseFacts(tier="gated")
    scope = frozenset({"train_research", "redistribute_media"})
    consents = {
        name: Consent(
            consent_id=name,
            speaker_id="spk_aaaaaaaaaaaa",
            scope=scope,
            tier=tier,
            form_version="1",
            status="granted",
        )
        for name, tier in (("con_aaaaaaaaaaaa", "open"), ("con_bbbbbbbbbbbb", "internal"))
    }
    given = {"speaker_id": "spk_aaaaaaaaaaaa", "rights": "speaker_consent"}

    def build(review_state: str, **item: object) -> None:
        clip = clip_of(stage_files, "item-0_0000", **item)
        standing = standing_of(clip.item, consents, review_state)
        consent = consents.get(clip.item.consent_id or "")
        sample = sample_of(clip, tier="gated", standing=standing, consent=consent)
        write_release([sample], tmp_path / "release", facts=facts)

    with pytest.raises(RefusedError, match="its own tier is internal"):
        build("accepted", tier="internal", consent_id="con_aaaaaaaaaaaa", **given)
    with pytest.raises(RefusedError, match="its rights are unknown"):
        build("accepted", tier="open")
    with pytest.raises(RefusedError, match="it has no consent"):
        build("accepted", tier="open", **given)
    with pytest.raises(RefusedError, match="its consent goes as far as tier internal"):
        build("accepted", tier="open", consent_id="con_bbbbbbbbbbbb", **given)
    with pytest.raises(RefusedError, match="its review state is unreviewed"):
        build("unreviewed", tier="gated", consent_id="con_aaaaaaaaaaaa", **given)
    assert not (tmp_path / "release").exists()
    build("accepted", tier="gated", consent_id="con_aaaaaaaaaaaa", **given)
    listed = json.loads((tmp_path / "release" / "shards.json").read_text())
    assert "lmk.npz" not in listed["members"]
    assert verify(tmp_path / "release") == []


def test_a_release_of_a_wider_tier_has_landmarks_where_consent_covers_them() -> None:
    assert ReleaseFacts(tier="open").members[-1] == "masks.npz"
    assert ReleaseFacts(tier="open", face_geometry=True).members[-1] == "lmk.npz"


def test_progress_counts_samples(samples: list[Sample], tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_release(
        samples, tmp_path / "r", facts=FACTS, progress=lambda done, all_: seen.append((done, all_))
    )
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_disk_that_is_too_small_is_noticed_first(
    samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(write_module.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(AccessError, match=r"has 0\.0 MB free, the shards need 0\.\d MB"):
        write_release(samples, tmp_path / "release", facts=FACTS)
    assert names(tmp_path) == []


CHILD = """
import os, sys
from pathlib import Path
from tests.shards.tiny import samples_of
from tthd_tools.errors import TthdError
from tthd_tools.shards import ReleaseFacts, publish, write_release
from dataclasses import replace

stages, out, mode, number = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
samples = [replace(sample, text="new") for sample in samples_of(stages)]
progress = None
if mode == "kill while writing":
    progress = lambda done, total: os._exit(9) if done == number else None
elif mode == "kill while publishing":
    names = ["_swap", "_exchange"]
    inner = getattr(publish, names[number])
    def swap(*paths):
        if number:
            inner(*paths)
        os._exit(9)
    setattr(publish, names[number], swap)
elif mode == "full":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (number, number))
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    write_release(samples, out, facts=ReleaseFacts(), progress=progress)
except TthdError as error:
    print(f"{type(error).__name__}: {error}")
    sys.exit(error.exit_code)
"""


def in_child(stages: Path, out: Path, mode: str, number: int) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-c", CHILD, str(stages), str(out), mode, str(number)]
    root = Path(__file__).parents[2]
    return subprocess.run(arguments, cwd=root, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("mode", "number", "survives"),
    [
        ("kill while writing", 1, "old"),
        ("kill while writing", 3, "old"),
        ("kill while writing", 4, "old"),
        ("kill while publishing", 0, "old"),
        ("kill while publishing", 1, "new"),
    ],
)
def test_a_kill_leaves_the_old_or_the_new_release(
    mode: str, number: int, survives: str, stage_files: Path, release: Path, tmp_path: Path
) -> None:
    old = tree(release)
    assert in_child(stage_files, release, mode, number).returncode == 9
    assert verify(release) == []
    assert (tree(release) == old) == (survives == "old")
    assert in_child(stage_files, release, "plain", 0).returncode == 0
    assert in_child(stage_files, tmp_path / "fresh", "plain", 0).returncode == 0
    assert tree(release) == tree(tmp_path / "fresh")
    assert names(tmp_path) == ["fresh", "release"]


@pytest.mark.parametrize("limit", [2_000, 30_000])
def test_a_file_that_cannot_grow_leaves_the_old_release(
    limit: int, stage_files: Path, release: Path, tmp_path: Path
) -> None:
    old = tree(release)
    done = in_child(stage_files, release, "full", limit)
    assert done.returncode == 4, done.stderr
    assert "cannot be written: File too large" in done.stdout
    assert tree(release) == old
    assert names(tmp_path) == ["release"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of 400 kB, where this machine lets us make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("may not mount a small tmpfs here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_old_release(
    samples: list[Sample],
    stage_files: Path,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = small_disk / "release"
    write_release(samples[:1], out, facts=FACTS)
    old = tree(out)
    monkeypatch.setattr(write_module, "_check_space", lambda *args: None)
    many = [replace(samples[0], key=f"item-0_{n:04d}") for n in range(60)]
    many = [replace(s, record={**s.record, "key": s.key}) for s in many]
    with pytest.raises(AccessError, match=r"the disk of .* is full"):
        write_release(many, out, facts=FACTS)
    assert tree(out) == old
    assert names(small_disk) == ["release"]
    assert verify(out) == []


def test_the_top_folder_of_a_disk_is_refused_before_anything_is_written(
    samples: list[Sample], small_disk: Path
) -> None:
    with pytest.raises(UsageError, match="give a folder inside it with --out"):
        write_release(samples, small_disk, facts=FACTS)
    assert names(small_disk.parent) == ["disk"]


def test_a_folder_that_may_not_be_written_is_said_in_one_sentence(samples: list[Sample]) -> None:
    with pytest.raises(AccessError, match=r"^/proc/release cannot be written.*--out"):
        write_release(samples, Path("/proc/release"), facts=FACTS)
