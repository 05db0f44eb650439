"""Films with known events at five frame rates go in; how far picture and sound are off comes out.

    python benchmarks/av_sync.py [--seconds 60] [--sweep-seconds 6]

A drawn mouth springs open with a click; the film goes through the whole chain into shards. In the
shard's mp4 the mouth must open, and in its wav the click must be heard, within 20 ms of when the
source shows and plays it. Then a head moves at constant speed: second differences of its place,
over frames that are not marked as repeated or skipped, as a share of its step per frame.
Divisions at jump cuts are off: a mouth that opens within one frame of a still picture is one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from harness import arguments, print_table, tthd
from numpy.typing import NDArray

from tthd_tools.clip import AUDIO_RATE_HZ, FPS
from tthd_tools.media import read_frames
from tthd_tools.shards.read import open_shards
from tthd_tools.synth import Script, Truth, clap_script, render, sweep_script, variable_times_s

RATES = {"23.976": 24000 / 1001, "25": 25.0, "29.97": 30000 / 1001, "30": 30.0, "variable": None}
ALLOWED_MS, ALLOWED_SHARE = 20.0, 0.05
REACH_PX = 12
LIPS = (61, 291, 0, 17, 13, 14, 78, 308)
PIPELINE = """
name: av_sync
stages: [scenes, tracks: {jump_threshold: 1000}, encode, masks, quality, audio_features, speech]
corpus: [sync]
policy: []
"""
Floats = NDArray[np.float64]


class Shift(NamedTuple):
    """Errors in ms of all events of a film, in order of time."""

    events: int
    picture_ms: list[float]
    sound_ms: list[float]


def samples_of(script: Script, folder: Path) -> tuple[Truth, list[dict[str, Any]]]:
    """Film a script and take it through the chain: its truth, and the samples of the shards."""
    raw, work, out = folder / "raw", folder / "work", folder / "release"
    raw.mkdir(parents=True)
    truth = render(script, raw / "film.mp4")
    pipeline = folder / "pipeline.yaml"
    pipeline.write_text(PIPELINE)
    tthd("ingest", raw, "--work", work, "--quiet")
    built = ("--out", out, "--pipeline", pipeline, "--workers", 1, "--quiet")
    tthd("build-shards", "--work", work, *built)
    return truth, sorted(open_shards(out), key=lambda one: one["json"]["start_s"])


def clap_shift(truth: Truth, samples: list[dict[str, Any]], folder: Path) -> Shift:
    """How late the mouth opens in the mp4, and how late the click comes in the wav."""
    opening = np.array(truth.faces[0].opening)
    shown = np.array(truth.times_s)
    picture, sound, events = [], [], 0
    claps_s = [event.start_s for event in truth.events if event.kind == "clap"]
    for sample in samples:
        start_s, end_s = sample["json"]["start_s"], sample["json"]["end_s"]
        mouth, wave = mouth_change(sample, folder), waveform(sample["wav"])
        for at_s in claps_s:
            if not start_s + 0.1 <= at_s < end_s - 0.3:
                continue
            events += 1
            near = (shown > at_s - 0.05) & (opening > opening.max() / 2)
            first = float(shown[near][0])  # a frame while the mouth springs open is half open
            seen_s = first_after(mouth, FPS, first - start_s)
            heard_s = first_after(wave, AUDIO_RATE_HZ, at_s - start_s)
            picture.append((start_s + seen_s - first) * 1000)
            sound.append((start_s + heard_s - at_s) * 1000)
    return Shift(events, picture, sound)


def first_after(curve: Floats, rate_hz: float, near_s: float, reach_s: float = 0.12) -> float:
    """Time at which a curve first passes half of its height around ``near_s``."""
    low = max(0, round((near_s - reach_s) * rate_hz))
    part = curve[low : round((near_s + reach_s) * rate_hz)]
    return float(low + np.argmax(part > part.max() / 2)) / rate_hz


def mouth_change(sample: dict[str, Any], folder: Path) -> Floats:
    """How much each frame of the mp4 differs around the lips from the closed mouth, (T,)."""
    lips = np.median(sample["lmk.npz"]["points"].astype(float), axis=0)[list(LIPS), :2]
    (x0, y0), (x1, y1) = (
        np.floor(lips.min(axis=0)).astype(int),
        np.ceil(lips.max(axis=0)).astype(int),
    )
    y1 += (x1 - x0) // 4
    pictures = [picture[y0:y1, x0:x1].astype(float) for picture in mp4_frames(sample, folder)]
    part = np.stack(pictures)
    return np.abs(part - np.median(part, axis=0)).mean(axis=(1, 2))


def waveform(wav: bytes) -> Floats:
    """Samples of a PCM16 wav without its sign, (n,)."""
    return np.abs(np.frombuffer(wav[44:], "<i2").astype(float))


class Evenness(NamedTuple):
    """Of a head at constant speed: frames, share of them unmarked, step and second difference."""

    frames: int
    unmarked: float
    step_px: float
    second_px: float

    @property
    def share(self) -> float:
        return self.second_px / self.step_px


def sweep_evenness(samples: list[dict[str, Any]], folder: Path) -> Evenness:
    """Second differences of the face's place in the mp4, where no frame is marked."""
    steps, seconds, marked, frames = [], [], 0, 0
    for sample in samples:
        timing = sample["json"]["timing"]
        x = face_place(sample, folder)
        even = np.ones(len(x), bool)
        even[[*timing["repeated"], *timing["skipped"]]] = False
        marked, frames = marked + int((~even).sum()), frames + len(x)
        first = np.diff(x)
        steps.extend(first[even[1:]])
        seconds.extend(np.diff(first)[even[1:-1] & even[2:]])
    second_px = float(np.sqrt(np.mean(np.square(seconds))))
    return Evenness(frames, 1 - marked / frames, float(np.median(steps)), second_px)


def face_place(sample: dict[str, Any], folder: Path) -> Floats:
    """Where the face is in each frame of the mp4, x in source pixels, (T,).

    The middle frame's inner face is looked for near each frame's mesh. The mesh itself would not
    do: it wanders by some tenths of a pixel with the square that its network is shown.
    """
    pictures = mp4_frames(sample, folder)
    points = sample["lmk.npz"]["points"].astype(float)[:, :, :2]
    middle = len(pictures) // 2
    half = int(np.ptp(points[middle, :, 0]) * 0.3)
    cx, cy = np.rint(points.mean(axis=1)).astype(int).T
    patch = pictures[middle][cy[middle] - half : cy[middle] + half, cx[middle] - half :][
        :, : 2 * half
    ]
    places = []
    for picture, x, y in zip(pictures, cx, cy, strict=True):
        top, left = y - half - REACH_PX, x - half - REACH_PX
        part = picture[top : top + 2 * (half + REACH_PX), left : left + 2 * (half + REACH_PX)]
        fit = cv2.matchTemplate(part, patch, cv2.TM_CCOEFF_NORMED)
        row, column = np.unravel_index(int(fit.argmax()), fit.shape)
        a, b, c = fit[row, column - 1 : column + 2]
        places.append(left + column + (a - c) / (2 * (a - 2 * b + c)))
    record = sample["json"]
    crop = np.array(record["crop"])
    return np.array(places) / record["picture"]["size_px"] * crop[:, 2] + crop[:, 0]


def mp4_frames(sample: dict[str, Any], folder: Path) -> list[NDArray[np.uint8]]:
    """Luma of each frame of a sample's picture."""
    path = folder / "sample.mp4"
    path.write_bytes(sample["mp4"])
    return [frame.luma() for frame in read_frames(path)]


def wide_sweep(seconds: float, fps: float = 25.0, times_s: tuple[float, ...] = ()) -> Script:
    """Fast enough for what a place is measured to, some hundredths of a pixel, not to matter."""
    return sweep_script(seconds, fps, times_s, size=(1280, 720), speed_px_s=120.0)


def scripts(kind: Any, seconds: float) -> Iterator[tuple[str, Script]]:
    """The same film at all rates."""
    for name, fps in RATES.items():
        if fps is None:
            yield name, kind(seconds, times_s=variable_times_s(seconds))
        else:
            yield name, kind(seconds, fps)


def main() -> None:
    seconds = ("--seconds", float, 60.0, "length of the films with claps")
    options = arguments(str(__doc__), seconds, ("--sweep-seconds", float, 6.0, "of the sweeps"))
    rows = []
    for name, script in scripts(clap_script, options.seconds):
        with tempfile.TemporaryDirectory() as folder:
            truth, samples = samples_of(script, Path(folder))
            shift = clap_shift(truth, samples, Path(folder))
        worst = [max(map(abs, errors)) for errors in (shift.picture_ms, shift.sound_ms)]
        ends = [f"{e[0]:+.1f} … {e[-1]:+.1f}" for e in (shift.picture_ms, shift.sound_ms)]
        verdict = "ok" if max(worst) <= ALLOWED_MS else "OFF"
        rows.append([name, len(samples), shift.events, *worst, *ends, verdict])
    header = ("rate", "clips", "events", "picture ms", "sound ms", "picture first … last")
    print(f"events in shards of {options.seconds:.0f} s films: largest error")
    print_table((*header, "sound first … last", f"≤ {ALLOWED_MS:.0f} ms"), rows)
    print_evenness(options.sweep_seconds)


def print_evenness(seconds: float) -> None:
    found = {}
    for name, script in scripts(wide_sweep, seconds):
        with tempfile.TemporaryDirectory() as folder:
            samples = samples_of(script, Path(folder))[1]
            found[name] = sweep_evenness(samples, Path(folder))
    usual = found["25"].share
    rows = []
    for name, one in found.items():
        verdict = "ok" if abs(one.share - usual) <= ALLOWED_SHARE else "OFF"
        line = [name, one.frames, f"{one.unmarked:.0%}", f"{one.step_px:.3f}"]
        rows.append([*line, f"{one.share:.1%}", f"{one.share - usual:+.1%}", verdict])
    print("a head at constant speed: second differences over unmarked frames, of the step (RMS)")
    header = ("rate", "frames", "unmarked", "step px", "second / step", "beyond 25 fps")
    print_table((*header, f"within {ALLOWED_SHARE:.0%}"), rows)


if __name__ == "__main__":
    main()
