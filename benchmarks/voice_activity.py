"""Sound whose speech is known goes in; how much of it each voice detector gets wrong comes out.

    python benchmarks/voice_activity.py [--media DIR] [--engines energy,silero]

Every 10 ms is judged. Synthetic speech has the times of its syllables. Tibetan recordings are cut
to their speech by level, brought to one level and joined with pauses of 0.3 to 1.2 s, digital
silence or noise of a room in turn; what is quiet inside of a recording for 100 ms is not judged.
Only every second recording is taken: the others served to choose the embedded detector's constants,
as did other synthetic voices, and the films. Noise stands under the mean power of speech; babble is
eight voices of other languages. `vad_test.wav` and the talkers have no truth but Silero. Speed is
by processor time on one thread.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from harness import arguments, now, print_table
from numpy.typing import NDArray

from tthd_tools.errors import TthdError
from tthd_tools.media import read_audio
from tthd_tools.speech import VoiceDetector, open_voice_detector, stretches
from tthd_tools.speech.regions import tidy
from tthd_tools.synth.person import invent_person
from tthd_tools.synth.speech import Emotion, plan_speech
from tthd_tools.synth.voice import synthesise

Sound = NDArray[np.float64]
Flags = NDArray[np.bool_]
Noise = Callable[[int, int], Sound]  # number of samples, seed
RATE_HZ, STEP = 16_000, 160
EMOTIONS: tuple[Emotion, ...] = ("neutral", "happy", "sad", "angry", "surprised")
SPEECH_DB, ROOM_DB = -26.0, -65.0
SILENT = (
    "face_silent_audio",
    "face_expressive_silent",
    "face_emotions_silent",
    "noface_wall_silent",
)
MUSIC = ("noface_city_aerial.mp4", "face_then_noface.mov")
VOICES = ("zh_news.wav", "dub_speech_en_1.wav", "jfk_en.wav", "dub_for_th10.wav")


class Piece(NamedTuple):
    """A sound, every 10 ms whether somebody speaks, and whether that is known."""

    sound: Sound
    speech: Flags
    known: Flags


def piece(sound: Sound, speech: Flags) -> Piece:
    return Piece(sound, speech, np.ones(len(speech), np.bool_))


def synthetic(seed: int, seconds: float = 20.0) -> Piece:
    person, emotion = invent_person(seed), EMOTIONS[seed % len(EMOTIONS)]
    plan = plan_speech(person, emotion, seconds, seed)
    sound = synthesise(person, plan, emotion, seed).astype(np.float64)
    time_s = (np.arange(len(sound) // STEP) + 0.5) * STEP / RATE_HZ
    inside = [(time_s >= one.start_s) & (time_s < one.end_s) for one in plan.said]
    return piece(sound, np.any(inside, axis=0))


def silence(sound: Sound) -> Piece:
    return piece(sound, np.zeros(len(sound) // STEP, np.bool_))


def read(path: Path) -> Sound:
    import av

    with av.open(str(path)) as file:
        seconds = float((file.duration or 0) / av.time_base)
    return read_audio(path, 0.0, seconds).astype(np.float64)


def power(sound: Sound, which: Flags | slice = slice(None)) -> float:
    steps = sound[: len(sound) // STEP * STEP].reshape(-1, STEP)
    return float(np.square(steps[which]).mean())


def cut(sound: Sound) -> Piece | None:
    """A recording from its first to its last loud step; None where it is short or full of noise."""
    steps = sound[: len(sound) // STEP * STEP].reshape(-1, STEP)
    level_db = 10 * np.log10(np.square(steps).mean(axis=1) + 1e-10)
    if len(level_db) < 20:
        return None
    quiet_db, loud_db = np.percentile(level_db, [5, 95])
    loud = tidy(level_db > loud_db - 30, 3, 4)
    if loud_db < -50 or loud_db - quiet_db < 35 or not loud.any():
        return None
    first, last = stretches(loud)[0][0], stretches(loud)[-1][1]
    known = np.ones(last - first, np.bool_)
    for start, end in stretches(~loud[first:last]):
        known[start:end] = end - start < 10
    kept = sound[first * STEP : last * STEP].copy()
    kept *= 10 ** (SPEECH_DB / 20) / np.sqrt(power(kept, known))
    fade = np.linspace(0, 1, STEP // 2)
    kept[: len(fade)] *= fade
    kept[-len(fade) :] *= fade[::-1]
    return Piece(kept, np.ones(len(known), np.bool_), known)


def joined(recordings: list[Piece], seed: int, count: int = 8) -> Piece:
    """Some recordings with pauses between; every second join has noise of a room throughout."""
    rng = np.random.default_rng(seed)

    def pause() -> Piece:
        return silence(np.zeros(int(rng.integers(30, 121)) * STEP))

    parts = [pause()]
    for index in rng.choice(len(recordings), count):
        parts += [recordings[index], pause()]
    sound, speech, known = (np.concatenate(column) for column in zip(*parts, strict=True))
    room = coloured(len(sound), seed, 1) * 10 ** (ROOM_DB / 20)
    return Piece(sound + room * (seed % 2), speech, known)


def coloured(samples: int, seed: int, slope: float = 0.0) -> Sound:
    """Noise of power 1 whose power falls with frequency to this power."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=samples))
    hz = np.maximum(np.fft.rfftfreq(samples, 1 / RATE_HZ), 20.0)
    sound = np.fft.irfft(spectrum * hz ** (-slope / 2), samples)
    return np.asarray(sound / sound.std())


def babble(voices: Sound, samples: int, seed: int) -> Sound:
    rng = np.random.default_rng(seed)
    shifts = rng.integers(len(voices), size=8)
    return np.sum([np.resize(np.roll(voices, shift), samples) for shift in shifts], axis=0)


def under(noise: Noise, snr_db: float, pieces: list[Piece]) -> list[Piece]:
    """The pieces with noise so many decibels under their speech."""
    found = []
    for seed, one in enumerate(pieces):
        added = noise(len(one.sound), seed)
        gain = np.sqrt(power(one.sound, one.speech & one.known) / np.square(added).mean())
        found.append(one._replace(sound=one.sound + added * gain * 10 ** (-snr_db / 20)))
    return found


def cases(media: Path) -> Iterator[tuple[str, list[Piece]]]:
    """Each row of the table: its name and its pieces."""
    spoken = [synthetic(seed) for seed in range(20, 30)]
    yield "synthetic, clean", spoken
    for snr_db in (20, 10, 5):
        yield f"synthetic, white {snr_db} dB", under(coloured, snr_db, spoken)
    if (media / "tibetan").is_dir():
        yield from tibetan(media)
    for name, slope in (("white", 0), ("pink", 1), ("brown", 2)):
        levels = range(-70, -10, 20)
        yield (
            f"{name} noise",
            [silence(10 ** (db / 20) * coloured(20 * RATE_HZ, 1, slope)) for db in levels],
        )
    if (media / "edge_cases").is_dir():
        noise = media / "audio" / "whitenoise_16k.wav"
        yield "whitenoise_16k.wav", [silence(read(noise))]
        films = [media / "edge_cases" / f"{name}.mp4" for name in SILENT]
        yield "silent clips", [silence(read(film)) for film in films]
        yield "music of two films", [silence(read(media / "edge_cases" / name)) for name in MUSIC]


def tibetan(media: Path) -> Iterator[tuple[str, list[Piece]]]:
    with (media / "tibetan" / "transcripts.tsv").open(encoding="utf-8") as file:
        paths = [media / "tibetan" / row["file"] for row in csv.DictReader(file, delimiter="\t")]
    recordings = []
    for path in paths[1::2]:
        try:
            recordings.append(cut(read(path)))
        except TthdError as error:  # one is damaged, as its list says
            print(error)
    joins = [joined([one for one in recordings if one], seed) for seed in range(12)]
    heard = [read(media / "audio" / name) for name in VOICES]
    voices = np.concatenate([sound / sound.std() for sound in heard])
    yield "Tibetan, clean", joins
    for name, noise in (("white", coloured), ("babble", partial(babble, voices))):
        for snr_db in (20, 10, 0):
            yield f"Tibetan, {name} {snr_db} dB", under(noise, snr_db, joins)


class Tally:
    """Counts of one engine over one row."""

    def __init__(self, engine: VoiceDetector, pieces: list[Piece]) -> None:
        self.wrong = self.false = self.missed = self.speech = self.steps = 0
        for one in pieces:
            heard = engine.listen(one.sound.astype(np.float32)).speech
            self.false += int((heard & ~one.speech & one.known).sum())
            self.missed += int((~heard & one.speech & one.known).sum())
            self.speech += int((one.speech & one.known).sum())
            self.steps += int(one.known.sum())

    def cells(self) -> list[str]:
        """Error over all, false alarms over silence, misses over speech."""
        shares = (
            (self.false + self.missed, self.steps),
            (self.false, self.steps - self.speech),
            (self.missed, self.speech),
        )
        return [f"{100 * part / whole:.1f}" if whole else "-" for part, whole in shares]


def engines(names: str) -> dict[str, VoiceDetector]:
    found = {}
    for name in names.split(","):
        try:
            found[name] = open_voice_detector(name)
        except TthdError as error:
            print(f"{name} is left out: {error}")
    return found


def judge(rows: Iterator[tuple[str, list[Piece]]], there: dict[str, VoiceDetector]) -> None:
    seconds, spent_s, table = 0.0, dict.fromkeys(there, 0.0), []
    for name, pieces in rows:
        cells: list[object] = []
        length_s = sum(len(one.sound) for one in pieces) / RATE_HZ
        for engine, detector in there.items():
            began_s = now().cpu_s
            cells += Tally(detector, pieces).cells()
            spent_s[engine] += now().cpu_s - began_s
        seconds += length_s
        table.append([name, f"{length_s:.0f}", *cells])
    speeds = [cell for name in there for cell in (f"{seconds / spent_s[name]:.0f}", "", "")]
    table.append(["multiples of real time", f"{seconds:.0f}", *speeds])
    heads = [head for name in there for head in (name, "false", "missed")]
    print("error of all steps, false alarms of those without speech, misses of those with it; in %")
    print_table(("sound", "seconds", *heads), table)


def agree(media: Path, there: dict[str, VoiceDetector]) -> None:
    """Real speech without a truth: how much is speech, and how far that is from Silero."""
    films = sorted((media / "talkers").glob("*.mp4"))
    table = []
    for path in (media / "audio" / "vad_test.wav", *films):
        sound = read(path).astype(np.float32)
        heard = {name: engine.listen(sound).speech for name, engine in there.items()}
        ratios = [f"{100 * one.mean():.0f}" for one in heard.values()]
        gaps = [f"{100 * (one != heard['silero']).mean():.0f}" for one in heard.values()]
        table.append([path.stem, f"{len(sound) / RATE_HZ:.0f}", *ratios, *gaps])
    print("share of speech, and steps that differ from Silero's; in %")
    print_table(("film", "seconds", *there, *(f"{name}≠silero" for name in there)), table)


def main() -> None:
    names = ("--engines", str, "energy,silero,whisperx", "which to compare")
    options = arguments(str(__doc__), names)
    there = engines(options.engines)
    judge(cases(options.media), there)
    if "silero" in there and (options.media / "talkers").is_dir():
        agree(options.media, there)


if __name__ == "__main__":
    main()
