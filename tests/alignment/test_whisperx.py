"""whisperX suggests, for languages that it can write; what is missing is one sentence."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np
import pytest

from tests.alignment.tiny import write_tiny
from tests.alignment.tiny_whisper import write_tiny_whisper
from tests.speech.sounds import say
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


@pytest.mark.align
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


LATIN = {token: at for at, token in enumerate(["<pad>", "<unk>", "|", *string.ascii_lowercase])}


@pytest.fixture(scope="module")
def aligner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CTC model of Latin letters with random weights."""
    return write_tiny(tmp_path_factory.mktemp("ctc"), vocabulary=LATIN)


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Whisper model with random weights."""
    return write_tiny_whisper(tmp_path_factory.mktemp("whisper"))


@pytest.fixture(scope="module")
def engine(whisper: Path, aligner: Path) -> WhisperX:
    return WhisperX(str(whisper), str(aligner))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects anywhere fails the test."""

    def connect(*_: object) -> None:
        pytest.fail("it wants to connect")

    monkeypatch.setattr("socket.socket.connect", connect)


def in_order(words: tuple[Word, ...], seconds: float) -> bool:
    times = [time for word in words for time in (word.start_s, word.end_s)]
    return times == sorted(times) and 0 <= times[0] <= times[-1] <= seconds + 0.1


@pytest.mark.align
@pytest.mark.usefixtures("no_network")
@pytest.mark.filterwarnings("ignore")
def test_a_draft_has_words_in_time_and_a_language(engine: WhisperX) -> None:
    sound, _ = say(1, 8.0)
    draft = engine.transcribe(sound, "de")
    assert (draft.language, draft.status) == ("de", "asr_unverified")
    assert draft.text == "k"
    assert [one.text for one in draft.words] == ["k"]
    assert in_order(draft.words, 8.0)
    assert engine.transcribe(sound, "de") == draft
    heard = engine.guess_language(sound)
    assert engine.transcribe(sound).language == heard
    with pytest.raises(UsageError, match="Whisper cannot write bo"):
        engine.transcribe(sound, "bo")


@pytest.mark.align
@pytest.mark.usefixtures("no_network")
@pytest.mark.filterwarnings("ignore")
def test_a_transcript_is_timed_by_our_model_or_by_that_of_whisperx(
    engine: WhisperX, whisper: Path, aligner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import Wav2Vec2CTCTokenizer
    from whisperx import alignment

    sound, text = say(1, 8.0)[0], "Good day to you. And to them?"
    ours = engine.time(text, sound, "en-GB")
    assert [one.text for one in ours] == ["Good", "day", "to", "you", "And", "to", "them"]
    assert in_order(ours, 8.0)
    alone = WhisperX(str(whisper))
    tokenizer = Wav2Vec2CTCTokenizer(str(aligner / "vocab.json"), pad_token="<pad>")
    tokenizer.save_pretrained(aligner)
    monkeypatch.setitem(alignment.DEFAULT_ALIGN_MODELS_HF, "pl", str(aligner))
    theirs = alone.time(text, sound, "pl")
    assert [one.text for one in theirs] == text.split()
    assert in_order(theirs, 8.0)
    assert all(one.score is not None and 0 <= one.score <= 1 for one in theirs)
    monkeypatch.setattr("torch.hub.get_dir", lambda: str(aligner / "nowhere"))
    with pytest.raises(WeightsError, match="WAV2VEC2_ASR_BASE_960H is not on this machine"):
        alone.time(text, sound, "en")
    with pytest.raises(UsageError, match="whisperX has no alignment model for eo"):
        alone.time(text, sound, "eo")
