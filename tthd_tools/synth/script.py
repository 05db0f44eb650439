"""What shall be seen and heard comes in; a list of shots on one time line goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from tthd_tools.synth.person import Person
from tthd_tools.synth.speech import Emotion


@dataclass(frozen=True)
class Actor:
    """A person in the picture. ``x`` and ``y`` place the face as shares of width and height."""

    person: Person
    x: float = 0.5
    y: float = 0.46
    size: float = 0.2  # half the width of the face over the height of the picture
    speaks: bool = True
    emotion: Emotion = "neutral"
    liveliness: float = 1.0  # scales all head motion
    turn_deg: float = 0.0  # mean yaw, positive to the right of the picture
    drift: tuple[float, float] = (0.0, 0.0)  # constant speed in half face widths per second
    claps_s: tuple[float, ...] = ()  # instead of speech: the mouth springs open with a click


@dataclass(frozen=True)
class Jump:
    """A jump cut: at ``at_s`` of the take, ``skip_s`` of what happened has been taken out."""

    at_s: float
    skip_s: float
    zoom: float = 1.0  # a punch-in from here on
    dissolve_frames: int = 0


@dataclass(frozen=True)
class Take:
    """One camera on one scene. ``dissolve_frames`` blend the take before into this one."""

    actors: tuple[Actor, ...]
    seconds: float
    background: int = 0  # a seed
    pan_px_s: tuple[float, float] = (0.0, 0.0)  # the background moves, the people stay
    shake_px: float = 0.0  # the camera is held in the hand: everything moves
    jumps: tuple[Jump, ...] = ()
    dissolve_frames: int = 0
    seed: int = 0


@dataclass(frozen=True)
class Script:
    """A whole file."""

    takes: tuple[Take, ...]
    size: tuple[int, int] = (512, 512)  # width, height
    fps: float = 25.0
    times_s: tuple[float, ...] = ()  # explicit frame times from 0 on, instead of ``fps``
    sound: bool = True
    audio_rate_hz: int = 48_000
    offset_ms: float = 0.0  # positive: the sound comes late
    noise_db: float | None = None  # background noise, that far under the speech
    grain: float = 1.5  # noise of the camera, of 255

    @property
    def seconds(self) -> float:
        return sum(take.seconds for take in self.takes)

    def frame_times_s(self) -> tuple[float, ...]:
        """When each frame is shown, from 0 on."""
        if self.times_s:
            return self.times_s
        return tuple(k / self.fps for k in range(round(self.seconds * self.fps)))


class Shot(NamedTuple):
    """A stretch without any cut: ``take``'s performance runs ``skew_s`` behind the file's clock."""

    take: int
    start_s: float
    end_s: float
    skew_s: float
    zoom: float
    kind: Literal["start", "cut", "jump"]
    skip_s: float
    dissolve_frames: int


def list_shots(script: Script) -> list[Shot]:
    """The shots of a script in order; each begins with a frame of the file."""
    times_s = script.frame_times_s()

    def snap(t_s: float) -> float:
        return next((t for t in times_s if t >= t_s - 1e-6), script.seconds)

    shots: list[Shot] = []
    take_start_s = 0.0
    for index, take in enumerate(script.takes):
        skipped_s, zoom = 0.0, 1.0
        begin_s, take_end_s = snap(take_start_s), snap(take_start_s + take.seconds)
        kind: Literal["start", "cut", "jump"] = "cut" if index else "start"
        skip_s, dissolve = 0.0, take.dissolve_frames
        for jump in (*take.jumps, None):
            end_s = snap(take_start_s + jump.at_s) if jump else take_end_s
            skew_s = take_start_s - skipped_s
            shots.append(Shot(index, begin_s, end_s, skew_s, zoom, kind, skip_s, dissolve))
            if jump:
                skipped_s, zoom, begin_s = skipped_s + jump.skip_s, jump.zoom, end_s
                kind, skip_s, dissolve = "jump", jump.skip_s, jump.dissolve_frames
        take_start_s += take.seconds
    return shots
