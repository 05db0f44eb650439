"""A clip and what a reviewer has left of it come in; a shorter clip with its own files goes out.

Picture and sound are cut out of the source again, masks and tracks are sliced: nothing is measured
anew, and what was measured stays that of the whole clip.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthd_tools.arrays import load_arrays, save_arrays
from tthd_tools.clip import FPS, Clip, Span
from tthd_tools.errors import UsageError
from tthd_tools.stage import ClipStage, share_frames
from tthd_tools.stages.alignment import AlignmentPart
from tthd_tools.stages.encode import EncodePart
from tthd_tools.stages.masks import BOXES, MasksPart

SLICED = (("tracks", "track.npz"), ("tracks", "features.npz"), ("masks", "masks.npz"))

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]


def trimmed(
    clip: Clip, trim_s: tuple[float, float], encode: ClipStage, fresh: Callable[[str], Path]
) -> Clip:
    """The clip from the first to the second time, seconds from its first frame, on whole frames.

    ``fresh`` gives the folder for a name; one that is there already is taken as it is. Raises
    UsageError where nothing would be left.
    """
    first, last = (min(max(round(t * FPS), 0), clip.frame_count) for t in trim_s)
    if last <= first:
        raise UsageError(
            f"{clip.id} is trimmed to {trim_s[0]:g}-{trim_s[1]:g} s, which leaves none of its "
            f"{clip.span.duration_s:.2f} s; have that correction taken back"
        )
    if last - first == clip.frame_count:
        return clip
    folder = fresh(f"trim.{clip.fingerprints['encode'][:12]}.{first}-{last}")
    start_s = clip.span.start_s + first / FPS
    names = {name: folder / name for name in ("tracks", "masks", "encode")}
    piece = replace(
        clip,
        span=Span(round(start_s, 6), round(start_s + (last - first) / FPS, 6)),
        folders={**clip.folders, **names},
        fingerprints={**clip.fingerprints, "trim": f"{first}-{last}"},
    )
    if not folder.is_dir():
        building = folder.with_name(f"{folder.name}.tmp")
        shutil.rmtree(building, ignore_errors=True)
        _write(clip, replace(piece, folders=_moved(piece, folder, building)), encode, first, last)
        building.rename(folder)
    if clip.has(AlignmentPart):
        part = clip.part(AlignmentPart).between(first / FPS, last / FPS)
        if clip.item.text_of == "clip":  # who has written it knows of the trim
            part = part.model_copy(update={"text": clip.part(AlignmentPart).text})
        piece = piece.with_part(part)
    frames = last - first
    encoded = clip.part(EncodePart)
    return replace(
        piece.with_part(
            encoded.model_copy(
                update={
                    "frames": frames,
                    "samples": encoded.samples // encoded.frames * frames,
                    "video_bytes": piece.file(EncodePart, "video.mp4").stat().st_size,
                }
            )
        ).with_part(clip.part(MasksPart).model_copy(update={"frames": frames})),
    )


def _moved(piece: Clip, folder: Path, building: Path) -> dict[str, Path]:
    return {
        name: building / path.relative_to(folder) if path.is_relative_to(folder) else path
        for name, path in piece.folders.items()
    }


def _write(clip: Clip, piece: Clip, encode: ClipStage, first: int, last: int) -> None:
    for name in ("tracks", "masks", "encode"):
        piece.folders[name].mkdir(parents=True)
    for stage, file in (
        ("tracks", "track.npz"),
        ("tracks", "features.npz"),
        ("masks", "masks.npz"),
    ):
        arrays = load_arrays(clip.folders[stage] / file)
        sliced = {
            name: array if name in BOXES else array[first:last] for name, array in arrays.items()
        }
        save_arrays(piece.folders[stage] / file, **sliced)
    (watched,) = share_frames(piece, [encode.watch(piece, piece.folders["encode"])])
    if isinstance(watched.outcome, Exception):
        raise watched.outcome
