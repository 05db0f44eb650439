"""Small films for tests of the whole chain: a path goes in, a file is written there."""

from __future__ import annotations

import struct
from pathlib import Path

from tthd_tools.synth import Actor, Script, Take, invent_person
from tthd_tools.synth.render import Studio

SIZE = (256, 256)


def talk(
    path: Path, *seconds: float, sound: bool = True, fps: float = 25.0, offset_ms: float = 0.0
) -> Path:
    """A head that talks; with several lengths there is a hard cut to another person between."""
    write_studio(studio(*seconds, sound=sound, fps=fps, offset_ms=offset_ms), path)
    return path


def studio(
    *seconds: float, sound: bool = True, fps: float = 25.0, offset_ms: float = 0.0
) -> Studio:
    """The scene of ``talk`` before it is filmed."""
    takes = tuple(
        Take((Actor(invent_person(k, f"person{k}"), size=0.22),), length, background=k, seed=k)
        for k, length in enumerate(seconds)
    )
    return Studio(Script(takes, size=SIZE, fps=fps, sound=sound, offset_ms=offset_ms))


def write_studio(scene: Studio, path: Path) -> None:
    """Film it, without the ground truth beside it."""
    from tthd_tools.media import write_movie

    script = scene.script
    sound = scene.sound() if script.sound else None
    write_movie(path, scene.frames(), script.frame_times_s(), sound, script.audio_rate_hz)


def copy_as(film: Path, path: Path, number: int) -> Path:
    """The same film in other bytes: an empty box at its end carries a number."""
    path.write_bytes(film.read_bytes() + struct.pack(">I4sI", 12, b"free", number))
    return path


def cut_off(film: Path, path: Path, share: float) -> Path:
    """The beginning of a file, as a broken upload leaves it."""
    data = film.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def one_picture(path: Path, size: tuple[int, int] = (64, 64)) -> Path:
    """A film of a single grey picture, size (width, height)."""
    return grey_film(path, 1, size=size)


def grey_film(
    path: Path, pictures: int, *, fps: float = 25.0, size: tuple[int, int] = (64, 64)
) -> Path:
    """A grey film without sound."""
    import numpy as np

    from tthd_tools.media import write_movie

    frames = (np.full((size[1], size[0], 3), 90 + k % 50, np.uint8) for k in range(pictures))
    write_movie(path, frames, [k / fps for k in range(pictures)])
    return path


def one_pixel(path: Path) -> Path:
    """A film of 1x1 px, lossless; ``path`` ends in ``.mkv``."""
    import numpy as np

    from tthd_tools.media import write_movie

    frames = [np.full((1, 1, 3), 90, np.uint8)] * 30
    times_s = [k / 25 for k in range(30)]
    write_movie(path, frames, times_s, video_codec="ffv1", pixel_format="bgr0")
    return path


def sound_only(path: Path) -> Path:
    """An mp4 that holds a second of noise and no picture."""
    import av
    import numpy as np

    noise = np.random.default_rng(0).normal(0, 0.1, (1, 16_000)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(noise, format="fltp", layout="mono")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def browser_recording(scene: Studio, path: Path, video: str = "libvpx") -> Path:
    """What MediaRecorder writes: WebM, VP8 or VP9, Opus, uneven frame times, no duration."""
    from tthd_tools.media import write_movie

    frames = list(scene.frames())
    times_s = [k / 25 + (0.011 if k % 3 == 1 else 0.0) for k in range(len(frames))]
    write_movie(
        path,
        frames,
        times_s,
        scene.sound(),
        48_000,
        video_codec=video,
        audio_codec="libopus",
        container_options={"live": "1"},
    )
    return path
