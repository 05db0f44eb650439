"""A folder of sound with transcripts beside it comes in; an aligner, or times, go out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tthd_tools.alignment.acoustics import RATE_HZ, log_mel
from tthd_tools.alignment.aligner import Aligner, hear, load_aligner
from tthd_tools.alignment.train import Utterance
from tthd_tools.alignment.transcripts import Spoken, spoken
from tthd_tools.clip import AUDIO_RATE_HZ
from tthd_tools.errors import AccessError, MediaError, UsageError
from tthd_tools.text import normalise, read_transcript

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SOUNDS = frozenset(
    {".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus", ".aac", ".mp4", ".mov", ".mkv", ".webm"}
)


class Recording(NamedTuple):
    """A file, its speaker (the folder it lies in) and the syllables of its transcript."""

    path: Path
    speaker: str
    spoken: tuple[Spoken, ...]

    def utterance(self) -> Utterance:
        """Its sound and units. Raises MediaError where the sound cannot be decoded."""
        units = tuple(one.units for one in self.spoken)
        return Utterance(self.speaker, _rows(self.path), units, self.path.name)


def recordings(folder: Path, language: str) -> tuple[list[Recording], list[Path]]:
    """Every sound below a folder that has ``NAME.txt`` beside it, and those that have none.

    Raises UsageError where the folder is none or holds no such pair.
    """
    if not folder.is_dir():
        raise UsageError(f"{str(folder)!r} is no folder; name one with sound and .txt beside it")
    found: list[Recording] = []
    alone: list[Path] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SOUNDS or not path.is_file() or path.is_symlink():
            continue
        beside = path.with_suffix(".txt")
        if not beside.is_file() or beside.is_symlink():
            alone.append(path)
            continue
        text = normalise(read_transcript(beside).text, language)
        speaker = path.parent.relative_to(folder).as_posix()
        found.append(Recording(path, speaker, tuple(spoken(text, language))))
    if not found:
        raise UsageError(
            f"{str(folder)!r} holds no sound with a transcript; put NAME.txt beside NAME.wav"
        )
    return found, alone


def usable(
    found: Sequence[Recording], complain: Callable[[str], None]
) -> Iterator[tuple[Recording, Utterance]]:
    """The recordings whose text can be said in their time; each other is complained of."""
    for one in found:
        try:
            utterance = one.utterance()
        except MediaError as error:
            complain(str(error))
            continue
        if utterance.is_possible:
            yield one, utterance
        else:
            complain(f"{one.path} has a text that is empty or longer than its sound can be")


def learn_from(
    utterances: Sequence[Utterance],
    out: Path,
    facts: dict[str, Any],
    most_minutes: float,
    progress: Callable[[int, int], None],
) -> dict[str, Any]:
    """Train an aligner and write it into a new folder, with ``facts`` on where it comes from.

    Returns what is written into ``provenance.json``. Raises UsageError where there is nothing to
    learn from or the folder is there already, AccessError where it cannot be written.
    """
    from tthd_tools import __version__
    from tthd_tools.alignment.learn import learn

    if out.exists():
        raise UsageError(f"{str(out)!r} is there already; name a new folder")
    if not utterances:
        raise UsageError("there is no recording whose text can be said in its time")
    aligner = learn(utterances, most_minutes, progress)
    provenance = facts | {
        "tool": f"tthd-tools {__version__}",
        "recordings": len(utterances),
        "minutes": round(sum(len(one.rows) for one in utterances) / RATE_HZ / 60, 2),
        "most_minutes": most_minutes,
        "speakers": len({one.speaker for one in utterances}),
        "units": len(aligner.model.units),
    }
    text = json.dumps(provenance, ensure_ascii=False, sort_keys=True, indent=2)
    try:
        out.mkdir(parents=True)
        aligner.save(out)
        (out / "provenance.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise AccessError(f"{str(out)!r} cannot be written: {error.strerror}") from error
    return provenance


def open_aligner(folder: Path) -> Aligner:
    """``load_aligner`` of a folder that a person names. Raises UsageError where it is none."""
    try:
        return load_aligner(folder)
    except ValueError as error:
        raise UsageError(f"{error}; make one with `tthd align train`") from error


def aligned(recording: Recording, utterance: Utterance, aligner: Aligner) -> dict[str, Any]:
    """Times in seconds of the syllables of a recording, and how sure they are, as plain data."""
    units = [one.units for one in recording.spoken]
    said = hear(aligner.model, utterance.rows).align(units)
    judge = hear(aligner.judge(recording.speaker, utterance.name), utterance.rows)
    whole, sure = aligner.sureness(judge.align(units))
    syllables = [
        {
            "text": one.text,
            "start_s": time.start_s,
            "end_s": time.end_s,
            "confidence": round(confidence, 3),
            "word": one.word,
            "sentence": one.sentence,
        }
        for one, time, confidence in zip(recording.spoken, said, sure, strict=True)
    ]
    return {"confidence": round(whole, 3), "syllables": syllables}


def _rows(path: Path) -> NDArray[np.float16]:
    import numpy as np

    from tthd_tools.media import read_audio, sound_end_s

    return log_mel(read_audio(path, 0.0, sound_end_s(path), AUDIO_RATE_HZ)).astype(np.float16)
