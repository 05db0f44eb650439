"""A script comes in; frames, sound, a real movie file and its ground truth go out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tthd_tools.synth.background import paint_background, view_background
from tthd_tools.synth.figure import Figure, Frame
from tthd_tools.synth.motion import Performance, Pose, perform
from tthd_tools.synth.record import record_truth
from tthd_tools.synth.script import Actor, Script, Shot, Take, list_shots
from tthd_tools.synth.soundtrack import Samples, mix_sound
from tthd_tools.synth.speech import Speech, plan_claps, plan_speech, stay_silent
from tthd_tools.synth.truth import Truth, truth_path
from tthd_tools.synth.voice import synthesise


def render(script: Script, path: Path) -> Truth:
    """Write the movie to ``path`` and its ground truth beside it.

    The same script gives the same bytes.
    """
    from tthd_tools.media import write_movie

    studio = Studio(script)
    audio = studio.sound() if script.sound else None
    times_s = script.frame_times_s()
    write_movie(path, studio.frames(), times_s, audio, script.audio_rate_hz)
    truth = studio.truth()
    truth_path(path).write_text(truth.model_dump_json(), encoding="utf-8")
    return truth


class Scene:
    """One take, played: for each actor the speech, the motion and the painted figure."""

    def __init__(self, take: Take, size: tuple[int, int]) -> None:
        self.take, self.size = take, size
        # A dissolve looks a little past both ends; skipped stretches are played as well.
        self.seconds = take.seconds + sum(jump.skip_s for jump in take.jumps) + 0.5
        self.seeds = [take.seed * 1009 + 17 * k for k in range(len(take.actors))]
        self.speeches = [self._speech(a, s) for a, s in zip(take.actors, self.seeds, strict=True)]
        self.performances: list[Performance] = [
            perform(speech, actor.emotion, seed, actor.liveliness, actor.turn_deg, actor.drift)
            for actor, seed, speech in zip(take.actors, self.seeds, self.speeches, strict=True)
        ]
        self._figures: list[Figure] = []
        self._room: Frame | None = None

    def _speech(self, actor: Actor, seed: int) -> Speech:
        still = not actor.speaks and actor.liveliness == 0
        if actor.claps_s or still:
            return plan_claps(actor.claps_s, self.seconds)
        if actor.speaks:
            return plan_speech(actor.person, actor.emotion, self.seconds, seed)
        return stay_silent(self.seconds, seed)

    def figures(self) -> list[Figure]:
        """Painted on first use: sound and truth do not need the paint."""
        self._figures = self._figures or [
            Figure(actor.person, actor.size * self.size[1], seed)
            for actor, seed in zip(self.take.actors, self.seeds, strict=True)
        ]
        return self._figures

    def voices(self) -> list[Samples]:
        return [
            synthesise(actor.person, speech, actor.emotion, seed)
            for actor, seed, speech in zip(self.take.actors, self.seeds, self.speeches, strict=True)
        ]

    def camera_px(self, t_s: float) -> tuple[float, float]:
        """Where a shaking hand has moved the whole picture."""
        a, b = 1.0 + self.take.seed, 2.0 * self.take.seed
        x = np.sin(2 * np.pi * 0.9 * t_s + a) + 0.5 * np.sin(2 * np.pi * 2.3 * t_s + b)
        y = np.sin(2 * np.pi * 0.7 * t_s + b) + 0.5 * np.sin(2 * np.pi * 1.9 * t_s + a)
        return self.take.shake_px * float(x), self.take.shake_px * float(y)

    def background_px(self, t_s: float) -> tuple[float, float]:
        """Where the background has moved to."""
        (x, y), (pan_x, pan_y) = self.camera_px(t_s), self.take.pan_px_s
        return x + pan_x * t_s, y + pan_y * t_s

    def placement(self, actor: Actor, t_s: float, zoom: float) -> tuple[tuple[float, float], float]:
        """Centre and half width of a face at rest in the picture."""
        (width, height), (x, y) = self.size, self.camera_px(t_s)
        centre_x = width / 2 + zoom * ((actor.x - 0.5) * width + x)
        centre_y = height / 2 + zoom * ((actor.y - 0.5) * height + y)
        return (centre_x, centre_y), zoom * actor.size * height

    def picture(self, t_s: float, zoom: float) -> Frame:
        """The frame at a time of the performance, RGB (h, w, 3)."""
        if self._room is None:
            self._room = paint_background(self.size, self.take.background)
        frame = view_background(self._room, self.size, self.background_px(t_s), zoom)
        for actor, figure, performance in zip(
            self.take.actors, self.figures(), self.performances, strict=True
        ):
            centre_px, radius_px = self.placement(actor, t_s, zoom)
            figure.draw(frame, performance.at(t_s), centre_px, radius_px)
        return frame


class Studio:
    """A script ready to be filmed."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.shots = list_shots(script)
        self.scenes = [Scene(take, script.size) for take in script.takes]
        self.times_s = script.frame_times_s()

    def shot_at(self, t_s: float) -> int:
        """The number of the shot that a time belongs to."""
        return max(k for k, shot in enumerate(self.shots) if shot.start_s <= t_s + 1e-6)

    def frames(self) -> Iterator[Frame]:
        """All frames, RGB uint8 (h, w, 3)."""
        grain = _Grain(self.script)
        for t_s in self.times_s:
            yield grain.add(self._blend(t_s))

    def sound(self) -> Samples:
        """The sound track, float32 (n,) at ``script.audio_rate_hz``."""
        voices = [scene.voices() for scene in self.scenes]
        return mix_sound(self.script, self.shots, voices, self.script.takes[0].seed)

    def truth(self) -> Truth:
        return record_truth(self.script, self.shots, self)

    def pose(self, take: int, actor: int, t_s: float) -> Pose:
        """The pose of an actor at a time of the take's performance."""
        return self.scenes[take].performances[actor].at(t_s)

    def _view(self, shot: Shot, t_s: float) -> Frame:
        return self.scenes[shot.take].picture(t_s - shot.skew_s, shot.zoom)

    def _blend(self, t_s: float) -> Frame:
        """The frame at a time, mixed with its neighbour inside a dissolve."""
        import cv2

        k = self.shot_at(t_s)
        frame = self._view(self.shots[k], t_s)
        for later in (k, k + 1):
            if not 0 < later < len(self.shots) or not self.shots[later].dissolve_frames:
                continue
            length_s = self.shots[later].dissolve_frames / self.script.fps
            # Frames lie in the middle of the steps of the mix, so that n frames are mixed.
            weight = (t_s - self.shots[later].start_s + 0.5 / self.script.fps) / length_s + 0.5
            if 0.0 < weight < 1.0:
                other = self._view(self.shots[2 * later - 1 - k], t_s)
                share = weight if later == k else 1.0 - weight
                frame = cv2.addWeighted(frame, share, other, 1.0 - share, 0.0)
        return frame


class _Grain:
    """Noise of a camera: one tile, laid at another place for each frame."""

    def __init__(self, script: Script) -> None:
        self.size, self.amount = script.size, script.grain
        self.rng = np.random.default_rng([script.takes[0].seed, 91])
        shape = (script.size[1] + 64, script.size[0] + 64, 1)
        noise = np.repeat(self.rng.normal(0, script.grain, shape).round(), 3, axis=2)
        self.lighter = np.clip(noise, 0, 255).astype(np.uint8)
        self.darker = np.clip(-noise, 0, 255).astype(np.uint8)

    def add(self, frame: Frame) -> Frame:
        import cv2

        if not self.amount:
            return frame
        x, y = (int(k) for k in self.rng.integers(0, 64, 2))
        window = (slice(y, y + self.size[1]), slice(x, x + self.size[0]))
        return np.asarray(
            cv2.subtract(cv2.add(frame, self.lighter[window]), self.darker[window]), np.uint8
        )
