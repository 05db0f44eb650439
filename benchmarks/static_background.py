"""Talkers filmed by a camera that stands still go in; how far their background moves in the shards'
pictures comes out.

    python benchmarks/static_background.py [--media DIR]

In the encoded crop, corners outside the person are compared with where they were in the first
frame (pyramidal Lucas-Kanade); the median of their steps from frame to frame, in pixels of the
512 x 512 picture. Beside it the same film with a crop that follows the face, for comparison.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from harness import arguments, plan_of, print_table, run_chain, sources, workspace_of

from tthd_tools.clip import Clip
from tthd_tools.media import read_frames
from tthd_tools.stages.encode import EncodePart
from tthd_tools.stages.masks import MasksPart, unpack_masks

STANDING = (
    "th06_woman_flags_tight_25fps.mp4",
    "th07_man_german_news_25fps.mp4",
    "th08_woman_webcam_720p_25fps.mp4",
)
FEWEST = 8
MOST_FRAMES = 200
ALLOWED_PX = 0.1


def steps_px(clip: Clip, frames: int) -> tuple[int, float, float]:
    """Corners followed, mean and 95th percentile of the background's step per frame in pixels."""
    pictures = [f.luma() for f in read_frames(clip.file(EncodePart, "video.mp4"))][:frames]
    size = len(pictures[0])
    person = unpack_masks(clip.arrays(MasksPart, "masks.npz"))["person"][: len(pictures)].any(
        axis=0
    )
    free = cv2.resize(np.uint8(~person) * 255, (size, size), interpolation=cv2.INTER_NEAREST)
    free = cv2.erode(free, np.ones((25, 25), np.uint8))
    corners = cv2.goodFeaturesToTrack(pictures[0], 200, 0.01, 8, mask=free)
    if corners is None or len(corners) < FEWEST:
        return 0, float("nan"), float("nan")
    places = [corners]
    for picture in pictures[1:]:
        moved, _, _ = cv2.calcOpticalFlowPyrLK(pictures[0], picture, corners, places[-1].copy())
        places.append(moved)
    steps = [float(np.hypot(*np.median((b - a)[:, 0], axis=0))) for a, b in pairwise(places)]
    return len(corners), float(np.mean(steps)), float(np.percentile(steps, 95))


def first_clip(film: Path, crop: str) -> tuple[int, float, float]:
    plan = plan_of("tracks.landmarker=litert", "tracks.detector=litert", f"tracks.crop={crop}")
    with workspace_of(film) as workspace:
        leaves = run_chain(workspace, plan).leaves
        clips = [leaf.clip for leaf in leaves if leaf.state == "clip"]
        return steps_px(clips[0], MOST_FRAMES)


def main() -> None:
    options = arguments(str(__doc__))
    rows = []
    with sources(options.media, STANDING) as films:
        for film in films:
            corners, mean, high = first_clip(film, "static")
            followed = first_clip(film, "smooth")[1]
            verdict = "ok" if mean <= ALLOWED_PX else "MOVES"
            verdict = verdict if corners else "no background"
            values = [f"{value:.3f}" for value in (mean, high, followed)]
            rows.append([film.stem, corners, *values, verdict])
    header = ("film", "corners", "static px/frame", "95 %", "smooth px/frame", "≤ 0.1")
    print_table(header, rows)


if __name__ == "__main__":
    main()
