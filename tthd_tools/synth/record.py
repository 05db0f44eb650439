"""A filmed script comes in; its exact ground truth goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tthd_tools.synth.script import Script, Shot
from tthd_tools.synth.truth import FaceTrack, Happening, Join, SpokenSyllable, Truth
from tthd_tools.synth.words import SHAD, TSHEG

if TYPE_CHECKING:
    from tthd_tools.synth.render import Studio


def record_truth(script: Script, shots: list[Shot], studio: Studio) -> Truth:
    """Gather cuts, faces, syllables and motion on the time line of the file."""
    syllables = _syllables(shots, studio)
    return Truth(
        size=script.size,
        fps=None if script.times_s else script.fps,
        times_s=[round(t_s, 6) for t_s in studio.times_s],
        duration_s=script.seconds,
        joins=[
            Join(
                t_s=round(shot.start_s, 6),
                kind=shot.kind,
                skip_s=shot.skip_s,
                zoom=shot.zoom,
                dissolve_frames=shot.dissolve_frames,
            )
            for shot in shots
            if shot.kind != "start"
        ],
        faces=_faces(studio),
        syllables=syllables,
        events=_events(shots, studio),
        background_px=_background(studio),
        sound=script.sound,
        offset_ms=script.offset_ms,
        noise_db=script.noise_db,
        text=_text(syllables),
    )


def _faces(studio: Studio) -> list[FaceTrack]:
    """One track per take and actor."""
    shot_of_frame = [studio.shots[studio.shot_at(t_s)] for t_s in studio.times_s]
    tracks = []
    for take, scene in enumerate(studio.scenes):
        frames = [k for k, shot in enumerate(shot_of_frame) if shot.take == take]
        for actor in range(len(scene.take.actors)):
            played = [(studio.times_s[k] - shot_of_frame[k].skew_s) for k in frames]
            zooms = [shot_of_frame[k].zoom for k in frames]
            tracks.append(_track(studio, take, actor, frames, played, zooms))
    return tracks


def _track(
    studio: Studio,
    take: int,
    number: int,
    frames: list[int],
    played: list[float],
    zooms: list[float],
) -> FaceTrack:
    scene = studio.scenes[take]
    actor, figure = scene.take.actors[number], scene.figures()[number]
    poses = [scene.performances[number].at(t_s) for t_s in played]
    boxes, points = [], []
    for pose, t_s, zoom in zip(poses, played, zooms, strict=True):
        centre_px, radius_px = scene.placement(actor, t_s, zoom)
        left, top, right, bottom = figure.box_px(pose, centre_px, radius_px)
        boxes.append((round(left, 2), round(top, 2), round(right, 2), round(bottom, 2)))
        points.append(figure.landmarks_px(pose, centre_px, radius_px))
    mouth = 2 * actor.person.mouth_width / actor.person.eye_distance
    return FaceTrack(
        speaker=actor.person.name,
        take=take,
        speaks=actor.speaks,
        emotion=actor.emotion,
        first_frame=frames[0] if frames else 0,
        boxes=boxes,
        landmarks={
            name: [(round(float(p[name][0]), 3), round(float(p[name][1]), 3)) for p in points]
            for name in (points[0] if points else ())
        },
        opening=[round(pose.opening, 4) for pose in poses],
        width=[round(pose.width * mouth, 4) for pose in poses],
        pose_deg=[
            (
                round(float(np.rad2deg(pose.yaw)), 3),
                round(float(-np.rad2deg(pose.pitch)), 3),
                round(float(np.rad2deg(pose.roll)), 3),
            )
            for pose in poses
        ],
    )


def _visible(shot: Shot, start_s: float, end_s: float) -> tuple[float, float] | None:
    """The part of a stretch of performance that a shot shows, on the file's clock."""
    start_s, end_s = start_s + shot.skew_s, end_s + shot.skew_s
    if not shot.start_s <= (start_s + end_s) / 2 < shot.end_s:
        return None
    return round(max(start_s, shot.start_s), 4), round(min(end_s, shot.end_s), 4)


def _syllables(shots: list[Shot], studio: Studio) -> list[SpokenSyllable]:
    """A syllable counts where its middle is in the file."""
    found = []
    for shot in shots:
        scene = studio.scenes[shot.take]
        for actor, speech in zip(scene.take.actors, scene.speeches, strict=True):
            for said in speech.said:
                if seen := _visible(shot, said.start_s, said.end_s):
                    found.append(
                        SpokenSyllable(
                            text=said.text,
                            roman=said.roman,
                            speaker=actor.person.name,
                            phrase=1000 * shot.take + said.phrase,
                            start_s=seen[0],
                            end_s=seen[1],
                        )
                    )
    return sorted(found, key=lambda syllable: syllable.start_s)


def _events(shots: list[Shot], studio: Studio) -> list[Happening]:
    found = []
    for shot in shots:
        scene = studio.scenes[shot.take]
        for actor, speech in zip(scene.take.actors, scene.speeches, strict=True):
            for event in speech.events:
                if seen := _visible(shot, event.start_s, event.end_s):
                    name = actor.person.name
                    found.append(
                        Happening(kind=event.kind, speaker=name, start_s=seen[0], end_s=seen[1])
                    )
    return sorted(found, key=lambda event: event.start_s)


def _background(studio: Studio) -> list[tuple[float, float]]:
    places = []
    for t_s in studio.times_s:
        shot = studio.shots[studio.shot_at(t_s)]
        x, y = studio.scenes[shot.take].background_px(t_s - shot.skew_s)
        places.append((round(shot.zoom * x, 3), round(shot.zoom * y, 3)))
    return places


def _text(syllables: list[SpokenSyllable]) -> str:
    """Tibetan text: a tsheg between syllables, a shad and a space after each phrase."""
    phrases: dict[tuple[str, int], list[str]] = {}
    for syllable in syllables:
        phrases.setdefault((syllable.speaker, syllable.phrase), []).append(syllable.text)
    return " ".join(TSHEG.join(words) + SHAD for words in phrases.values())
