"""Whatever is wrong with a release is found, and said with its place."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.shards.tiny import Members, relist, reseal, rewrite
from tthd_tools.arrays import save_arrays
from tthd_tools.errors import UsageError
from tthd_tools.media import VideoWriter, write_wav
from tthd_tools.shards.check_sample import _wrong_keyframes
from tthd_tools.shards.index import read_index
from tthd_tools.shards.verify import verify

A, B = "data/all/tthd-all-44.tar", "data/all/tthd-all-28.tar"
FIRST = f"{A}:item-0_0000"


def findings(release: Path, *, quick: bool = False) -> list[tuple[str, str]]:
    return [(found.code, found.where) for found in verify(release, quick=quick)]


def sentence(release: Path, code: str) -> str:
    return next(found.sentence for found in verify(release) if found.code == code)


def replaced(name: str, content: bytes) -> Callable[[Members], Members]:
    """Other bytes for one member of item-0_0000."""
    target = f"item-0_0000.{name}"
    return lambda members: [(n, content if n == target else c) for n, c in members]


def edited(change: Callable[[dict[str, Any]], None]) -> Callable[[Members], Members]:
    """Another json for item-0_0000."""

    def apply(members: Members) -> Members:
        record = json.loads(dict(members)["item-0_0000.json"])
        change(record)
        return replaced("json", json.dumps(record).encode())(members)

    return apply


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    save_arrays(file, **arrays)
    return file.getvalue()


def test_a_whole_release_has_no_findings(whole_release: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert verify(whole_release, progress=lambda done, all_: seen.append((done, all_))) == []
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert verify(whole_release, quick=True) == []


def test_a_folder_that_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no release"):
        verify(tmp_path)
    with pytest.raises(UsageError, match="is no folder"):
        verify(tmp_path / "absent")


def test_a_lost_list_of_shards(release: Path) -> None:
    (release / "shards.json").unlink()
    assert findings(release) == [("V001", "shards.json")]


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2}', "[" * 100_000, '{"shards": NaN}'])
def test_a_damaged_list_of_shards(release: Path, text: str) -> None:
    (release / "shards.json").write_text(text)
    assert findings(release) == [("V001", "shards.json")]


def test_a_list_that_points_outside_the_release(release: Path) -> None:
    listed = json.loads((release / "shards.json").read_text())
    listed["shards"][0]["path"] = "../../etc/passwd.tar"
    (release / "shards.json").write_text(json.dumps(listed))
    assert findings(release) == [("V001", "shards.json")]


@pytest.mark.parametrize(
    "text", ["nonsense\n", f"{'0' * 64}  ../up\n", f"{'0' * 64}  /etc/passwd\n", "\udcff\n"]
)
def test_damaged_or_missing_checksums(release: Path, text: str) -> None:
    (release / "SHA256SUMS").write_text(text, errors="surrogateescape")
    assert findings(release) == [("V002", "SHA256SUMS")]
    (release / "SHA256SUMS").unlink()
    assert findings(release) == [("V002", "SHA256SUMS")]


def test_a_missing_checksum(release: Path) -> None:
    lines = (release / "SHA256SUMS").read_text().splitlines(keepends=True)
    (release / "SHA256SUMS").write_text("".join(line for line in lines if A not in line))
    assert findings(release) == [("V005", A)]


@pytest.mark.parametrize("quick", [True, False])
def test_a_flipped_byte_in_a_picture(release: Path, quick: bool) -> None:
    data = bytearray((release / A).read_bytes())
    data[data.index(b"moov") + 60] ^= 0xFF
    (release / A).write_bytes(data)
    codes = findings(release, quick=quick)
    assert codes[:2] == [("V003", A), ("V006", A)]
    assert not quick or len(codes) == 2


@pytest.mark.parametrize("position", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_a_flipped_byte_anywhere(release: Path, position: float) -> None:
    data = bytearray((release / A).read_bytes())
    data[int(position * len(data))] ^= 0x10
    (release / A).write_bytes(data)
    assert ("V003", A) in findings(release)
    said = sentence(release, "V003")
    assert said == "has changed: its checksum is not that in SHA256SUMS"


def test_a_removed_file_and_a_foreign_one(release: Path) -> None:
    (release / A).unlink()
    (release / "notes.txt").touch()
    assert findings(release) == [
        ("V004", A),
        ("V005", "notes.txt"),
        ("V006", A),
        ("V008", f"{A}:item-0_0000"),
        ("V008", f"{A}:item-2_0000"),
    ]


def test_a_shard_that_is_not_in_the_list(release: Path) -> None:
    (release / "data" / "all" / "stray.tar").touch()
    relist(release)
    assert findings(release) == [("V006", "data/all/stray.tar")]


@pytest.mark.parametrize("left", [10_000, 40_000])
def test_a_truncated_shard_names_the_samples_that_are_lost(release: Path, left: int) -> None:
    with (release / A).open("r+b") as file:
        file.truncate(left)
    found = findings(release)
    assert ("V003", A) in found
    assert ("V009", A) in found
    assert ("V008", f"{A}:item-2_0000") in found
    assert "is cut off" in sentence(release, "V009")


@pytest.mark.parametrize("member", ["json", "txt", "mp4", "wav", "masks.npz", "lmk.npz"])
def test_a_removed_member(release: Path, member: str) -> None:
    gone = f"item-0_0000.{member}"
    rewrite(release, A, lambda members: [(n, c) for n, c in members if n != gone])
    assert findings(release) == [("V010", FIRST)]
    assert sentence(release, "V010") == f"has no {member}"


def test_foreign_doubled_and_disordered_members(release: Path) -> None:
    rewrite(release, A, lambda members: [*members[:7], ("item-0_0000.exe", b"MZ"), *members[7:]])
    assert findings(release) == [("V010", FIRST)]
    assert "do not belong there: 'exe'" in sentence(release, "V010")
    rewrite(release, A, lambda members: [*members[1:7], members[0], *members[8:]])
    assert findings(release) == [("V010", FIRST)]
    assert "wrong order" in sentence(release, "V010")


def test_samples_that_are_not_sorted_or_come_twice(release: Path) -> None:
    rewrite(release, A, lambda members: [*members[7:], *members[:7]])
    assert findings(release) == [("V011", FIRST)]
    rewrite(
        release,
        B,
        lambda members: [
            *members[:7],
            *((f"item-0_0000.{n.partition('.')[2]}", c) for n, c in members[7:]),
        ],
    )
    assert ("V011", FIRST) in findings(release)


def test_keys_that_a_reader_would_fold(release: Path) -> None:
    rewrite(release, A, lambda members: [(n.replace("item-0", "Item-0"), c) for n, c in members])
    assert ("V010", f"{A}:Item-0_0000") in findings(release, quick=True)


def test_a_sample_in_a_foreign_bucket(release: Path) -> None:
    rewrite(release, A, edited(lambda record: record.update(speaker_group="spk_b")))
    assert findings(release) == [("V011", FIRST)]
    assert sentence(release, "V011") == "belongs to split all, bucket 28"


def test_an_index_that_lies(release: Path) -> None:
    path = release / "index" / "clips.parquet"
    frame = read_index(path)
    moved = frame.with_columns(
        pl.when(pl.col("key") == "item-0_0000").then(512).otherwise("offset").alias("offset")
    )
    moved.write_parquet(path)
    relist(release)
    assert findings(release, quick=True) == [("V008", FIRST)]
    frame.filter(pl.col("key") != "item-0_0000").write_parquet(path)
    relist(release)
    assert sentence(release, "V008") == "is not in index/clips.parquet"
    pl.concat([frame, frame[:1]]).write_parquet(path)
    relist(release)
    assert sentence(release, "V008") == "is in index/clips.parquet twice"
    frame.drop("size").write_parquet(path)
    relist(release)
    assert findings(release) == [("V007", "index/clips.parquet")]


def test_an_index_of_another_release(release: Path) -> None:
    frame = read_index(release / "index" / "clips.parquet")
    swapped = frame.with_columns(pl.col("shard").reverse())
    swapped.write_parquet(release / "index" / "clips.parquet")
    relist(release)
    assert [code for code, _ in findings(release)] == ["V008"] * 4


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe", "cannot be read"),
        (b"[]", "is a list"),
        (b"{}", "wrong at key"),
        (b'{"key": NaN}', "NaN"),
        (b"[" * 200_000, "cannot be read"),
    ],
)
def test_a_json_that_is_none(release: Path, data: bytes, words: str) -> None:
    rewrite(release, A, replaced("json", data))
    assert findings(release) == [("V012", FIRST)]
    assert words in sentence(release, "V012")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r.update(key="item-9_0000"), "belongs to 'item-9_0000'"),
        (lambda r: r["crop"].pop(), "29 crops and 30 source times for 30 frames"),
        (lambda r: r["timing"].update(skipped=[30]), "beyond the last of 30"),
        (lambda r: r.pop("rights"), "wrong at rights"),
        (lambda r: r["picture"].update(frames=10**9), "wrong at picture.frames"),
    ],
)
def test_a_json_that_contradicts_itself(
    release: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    rewrite(release, A, edited(change))
    assert findings(release) == [("V012", FIRST)]
    assert words in sentence(release, "V012")


def test_texts_that_are_none(release: Path) -> None:
    rewrite(release, A, replaced("txt", b"\xff"))
    assert sentence(release, "V012").startswith("its txt is not UTF-8")
    rewrite(release, A, replaced("txt", b""))
    rewrite(release, A, replaced("align.json", b"null"))
    assert findings(release) == [("V012", FIRST)]


def test_sound_that_does_not_fit(release: Path, tmp_path: Path) -> None:
    cases = [(19_200 - 641, 16_000, "18559 samples"), (19_200, 8_000, "8000 Hz")]
    for samples, rate_hz, words in cases:
        write_wav(tmp_path / "a.wav", np.zeros(samples, np.float32), rate_hz)
        rewrite(release, A, replaced("wav", (tmp_path / "a.wav").read_bytes()))
        assert findings(release) == [("V013", FIRST)]
        assert words in sentence(release, "V013")
    rewrite(release, A, replaced("wav", b"RIFF"))
    assert "cannot be read" in sentence(release, "V013")


def video(path: Path, frames: int, size_px: int = 64, fps: int = 25) -> bytes:
    with VideoWriter(path, size_px, fps) as writer:
        for k in range(frames):
            writer.write_rgb(np.full((size_px, size_px, 3), 60 + k % 100, np.uint8))
    return path.read_bytes()


def test_a_picture_that_does_not_fit(release: Path, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    cases = [
        (video(path, 29), "V014", "has 29 frames, its json says 30"),
        (video(path, 30, 32), "V014", "is 32x32, its json says 64x64"),
        (video(path, 30, fps=50), "V015", "goes 30 frames without a keyframe"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "V014", "is not an MP4 file"),
        (video(path, 30)[:-400], "V014", "of 30 frames can be decoded"),
    ]
    for data, code, words in cases:
        rewrite(release, A, replaced("mp4", data))
        assert (code, FIRST) in findings(release)
        assert words in sentence(release, code)


FULL = np.zeros((30, 2048), np.uint8)
BOX = np.zeros(4, np.float32)
MASKS = {
    **dict.fromkeys(("face", "mouth", "motion", "person"), FULL),
    "face_box": BOX,
    "mouth_box": BOX,
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"person": FULL[:29]}, "has person as uint8 (29, 2048), not uint8 (30, 2048)"),
        ({"face": FULL.astype(bool)}, "has face as bool"),
        ({"mouth_box": np.zeros(3, np.float32)}, "has mouth_box as float32 (3,)"),
        ({"motion": FULL + 1}, "motion is not face without mouth"),
    ],
)
def test_masks_that_do_not_fit(release: Path, change: dict[str, Any], words: str) -> None:
    rewrite(release, A, replaced("masks.npz", npz(**{**MASKS, **change})))
    assert findings(release) == [("V016", FIRST)]
    assert words in sentence(release, "V016")


def pickled() -> bytes:
    file = io.BytesIO()
    np.savez(file, face=np.array([{"a": 1}], dtype=object))
    return file.getvalue()


def oversized() -> bytes:
    file, header = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (1 << 50,)}
    )
    import zipfile

    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("face.npy", header.getvalue())
    return file.getvalue()


@pytest.mark.parametrize("data", [b"", b"PK\3\4", pickled(), oversized(), npz()])
def test_masks_that_are_none(release: Path, data: bytes) -> None:
    rewrite(release, A, replaced("masks.npz", data))
    assert {code for code, _ in findings(release)} == {"V016"}


def test_landmarks_that_do_not_fit(release: Path) -> None:
    half = np.float16
    good = {
        "points": np.zeros((30, 468, 3), half),
        "valid": np.ones(30, bool),
        "pose": np.zeros((30, 3), half),
        "blendshapes": np.full((30, 52), np.nan, half),
    }
    cases: list[tuple[dict[str, Any], str]] = [
        ({"points": np.zeros((30, 478, 3), half)}, "(30, 478, 3), not float16 (30, 468, 3)"),
        ({"valid": np.ones(29, bool)}, "has valid as bool (29,)"),
        ({"points": np.full((30, 468, 3), np.nan, half)}, "no numbers in valid frames"),
    ]
    for change, words in cases:
        rewrite(release, A, replaced("lmk.npz", npz(**{**good, **change})))
        assert findings(release) == [("V017", FIRST)]
        assert words in sentence(release, "V017")
    rewrite(release, A, replaced("lmk.npz", npz(**good)))
    assert findings(release) == []


def test_a_release_that_claims_a_wider_tier(release: Path) -> None:
    listed = json.loads((release / "shards.json").read_text())
    listed["release"]["tier"] = "open"
    (release / "shards.json").write_text(json.dumps(listed))
    relist(release)
    found = findings(release)
    assert ("V006", "shards.json") in found  # an internal release's members
    assert ("V018", FIRST) in found
    assert "its review state is unreviewed" in sentence(release, "V018")


def test_links_in_a_release(release: Path, tmp_path: Path) -> None:
    (release / A).rename(tmp_path / "elsewhere.tar")
    (release / A).symlink_to(tmp_path / "elsewhere.tar")
    (release / "loop").symlink_to(release)
    found = findings(release)
    assert found[:2] == [("V019", A), ("V019", "loop")]
    assert ("V008", FIRST) in found


def test_members_larger_than_sensible_are_not_read(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tthd_tools.shards import verify as verify_module

    monkeypatch.setitem(verify_module.MAX_BYTES, "txt", 3)
    assert ("V010", FIRST) in findings(release)
    assert sentence(release, "V010") == "its txt has 21 bytes: too many"


def test_a_resealed_release_is_whole_again(release: Path) -> None:
    reseal(release)
    assert findings(release) == []


@pytest.mark.parametrize(
    ("keyframes", "frames", "words"),
    [
        ([0, 25], 50, None),
        ([0, 25], 51, "goes 26 frames without a keyframe"),
        ([1, 25], 50, "does not begin with a keyframe"),
        ([], 50, "does not begin with a keyframe"),
    ],
)
def test_keyframes_must_come_first_and_each_second(
    keyframes: list[int], frames: int, words: str | None
) -> None:
    wrong = _wrong_keyframes(keyframes, frames)
    assert wrong is None if words is None else words in str(wrong)
