"""What each finding of ``tthd verify`` means, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a release: ``where`` is a path, or ``path:key`` of a sample.

    ``sentence`` says what is wrong there, without naming the place again.
    """

    code: str
    where: str
    sentence: str


class Code(NamedTuple):
    """What ``tthd explain`` says of a code."""

    title: str
    explanation: str
    fix: str


_COPY = (
    "Copy the file again from where it is whole, or delete it and run `tthd build-shards` again."
)
_BUILD = "Run `tthd build-shards` again; it writes only what is wrong or missing."
_FORMED = (
    "Delete the shard and run `tthd build-shards` again; if it comes back, report it as a bug."
)


def _made_again(folder: str) -> str:
    return (
        "Run `tthd build-shards` again. If the finding stays, the clip's files in the workspace "
        f"are damaged: delete the shard and `work/clips/{folder}`, run `tthd measure`, which "
        "makes what is missing, and then `tthd build-shards`."
    )


_TRACKS, _ENCODE, _MASKS = map(_made_again, ("ITEM_*/tracks.*", "CLIP/encode.*", "CLIP/masks.*"))

CODES: Mapping[str, Code] = MappingProxyType(
    {
        "V001": Code(
            "list of shards unreadable",
            "`shards.json` says what a release consists of; it is missing, damaged or not ours.",
            "Copy shards.json again from where the release is whole.",
        ),
        "V002": Code(
            "checksums unreadable",
            "`SHA256SUMS` must hold one line 'SHA256  PATH' for each file of the release, with "
            "paths inside it.",
            "Copy SHA256SUMS again from where the release is whole, or run `tthd build-shards`.",
        ),
        "V003": Code(
            "checksum differs",
            "The file's sha256 is not the one in `SHA256SUMS`: its bytes have changed since the "
            "release was made, by a bad copy, a bad disk or an edit.",
            _COPY,
        ),
        "V004": Code(
            "file missing",
            "`SHA256SUMS` names a file that is not there: the copy is incomplete.",
            _COPY,
        ),
        "V005": Code(
            "file not listed",
            "A file lies in the release that `SHA256SUMS` does not name, so nobody can tell "
            "whether it belongs there.",
            "Move it away; or, if it belongs there, run `tthd build-shards`, which lists it.",
        ),
        "V006": Code(
            "list of shards disagrees",
            "`shards.json` and the shards differ in path, size, checksum or number of samples.",
            _BUILD,
        ),
        "V007": Code(
            "index unreadable",
            "`index/clips.parquet` is damaged or lacks one of its main columns.",
            _BUILD,
        ),
        "V008": Code(
            "index disagrees",
            "The index places a sample elsewhere than it is, or knows more or fewer samples.",
            _BUILD,
        ),
        "V009": Code(
            "shard damaged",
            "The tar file is cut off, has a broken header, or holds something else than plain "
            "files. The samples after that place cannot be read.",
            _COPY,
        ),
        "V010": Code(
            "members of a sample",
            "Every sample must have exactly the members that shards.json lists, in that order, "
            "each of a sensible size.",
            _FORMED,
        ),
        "V011": Code(
            "sample in the wrong place",
            "Keys ascend in a shard and occur once in a release; a speaker group's bucket and "
            "split decide the shard.",
            _FORMED,
        ),
        "V012": Code(
            "text of a sample",
            "`json`, `txt` or `align.json` is not UTF-8 or JSON, or lacks what it must hold: key, "
            "crop and source time of each frame, rights.",
            _TRACKS,
        ),
        "V013": Code(
            "sound of a sample",
            "`wav` must be 16 kHz mono PCM16 and as long as the picture, within one frame.",
            _ENCODE,
        ),
        "V014": Code(
            "picture of a sample",
            "`mp4` must decode without an error to the number and size of frames that the sample's "
            "json gives.",
            _ENCODE,
        ),
        "V015": Code(
            "keyframes of a sample",
            "The first frame must be a keyframe, and one must come each second: a trainer starts "
            "to decode anywhere.",
            _ENCODE,
        ),
        "V016": Code(
            "masks of a sample",
            "`masks.npz` must hold bit-packed 128x128 masks for each frame of the picture.",
            _MASKS,
        ),
        "V017": Code(
            "landmarks of a sample",
            "`lmk.npz` must hold points, valid, pose and blendshapes for each frame.",
            _TRACKS,
        ),
        "V018": Code(
            "tier and rights",
            "A sample's own tier is narrower than the release's; or, in a release wider than "
            "internal, its rights are unknown or no reviewer has accepted it.",
            "Do not pass the release on. Take the clip out and run `tthd build-shards` again.",
        ),
        "V019": Code(
            "link in a release",
            "A release holds plain files only; a link could lead anywhere.",
            "Replace the link by the file it points to, or remove it.",
        ),
    }
)
