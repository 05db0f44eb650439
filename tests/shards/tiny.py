"""Tiny finished clips with real files, and ways to damage a release."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from tthd_tools.arrays import save_arrays
from tthd_tools.clip import Clip, Item, Span
from tthd_tools.media import VideoWriter, write_wav
from tthd_tools.shards import Sample, sample_of
from tthd_tools.shards.index import sample_ranges
from tthd_tools.shards.release import files, format_sums, sha256_of
from tthd_tools.stages.encode import EncodePart
from tthd_tools.stages.masks import MasksPart, pack_masks
from tthd_tools.stages.tracks import TracksPart

FRAMES = 30
SIZE_PX = 64
Members = list[tuple[str, bytes]]


def write_stage_files(folder: Path, frames: int = FRAMES) -> None:
    """What the stages tracks, encode and masks would leave: a grey level that rises, a tone."""
    for stage in ("tracks", "encode", "masks"):
        (folder / stage).mkdir(parents=True)
    with VideoWriter(folder / "encode" / "video.mp4", SIZE_PX) as writer:
        for k in range(frames):
            writer.write_rgb(np.full((SIZE_PX, SIZE_PX, 3), 60 + k, np.uint8))
    tone = 0.5 * np.sin(np.arange(frames * 640) * 0.1)
    write_wav(folder / "encode" / "audio.wav", tone.astype(np.float32), 16_000)
    face = np.zeros((frames, 128, 128), bool)
    face[:, 32:96, 32:96] = True
    mouth = np.zeros_like(face)
    mouth[:, 70:80, 50:80] = True
    masks = {"face": face, "mouth": mouth, "motion": face & ~mouth, "person": face}
    box = np.array([0.2, 0.2, 0.8, 0.8], np.float32)
    path = folder / "masks" / "masks.npz"
    save_arrays(path, **pack_masks(masks), face_box=box, mouth_box=box)
    repeated = np.zeros(frames, bool)
    repeated[5] = True
    save_arrays(
        folder / "tracks" / "track.npz",
        crop=np.tile([100.5, 80.25, 128.0, 0.0], (frames, 1)),
        source_s=np.round(np.arange(frames) / 25, 6),
        repeated=repeated,
        skipped=np.zeros(frames, bool),
        valid=np.ones(frames, bool),
        mesh=np.full((frames, 468, 3), 4096, np.int16),
    )
    pose = np.tile([1.0, -2.0, 0.5], (frames, 1)).astype(np.float16)
    save_arrays(folder / "tracks" / "features.npz", pose=pose)


def clip_of(folder: Path, key: str, speaker: str = "spk_a", **item: object) -> Clip:
    """A finished clip whose files are those in ``folder``."""
    facts = {
        "item_id": key[:-5],
        "path": f"{speaker}/take one.mp4",
        "sha256": "ab" * 32,
        "size_bytes": 1234,
        "duration_s": 9.0,
        "speaker_id": speaker,
        "language": "bo",
        "text": "བཀྲ་ཤིས ",
        "text_norm": "བཀྲ་ཤིས",
        "text_of": "clip",
        "extra": {"location": "+29.6+091.1/"},
    }
    tracks = TracksPart(
        index=0,
        start_kind="scene",
        end_kind="scene",
        face_ratio=1.0,
        face_px=70.0,
        side_px=128.0,
        other_faces=0.0,
        crop="static",
        detector="litert",
        landmarker="litert",
    )
    encode = EncodePart(
        profile="sd512",
        size_px=SIZE_PX,
        upscale=0.5,
        frames=FRAMES,
        samples=FRAMES * 640,
        video_bytes=(folder / "encode" / "video.mp4").stat().st_size,
    )
    masks = MasksPart(
        frames=FRAMES,
        face_share=0.25,
        mouth_share=0.018,
        person_share=0.25,
        face_in_box=1.0,
        mouth_in_box=None,
        person_backend="litert",
    )
    return Clip(
        id=key,
        level="clip",
        item=Item.model_validate(facts | item),
        source=folder / "absent.mp4",
        span=Span(1.0, 1.0 + FRAMES / 25),
        parts={part.stage: part for part in (tracks, encode, masks)},
        folders={name: folder / name for name in ("tracks", "encode", "masks")},
        fingerprints={"tracks": "1" * 64, "encode": "2" * 64, "masks": "3" * 64},
    )


def samples_of(folder: Path, count: int = 4) -> list[Sample]:
    """``count`` samples of speakers a, b, a, b, …"""
    return [
        sample_of(clip_of(folder, f"item-{n}_0000", f"spk_{'ab'[n % 2]}")) for n in range(count)
    ]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its bytes."""
    return {name: (folder / name).read_bytes() for name in files(folder)}


def names(folder: Path) -> list[str]:
    """What lies in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def rewrite(release: Path, shard: str, change: Callable[[Members], Members]) -> None:
    """Put other members into a shard, and make all lists agree with it again."""
    path = release / shard
    with tarfile.open(path) as tar:
        members = [(info.name, tar.extractfile(info).read()) for info in tar]  # type: ignore[union-attr]
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in change(members):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    reseal(release)


def reseal(release: Path) -> None:
    """Write sizes, checksums and index anew, as someone would who changes a release on purpose."""
    listed = json.loads((release / "shards.json").read_text())
    places = {}
    for entry in listed["shards"]:
        path = release / entry["path"]
        entry |= {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
        ranges = sample_ranges(path)
        entry["samples"] = len(ranges)
        places |= {key: (entry["path"], *where) for key, where in ranges.items()}
    listed["samples"] = len(places)
    (release / "shards.json").write_text(json.dumps(listed))
    rows = [
        {"key": key, "shard": shard, "offset": offset, "size": size}
        for key, (shard, offset, size) in places.items()
    ]
    pl.DataFrame(rows).write_parquet(release / "index" / "clips.parquet")
    relist(release)


def relist(release: Path) -> None:
    """Write SHA256SUMS anew."""
    listed = [name for name in files(release) if name != "SHA256SUMS"]
    sums = {name: sha256_of(release / name) for name in listed}
    (release / "SHA256SUMS").write_text(format_sums(sums))
