"""Masks lie where the mesh is, and come back out of their bits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tthd_tools.arrays import load_arrays, save_arrays
from tthd_tools.clip import Clip
from tthd_tools.stages.masks import (
    LIPS,
    Masks,
    MasksPart,
    box_mask,
    hull_mask,
    pack_masks,
    region_box,
    unpack_masks,
)
from tthd_tools.stages.tracks import TracksPart
from tthd_tools.testing import dummy_mesh, run_stage


def measured(clip: Clip, folder: Path, **options: float) -> tuple[MasksPart, dict[str, np.ndarray]]:
    (clip,) = run_stage(Masks(**options), clip, folder)
    return clip.part(MasksPart), load_arrays(clip.file(MasksPart, "masks.npz"))


def test_bits_are_rows_from_the_left(folder: Path) -> None:
    mask = np.zeros((2, 128, 128), np.bool_)
    mask[1, 0, 0] = mask[1, 2, 9] = True
    packed = pack_masks({"face": mask})["face"]
    assert packed.shape == (2, 2048)
    assert packed[0].sum() == 0
    assert np.flatnonzero(packed[1]).tolist() == [0, 33]
    assert packed[1, [0, 33]].tolist() == [0b1000_0000, 0b0100_0000]


def test_packed_masks_come_back() -> None:
    random = np.random.default_rng(2)
    names = ("face", "mouth", "motion", "person")
    masks = {name: random.random((3, 128, 128)) > 0.5 for name in names}
    back = unpack_masks(pack_masks(masks))
    assert all(np.array_equal(back[name], masks[name]) for name in names)


def test_a_missing_mask_is_an_error() -> None:
    with pytest.raises(KeyError, match="mouth"):
        unpack_masks({"face": np.zeros((1, 2048), np.uint8)})


def test_hull_covers_the_pixels_whose_centres_it_holds() -> None:
    square = np.array([[20, 30], [60, 30], [60, 50], [20, 50]], np.float32)
    mask = hull_mask(square)
    wanted = np.zeros((128, 128), np.bool_)
    wanted[30:50, 20:60] = True
    assert (mask ^ wanted).sum() <= 2 * (40 + 20)  # the rasteriser may add the rim
    assert (mask & wanted).sum() == 800


def test_margin_widens_on_all_sides() -> None:
    point = np.array([[64.0, 40.0]], np.float32)
    rows, columns = np.nonzero(hull_mask(point, margin_px=10))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (30, 50, 54, 74)
    assert hull_mask(point, margin_px=10).sum() == pytest.approx(np.pi * 100, rel=0.1)
    assert hull_mask(point[:0], margin_px=10).sum() == 0


def test_box_grows_by_its_longer_side_and_ends_at_the_crop() -> None:
    mouth = np.array([[0.4, 0.6], [0.6, 0.62]], np.float32)
    assert region_box(mouth, 0.5) == pytest.approx([0.3, 0.5, 0.7, 0.72])
    assert region_box(mouth, 3.0) == pytest.approx([0.0, 0.0, 1.0, 1.0])
    assert box_mask(np.array([0.25, 0.5, 0.5, 1.0], np.float32)).sum() == 32 * 64


@pytest.mark.usefixtures("embedded_weights")
def test_masks_of_a_clip_follow_its_mesh(clip: Clip, folder: Path) -> None:
    part, arrays = measured(clip, folder)
    masks = unpack_masks(arrays)
    assert {name: mask.shape for name, mask in masks.items()} == dict.fromkeys(
        ("face", "mouth", "motion", "person"), (125, 128, 128)
    )
    # the dummy face is an ellipse with half axes of 0.2 and 0.25 of the crop
    assert part.face_share == pytest.approx(np.pi * 0.2 * 0.25, rel=0.05)
    assert masks["face"].mean() == pytest.approx(part.face_share, abs=1e-4)
    assert np.array_equal(masks["motion"], masks["face"] & ~masks["mouth"])
    assert part.frames == 125
    assert part.face_in_box == 1.0
    heights = masks["mouth"].any(axis=2).sum(axis=1)
    openings = np.ptp(TracksPart.points(clip, 128)[:, list(LIPS), 1], axis=1)
    assert np.corrcoef(heights, openings)[0, 1] > 0.98


@pytest.mark.usefixtures("embedded_weights")
def test_boxes_are_those_of_the_first_face(clip: Clip, folder: Path) -> None:
    _, arrays = measured(clip, folder, face_box_margin=0.1, mouth_box_margin=0.0)
    assert arrays["face_box"] == pytest.approx([0.25, 0.2, 0.75, 0.8], abs=0.01)
    lips = 0.5 + dummy_mesh(0.0)[list(LIPS), :2]  # the clip begins with a closed mouth
    corners = [*lips.min(axis=0), *lips.max(axis=0)]
    assert arrays["mouth_box"] == pytest.approx(corners, abs=1e-3)


@pytest.mark.usefixtures("embedded_weights")
def test_frames_without_a_mesh_have_no_face_but_a_person(
    clip: Clip, folder: Path, tmp_path: Path
) -> None:
    track = clip.arrays(TracksPart, "track.npz")
    track["valid"][:] = False
    track["valid"][3:] = True
    save_arrays(tmp_path / "track.npz", **track)
    part, arrays = measured(replace(clip, folders={"tracks": tmp_path}), folder)
    masks = unpack_masks(arrays)
    assert not masks["face"][:3].any()
    assert not masks["mouth"][:3].any()
    assert masks["face"][3:].any(axis=(1, 2)).all()
    assert masks["person"].any(axis=(1, 2)).all()
    assert part.person_share == pytest.approx(0.16, abs=0.05)


@pytest.mark.usefixtures("embedded_weights")
def test_a_clip_without_any_face_has_empty_boxes(clip: Clip, folder: Path, tmp_path: Path) -> None:
    track = clip.arrays(TracksPart, "track.npz")
    track["valid"][:] = False
    save_arrays(tmp_path / "track.npz", **track)
    part, arrays = measured(replace(clip, folders={"tracks": tmp_path}), folder)
    assert (part.face_share, part.face_in_box, part.mouth_in_box) == (0.0, None, None)
    assert arrays["face_box"].tolist() == [0, 0, 0, 0]


@pytest.mark.usefixtures("embedded_weights")
def test_person_can_be_looked_for_less_often(clip: Clip, folder: Path) -> None:
    _, arrays = measured(clip, folder, person_every=4)
    person = unpack_masks(arrays)["person"]
    assert all(np.array_equal(person[k], person[k // 4 * 4]) for k in range(125))


def test_segmenter_is_named_before_the_run(embedded_weights: None) -> None:
    _, facts = Masks().resolve()
    assert facts["person"].startswith("litert ")
    assert facts["weights"] == "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c"
