"""whisperX suggests, for languages that it can write; what is missing is one sentence."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.alignment.tiny import write_tiny
from tthd_tools.alignment import whisperx
from tthd_tools.alignment.emitter import TransformersCtc
from tthd_tools.alignment.models import resolve_model
from tthd_tools.alignment.whisperx import Draft, WhisperX, Word, joined, refuse_unserved, words_of
from tthd_tools.errors import UsageError, WeightsError


@pytest.mark.parametrize("language", ["bo", "adx", "dz-Tibt"])
def test_tibetan_is_refused(language: str) -> None:
    with pytest.raises(UsageError, match=r"Whisper cannot write .*use the corpus or ctc backend"):
        refuse_unserved(language)
    with pytest.raises(UsageError, match="Whisper cannot write"):
        WhisperX("tiny", language=language)


def test_without_the_extra_the_install_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisperx, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"whisperx is not installed; .*\[align\]"):
        WhisperX("tiny", language="en")


@pytest.mark.skipif(find_spec("whisperx") is None, reason="pip install 'tthd-tools[align]'")
def test_an_absent_model_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(WeightsError, match="is not on this machine or damaged; fetch it with"):
        WhisperX("tiny", language="en")


def test_segments_become_one_normal_text() -> None:
    segments = [{"text": " Good  day.", "start": 0.0}, {"text": "And\u200b you?", "start": 2.0}]
    assert joined(segments, "en") == "Good day. And you?"


def test_words_without_times_are_left_out() -> None:
    aligned = {
        "segments": [
            {
                "words": [
                    {"word": "Good", "start": 0.1, "end": 0.3, "score": 0.9},
                    {"word": "2024"},
                    {"word": "day", "start": 0.4, "end": 0.6},
                ]
            },
            {"text": "…"},
        ]
    }
    assert words_of(aligned) == (Word("Good", 0.1, 0.3, 0.9), Word("day", 0.4, 0.6, None))


def test_a_draft_says_that_nobody_has_read_it() -> None:
    assert Draft("a", "en", (), "tiny").status == "asr_unverified"


def test_words_are_timed_by_our_own_alignment(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="pip install 'tthd-tools[ctc]'")
    letters = {token: at for at, token in enumerate(["<pad>", "|", *"abcdefghijklmnopqrstuvwxyz"])}
    emitter = TransformersCtc(resolve_model(str(write_tiny(tmp_path, vocabulary=letters))))
    sound = np.random.default_rng(0).standard_normal(32_000).astype(np.float32)
    words = whisperx._timed(emitter, sound, "Good day", "en")
    assert [one.text for one in words] == ["Good", "day"]
    assert 0 <= words[0].start_s < words[0].end_s <= words[1].start_s < words[1].end_s <= 2
    assert whisperx._timed(emitter, sound[:0], "", "en") == ()
