"""A picture of what is in a shard: a tar goes in, a PNG with crops, meshes and masks comes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthd_tools.shards.read import open_shards

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

COLUMNS = 5
CELL_PX = 192
MOST_CLIPS = 24
COLOURS = {"face": (80, 200, 80), "mouth": (230, 60, 60), "person": (70, 110, 230)}


def write_sheet(shard: Path, target: Path) -> None:
    """Draw a row of five frames for each clip, evenly spaced, and its name above it.

    The mesh is white dots; the outlines are the person (blue), the face (green), the mouth (red).
    """
    import cv2
    import numpy as np

    rows = []
    for sample in open_shards(str(shard), media=True):
        rows.append(_row(sample))
        if len(rows) == MOST_CLIPS:
            break
    ok, png = cv2.imencode(".png", cv2.cvtColor(np.concatenate(rows), cv2.COLOR_RGB2BGR))
    if not ok:
        raise ValueError(f"OpenCV cannot write {target} as PNG")
    target.write_bytes(png.tobytes())


def _row(sample: dict[str, Any]) -> Picture:
    import cv2
    import numpy as np

    from tthd_tools.stages.masks import unpack_masks

    frames = sample["mp4"]
    masks = unpack_masks(sample["masks.npz"])
    mesh = sample.get("lmk.npz")
    title = np.full((24, COLUMNS * CELL_PX, 3), 24, np.uint8)
    facts = sample["json"]
    text = f"{sample['__key__']}  {facts['start_s']:.2f}-{facts['end_s']:.2f} s"
    cv2.putText(title, text, (6, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (230, 230, 230), 1)
    cells = []
    for k in np.linspace(0, len(frames) - 1, COLUMNS).round().astype(int):
        cell = cv2.resize(np.asarray(frames[k]), (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA)
        for name, colour in COLOURS.items():
            _outline(cell, masks[name][k], colour)
        if mesh is not None and mesh["valid"][k]:
            _dots(cell, mesh["points"][k, :, :2].astype(float) * CELL_PX / frames[k].shape[0])
        cells.append(cell)
    return np.concatenate([title, np.concatenate(cells, axis=1)]).astype(np.uint8)


def _outline(cell: Any, mask: NDArray[np.bool_], colour: tuple[int, int, int]) -> None:
    import cv2
    import numpy as np

    large = cv2.resize(mask.astype(np.uint8), cell.shape[:2], interpolation=cv2.INTER_NEAREST)
    contours, _ = cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(cell, contours, -1, colour, 1)


def _dots(cell: Any, points: NDArray[np.float64]) -> None:
    for x, y in points.round().astype(int):
        if 0 <= x < cell.shape[1] and 0 <= y < cell.shape[0]:
            cell[y, x] = (255, 255, 255)
