"""A scene goes through the real engines: drawn people become clips, with sound mesh and crop."""

from __future__ import annotations

import numpy as np
import pytest

from tests.acts import go, make_workspace, story, tree
from tthd_tools.clip import Clip, Span
from tthd_tools.errors import Reject
from tthd_tools.ingest import ingest
from tthd_tools.media import probe
from tthd_tools.stages.scenes import Scenes, ScenesPart
from tthd_tools.stages.tracks import Tracks, TracksPart
from tthd_tools.synth import Actor, Jump, Script, Take, invent_person, read_truth, render
from tthd_tools.testing import dummy_item, run_stage

SCENE = ScenesPart(index=0, start_kind="end", end_kind="end", black=False, luma=100.0)


def scene_of(path, part=SCENE, segments=()) -> Clip:  # type: ignore[no-untyped-def]
    facts = probe(path)
    item = dummy_item(
        path=path.name,
        size_bytes=path.stat().st_size,
        duration_s=facts.duration_s,
        probe=facts.model_dump(mode="json"),
        segments=segments,
    )
    clip = Clip("film_s000", "scene", item, path, Span(0.0, facts.duration_s))
    return clip.with_part(part)


def run(scene: Clip, folder, **options) -> list[Clip]:  # type: ignore[no-untyped-def]
    return run_stage(Tracks(detector="litert", landmarker="litert", **options), scene, folder)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Two people, the left one jumps after 2 s; 4 s at 25 fps."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    left, right = invent_person(1), invent_person(2)
    actors = (Actor(left, 0.3, 0.45, 0.17), Actor(right, 0.72, 0.45, 0.17, speaks=False))
    render(Script((Take(actors, 4, 1, seed=3),), size=(640, 360)), path)
    return path


@pytest.fixture(scope="module")
def clips(film, tmp_path_factory, embedded_weights):
    return run(scene_of(film), tmp_path_factory.mktemp("tracks"), min_face_px=30)


def test_each_person_is_one_clip_of_the_whole_scene(clips):
    assert [one.level for one in clips] == ["clip", "clip"]
    assert [tuple(one.span) for one in clips] == [(0.0, 4.0), (0.0, 4.0)]
    for one in clips:
        part = one.part(TracksPart)
        assert part.face_ratio == 1.0
        assert part.other_faces == 1.0
        assert (part.start_kind, part.end_kind) == ("scene", "scene")


def test_each_track_stays_with_its_person(clips, film):
    truth = read_truth(film)
    for face in truth.faces:
        boxes = np.array(face.boxes)
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        near = []
        for one in clips:
            box = one.arrays(TracksPart, "track.npz")["box"]
            near.append(np.abs((box[:, :2] + box[:, 2:]) / 2 - centres).max())
        assert min(near) < 0.35 * (boxes[0, 2] - boxes[0, 0])


def test_the_mesh_in_the_crop_is_the_mesh_in_the_picture(clips):
    for one in clips:
        track = one.arrays(TracksPart, "track.npz")
        points = TracksPart.points(one, 512)
        assert points.shape == (100, 468, 3)
        centre = points[..., :2].mean(axis=1) / 512 - 0.5
        in_picture = centre * track["crop"][:, 2:3] + track["crop"][:, :2]
        box = track["box"]
        assert (in_picture > box[:, :2]).all()
        assert (in_picture < box[:, 2:]).all()


def test_the_mouth_of_who_speaks_moves_more(clips):
    moves = [float(np.nanstd(one.arrays(TracksPart)["mouth"][:, 0].astype(float))) for one in clips]
    left_first = clips[0].arrays(TracksPart, "track.npz")["box"][0, 0] < 320
    assert (moves[0] > 2 * moves[1]) if left_first else (moves[1] > 2 * moves[0])


def test_a_jump_cut_ends_a_clip_at_its_frame(tmp_path, embedded_weights):
    jump = Jump(at_s=2.0, skip_s=1.5, zoom=1.1, dissolve_frames=0)
    take = Take((Actor(invent_person(3), size=0.22),), 4, 5, jumps=(jump,), seed=8)
    truth = render(Script((take,)), tmp_path / "film.mp4")
    found = run(scene_of(tmp_path / "film.mp4"), tmp_path / "out")
    (cut,) = truth.jump_cuts_s
    assert [one.span.start_s for one in found] == pytest.approx([0.0, cut], abs=0.041)
    assert [one.part(TracksPart).end_kind for one in found] == ["jump", "scene"]


def test_small_faces_end_with_their_size(film, tmp_path, embedded_weights):
    found = run(scene_of(film), tmp_path / "out", min_face_px=150)
    assert {one.reason for one in found} == {"tiny_face"}
    assert all(40 < one.numbers["face_px"] < 150 for one in found)


def test_a_film_without_sound_is_rejected_before_any_face_is_looked_for(tmp_path):
    take = Take((Actor(invent_person(3), size=0.22),), 1, 5)
    render(Script((take,), sound=False), tmp_path / "film.mp4")
    with pytest.raises(Reject, match="no_audio"):
        run(scene_of(tmp_path / "film.mp4"), tmp_path / "out")


def test_a_black_scene_has_no_face(film, tmp_path):
    black = SCENE.model_copy(update={"black": True})
    with pytest.raises(Reject, match="no_face") as caught:
        run(scene_of(film, black), tmp_path / "out")
    assert caught.value.numbers["frames"] == 100


def test_a_scene_without_people_has_no_face(tmp_path, embedded_weights):
    render(Script((Take((), 2, 6),)), tmp_path / "film.mp4")
    with pytest.raises(Reject, match="no_face"):
        run(scene_of(tmp_path / "film.mp4"), tmp_path / "out")


def test_crop_modes_leave_a_crop_for_every_frame(film, tmp_path, embedded_weights):
    for mode in ("smooth", "affine"):
        found = run(scene_of(film), tmp_path / mode, min_face_px=30, crop=mode)
        for one in found:
            crop = one.arrays(TracksPart, "track.npz")["crop"]
            assert crop.shape == (100, 4)
            assert one.part(TracksPart).crop == mode
            assert mode == "affine" or not crop[:, 3].any()


def test_only_the_face_in_a_segment_s_box_becomes_a_clip(film, tmp_path, embedded_weights):
    segments = [{"start_s": 0.0, "end_s": 4.0, "box": (0.5, 0.0, 1.0, 1.0)}]
    found = run(scene_of(film, segments=segments), tmp_path / "out", min_face_px=30)
    clip, other = sorted(found, key=lambda one: one.reason or "")
    assert clip.level == "clip"
    assert clip.arrays(TracksPart, "track.npz")["box"][:, 0].min() > 320
    assert clip.part(TracksPart).other_faces == 1.0
    assert (other.reason, other.level) == ("outside_box", "track")
    assert other.numbers["frames"] == 100


def test_people_who_speak_at_once_keep_a_clip_each(film, clips, tmp_path, embedded_weights):
    segments = [
        {"start_s": 0.0, "end_s": 4.0, "box": (0.0, 0.0, 0.5, 1.0)},
        {"start_s": 0.0, "end_s": 4.0, "box": (0.5, 0.0, 1.0, 1.0)},
    ]
    found = run(scene_of(film, segments=segments), tmp_path / "out", min_face_px=30)
    assert [one.parts for one in found] == [one.parts for one in clips]


def test_engines_are_settled_and_enter_the_facts(embedded_weights):
    stage, facts = Tracks(detector="auto", landmarker="litert").resolve()
    assert stage.model_dump()["detector"] == "litert"
    assert facts["landmarker"] == "litert"
    assert any(name.startswith("detector weights") for name in facts)


def test_following_the_scenes_gives_the_rows_and_files_of_a_decode_of_its_own(
    tmp_path, embedded_weights
):
    one, two = Actor(invent_person(1)), Actor(invent_person(2))
    script = Script((Take((one,), 1.6, 1, seed=3), Take((two,), 2, seed=4)), size=(320, 180))
    stages = (Scenes(), Tracks(detector="litert", landmarker="litert", min_face_px=30))
    made = []
    for name, runs in (("together", (2,)), ("apart", (1, 2))):
        workspace = make_workspace(tmp_path / name, films=0)
        render(script, workspace.raw / "film.mp4")
        with workspace.writing():
            ingest(workspace)
        for count in runs:
            go(workspace, *stages[:count])
        rows = {key: what for key, what in story(workspace).items() if key[1] != "ingest"}
        made.append((rows, tree(workspace.clips)))
    assert made[0] == made[1]
    assert sorted(key[1] for key in made[0][0]) == ["scenes", "tracks", "tracks"]
    assert len(made[0][1]) == 2 * 2
