"""A picture of what is in a shard: a tar goes in, a PNG with crops, meshes and masks comes out."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthd_tools.shards.read import open_shards

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

COLUMNS = 6
CELL_PX = 240
TITLE_PX = 28
MOST_CLIPS = 24
COLOURS = {"person": (90, 150, 255), "face": (90, 220, 90), "mouth": (255, 80, 80)}
DARK, LIGHT = 24, (230, 230, 230)


def write_sheet(shard: Path, target: Path) -> None:
    """Draw a row of six frames for each of the first 24 clips, evenly spaced, under its name.

    The mesh is white dots; the outlines are the person (blue), the face (green), the mouth (red).
    """
    import cv2
    import numpy as np

    rows = [_legend()]
    rows += [_row(sample) for sample in islice(open_shards(str(shard), media=True), MOST_CLIPS)]
    ok, png = cv2.imencode(".png", cv2.cvtColor(np.concatenate(rows), cv2.COLOR_RGB2BGR))
    if not ok:
        raise ValueError(f"OpenCV cannot write {target} as PNG")
    target.write_bytes(png.tobytes())


def _legend() -> Picture:
    line = _title("")
    x = 8
    for name, colour in {**COLOURS, "mesh": (255, 255, 255)}.items():
        _write(line, name, x, colour)
        x += 80
    return line


def _title(text: str) -> Picture:
    import numpy as np

    line = np.full((TITLE_PX, COLUMNS * CELL_PX, 3), DARK, np.uint8)
    _write(line, text, 8, LIGHT)
    return line


def _write(picture: Picture, text: str, x: int, colour: tuple[int, int, int], y: int = 19) -> None:
    import cv2

    cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.48, colour, 1, cv2.LINE_AA)


def _row(sample: dict[str, Any]) -> Picture:
    import cv2
    import numpy as np

    from tthd_tools.stages.masks import unpack_masks

    frames, facts = sample["mp4"], sample["json"]
    masks = unpack_masks(sample["masks.npz"])
    mesh = sample.get("lmk.npz")
    cells = []
    for k in np.linspace(0, len(frames) - 1, COLUMNS).round().astype(int):
        cell = cv2.resize(np.asarray(frames[k]), (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA)
        if mesh is not None and mesh["valid"][k]:
            _dots(cell, mesh["points"][k, :, :2].astype(float) * CELL_PX / frames[k].shape[0])
        for name, colour in COLOURS.items():
            _outline(cell, masks[name][k], colour)
        _write(cell, f"{k / 25:.1f} s", 6, LIGHT, CELL_PX - 8)
        cells.append(cell)
    flags = ", ".join(facts["flags"])
    title = f"{sample['__key__']}   {facts['start_s']:.2f} - {facts['end_s']:.2f} s   {flags}"
    return np.concatenate([_title(title), np.concatenate(cells, axis=1)]).astype(np.uint8)


def _outline(cell: Picture, mask: NDArray[np.bool_], colour: tuple[int, int, int]) -> None:
    import cv2
    import numpy as np

    soft = cv2.resize(mask.astype(np.float32), cell.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(soft, (0, 0), CELL_PX / mask.shape[0])
    contours, _ = cv2.findContours(
        (soft > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    cv2.drawContours(cell, contours, -1, colour, 1, cv2.LINE_AA)


def _dots(cell: Picture, points: NDArray[np.float64]) -> None:
    for x, y in points.round().astype(int):
        if 0 <= x < cell.shape[1] and 0 <= y < cell.shape[0]:
            cell[y, x] = (255, 255, 255)
